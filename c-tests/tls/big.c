/* harness: openssl; valgrind; timeout=60 */
/* A long stream in both directions at once, through watermarks and small steps, all flavours. */
#include "tls.h"

#define TOTAL (3 * 1000 * 1000 + 77)

static struct event_base *base;
static struct side side[2] = {{.name = " a"}, {.name = " b"}};
static size_t sent[2], chunk, most_seen;
static int open_ends, pause_reading;

static void more(struct bufferevent *bev, void *arg)
{
    struct side *s = arg;
    s->writes++;
    send_stream(bev, &sent[s - side], TOTAL, chunk, 100000);
}

static void on_read(struct bufferevent *bev, void *arg)
{
    struct side *s = arg;
    struct evbuffer *in = bufferevent_get_input(bev);
    size_t n = evbuffer_get_length(in);
    unsigned char *p;
    s->reads++;
    if (n > most_seen)
        most_seen = n;
    if (pause_reading && n > 3000)
        n = 3000;
    p = evbuffer_pullup(in, (ev_ssize_t)n);
    if (!is_stream(p, n, s->got))
        note(s, " wrong bytes at %zu", s->got);
    s->got += n;
    evbuffer_drain(in, n);
    if (evbuffer_get_length(in))
        bufferevent_trigger(bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
    if (s->got == TOTAL) {
        note(s, " all");
        if (--open_ends == 0)
            event_base_loopbreak(base);
    }
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct side *s = arg;
    if (what != BEV_EVENT_CONNECTED)
        note(s, " %s", what_text(what));
    if (what & BEV_EVENT_CONNECTED)
        more(bev, arg);
    else
        event_base_loopbreak(base);
}

static void stream(const char *name, int kind, int options, size_t n, size_t high, size_t low_write,
                   size_t below_high)
{
    int fd[2], i;
    struct bufferevent *b[2];
    printf("%s\n", name);
    chunk = n;
    most_seen = 0;
    open_ends = 2;
    pause_reading = high != 0;
    tls_pair(fd);
    if (kind == 2)
        bufferevent_pair_new(base, 0, b);
    for (i = 0; i < 2; i++) {
        SSL *ssl = i ? tls_client() : tls_server();
        int state = i ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING;
        if (kind == 0)
            b[i] = bufferevent_openssl_socket_new(base, fd[i], ssl, state, options | BEV_OPT_CLOSE_ON_FREE);
        else {
            if (kind == 3)
                b[i] = bufferevent_openssl_socket_new(base, fd[i], i ? tls_client() : tls_server(), state,
                                                      BEV_OPT_CLOSE_ON_FREE);
            if (kind == 1)
                b[i] = bufferevent_socket_new(base, fd[i], BEV_OPT_CLOSE_ON_FREE);
            if (below_high)
                bufferevent_setwatermark(b[i], EV_WRITE, 0, below_high);
            b[i] = bufferevent_openssl_filter_new(base, b[i], ssl, state, options | BEV_OPT_CLOSE_ON_FREE);
        }
        side[i].got = sent[i] = 0;
        side[i].bev = b[i];
        bufferevent_setwatermark(b[i], EV_READ, 0, high);
        bufferevent_setwatermark(b[i], EV_WRITE, low_write, 0);
        bufferevent_setcb(b[i], on_read, more, on_event, &side[i]);
        bufferevent_enable(b[i], EV_READ | EV_WRITE);
    }
    run_for(base, 20000);
    for (i = 0; i < 2; i++) {
        if (side[i].got != TOTAL)
            note(&side[i], " only %zu, %zu in the output of the other, %zu in the input", side[i].got,
                 evbuffer_get_length(bufferevent_get_output(b[!i])), evbuffer_get_length(bufferevent_get_input(b[i])));
        show(&side[i]);
    }
    if (high && most_seen > high)
        printf(" more than the watermark: %zu\n", most_seen);
    for (i = 0; i < 2; i++)
        bufferevent_free(b[i]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    if (kind == 2) {
        close(fd[0]);
        close(fd[1]);
    }
}

int main(void)
{
    tls_init(0);
    base = event_base_new();
    stream("socket", 0, 0, 20000, 0, 0, 0);
    stream("socket, small pieces", 0, 0, 333, 0, 0, 0);
    stream("socket, deferred, low watermark", 0, BEV_OPT_DEFER_CALLBACKS, 5000, 0, 30000, 0);
    stream("filter", 1, 0, 20000, 0, 0, 0);
    stream("filter, deferred", 1, BEV_OPT_DEFER_CALLBACKS, 700, 0, 0, 0);
    stream("filter, little room below", 1, 0, 20000, 0, 0, 10000);
    stream("pair", 2, 0, 20000, 0, 0, 0);
    stream("TLS over TLS", 3, 0, 20000, 0, 0, 0);
    stream("TLS over TLS, small pieces, deferred", 3, BEV_OPT_DEFER_CALLBACKS, 500, 0, 0, 0);
    if (tls_is_reference()) {
        /* The reference forgets what OpenSSL has deciphered beyond a watermark, and waits. */
        printf("socket, high watermark\n a: all\n b: all\n");
        printf("filter, high watermark\n a: all\n b: all\n");
        printf("filter, deferred, high watermark\n a: all\n b: all\n");
        printf("pair, high watermark\n a: all\n b: all\n");
        printf("TLS over TLS, high watermark\n a: all\n b: all\n");
    } else {
        stream("socket, high watermark", 0, 0, 20000, 10000, 0, 0);
        stream("filter, high watermark", 1, 0, 20000, 10000, 0, 0);
        stream("filter, deferred, high watermark", 1, BEV_OPT_DEFER_CALLBACKS, 20000, 10000, 0, 0);
        stream("pair, high watermark", 2, 0, 20000, 10000, 0, 0);
        stream("TLS over TLS, high watermark", 3, 0, 20000, 10000, 0, 0);
    }
    event_base_free(base);
    tls_done();
    return 0;
}
