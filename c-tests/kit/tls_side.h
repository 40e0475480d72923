/* What the tests of all TLS packages share: a log for each side, so that the order between two sides,
 * which nobody promises, does not show; pairs of sockets, the loop, long streams. */
#ifndef EVRS_KIT_TLS_SIDE_H
#define EVRS_KIT_TLS_SIDE_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/util.h>

static inline void tls_pair(int fd[2])
{
    if (evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
        abort();
    evutil_make_socket_nonblocking(fd[0]);
    evutil_make_socket_nonblocking(fd[1]);
}

/* A log of one side. */
struct side {
    const char *name;
    char text[8192];
    size_t len;
    struct bufferevent *bev;
    size_t got, reads, writes;
    int events;
    void *extra;
};

static inline void note(struct side *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static inline void note(struct side *s, const char *fmt, ...)
{
    va_list ap;
    int n;
    va_start(ap, fmt);
    n = vsnprintf(s->text + s->len, sizeof s->text - s->len, fmt, ap);
    va_end(ap);
    if (n > 0 && s->len + (size_t)n < sizeof s->text)
        s->len += (size_t)n;
}

static inline void show(struct side *s)
{
    printf("%s:%s\n", s->name, s->text);
    s->len = 0;
    s->text[0] = 0;
}

static inline const char *what_text(short what)
{
    static char t[80];
    snprintf(t, sizeof t, "%s%s%s%s%s%s", what & BEV_EVENT_READING ? "R" : "",
             what & BEV_EVENT_WRITING ? "W" : "", what & BEV_EVENT_EOF ? "+eof" : "",
             what & BEV_EVENT_ERROR ? "+error" : "", what & BEV_EVENT_TIMEOUT ? "+timeout" : "",
             what & BEV_EVENT_CONNECTED ? "+connected" : "");
    return t;
}

static inline void tls_enough(evutil_socket_t fd, short what, void *base)
{
    event_base_loopbreak(base);
}

/* Runs the loop for at most that long; events that end the test break it. */
static inline void run_for(struct event_base *base, int ms)
{
    struct timeval tv = {ms / 1000, (ms % 1000) * 1000};
    struct event *end = event_new(base, -1, 0, tls_enough, base);
    event_add(end, &tv);
    event_base_dispatch(base);
    event_free(end);
}

/* Where the reference is known to be wrong, evrs checks itself. */
static inline int tls_is_reference(void)
{
    const char *v = getenv("TEST_VARIANT");
    return v && !strcmp(v, "reference");
}

/* The bytes of a long stream: position decides. */
static inline unsigned char byte_at(size_t i) { return (unsigned char)((i * 7 + (i >> 9)) & 0xff); }
static inline void fill(unsigned char *p, size_t n, size_t at)
{
    size_t i;
    for (i = 0; i < n; i++)
        p[i] = byte_at(at + i);
}
static inline int is_stream(const unsigned char *p, size_t n, size_t at)
{
    size_t i;
    for (i = 0; i < n; i++)
        if (p[i] != byte_at(at + i))
            return 0;
    return 1;
}
/* Goes on with a stream of `total` bytes at `*at`, in pieces of `piece`, at most 20000, until there is
 * enough in the output. */
static inline void send_stream(struct bufferevent *bev, size_t *at, size_t total, size_t piece, size_t enough)
{
    unsigned char buf[20000];
    while (*at < total && evbuffer_get_length(bufferevent_get_output(bev)) < enough) {
        size_t n = total - *at < piece ? total - *at : piece;
        fill(buf, n, *at);
        *at += n;
        bufferevent_write(bev, buf, n);
    }
}
#endif
