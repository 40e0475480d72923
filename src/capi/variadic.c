/*
 * The bodies of the variadic exports. Rust can neither define a variadic function nor walk one's
 * arguments, so each shim below makes a va_list and calls the entry point that takes it. Nothing
 * here is exported: the public names are the tail jumps of variadic.rs, because only what Rust
 * defines is among the dynamic symbols of a Rust cdylib.
 */
#include <stdarg.h>
#include <stddef.h>

#define SHIM __attribute__((visibility("hidden")))

struct evbuffer;

extern int evbuffer_add_vprintf(struct evbuffer *buf, const char *fmt, va_list ap);
extern int evutil_vsnprintf(char *buf, size_t len, const char *fmt, va_list ap);

/* In Rust; hidden, so that the shared object does not export it. */
SHIM extern void evrs_log_v(int kind, int eval, const char *fmt, va_list ap);

/* The kinds that evrs_log_v() knows. */
enum { LOG_ERR, LOG_ERRX, LOG_WARN, LOG_WARNX, LOG_MSGX, LOG_SOCK_ERR, LOG_SOCK_WARN, LOG_DEBUGX };

SHIM int evrs_shim_add_printf(struct evbuffer *buf, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = evbuffer_add_vprintf(buf, fmt, ap);
    va_end(ap);
    return n;
}

SHIM int evrs_shim_snprintf(char *buf, size_t len, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = evutil_vsnprintf(buf, len, fmt, ap);
    va_end(ap);
    return n;
}

#define LOG(kind, eval)                     \
    do {                                    \
        va_list ap;                         \
        va_start(ap, fmt);                  \
        evrs_log_v((kind), (eval), fmt, ap); \
        va_end(ap);                         \
    } while (0)

SHIM void evrs_shim_err(int eval, const char *fmt, ...)
{
    LOG(LOG_ERR, eval);
}

SHIM void evrs_shim_errx(int eval, const char *fmt, ...)
{
    LOG(LOG_ERRX, eval);
}

SHIM void evrs_shim_warn(const char *fmt, ...)
{
    LOG(LOG_WARN, 0);
}

SHIM void evrs_shim_warnx(const char *fmt, ...)
{
    LOG(LOG_WARNX, 0);
}

SHIM void evrs_shim_msgx(const char *fmt, ...)
{
    LOG(LOG_MSGX, 0);
}

/* On Unix a socket's error is errno; the descriptor itself says nothing more. */
SHIM void evrs_shim_sock_err(int eval, int sock, const char *fmt, ...)
{
    (void)sock;
    LOG(LOG_SOCK_ERR, eval);
}

SHIM void evrs_shim_sock_warn(int sock, const char *fmt, ...)
{
    (void)sock;
    LOG(LOG_SOCK_WARN, 0);
}
