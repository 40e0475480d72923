/* harness: mbedtls; only=evrs; valgrind; expect=handshake.out */
/* Handshakes that fail: who hears what, in both flavours. */
#include "mbedtls.h"

static struct event_base *base;
static struct side server = {.name = " server"}, client = {.name = " client"};
/* quiet: one of them hears nothing. */
static int ended, quiet;

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct side *s = arg;
    note(s, " %s", what_text(what));
    mb_note_errors(s, bev);
    if (++ended >= 2)
        event_base_loopbreak(base);
}

static struct bufferevent *make(int filter, int fd, mbedtls_dyncontext *ssl, int state)
{
    struct bufferevent *bev;
    if (!filter)
        return bufferevent_mbedtls_socket_new(base, fd, ssl, state, BEV_OPT_CLOSE_ON_FREE);
    bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    return bufferevent_mbedtls_filter_new(base, bev, ssl, state, BEV_OPT_CLOSE_ON_FREE);
}

static void garbage(int filter, int state)
{
    int fd[2];
    struct bufferevent *bev;
    ended = 1;
    tls_pair(fd);
    bev = make(filter, fd[0], state == BUFFEREVENT_SSL_ACCEPTING ? mb_server() : mb_client(), state);
    bufferevent_setcb(bev, NULL, NULL, on_event, &server);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    if (write(fd[1], "this is not what you expect, is it?\r\n\r\n", 39) != 39)
        abort();
    run_for(base, 5000);
    show(&server);
    bufferevent_free(bev);
    close(fd[1]);
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static void meet(const char *name, int filter, mbedtls_dyncontext *a, mbedtls_dyncontext *b, short enabled)
{
    int fd[2];
    struct bufferevent *s, *c;
    printf("%s, %s\n", filter ? "filter" : "socket", name);
    ended = 0;
    if (quiet)
        ended = 1;
    tls_pair(fd);
    s = make(filter, fd[0], a, BUFFEREVENT_SSL_ACCEPTING);
    c = make(filter, fd[1], b, BUFFEREVENT_SSL_CONNECTING);
    bufferevent_setcb(s, NULL, NULL, on_event, &server);
    bufferevent_setcb(c, NULL, NULL, on_event, &client);
    if (enabled) {
        bufferevent_enable(s, enabled);
        bufferevent_enable(c, enabled);
    }
    run_for(base, 5000);
    /* Nothing more comes of it. */
    event_base_loop(base, EVLOOP_NONBLOCK);
    event_base_loop(base, EVLOOP_NONBLOCK);
    show(&server);
    show(&client);
    bufferevent_free(s);
    bufferevent_free(c);
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static void other_name(int filter)
{
    mbedtls_dyncontext *c = mb_client();
    mb_ok(mbedtls_ssl_set_hostname(c, "elsewhere"));
    meet("another name", filter, mb_server(), c, EV_READ | EV_WRITE);
}

static void unknown_issuer(int filter)
{
    mbedtls_ssl_config conf;
    mb_configure(&conf, MBEDTLS_SSL_IS_CLIENT);
    mbedtls_ssl_conf_ca_chain(&conf, &mb_cert[1], NULL);
    meet("unknown issuer", filter, mb_server(), bufferevent_mbedtls_dyncontext_new(&conf), EV_READ | EV_WRITE);
    mbedtls_ssl_config_free(&conf);
}

static void client_without(int filter)
{
    mbedtls_ssl_config conf;
    mb_configure(&conf, MBEDTLS_SSL_IS_SERVER);
    mbedtls_ssl_conf_ca_chain(&conf, &mb_cert[0], NULL);
    mbedtls_ssl_conf_authmode(&conf, MBEDTLS_SSL_VERIFY_REQUIRED);
    quiet = 1;
    meet("a client without a certificate", filter, bufferevent_mbedtls_dyncontext_new(&conf), mb_client(),
         EV_READ | EV_WRITE);
    quiet = 0;
    mbedtls_ssl_config_free(&conf);
}

static void nothing_in_common(int filter)
{
    static const int one[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, 0};
    static const int two[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, 0};
    mbedtls_ssl_config a, b;
    mb_configure(&a, MBEDTLS_SSL_IS_SERVER);
    mb_configure(&b, MBEDTLS_SSL_IS_CLIENT);
    mbedtls_ssl_conf_ciphersuites(&a, one);
    mbedtls_ssl_conf_ciphersuites(&b, two);
    meet("nothing in common", filter, bufferevent_mbedtls_dyncontext_new(&a), bufferevent_mbedtls_dyncontext_new(&b),
         EV_READ | EV_WRITE);
    mbedtls_ssl_config_free(&a);
    mbedtls_ssl_config_free(&b);
}

static void nobody(int filter, int dirty)
{
    int fd[2];
    struct bufferevent *bev;
    ended = 1;
    tls_pair(fd);
    bev = make(filter, fd[0], mb_client(), BUFFEREVENT_SSL_CONNECTING);
    bufferevent_mbedtls_set_allow_dirty_shutdown(bev, dirty);
    bufferevent_setcb(bev, NULL, NULL, on_event, &client);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    shutdown(fd[1], SHUT_WR);
    run_for(base, 5000);
    show(&client);
    bufferevent_free(bev);
    close(fd[1]);
    event_base_loop(base, EVLOOP_NONBLOCK);
}

int main(void)
{
    int filter;
    mb_init();
    base = event_base_new();
    for (filter = 0; filter < 2; filter++) {
        printf("%s, garbage\n", filter ? "filter" : "socket");
        garbage(filter, BUFFEREVENT_SSL_ACCEPTING);
        garbage(filter, BUFFEREVENT_SSL_CONNECTING);
        unknown_issuer(filter);
        other_name(filter);
        client_without(filter);
        nothing_in_common(filter);
        meet("nobody reads", filter, mb_server(), mb_client(), 0);
        printf("%s, nobody there\n", filter ? "filter" : "socket");
        nobody(filter, 0);
        nobody(filter, 1);
    }
    event_base_free(base);
    mb_done();
    return 0;
}
