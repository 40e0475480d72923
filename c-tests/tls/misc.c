/* harness: openssl; valgrind */
/* What the functions say for other kinds, before and after the handshake, with TLS 1.3; options that
 * leave things open; an SSL that outlives its bufferevent; priorities, timeouts, watermarks. */
#include "tls.h"

static struct event_base *base;
static struct side side[2] = {{.name = " server"}, {.name = " client"}};
static int connected, want;

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct side *s = arg;
    note(s, " %s", what_text(what));
    if ((what & BEV_EVENT_CONNECTED) && ++connected == 2 && !want)
        event_base_loopbreak(base);
}
static void on_read(struct bufferevent *bev, void *arg)
{
    struct side *s = arg;
    char buf[100];
    int n = evbuffer_remove(bufferevent_get_input(bev), buf, sizeof buf);
    note(s, " read %.*s", n, buf);
    if (--want == 0)
        event_base_loopbreak(base);
}

/* A program's own BIO, which tells its descriptor by the return value alone. */
static int own_fd;
static long own_ctrl(BIO *b, int cmd, long num, void *p)
{
    (void)b, (void)num, (void)p;
    return cmd == BIO_C_GET_FD ? own_fd : cmd == BIO_CTRL_FLUSH;
}

static void own_bio(void)
{
    int fd[2];
    BIO_METHOD *m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "own");
    SSL *ssl = tls_client();
    struct bufferevent *b;
    BIO *bio;
    tls_pair(fd);
    own_fd = fd[0];
    BIO_meth_set_ctrl(m, own_ctrl);
    b = bufferevent_openssl_socket_new(base, fd[0], ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    bio = BIO_new(m);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    bufferevent_free(b);
    event_base_loop(base, EVLOOP_NONBLOCK);
    printf("own BIO: closed %d\n", fcntl(fd[0], F_GETFD) == -1);
    close(fd[1]);
    BIO_meth_free(m);
}

int main(void)
{
    int fd[2], i;
    struct bufferevent *b[2], *pair[2], *plain;
    SSL *ssl[2];
    char buf[10];

    tls_init(0);
    base = event_base_new();
    event_base_priority_init(base, 4);
    bufferevent_pair_new(base, 0, pair);
    plain = bufferevent_socket_new(base, -1, 0);
    printf("other kinds: %d %d %d %d\n", !!bufferevent_openssl_get_ssl(plain),
           bufferevent_openssl_get_allow_dirty_shutdown(plain), bufferevent_ssl_renegotiate(plain),
           bufferevent_openssl_get_allow_dirty_shutdown(pair[0]));
    bufferevent_openssl_set_allow_dirty_shutdown(plain, 1);
    bufferevent_free(plain);
    bufferevent_free(pair[0]);
    bufferevent_free(pair[1]);

    own_bio();
    printf("nothing below: %d\n",
           !!bufferevent_openssl_filter_new(base, NULL, tls_client(), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE));

    /* A filter's descriptor is that of the one below, which gets a new one through it but keeps the old one. */
    tls_pair(fd);
    plain = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
    b[0] = bufferevent_openssl_filter_new(base, plain, tls_client(), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    printf("filter's fd %d %d %d %d\n", bufferevent_getfd(b[0]) == fd[0], bufferevent_setfd(b[0], -1),
           bufferevent_getfd(b[0]) == fd[0], bufferevent_getfd(plain) == fd[0]);
    i = dup(fd[0]);
    printf("another one %d %d %d\n", bufferevent_setfd(b[0], i), bufferevent_getfd(b[0]) == i, bufferevent_getfd(plain) == i);
    bufferevent_free(b[0]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    close(fd[0]);
    close(fd[1]);

    tls_pair(fd);
    for (i = 0; i < 2; i++) {
        ssl[i] = i ? tls_client() : tls_server();
        /* The SSL and the descriptor stay ours. */
        b[i] = bufferevent_openssl_socket_new(base, fd[i], ssl[i], i ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING, 0);
        printf("%d: enabled %d, fd %d, ssl %d, priority %d %d %d, input %d\n", i, bufferevent_get_enabled(b[i]),
               bufferevent_getfd(b[i]) == fd[i], bufferevent_openssl_get_ssl(b[i]) == ssl[i], bufferevent_get_priority(b[i]),
               bufferevent_priority_set(b[i], 1), bufferevent_get_priority(b[i]),
               evbuffer_get_length(bufferevent_get_input(b[i])) == 0);
        bufferevent_setcb(b[i], on_read, NULL, on_event, &side[i]);
        bufferevent_enable(b[i], EV_READ | EV_WRITE);
        bufferevent_write(b[i], "early", 5);
    }
    want = 2;
    run_for(base, 10000);
    for (i = 0; i < 2; i++)
        show(&side[i]);
    printf("flush %d, mode %d\n", bufferevent_flush(b[0], EV_WRITE, BEV_FLUSH),
           !!(SSL_get_mode(ssl[0]) & SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER));
    printf("renegotiating TLS 1.3: %d\n", bufferevent_ssl_renegotiate(b[1]) != 0);
    event_base_loop(base, EVLOOP_NONBLOCK);
    bufferevent_free(b[0]);
    bufferevent_free(b[1]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    printf("open still: %d %d\n", fcntl(fd[0], F_GETFD), fcntl(fd[1], F_GETFD));
    printf("and in use: %d", SSL_write(ssl[1], "hello", 5));
    printf(" %d\n", SSL_read(ssl[0], buf, sizeof buf));

    /* An open session is taken over. */
    for (i = 0; i < 2; i++) {
        b[i] = bufferevent_openssl_socket_new(base, -1, ssl[i], BUFFEREVENT_SSL_OPEN, BEV_OPT_CLOSE_ON_FREE);
        printf("fd %d\n", bufferevent_getfd(b[i]) == fd[i]);
        bufferevent_setcb(b[i], on_read, NULL, on_event, &side[i]);
    }
    bufferevent_enable(b[0], EV_READ);
    bufferevent_write(b[1], "again", 5);
    want = 1;
    run_for(base, 10000);
    for (i = 0; i < 2; i++)
        show(&side[i]);
    bufferevent_free(b[0]);
    bufferevent_free(b[1]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    printf("closed: %d %d\n", fcntl(fd[0], F_GETFD), fcntl(fd[1], F_GETFD));

    /* The same on top of bufferevents that are ours. */
    tls_pair(fd);
    connected = 0;
    for (i = 0; i < 2; i++) {
        ssl[i] = i ? tls_client() : tls_server();
        pair[i] = bufferevent_socket_new(base, fd[i], BEV_OPT_CLOSE_ON_FREE);
        b[i] = bufferevent_openssl_filter_new(base, pair[i], ssl[i], i ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING, 0);
        bufferevent_setcb(b[i], NULL, NULL, on_event, &side[i]);
        bufferevent_enable(b[i], EV_READ | EV_WRITE);
    }
    run_for(base, 10000);
    for (i = 0; i < 2; i++) {
        bufferevent_data_cb r, w;
        bufferevent_event_cb e;
        void *arg;
        show(&side[i]);
        bufferevent_free(b[i]);
        event_base_loop(base, EVLOOP_NONBLOCK);
        bufferevent_getcb(pair[i], &r, &w, &e, &arg);
        printf("the one below: fd %d, callbacks %d %d %d\n", bufferevent_getfd(pair[i]) == fd[i], !!r, !!w, !!e);
        SSL_free(ssl[i]);
        bufferevent_free(pair[i]);
        event_base_loop(base, EVLOOP_NONBLOCK);
    }
    event_base_free(base);
    tls_done();
    return 0;
}
