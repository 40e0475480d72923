/* harness: openssl; valgrind; backends=epoll,poll */
/* Shaking hands and echoing, over sockets, over bufferevents on sockets, over a pair, and with
 * each of the options.
 *
 * Through a bufferevent below, the reference may hand over the first data before it says that the
 * handshake is over; evrs says so first. And when the write callback runs between two reads is
 * nobody's promise. So for these, both are shown apart. */
#include "tls.h"

static struct event_base *base;
static int apart;
static struct side server = {.name = " server"}, client = {.name = " client"};

static void server_read(struct bufferevent *bev, void *arg)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    char buf[100];
    int n = evbuffer_remove(in, buf, sizeof buf);
    note(&server, " read %.*s", n, buf);
    bufferevent_write(bev, buf, n);
}

static void client_read(struct bufferevent *bev, void *arg)
{
    char buf[100];
    size_t n = bufferevent_read(bev, buf, sizeof buf);
    note(&client, " read %.*s", (int)n, buf);
    if (client.reads++ == 0)
        bufferevent_write(bev, "two", 3);
    else
        event_base_loopbreak(base);
}

static void wrote(struct bufferevent *bev, void *arg)
{
    struct side *s = arg;
    s->writes++;
    if (!apart)
        note(s, " wrote");
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct side *s = arg;
    if (what & BEV_EVENT_CONNECTED)
        s->events++;
    if (!apart || !(what & BEV_EVENT_CONNECTED))
        note(s, " %s", what_text(what));
    if (what & BEV_EVENT_CONNECTED) {
        SSL *ssl = bufferevent_openssl_get_ssl(bev);
        note(s, "%s", SSL_is_init_finished(ssl) ? "" : " unfinished?");
        if (s == &client)
            bufferevent_write(bev, "one", 3);
    }
}

static void echo(const char *name, struct bufferevent *s, struct bufferevent *c)
{
    printf("%s\n", name);
    client.reads = 0;
    server.events = client.events = 0;
    server.writes = client.writes = 0;
    apart = s && bufferevent_get_underlying(s);
    if (!s || !c) {
        printf(" not made: %d %d\n", !!s, !!c);
        return;
    }
    bufferevent_setcb(s, server_read, wrote, on_event, &server);
    bufferevent_setcb(c, client_read, wrote, on_event, &client);
    bufferevent_enable(s, EV_READ | EV_WRITE);
    bufferevent_enable(c, EV_READ | EV_WRITE);
    run_for(base, 5000);
    show(&server);
    show(&client);
    printf(" connected %d %d, writes %d %d\n", server.events, client.events, server.writes > 0,
           client.writes > 0);
    printf(" fd %d %d underlying %d %d enabled %d %d\n", bufferevent_getfd(s) >= 0,
           bufferevent_getfd(c) >= 0, !!bufferevent_get_underlying(s),
           !!bufferevent_get_underlying(c), bufferevent_get_enabled(s), bufferevent_get_enabled(c));
    printf(" dirty %d, error %lu\n", bufferevent_openssl_get_allow_dirty_shutdown(s),
           bufferevent_get_openssl_error(s));
    bufferevent_free(s);
    bufferevent_free(c);
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static void sockets(const char *name, int options)
{
    int fd[2];
    struct bufferevent *s, *c;
    tls_pair(fd);
    s = bufferevent_openssl_socket_new(base, fd[0], tls_server(), BUFFEREVENT_SSL_ACCEPTING,
                                       options | BEV_OPT_CLOSE_ON_FREE);
    c = bufferevent_openssl_socket_new(base, fd[1], tls_client(), BUFFEREVENT_SSL_CONNECTING,
                                       options | BEV_OPT_CLOSE_ON_FREE);
    echo(name, s, c);
    printf(" closed %d %d\n", fcntl(fd[0], F_GETFD), fcntl(fd[1], F_GETFD));
}

static void filters(const char *name, int options, int below)
{
    int fd[2];
    struct bufferevent *s, *c;
    tls_pair(fd);
    s = bufferevent_socket_new(base, fd[0], below | BEV_OPT_CLOSE_ON_FREE);
    c = bufferevent_socket_new(base, fd[1], below | BEV_OPT_CLOSE_ON_FREE);
    s = bufferevent_openssl_filter_new(base, s, tls_server(), BUFFEREVENT_SSL_ACCEPTING,
                                       options | BEV_OPT_CLOSE_ON_FREE);
    c = bufferevent_openssl_filter_new(base, c, tls_client(), BUFFEREVENT_SSL_CONNECTING,
                                       options | BEV_OPT_CLOSE_ON_FREE);
    echo(name, s, c);
    printf(" closed %d %d\n", fcntl(fd[0], F_GETFD), fcntl(fd[1], F_GETFD));
}

static void pairs(const char *name, int options)
{
    struct bufferevent *s, *c, *pair[2];
    bufferevent_pair_new(base, 0, pair);
    s = bufferevent_openssl_filter_new(base, pair[0], tls_server(), BUFFEREVENT_SSL_ACCEPTING,
                                       options | BEV_OPT_CLOSE_ON_FREE);
    c = bufferevent_openssl_filter_new(base, pair[1], tls_client(), BUFFEREVENT_SSL_CONNECTING,
                                       options | BEV_OPT_CLOSE_ON_FREE);
    echo(name, s, c);
}

int main(void)
{
    tls_init(0);
    base = event_base_new();
    sockets("sockets", 0);
    sockets("sockets, deferred", BEV_OPT_DEFER_CALLBACKS);
    filters("filters", 0, 0);
    filters("filters, deferred", BEV_OPT_DEFER_CALLBACKS, 0);
    filters("filters, deferred below", 0, BEV_OPT_DEFER_CALLBACKS);
    pairs("pair", 0);
    pairs("pair, deferred", BEV_OPT_DEFER_CALLBACKS);
    event_base_free(base);
    tls_done();
    return 0;
}
