/* harness: mbedtls; only=evrs; valgrind; expect=renegotiate.out; timeout=60 */
/* Shaking hands again, asked for by each side, at rest and in the middle of long streams through small
 * socket buffers: no byte is lost or comes twice, whatever was half written when the request came; and
 * with clients that decline. */
#include "mbedtls.h"

#define TOTAL (600 * 1000 + 77)

static struct event_base *base;
static struct side side[2] = {{.name = " server"}, {.name = " client"}};
static size_t sent[2], total;
static int handshakes, left, by, asked, times;

static int verified(void *arg, mbedtls_x509_crt *cert, int depth, uint32_t *flags)
{
    if (depth == 0)
        handshakes++;
    return 0;
}
static void more(struct bufferevent *bev, void *arg)
{
    struct side *s = arg;
    send_stream(bev, &sent[s - side], total, 9000, 60000);
}
static void on_read(struct bufferevent *bev, void *arg)
{
    struct side *s = arg;
    struct evbuffer *in = bufferevent_get_input(bev);
    size_t n = evbuffer_get_length(in);
    if (!is_stream(evbuffer_pullup(in, -1), n, s->got) && !s->extra) {
        note(s, " wrong bytes at %zu", s->got);
        s->extra = s;
    }
    s->got += n;
    evbuffer_drain(in, n);
    if (s == &side[by] && asked < times && s->got > (size_t)(asked + 1) * total / (size_t)(times + 1)) {
        asked++;
        if (bufferevent_mbedtls_renegotiate(bev) < 0)
            note(s, " cannot ask");
    }
    if (s->got == total && --left == 0)
        event_base_loopbreak(base);
}
static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct side *s = arg;
    if (what == BEV_EVENT_CONNECTED) {
        if (s->events++ == 0)
            more(bev, arg);
        return;
    }
    note(s, " %s", what_text(what));
    mb_note_errors(s, bev);
    event_base_loopbreak(base);
}

static void start(int filter, int small)
{
    int fd[2], i;
    tls_pair(fd);
    handshakes = asked = 0;
    left = 2;
    for (i = 0; i < 2; i++) {
        struct side *s = &side[i];
        mbedtls_dyncontext *ssl = i ? mb_client() : mb_server();
        int state = i ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING;
        if (small)
            setsockopt(fd[i], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        if (filter) {
            struct bufferevent *below = bufferevent_socket_new(base, fd[i], BEV_OPT_CLOSE_ON_FREE);
            if (small)
                bufferevent_setwatermark(below, EV_WRITE, 0, (size_t)small);
            s->bev = bufferevent_mbedtls_filter_new(base, below, ssl, state, BEV_OPT_CLOSE_ON_FREE);
        } else
            s->bev = bufferevent_mbedtls_socket_new(base, fd[i], ssl, state, BEV_OPT_CLOSE_ON_FREE);
        s->got = sent[i] = 0;
        s->events = 0;
        s->extra = NULL;
        bufferevent_setcb(s->bev, on_read, more, on_event, s);
        bufferevent_enable(s->bev, EV_READ | EV_WRITE);
    }
}
static void finish(void)
{
    int i;
    for (i = 0; i < 2; i++) {
        if (side[i].got == total)
            note(&side[i], " all");
        else
            note(&side[i], " %zu of %zu, of its own %zu with %zu in the output", side[i].got, total, sent[i],
                 evbuffer_get_length(bufferevent_get_output(side[i].bev)));
        show(&side[i]);
        bufferevent_free(side[i].bev);
    }
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static void at_rest(int filter, int who)
{
    int i, r;
    total = 3;
    times = 0;
    start(filter, 0);
    run_for(base, 2000);
    for (i = 0; i < 2; i++)
        side[i].events = 1;
    r = bufferevent_mbedtls_renegotiate(side[who].bev);
    printf("%s, %s asks: %d, connected %d %d\n", filter ? "filter" : "socket", who ? "client" : "server", r,
           side[0].events - 1, side[1].events - 1);
    left = 2;
    total = 6;
    run_for(base, 200);
    printf(" handshakes %d, connected %d %d\n", handshakes, side[0].events - 1, side[1].events - 1);
    for (i = 0; i < 2; i++)
        more(side[i].bev, &side[i]);
    run_for(base, 2000);
    finish();
}

/* Whoever waits for data to be read waits as long as nobody reads it. */
static void unread(int filter)
{
    total = 3;
    times = 0;
    start(filter, 0);
    run_for(base, 2000);
    side[1].events = 1;
    bufferevent_disable(side[1].bev, EV_READ);
    /* On the wire before the client asks. */
    total = 6;
    left = 2;
    more(side[0].bev, &side[0]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    event_base_loop(base, EVLOOP_NONBLOCK);
    printf("%s, data in the way: %d", filter ? "filter" : "socket", bufferevent_mbedtls_renegotiate(side[1].bev));
    more(side[1].bev, &side[1]);
    run_for(base, 100);
    printf(", connected %d, got %zu", side[1].events - 1, side[1].got);
    bufferevent_enable(side[1].bev, EV_READ);
    run_for(base, 2000);
    printf("; then connected %d, handshakes %d\n", side[1].events - 1, handshakes);
    finish();
}

static void streaming(const char *name, int filter, int who, int small, int n)
{
    printf("%s, %s, %s asks\n", name, filter ? "filter" : "socket", who ? "client" : "server");
    total = TOTAL;
    by = who;
    times = n;
    start(filter, small);
    run_for(base, 20000);
    printf(" asked %d\n", asked);
    fprintf(stderr, "handshakes: %d\n", handshakes);
    finish();
}

/* The oldest version has two records for each write. */
static void old(void)
{
    static const int suites[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, 0};
    mbedtls_ssl_conf_renegotiation(&mb_client_conf, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
    mbedtls_ssl_conf_ciphersuites(&mb_client_conf, suites);
#if MBEDTLS_VERSION_MAJOR < 3
    mbedtls_ssl_conf_max_version(&mb_client_conf, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_1);
#endif
    streaming("TLS 1.0", 0, 0, 0, 3);
    streaming("TLS 1.0, little room", 0, 0, 5000, 7);
    streaming("TLS 1.0, little room", 1, 0, 5000, 7);
    mbedtls_ssl_conf_renegotiation(&mb_client_conf, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
    streaming("TLS 1.0, declined", 0, 0, 5000, 7);
    streaming("TLS 1.0, declined", 1, 0, 5000, 7);
}

int main(void)
{
    int filter, who;
    struct bufferevent *pair[2];
    mb_init();
    mb_tls1_2_only();
    base = event_base_new();
    mbedtls_ssl_conf_verify(&mb_client_conf, verified, NULL);
    for (filter = 0; filter < 2; filter++) {
        for (who = 0; who < 2; who++) {
            mbedtls_ssl_conf_renegotiation(&mb_client_conf, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
            mbedtls_ssl_conf_renegotiation(&mb_server_conf, MBEDTLS_SSL_RENEGOTIATION_ENABLED);
            /* However much data is on the way. */
            mbedtls_ssl_conf_renegotiation_enforced(&mb_client_conf, MBEDTLS_SSL_RENEGOTIATION_NOT_ENFORCED);
            mbedtls_ssl_conf_renegotiation_enforced(&mb_server_conf, MBEDTLS_SSL_RENEGOTIATION_NOT_ENFORCED);
            at_rest(filter, who);
            streaming("streams", filter, who, 0, 3);
            streaming("streams, little room", filter, who, 5000, 5);
        }
        unread(filter);
        mbedtls_ssl_conf_renegotiation(&mb_client_conf, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
        streaming("declined", filter, 0, 0, 3);
        streaming("declined, little room", filter, 0, 5000, 5);
    }
    old();
    bufferevent_pair_new(base, 0, pair);
    printf("another kind: %d, none: %d\n", bufferevent_mbedtls_renegotiate(pair[0]), bufferevent_mbedtls_renegotiate(NULL));
    bufferevent_free(pair[0]);
    bufferevent_free(pair[1]);
    event_base_free(base);
    mb_done();
    return 0;
}
