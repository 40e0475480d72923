/* harness: mbedtls; openssl; only=evrs; valgrind; expect=interop.out; timeout=60 */
/* Both packages in one program, one on each side: streams in both directions, a new handshake, a
 * farewell; and TLS of the one through TLS of the other. */
#include "mbedtls.h"
#include "tls.h"

#define TOTAL (400 * 1000 + 13)

static struct event_base *base;
static struct side side[2] = {{.name = " server"}, {.name = " client"}};
static size_t sent[2];
static int left;

static void more(struct bufferevent *bev, void *arg)
{
    struct side *s = arg;
    send_stream(bev, &sent[s - side], TOTAL, 7000, 50000);
}
static void on_read(struct bufferevent *bev, void *arg)
{
    struct side *s = arg;
    struct evbuffer *in = bufferevent_get_input(bev);
    size_t n = evbuffer_get_length(in);
    if (!is_stream(evbuffer_pullup(in, -1), n, s->got))
        note(s, " wrong bytes");
    s->got += n;
    evbuffer_drain(in, n);
    if (s->got == TOTAL) {
        note(s, " all");
        if (--left == 0)
            event_base_loopbreak(base);
    }
    if (s->got > TOTAL)
        note(s, " and %zu more", s->got - TOTAL);
}
static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct side *s = arg;
    note(s, " %s", what_text(what));
    if (what & BEV_EVENT_CONNECTED) {
        if (s->events++ == 0)
            more(bev, arg);
    } else {
        mb_note_errors(s, bev);
        event_base_loopbreak(base);
    }
}

static struct bufferevent *make(int mbed, int client, int fd, struct bufferevent *below)
{
    int state = client ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING;
    if (mbed) {
        mbedtls_dyncontext *ssl = client ? mb_client() : mb_server();
        return below ? bufferevent_mbedtls_filter_new(base, below, ssl, state, BEV_OPT_CLOSE_ON_FREE)
                     : bufferevent_mbedtls_socket_new(base, fd, ssl, state, BEV_OPT_CLOSE_ON_FREE);
    } else {
        SSL *ssl = client ? tls_client() : tls_server();
        SSL_set_options(ssl, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
        return below ? bufferevent_openssl_filter_new(base, below, ssl, state, BEV_OPT_CLOSE_ON_FREE)
                     : bufferevent_openssl_socket_new(base, fd, ssl, state, BEV_OPT_CLOSE_ON_FREE);
    }
}

enum kind { SOCKET, FILTER, PAIR, NESTED };

static void go(const char *name, enum kind kind, int mbed_client, int by)
{
    int fd[2], i;
    struct bufferevent *below[2] = {NULL, NULL};
    printf("%s, the %s has mbedTLS\n", name, mbed_client ? "client" : "server");
    left = 2;
    if (kind == PAIR)
        bufferevent_pair_new(base, 0, below);
    else
        tls_pair(fd);
    for (i = 0; i < 2; i++) {
        struct side *s = &side[i];
        int mbed = i == mbed_client;
        if (kind == FILTER)
            below[i] = bufferevent_socket_new(base, fd[i], BEV_OPT_CLOSE_ON_FREE);
        else if (kind == NESTED)
            /* The other package below, on both sides. */
            below[i] = make(!mbed, i, fd[i], NULL);
        s->got = sent[i] = 0;
        s->events = 0;
        s->bev = make(mbed, i, kind == PAIR ? -1 : fd[i], below[i]);
        bufferevent_setcb(s->bev, on_read, more, on_event, s);
        bufferevent_enable(s->bev, EV_READ | EV_WRITE);
    }
    run_for(base, 20000);
    if (by >= 0) {
        int r;
        for (i = 0; i < 2; i++)
            sent[i] = side[i].got = TOTAL - 3;
        left = 2;
        r = bufferevent_ssl_renegotiate(side[by].bev);
        note(&side[by], " asks %d", r < 0 ? r : 0);
        run_for(base, 100);
        for (i = 0; i < 2; i++)
            more(side[i].bev, &side[i]);
        run_for(base, 5000);
    }
    /* A farewell from who has mbedTLS, then the other way round. */
    mbedtls_ssl_close_notify(bufferevent_mbedtls_get_ssl(side[mbed_client].bev));
    run_for(base, 5000);
    SSL_shutdown(bufferevent_openssl_get_ssl(side[!mbed_client].bev));
    run_for(base, 5000);
    for (i = 0; i < 2; i++) {
        show(&side[i]);
        bufferevent_free(side[i].bev);
    }
    event_base_loop(base, EVLOOP_NONBLOCK);
}

int main(void)
{
    int mbed_client;
    tls_init(TLS1_2_VERSION);
    mb_init();
    mb_tls1_2_only();
    mbedtls_ssl_conf_authmode(&mb_client_conf, MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_renegotiation(&mb_client_conf, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
    mbedtls_ssl_conf_renegotiation(&mb_server_conf, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
    base = event_base_new();
    for (mbed_client = 0; mbed_client < 2; mbed_client++) {
        go("socket", SOCKET, mbed_client, -1);
        go("filter", FILTER, mbed_client, -1);
        go("pair", PAIR, mbed_client, -1);
        go("one through the other", NESTED, mbed_client, -1);
        go("socket, server asks", SOCKET, mbed_client, 0);
        go("socket, client asks", SOCKET, mbed_client, 1);
        go("filter, server asks", FILTER, mbed_client, 0);
        go("filter, client asks", FILTER, mbed_client, 1);
    }
    event_base_free(base);
    tls_done();
    mb_done();
    return 0;
}
