/* harness: openssl; valgrind */
/* Handshakes that fail, on both sides, in both flavours. The reference may go on with a session that
 * is dead, and tell of it again: only the first end counts. */
#include "tls.h"

static struct event_base *base;
static struct side server = {.name = " server"}, client = {.name = " client"};
static int ended;

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct side *s = arg;
    unsigned long e;
    if (s->events++)
        return;
    note(s, " %s", what_text(what));
    while ((e = bufferevent_get_openssl_error(bev)))
        note(s, " (%d %d)", ERR_GET_LIB(e), ERR_GET_REASON(e));
    if (++ended == 2)
        event_base_loopbreak(base);
}

static struct bufferevent *make(int filter, int fd, SSL *ssl, int state)
{
    struct bufferevent *bev;
    if (!filter)
        return bufferevent_openssl_socket_new(base, fd, ssl, state, BEV_OPT_CLOSE_ON_FREE);
    bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    return bufferevent_openssl_filter_new(base, bev, ssl, state, BEV_OPT_CLOSE_ON_FREE);
}

static void garbage(int filter, int state)
{
    int fd[2];
    struct bufferevent *bev;
    SSL *ssl = state == BUFFEREVENT_SSL_ACCEPTING ? tls_server() : tls_client();
    ended = 1;
    server.events = client.events = 0;
    tls_pair(fd);
    bev = make(filter, fd[0], ssl, state);
    bufferevent_setcb(bev, NULL, NULL, on_event, &server);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    if (write(fd[1], "this is not what you expect, is it?\r\n\r\n", 39) != 39)
        abort();
    run_for(base, 10000);
    show(&server);
    bufferevent_free(bev);
    close(fd[1]);
    event_base_loop(base, EVLOOP_NONBLOCK);
}

/* The two meet, with `enabled`, and both say what they heard. */
static void meet(int filter, SSL *a, SSL *b, short enabled)
{
    int fd[2];
    struct bufferevent *s, *c;
    ended = 0;
    server.events = client.events = 0;
    tls_pair(fd);
    s = make(filter, fd[0], a, BUFFEREVENT_SSL_ACCEPTING);
    c = make(filter, fd[1], b, BUFFEREVENT_SSL_CONNECTING);
    bufferevent_setcb(s, NULL, NULL, on_event, &server);
    bufferevent_setcb(c, NULL, NULL, on_event, &client);
    if (enabled) {
        bufferevent_enable(s, enabled);
        bufferevent_enable(c, enabled);
    }
    run_for(base, 10000);
    show(&server);
    show(&client);
    bufferevent_free(s);
    bufferevent_free(c);
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static void disagree(int filter)
{
    SSL *a = tls_server(), *b = tls_client();
    SSL_set_max_proto_version(a, TLS1_2_VERSION);
    SSL_set_min_proto_version(b, TLS1_3_VERSION);
    meet(filter, a, b, EV_READ | EV_WRITE);
}

static void unknown_issuer(int filter)
{
    SSL *a = tls_server(), *b = tls_client();
    SSL_set_verify(b, SSL_VERIFY_PEER, NULL);
    /* TLS 1.2: the server waits for the client's last word, and hears of it. */
    SSL_set_max_proto_version(a, TLS1_2_VERSION);
    meet(filter, a, b, EV_READ | EV_WRITE);
}

static void nobody(int dirty)
{
    int fd[2];
    struct bufferevent *bev;
    ended = 1;
    server.events = client.events = 0;
    tls_pair(fd);
    bev = make(1, fd[0], tls_client(), BUFFEREVENT_SSL_CONNECTING);
    bufferevent_openssl_set_allow_dirty_shutdown(bev, dirty);
    bufferevent_setcb(bev, NULL, NULL, on_event, &client);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    shutdown(fd[1], SHUT_WR);
    run_for(base, 10000);
    show(&client);
    bufferevent_free(bev);
    close(fd[1]);
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static void without_reading(int filter)
{
    meet(filter, tls_server(), tls_client(), 0);
}

int main(void)
{
    int filter;
    tls_init(0);
    base = event_base_new();
    for (filter = 0; filter < 2; filter++) {
        printf("%s\n", filter ? "filter" : "socket");
        garbage(filter, BUFFEREVENT_SSL_ACCEPTING);
        garbage(filter, BUFFEREVENT_SSL_CONNECTING);
        disagree(filter);
        unknown_issuer(filter);
    }
    without_reading(0);
    without_reading(1);
    nobody(0);
    nobody(1);
    event_base_free(base);
    tls_done();
    return 0;
}
