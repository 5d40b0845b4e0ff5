#ifndef TRADELOOP_CLIBUV_SHIM_H
#define TRADELOOP_CLIBUV_SHIM_H

#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <uv.h>

// SIG_IGN is a cast, which Swift does not import.
static inline void tradeloop_ignore_signal(int number) { signal(number, SIG_IGN); }

// The number of RLIMIT_NOFILE has a type of its own in C, which Swift does not convert.
static inline int tradeloop_get_descriptor_limit(struct rlimit *limit) {
    return getrlimit(RLIMIT_NOFILE, limit);
}
static inline int tradeloop_set_descriptor_limit(const struct rlimit *limit) {
    return setrlimit(RLIMIT_NOFILE, limit);
}

#endif
