// The floor: what libuv and the kernel cost by themselves. It reads, counts the ends of heads, and answers
// each with the same bytes, all of one read in one write. It parses nothing and stores nothing, so no server
// on libuv can be cheaper.
//
//   cc -O2 floor.c -luv -o floor && ./floor PORT [get|post]

#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define ANSWERS_MAX 4096

static const char get_answer[] =
    "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 07:00:00 GMT\r\nContent-Type: application/json\r\n"
    "Content-Length: 74\r\n\r\n"
    "{\"orderId\": 1, \"orderStatus\": \"PENDING\", \"stocks\": \"AAPL\", \"quantity\": 10}";
static const char post_answer[] =
    "HTTP/1.1 201 Created\r\nDate: Mon, 23 Nov 2026 07:00:00 GMT\r\nLocation: /orders/100000\r\n"
    "Content-Type: application/json\r\nContent-Length: 79\r\n\r\n"
    "{\"orderId\": 100000, \"orderStatus\": \"PENDING\", \"stocks\": \"AAPL\", \"quantity\": 10}";

static char input[65536];
static char answers[ANSWERS_MAX * sizeof post_answer];
static size_t answer_bytes;

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)handle, (void)suggested;
    *buffer = uv_buf_init(input, sizeof input);
}

struct connection {
    uv_tcp_t tcp;
    char kept[3]; /* what the last read ended with: a head's end may lie across two */
    size_t kept_bytes;
};

static void closed(uv_handle_t *handle) { free(handle); }

static void written(uv_write_t *request, int status) {
    (void)status;
    free(request);
}

// Whether a head ends in these bytes that began to end in the last ones.
static int ends_across(struct connection *connection, const char *bytes, size_t count) {
    char joint[6];
    size_t added = count < 3 ? count : 3, joint_bytes = connection->kept_bytes + added;
    memcpy(joint, connection->kept, connection->kept_bytes);
    memcpy(joint + connection->kept_bytes, bytes, added);
    int is_end = memmem(joint, joint_bytes, "\r\n\r\n", 4) != NULL;
    if (count < 3) bytes = joint, count = joint_bytes;
    connection->kept_bytes = count < 3 ? count : 3;
    memcpy(connection->kept, bytes + count - connection->kept_bytes, connection->kept_bytes);
    return is_end;
}

static void did_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
    if (count <= 0) {
        if (count < 0) uv_close((uv_handle_t *)stream, closed);
        return;
    }
    size_t requests = ends_across((struct connection *)stream, buffer->base, count);
    const char *at = buffer->base, *end = buffer->base + count;
    while ((at = memmem(at, end - at, "\r\n\r\n", 4)) != NULL) {
        requests++;
        at += 4;
    }
    if (requests > ANSWERS_MAX) requests = ANSWERS_MAX;
    uv_buf_t out = uv_buf_init(answers, requests * answer_bytes);
    int taken = requests > 0 ? uv_try_write(stream, &out, 1) : 0;
    if (taken < 0) taken = 0;
    if ((size_t)taken < out.len) {
        uv_write_t *request = malloc(sizeof *request);
        uv_buf_t rest = uv_buf_init(answers + taken, out.len - taken);
        uv_write(request, stream, &rest, 1, written);
    }
}

static void did_connect(uv_stream_t *listener, int status) {
    if (status < 0) return;
    struct connection *connection = malloc(sizeof *connection);
    connection->kept_bytes = 0;
    uv_tcp_init(listener->loop, &connection->tcp);
    if (uv_accept(listener, (uv_stream_t *)connection) == 0) {
        uv_tcp_nodelay(&connection->tcp, 1);
        uv_read_start((uv_stream_t *)connection, give_buffer, did_read);
    } else {
        uv_close((uv_handle_t *)connection, closed);
    }
}

int main(int count, char **arguments) {
    int port = count > 1 ? atoi(arguments[1]) : 8000;
    signal(SIGPIPE, SIG_IGN); /* a peer that has gone is an error of the write */
    int is_post = count > 2 && strcmp(arguments[2], "post") == 0;
    const char *answer = is_post ? post_answer : get_answer;
    answer_bytes = is_post ? sizeof post_answer - 1 : sizeof get_answer - 1;
    for (size_t index = 0; index < ANSWERS_MAX; index++)
        memcpy(answers + index * answer_bytes, answer, answer_bytes);
    uv_tcp_t listener;
    struct sockaddr_in address;
    uv_tcp_init(uv_default_loop(), &listener);
    uv_ip4_addr("127.0.0.1", port, &address);
    if (uv_tcp_bind(&listener, (const struct sockaddr *)&address, 0) != 0 ||
        uv_listen((uv_stream_t *)&listener, 4096, did_connect) != 0) {
        fprintf(stderr, "floor: port %d cannot be listened on\n", port);
        return 1;
    }
    printf("floor listens on http://127.0.0.1:%d\n", port);
    fflush(stdout);
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
