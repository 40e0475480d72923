/* harness: openssl; valgrind; serial */
/* Timeouts: during the handshake, of reading, of writing; how often they are told. */
#include "tls.h"

static struct event_base *base;
static struct side here = {.name = " here"};
static int limit;

static void on_read(struct bufferevent *bev, void *arg)
{
    size_t n = evbuffer_get_length(bufferevent_get_input(bev));
    note(&here, " read %zu", n);
    evbuffer_drain(bufferevent_get_input(bev), n);
}
static void on_event(struct bufferevent *bev, short what, void *arg)
{
    note(&here, " %s", what_text(what));
    if (what & BEV_EVENT_TIMEOUT) {
        note(&here, "(%d)", bufferevent_get_enabled(bev));
        if (--limit <= 0)
            event_base_loopbreak(base);
    }
}
static struct bufferevent *make(int filter, int fd, SSL *ssl, int state)
{
    struct bufferevent *bev;
    if (!filter)
        return bufferevent_openssl_socket_new(base, fd, ssl, state, BEV_OPT_CLOSE_ON_FREE);
    bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    return bufferevent_openssl_filter_new(base, bev, ssl, state, BEV_OPT_CLOSE_ON_FREE);
}

/* The peer says nothing at all. */
static void silent(int filter)
{
    struct timeval tv = {0, 60000};
    int fd[2];
    struct bufferevent *bev;
    tls_pair(fd);
    limit = 1;
    bev = make(filter, fd[0], tls_server(), BUFFEREVENT_SSL_ACCEPTING);
    bufferevent_setcb(bev, on_read, NULL, on_event, NULL);
    bufferevent_set_timeouts(bev, &tv, &tv);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    run_for(base, 400);
    show(&here);
    bufferevent_free(bev);
    close(fd[1]);
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static void peer_event(struct bufferevent *bev, short what, void *arg)
{
    if (what & BEV_EVENT_CONNECTED)
        bufferevent_write(bev, "hello", 5);
}

/* The peer says hello and no more; with `reading` 0 we write more than it takes. */
static void quiet(int filter, int reading)
{
    struct timeval tv = {0, 80000};
    int fd[2];
    struct bufferevent *bev, *peer;
    char *much = calloc(1, 4000000);
    tls_pair(fd);
    limit = 2;
    bev = make(filter, fd[0], tls_server(), BUFFEREVENT_SSL_ACCEPTING);
    peer = make(0, fd[1], tls_client(), BUFFEREVENT_SSL_CONNECTING);
    bufferevent_setcb(bev, on_read, NULL, on_event, NULL);
    bufferevent_setcb(peer, NULL, NULL, peer_event, NULL);
    bufferevent_enable(peer, EV_READ | EV_WRITE);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    run_for(base, 400);
    if (reading)
        bufferevent_set_timeouts(bev, &tv, NULL);
    else {
        bufferevent_set_timeouts(bev, NULL, &tv);
        bufferevent_disable(peer, EV_READ);
        bufferevent_setwatermark(bev, EV_WRITE, 0, 100);
        if (filter)
            bufferevent_setwatermark(bufferevent_get_underlying(bev), EV_WRITE, 0, 100000);
        bufferevent_write(bev, much, 4000000);
    }
    run_for(base, 300);
    show(&here);
    bufferevent_free(bev);
    bufferevent_free(peer);
    event_base_loop(base, EVLOOP_NONBLOCK);
    free(much);
}

int main(void)
{
    tls_init(0);
    base = event_base_new();
    printf("nobody there\n");
    silent(0);
    silent(1);
    printf("nothing to read\n");
    quiet(0, 1);
    quiet(1, 1);
    printf("no room to write\n");
    quiet(0, 0);
    quiet(1, 0);
    event_base_free(base);
    tls_done();
    return 0;
}
