#ifndef TRADELOOP_CLIBUV_SHIM_H
#define TRADELOOP_CLIBUV_SHIM_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/timerfd.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif

// SIG_IGN is a cast, which Swift does not import. A handler that the program has set is its own affair.
static inline void tradeloop_ignore_signal(int number) {
    struct sigaction current;
    if (sigaction(number, NULL, &current) == 0 && current.sa_handler == SIG_DFL) (void)signal(number, SIG_IGN);
}

// glibc gives large buffers back to the system when they are freed, but stops doing so for ever larger ones as it
// sees them freed: a burst of long answers would be kept for good. A fixed threshold, in bytes, ends that.
static inline void tradeloop_give_back_buffers(int threshold) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, threshold);
#else
    (void)threshold;
#endif
}

// The number of RLIMIT_NOFILE has a type of its own in C, which Swift does not convert.
static inline int tradeloop_get_descriptor_limit(struct rlimit *limit) {
    return getrlimit(RLIMIT_NOFILE, limit);
}
static inline int tradeloop_set_descriptor_limit(const struct rlimit *limit) {
    return setrlimit(RLIMIT_NOFILE, limit);
}

// Time that only goes forward, in nanoseconds: libuv's, but for the three calls on the way to the system's.
static inline uint64_t tradeloop_now(void) {
#ifdef __linux__
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
#else
    return uv_hrtime();
#endif
}

// A timer of the system's own, which can be read once it has fired: its descriptor, or one of libuv's error numbers.
static inline int tradeloop_timer_open(void) {
#ifdef __linux__
    const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    return timer >= 0 ? timer : uv_translate_sys_error(errno);
#else
    return UV_ENOTSUP;
#endif
}

// Has it fire at this moment of tradeloop_now, which is not 0, and no more at the one before.
static inline void tradeloop_timer_set(int timer, uint64_t nanoseconds) {
#ifdef __linux__
    const struct itimerspec once = {
        .it_value = {.tv_sec = (time_t)(nanoseconds / 1000000000), .tv_nsec = (long)(nanoseconds % 1000000000)}};
    (void)timerfd_settime(timer, TFD_TIMER_ABSTIME, &once, NULL);
#else
    (void)timer, (void)nanoseconds;
#endif
}

// Whether it has fired since it was set, or since this was asked: then it cannot be read any more.
static inline bool tradeloop_timer_acknowledge(int timer) {
    uint64_t times;
    return read(timer, &times, sizeof times) == sizeof times;
}

// Answers leave whole, in one write: waiting for more to send would only delay them.
static inline void tradeloop_set_no_delay(int socket) {
    const int is_on = 1;
    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &is_on, sizeof is_on);
}

// Takes one connection that waits at a listener: its descriptor, or one of libuv's error numbers.
static inline int tradeloop_accept(int listener) {
#ifdef SOCK_CLOEXEC
    const int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
#else
    const int descriptor = accept(listener, NULL, NULL);
    if (descriptor >= 0) (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
#endif
#ifndef __linux__
    if (descriptor >= 0) tradeloop_set_no_delay(descriptor);
#endif
    return descriptor >= 0 ? descriptor : uv_translate_sys_error(errno);
}

// Connections that are taken later have what is set here; Linux hands it on to them itself.
static inline int tradeloop_listen(int socket, int backlog) {
    tradeloop_set_no_delay(socket);
    return listen(socket, backlog) == 0 ? 0 : uv_translate_sys_error(errno);
}

static inline void tradeloop_close(int descriptor) { (void)close(descriptor); }

// Closes a connection with a reset: what is not sent yet is lost, and the peer sees an error.
static inline void tradeloop_close_reset(int connection) {
    const struct linger none = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(connection, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    (void)close(connection);
}

// A socket for connections to an address of this family: its descriptor, or one of libuv's error numbers.
static inline int tradeloop_socket(int family) {
    const int descriptor = socket(family, SOCK_STREAM, 0);
    if (descriptor >= 0) (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return descriptor >= 0 ? descriptor : uv_translate_sys_error(errno);
}

// Begins to connect a socket that does not block; 0 too where the connection is on its way.
static inline int tradeloop_connect(int socket, const struct sockaddr *address) {
    const socklen_t size =
        address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    int result;
    do {
        result = connect(socket, address, size);
    } while (result != 0 && errno == EINTR);
    return result == 0 || errno == EINPROGRESS ? 0 : uv_translate_sys_error(errno);
}

// What has become of a connection that was on its way: 0, or one of libuv's error numbers.
static inline int tradeloop_connect_result(int socket) {
    int error = 0;
    socklen_t size = sizeof error;
    const int result = getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    return uv_translate_sys_error(result == 0 ? error : errno);
}

static inline int tradeloop_peer(int connection, struct sockaddr_storage *address) {
    socklen_t size = sizeof *address;
    return getpeername(connection, (struct sockaddr *)address, &size) == 0 ? 0 : uv_translate_sys_error(errno);
}

static inline void tradeloop_shutdown(int connection) { (void)shutdown(connection, SHUT_WR); }

// How many bytes a connection that does not block had for us, 0 at their end, or one of libuv's error numbers.
static inline ssize_t tradeloop_receive(int connection, void *bytes, size_t count_max) {
    const ssize_t count = recv(connection, bytes, count_max, 0);
    return count >= 0 ? count : uv_translate_sys_error(errno);
}

// Has the system tell of what lies there to read once, and then again as more arrives (EPOLLET), on a socket for whose
// input libuv has it look: libuv itself knows no way to ask for that. 0, or one of libuv's error numbers.
static inline int tradeloop_watch_arrivals(const uv_loop_t *loop, int connection) {
#ifdef __linux__
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET,
        .data.fd = connection, // what libuv knows it by
    };
    const int result = epoll_ctl(uv_backend_fd(loop), EPOLL_CTL_MOD, connection, &event);
    return result == 0 ? 0 : uv_translate_sys_error(errno);
#else
    (void)loop, (void)connection;
    return UV_ENOTSUP;
#endif
}

// A peer that has gone is an error of the call, and no signal.
#ifdef MSG_NOSIGNAL
#define TRADELOOP_SEND_FLAGS MSG_NOSIGNAL
#else
#define TRADELOOP_SEND_FLAGS 0
#endif

// How many bytes a connection that does not block took, or one of libuv's error numbers.
static inline ssize_t tradeloop_send(int connection, const void *bytes, size_t count) {
    const ssize_t taken = send(connection, bytes, count, TRADELOOP_SEND_FLAGS);
    return taken >= 0 ? taken : uv_translate_sys_error(errno);
}

// The same for two runs of bytes, the second behind the first.
static inline ssize_t tradeloop_send_both(
    int connection, const void *first, size_t first_count, const void *second, size_t second_count) {
    struct iovec runs[2] = {
        {.iov_base = (void *)first, .iov_len = first_count}, {.iov_base = (void *)second, .iov_len = second_count}};
    const struct msghdr message = {.msg_iov = runs, .msg_iovlen = 2};
    const ssize_t taken = sendmsg(connection, &message, TRADELOOP_SEND_FLAGS);
    return taken >= 0 ? taken : uv_translate_sys_error(errno);
}

// How many descriptors are open. Linux tells it as a size since 6.2; elsewhere they are counted, up to a number past
// which counting would keep the loop, and -1 is the answer.
static inline int tradeloop_open_descriptors(int counted_max) {
#ifdef __linux__
    const char *path = "/proc/self/fd";
    struct stat status;
    if (stat(path, &status) == 0 && status.st_size > 0) return (int)status.st_size;
#else
    const char *path = "/dev/fd";
#endif
    DIR *folder = opendir(path);
    if (folder == NULL) return -1;
    int count = 0;
    struct dirent *entry;
    while (count <= counted_max && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') count++;
    }
    closedir(folder);
    // The folder itself was one of them.
    return count > counted_max ? -1 : count - 1;
}

#endif
