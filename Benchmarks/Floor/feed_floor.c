// The floor of the feed: what libuv and the kernel cost to tell every subscriber of every order. It counts
// the ends of heads; a head that names /ws makes its connection a subscriber, any other places an order. An
// order's PENDING goes out at once and its EXECUTED after the mean of the real delays: one queue, one timer.
//
//   each    one send for each frame to each subscriber, before the next request is read: as most servers do
//   batch   all frames of a loop's turn in one send to each subscriber, at the turn's end
//
//   cc -O2 feed_floor.c -luv -o feed_floor && ./feed_floor PORT [each|batch]

#define _GNU_SOURCE
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define DELAY_MILLISECONDS 3000
#define SUBSCRIBERS_MAX 65536
#define DUE_MAX (1u << 22) /* orders that wait for their EXECUTED: 4 million are more than 3 s of any load */
#define TURN_BYTES_MAX (1u << 20)
#define KEY_BYTES_MAX 64

struct connection {
    uv_tcp_t tcp;
    unsigned matched; /* bytes of a head's end that the last read ended with */
    int subscriber;   /* its place among the subscribers, or -1 */
};

struct due {
    uint64_t at;
    uint32_t id;
};

static const char order_answer[] =
    "HTTP/1.1 201 Created\r\nDate: Mon, 23 Nov 2026 07:00:00 GMT\r\nLocation: /orders/100000\r\n"
    "Content-Type: application/json\r\nContent-Length: 79\r\n\r\n"
    "{\"orderId\": 100000, \"orderStatus\": \"PENDING\", \"stocks\": \"AAPL\", \"quantity\": 10}";

static uv_loop_t *loop;
static uv_timer_t timer;
static uv_prepare_t turn_end;
static int is_batching;
static char input[65536];
static struct connection *subscribers[SUBSCRIBERS_MAX];
static int subscriber_count;
static struct due *due;
static uint32_t due_first, due_last, id_last = 3;
static char turn[TURN_BYTES_MAX];
static size_t turn_bytes;

// SHA-1 (FIPS 180-4) of a message of at most 119 bytes: a key and the GUID of RFC 6455 are 60.
static void sha1(const unsigned char *message, size_t count, unsigned char digest[20]) {
    unsigned char padded[128] = {0};
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    size_t total = count + 9 <= 64 ? 64 : 128;
    memcpy(padded, message, count);
    padded[count] = 0x80;
    for (int index = 0; index < 8; index++) padded[total - 1 - index] = (uint64_t)count * 8 >> (8 * index);
    for (size_t block = 0; block < total; block += 64) {
        uint32_t w[80], v[5];
        for (int t = 0; t < 16; t++) {
            const unsigned char *at = padded + block + 4 * t;
            w[t] = (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
        }
        for (int t = 16; t < 80; t++) {
            uint32_t x = w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16];
            w[t] = x << 1 | x >> 31;
        }
        memcpy(v, h, sizeof v);
        for (int t = 0; t < 80; t++) {
            uint32_t f = t < 20   ? ((v[1] & v[2]) | (~v[1] & v[3])) + 0x5A827999
                         : t < 40 ? (v[1] ^ v[2] ^ v[3]) + 0x6ED9EBA1
                         : t < 60 ? ((v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3])) + 0x8F1BBCDC
                                  : (v[1] ^ v[2] ^ v[3]) + 0xCA62C1D6;
            uint32_t sum = (v[0] << 5 | v[0] >> 27) + f + v[4] + w[t];
            v[4] = v[3], v[3] = v[2], v[2] = v[1] << 30 | v[1] >> 2, v[1] = v[0], v[0] = sum;
        }
        for (int index = 0; index < 5; index++) h[index] += v[index];
    }
    for (int index = 0; index < 20; index++) digest[index] = h[index / 4] >> (24 - 8 * (index % 4));
}

// The value of Sec-WebSocket-Accept (RFC 6455 section 4.2.2): 28 characters.
static void accept_value(const char *key, size_t key_bytes, char out[29]) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char message[KEY_BYTES_MAX + sizeof guid], digest[21] = {0};
    memcpy(message, key, key_bytes);
    memcpy(message + key_bytes, guid, sizeof guid - 1);
    sha1(message, key_bytes + sizeof guid - 1, digest);
    for (int group = 0; group < 7; group++) {
        uint32_t bits = digest[group * 3] << 16 | digest[group * 3 + 1] << 8 | digest[group * 3 + 2];
        for (int place = 0; place < 4; place++)
            out[group * 4 + place] = alphabet[bits >> (18 - 6 * place) & 63];
    }
    out[27] = '=';
    out[28] = 0;
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)handle, (void)suggested;
    *buffer = uv_buf_init(input, sizeof input);
}

static void closed(uv_handle_t *handle) { free(handle); }

static void written(uv_write_t *request, int status) {
    (void)status;
    free(request);
}

// Sends what the kernel takes now, and queues a copy of the rest.
static void send_bytes(struct connection *connection, const char *bytes, size_t count) {
    uv_buf_t out = uv_buf_init((char *)bytes, count);
    int taken = uv_try_write((uv_stream_t *)&connection->tcp, &out, 1);
    if (taken < 0 && taken != UV_EAGAIN) return;
    if (taken < 0) taken = 0;
    if ((size_t)taken == count) return;
    uv_write_t *request = malloc(sizeof *request + count - taken);
    memcpy(request + 1, bytes + taken, count - taken);
    uv_buf_t rest = uv_buf_init((char *)(request + 1), count - taken);
    uv_write(request, (uv_stream_t *)&connection->tcp, &rest, 1, written);
}

static void send_to_all(const char *bytes, size_t count) {
    for (int index = 0; index < subscriber_count; index++) send_bytes(subscribers[index], bytes, count);
}

static void end_turn(uv_prepare_t *handle) {
    (void)handle;
    if (turn_bytes > 0) send_to_all(turn, turn_bytes);
    turn_bytes = 0;
}

static void announce(uint32_t id, const char *status) {
    char frame[64];
    int length = snprintf(frame + 2, sizeof frame - 2, "{\"orderId\": %u, \"orderStatus\": \"%s\"}", id,
                          status);
    frame[0] = (char)0x81; /* a whole text message */
    frame[1] = (char)length;
    if (!is_batching) {
        send_to_all(frame, length + 2);
        return;
    }
    if (turn_bytes + length + 2 > TURN_BYTES_MAX) end_turn(NULL);
    memcpy(turn + turn_bytes, frame, length + 2);
    turn_bytes += length + 2;
}

static void fell_due(uv_timer_t *handle) {
    uint64_t now = uv_now(loop);
    while (due_first != due_last && due[due_first % DUE_MAX].at <= now)
        announce(due[due_first++ % DUE_MAX].id, "EXECUTED");
    if (due_first != due_last) uv_timer_start(handle, fell_due, due[due_first % DUE_MAX].at - now, 0);
}

static void place_order(void) {
    uint32_t id = ++id_last;
    announce(id, "PENDING");
    if (due_last - due_first == DUE_MAX) return;
    due[due_last++ % DUE_MAX] = (struct due){uv_now(loop) + DELAY_MILLISECONDS, id};
    if (!uv_is_active((uv_handle_t *)&timer)) uv_timer_start(&timer, fell_due, DELAY_MILLISECONDS, 0);
}

static void subscribe(struct connection *connection, const char *head, size_t count) {
    static const char field[] = "Sec-WebSocket-Key: ";
    const char *key = memmem(head, count, field, sizeof field - 1);
    char value[29], answer[160];
    size_t key_bytes = 0;
    if (key == NULL || subscriber_count == SUBSCRIBERS_MAX) return;
    key += sizeof field - 1;
    while (key_bytes < KEY_BYTES_MAX && key[key_bytes] != '\r') key_bytes++;
    accept_value(key, key_bytes, value);
    int length = snprintf(answer, sizeof answer,
                          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: %s\r\n\r\n", value);
    send_bytes(connection, answer, length);
    connection->subscriber = subscriber_count;
    subscribers[subscriber_count++] = connection;
}

static void leave(struct connection *connection) {
    if (connection->subscriber >= 0) {
        struct connection *last = subscribers[--subscriber_count];
        subscribers[connection->subscriber] = last;
        last->subscriber = connection->subscriber;
    }
    uv_close((uv_handle_t *)&connection->tcp, closed);
}

static void did_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
    struct connection *connection = (struct connection *)stream;
    if (count < 0) leave(connection);
    if (count <= 0 || connection->subscriber >= 0) return;
    unsigned matched = connection->matched, orders = 0;
    for (ssize_t at = 0; at < count && connection->subscriber < 0; at++) {
        matched = buffer->base[at] == "\r\n\r\n"[matched] ? matched + 1 : buffer->base[at] == '\r';
        if (matched < 4) continue;
        matched = 0;
        if (memmem(buffer->base, at, " /ws ", 5) != NULL) {
            subscribe(connection, buffer->base, at + 1);
        } else {
            place_order();
            orders++;
            if (!is_batching) send_bytes(connection, order_answer, sizeof order_answer - 1);
        }
    }
    connection->matched = matched;
    if (is_batching && orders > 0) {
        static char answers[sizeof input];
        const size_t size = sizeof order_answer - 1;
        for (unsigned done = 0; done < orders;) {
            size_t bytes = 0;
            for (; done < orders && bytes + size <= sizeof answers; done++, bytes += size)
                memcpy(answers + bytes, order_answer, size);
            send_bytes(connection, answers, bytes);
        }
    }
}

static void did_connect(uv_stream_t *listener, int status) {
    if (status < 0) return;
    struct connection *connection = malloc(sizeof *connection);
    connection->matched = 0;
    connection->subscriber = -1;
    uv_tcp_init(loop, &connection->tcp);
    if (uv_accept(listener, (uv_stream_t *)&connection->tcp) == 0) {
        uv_tcp_nodelay(&connection->tcp, 1);
        uv_read_start((uv_stream_t *)&connection->tcp, give_buffer, did_read);
    } else {
        uv_close((uv_handle_t *)&connection->tcp, closed);
    }
}

int main(int count, char **arguments) {
    int port = count > 1 ? atoi(arguments[1]) : 8000;
    signal(SIGPIPE, SIG_IGN); /* a peer that has gone is an error of the write */
    uv_tcp_t listener;
    struct sockaddr_in address;
    is_batching = count > 2 && strcmp(arguments[2], "batch") == 0;
    due = malloc(DUE_MAX * sizeof *due);
    loop = uv_default_loop();
    uv_timer_init(loop, &timer);
    uv_prepare_init(loop, &turn_end);
    uv_prepare_start(&turn_end, end_turn);
    uv_tcp_init(loop, &listener);
    uv_ip4_addr("127.0.0.1", port, &address);
    if (uv_tcp_bind(&listener, (const struct sockaddr *)&address, 0) != 0 ||
        uv_listen((uv_stream_t *)&listener, 4096, did_connect) != 0) {
        fprintf(stderr, "feed_floor: port %d cannot be listened on\n", port);
        return 1;
    }
    printf("feed_floor listens on http://127.0.0.1:%d\n", port);
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}
