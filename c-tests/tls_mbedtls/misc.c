/* harness: mbedtls; openssl; only=evrs; valgrind */
/* Arguments that make no sense; contexts that outlive their bufferevent, or come with a wire or a
 * session; flags; two packages side by side. */
#include "mbedtls.h"
#include "tls.h"
#include <mbedtls/ssl_cache.h>
#undef NDEBUG
#include <assert.h>

static struct event_base *base;
static int verifications, connected;

static int verified(void *arg, mbedtls_x509_crt *cert, int depth, uint32_t *flags)
{
    verifications++;
    return 0;
}
static void on_event(struct bufferevent *bev, short what, void *arg)
{
    assert(what == BEV_EVENT_CONNECTED);
    if (++connected == 2)
        event_base_loopbreak(base);
}

static int refuse(void *ctx, const unsigned char *p, size_t n) { return MBEDTLS_ERR_SSL_WANT_WRITE; }
static int nothing(void *ctx, unsigned char *p, size_t n) { return MBEDTLS_ERR_SSL_WANT_READ; }

static void no_sense(void)
{
    const int close_on_free = BEV_OPT_CLOSE_ON_FREE;
    struct bufferevent *below, *bev;
    mbedtls_net_context net;
    mbedtls_dyncontext *ssl;
    int fd[2];

    tls_pair(fd);
    below = bufferevent_socket_new(base, -1, 0);
    assert(!bufferevent_mbedtls_dyncontext_new(NULL));
    bufferevent_mbedtls_dyncontext_free(NULL);
    bufferevent_mbedtls_dyncontext_free(mb_client());
    assert(!bufferevent_mbedtls_socket_new(base, fd[0], NULL, BUFFEREVENT_SSL_OPEN, 0));
    assert(!bufferevent_mbedtls_socket_new(NULL, fd[0], mb_client(), BUFFEREVENT_SSL_OPEN, close_on_free));
    assert(!bufferevent_mbedtls_socket_new(base, fd[0], mb_client(), 3, close_on_free));
    assert(!bufferevent_mbedtls_socket_new(base, fd[0], mb_client(), -1, close_on_free));
    assert(!bufferevent_mbedtls_filter_new(base, NULL, mb_client(), BUFFEREVENT_SSL_CONNECTING, close_on_free));
    assert(!bufferevent_mbedtls_filter_new(base, NULL, NULL, BUFFEREVENT_SSL_CONNECTING, close_on_free));
    assert(!bufferevent_mbedtls_filter_new(base, below, NULL, BUFFEREVENT_SSL_CONNECTING, close_on_free));
    assert(!bufferevent_mbedtls_filter_new(NULL, below, mb_client(), BUFFEREVENT_SSL_CONNECTING, close_on_free));
    assert(!bufferevent_mbedtls_get_ssl(NULL) && !bufferevent_mbedtls_get_ssl(below));
    assert(!bufferevent_get_mbedtls_error(NULL) && !bufferevent_get_mbedtls_error(below));
    assert(bufferevent_mbedtls_get_allow_dirty_shutdown(NULL) == -1);
    assert(bufferevent_mbedtls_get_allow_dirty_shutdown(below) == -1);
    bufferevent_mbedtls_set_allow_dirty_shutdown(NULL, 1);
    bufferevent_mbedtls_set_allow_dirty_shutdown(below, 1);
    assert(bufferevent_mbedtls_renegotiate(NULL) == -1 && bufferevent_mbedtls_renegotiate(below) == -1);

    /* A wire of mbedTLS's that differs, or has none yet; and one that nobody knows. */
    mbedtls_net_init(&net);
    net.fd = fd[1];
    ssl = mb_client();
    mbedtls_ssl_set_bio(ssl, &net, mbedtls_net_send, mbedtls_net_recv, NULL);
    assert(!bufferevent_mbedtls_socket_new(base, fd[0], ssl, BUFFEREVENT_SSL_CONNECTING, 0));
    net.fd = -1;
    bev = bufferevent_mbedtls_socket_new(base, fd[0], ssl, BUFFEREVENT_SSL_CONNECTING, 0);
    assert(bev && bufferevent_getfd(bev) == fd[0]);
    bufferevent_free(bev);
    mbedtls_ssl_set_bio(ssl, &net, refuse, nothing, NULL);
    assert(!bufferevent_mbedtls_socket_new(base, fd[0], ssl, BUFFEREVENT_SSL_CONNECTING, 0));
    bev = bufferevent_mbedtls_socket_new(base, -1, ssl, BUFFEREVENT_SSL_CONNECTING, close_on_free);
    assert(bev && bufferevent_getfd(bev) == -1);
    assert(bufferevent_mbedtls_get_ssl(bev) == ssl && !bufferevent_openssl_get_ssl(bev));
    assert(bufferevent_mbedtls_renegotiate(bev) == -1);
    assert((int)bufferevent_get_mbedtls_error(bev) < 0);
    assert(bufferevent_get_mbedtls_error(bev) == 0);

    assert(bufferevent_ssl_get_flags(bev) == 0);
    assert(bufferevent_ssl_set_flags(bev, BUFFEREVENT_SSL_DIRTY_SHUTDOWN) == 0);
    assert(bufferevent_mbedtls_get_allow_dirty_shutdown(bev) == 1);
    bufferevent_mbedtls_set_allow_dirty_shutdown(bev, 0);
    assert(bufferevent_mbedtls_get_allow_dirty_shutdown(bev) == 0);
    bufferevent_free(bev);

    bev = bufferevent_openssl_socket_new(base, fd[0], tls_client(), BUFFEREVENT_SSL_CONNECTING, close_on_free);
    assert(!bufferevent_mbedtls_get_ssl(bev) && !bufferevent_get_mbedtls_error(bev));
    bufferevent_free(bev);
    bufferevent_free(below);
    close(fd[1]);
    event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Shakes hands; the bufferevents are the caller's, over fd or the two below. */
static void meet(struct bufferevent *b[2], mbedtls_dyncontext *ssl[2], int fd[2], struct bufferevent *below[2],
                 int state, int options)
{
    int i;
    connected = 0;
    for (i = 0; i < 2; i++) {
        int s = state == BUFFEREVENT_SSL_OPEN ? state : i ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING;
        b[i] = below ? bufferevent_mbedtls_filter_new(base, below[i], ssl[i], s, options)
                     : bufferevent_mbedtls_socket_new(base, fd ? fd[i] : -1, ssl[i], s, options);
        assert(b[i]);
        bufferevent_setcb(b[i], NULL, NULL, on_event, NULL);
        bufferevent_enable(b[i], EV_READ | EV_WRITE);
    }
    if (state != BUFFEREVENT_SSL_OPEN) {
        run_for(base, 5000);
        assert(connected == 2);
    }
}

/* Without BEV_OPT_CLOSE_ON_FREE the contexts, and what is below, go on. */
static void stays(int filter)
{
    int fd[2], i;
    struct bufferevent *b[2], *below[2];
    mbedtls_dyncontext *ssl[2] = {mb_server(), mb_client()};
    unsigned char text[20];

    tls_pair(fd);
    for (i = 0; i < 2; i++)
        below[i] = filter ? bufferevent_socket_new(base, fd[i], BEV_OPT_CLOSE_ON_FREE) : NULL;
    meet(b, ssl, fd, filter ? below : NULL, BUFFEREVENT_SSL_ACCEPTING, 0);
    for (i = 0; i < 2; i++)
        bufferevent_free(b[i]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    assert(mbedtls_ssl_write(ssl[1], (const unsigned char *)"straight", 8) == 8);
    if (filter)
        bufferevent_enable(below[0], EV_READ);
    for (i = 0; i < 10; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
    assert(mbedtls_ssl_read(ssl[0], text, sizeof text) == 8 && !memcmp(text, "straight", 8));

    /* A second life; the descriptor is found where the first one left it. */
    meet(b, ssl, NULL, filter ? below : NULL, BUFFEREVENT_SSL_OPEN, BEV_OPT_CLOSE_ON_FREE);
    assert(bufferevent_getfd(b[0]) == fd[0] && bufferevent_getfd(b[1]) == fd[1]);
    bufferevent_write(b[0], "again", 5);
    for (i = 0; i < 10; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
    assert(bufferevent_read(b[1], text, sizeof text) == 5 && !memcmp(text, "again", 5));
    for (i = 0; i < 2; i++)
        bufferevent_free(b[i]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    assert(fcntl(fd[0], F_GETFD) == -1 && fcntl(fd[1], F_GETFD) == -1);
}

/* A session to resume lasts until the handshake, also when the descriptor comes late. */
static void resumes(void)
{
    mbedtls_ssl_session session;
    struct bufferevent *b[2];
    int fd[2], i, late;

    mbedtls_ssl_conf_verify(&mb_client_conf, verified, NULL);
    mbedtls_ssl_session_init(&session);
    for (late = -1; late < 2; late++) {
        mbedtls_dyncontext *ssl[2] = {mb_server(), mb_client()};
        tls_pair(fd);
        verifications = 0;
        if (late >= 0)
            mb_ok(mbedtls_ssl_set_session(ssl[1], &session));
        if (late == 1) {
            connected = 0;
            for (i = 0; i < 2; i++) {
                b[i] = bufferevent_mbedtls_socket_new(base, -1, ssl[i],
                                                      i ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING,
                                                      BEV_OPT_CLOSE_ON_FREE);
                bufferevent_setcb(b[i], NULL, NULL, on_event, NULL);
                bufferevent_enable(b[i], EV_READ | EV_WRITE);
                assert(bufferevent_setfd(b[i], fd[i]) == 0);
            }
            run_for(base, 5000);
            assert(connected == 2);
        } else
            meet(b, ssl, fd, NULL, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
        assert(verifications == (late < 0));
        if (late < 0)
            mb_ok(mbedtls_ssl_get_session(ssl[1], &session));
        for (i = 0; i < 2; i++)
            bufferevent_free(b[i]);
        event_base_loop(base, EVLOOP_NONBLOCK);
    }
    mbedtls_ssl_session_free(&session);
}

int main(void)
{
    mbedtls_ssl_cache_context cache;
    tls_init(0);
    mb_init();
    mb_tls1_2_only();
    base = event_base_new();
    no_sense();
    stays(0);
    stays(1);
    mbedtls_ssl_cache_init(&cache);
    mbedtls_ssl_conf_session_cache(&mb_server_conf, &cache, mbedtls_ssl_cache_get, mbedtls_ssl_cache_set);
    resumes();
    mbedtls_ssl_cache_free(&cache);
    event_base_free(base);
    tls_done();
    mb_done();
    puts("ok");
    return 0;
}
