#ifndef TRADELOOP_CLIBUV_SHIM_H
#define TRADELOOP_CLIBUV_SHIM_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>
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

// Takes one connection that waits at a listener: its descriptor, or one of libuv's error numbers.
static inline int tradeloop_accept(int listener) {
    const int descriptor = accept(listener, NULL, NULL);
    if (descriptor >= 0) (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return descriptor >= 0 ? descriptor : uv_translate_sys_error(errno);
}

static inline int tradeloop_listen(int socket, int backlog) {
    return listen(socket, backlog) == 0 ? 0 : uv_translate_sys_error(errno);
}

static inline void tradeloop_close(int descriptor) { (void)close(descriptor); }

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
