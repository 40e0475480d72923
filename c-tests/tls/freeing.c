/* harness: openssl; valgrind; asan */
/* Freeing from inside every callback, in every flavour. */
#include "tls.h"

static struct event_base *base;
static int freed, at;
static struct bufferevent *victim;

enum { CONNECTED, READ, WRITE, END, LAST };

static void bye(struct bufferevent *bev)
{
    freed++;
    bufferevent_free(bev);
    victim = NULL;
    event_base_loopbreak(base);
}
static void on_read(struct bufferevent *bev, void *arg)
{
    if (at == READ && !freed)
        bye(bev);
    else
        evbuffer_drain(bufferevent_get_input(bev), 1000);
}
static void on_write(struct bufferevent *bev, void *arg)
{
    if (at == WRITE && !freed)
        bye(bev);
}
static void on_event(struct bufferevent *bev, short what, void *arg)
{
    if (what & BEV_EVENT_CONNECTED) {
        if (at == CONNECTED)
            bye(bev);
        else
            bufferevent_write(bev, "mine", 4);
    } else if (at == END && !freed)
        bye(bev);
}
static void peer_event(struct bufferevent *bev, short what, void *arg)
{
    if (what & BEV_EVENT_CONNECTED)
        bufferevent_write(bev, "yours", 5);
}
static void peer_read(struct bufferevent *bev, void *arg)
{
    evbuffer_drain(bufferevent_get_input(bev), 1000);
    if (at == END) {
        SSL_shutdown(bufferevent_openssl_get_ssl(bev));
        if (bufferevent_get_underlying(bev))
            bufferevent_flush(bufferevent_get_underlying(bev), EV_WRITE, BEV_FLUSH);
    }
}
static struct bufferevent *make(int kind, int fd, struct bufferevent *below, SSL *ssl, int state, int options)
{
    if (kind == 0)
        return bufferevent_openssl_socket_new(base, fd, ssl, state, options | BEV_OPT_CLOSE_ON_FREE);
    if (kind == 1)
        below = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    return bufferevent_openssl_filter_new(base, below, ssl, state, options | BEV_OPT_CLOSE_ON_FREE);
}
static void go(int kind, int options)
{
    int fd[2];
    struct bufferevent *peer, *below[2] = {NULL, NULL};
    freed = 0;
    if (kind == 2)
        bufferevent_pair_new(base, 0, below);
    else
        tls_pair(fd);
    victim = make(kind, fd[0], below[0], tls_server(), BUFFEREVENT_SSL_ACCEPTING, options);
    peer = make(kind, fd[1], below[1], tls_client(), BUFFEREVENT_SSL_CONNECTING, 0);
    bufferevent_setcb(victim, on_read, on_write, on_event, NULL);
    bufferevent_setcb(peer, peer_read, NULL, peer_event, NULL);
    bufferevent_enable(victim, EV_READ | EV_WRITE);
    bufferevent_enable(peer, EV_READ | EV_WRITE);
    run_for(base, 2000);
    printf("kind %d, options %d, in callback %d: freed %d\n", kind, options, at, freed);
    if (victim)
        bufferevent_free(victim);
    bufferevent_free(peer);
    event_base_loop(base, EVLOOP_NONBLOCK);
}
int main(void)
{
    int kind, options;
    tls_init(0);
    base = event_base_new();
    for (kind = 0; kind < 3; kind++)
        for (options = 0; options <= BEV_OPT_DEFER_CALLBACKS; options += BEV_OPT_DEFER_CALLBACKS)
            for (at = 0; at < LAST; at++)
                go(kind, options);
    event_base_free(base);
    tls_done();
    return 0;
}
