/* harness: openssl; only=evrs; valgrind */
/* NULL where the reference crashes, states and sizes out of range, the flags of libevent 2.2. */
#include "tls.h"
#include <assert.h>

int main(void)
{
    struct event_base *base;
    struct bufferevent *bev, *below;
    int fd[2];

    tls_init(0);
    base = event_base_new();
    tls_pair(fd);
    assert(!bufferevent_openssl_socket_new(base, fd[0], NULL, BUFFEREVENT_SSL_OPEN, 0));
    assert(!bufferevent_openssl_socket_new(NULL, fd[0], tls_client(), BUFFEREVENT_SSL_OPEN, BEV_OPT_CLOSE_ON_FREE));
    assert(!bufferevent_openssl_socket_new(base, fd[0], tls_client(), 3, BEV_OPT_CLOSE_ON_FREE));
    assert(!bufferevent_openssl_socket_new(base, fd[0], tls_client(), -1, BEV_OPT_CLOSE_ON_FREE));
    assert(!bufferevent_openssl_socket_new(base, fd[0], tls_client(), BUFFEREVENT_SSL_CONNECTING,
                                           BEV_OPT_CLOSE_ON_FREE | BEV_OPT_UNLOCK_CALLBACKS));
    assert(!bufferevent_openssl_filter_new(base, NULL, tls_client(), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE));
    assert(!bufferevent_openssl_filter_new(base, NULL, NULL, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE));
    below = bufferevent_socket_new(base, -1, 0);
    assert(!bufferevent_openssl_filter_new(base, below, NULL, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE));
    assert(!bufferevent_openssl_filter_new(NULL, below, tls_client(), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE));
    assert(bufferevent_ssl_get_flags(below) == UINT64_MAX);
    assert(bufferevent_ssl_set_flags(below, 1) == UINT64_MAX);
    bufferevent_free(below);
    assert(!bufferevent_openssl_get_ssl(NULL));
    assert(bufferevent_get_openssl_error(NULL) == 0);
    assert(bufferevent_ssl_renegotiate(NULL) == -1);
    assert(bufferevent_openssl_get_allow_dirty_shutdown(NULL) == -1);
    bufferevent_openssl_set_allow_dirty_shutdown(NULL, 1);
    assert(bufferevent_ssl_get_flags(NULL) == UINT64_MAX);
    assert(bufferevent_ssl_set_flags(NULL, 1) == UINT64_MAX);
    assert(bufferevent_ssl_clear_flags(NULL, 1) == UINT64_MAX);

    bev = bufferevent_openssl_socket_new(base, fd[0], tls_client(), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    assert(bufferevent_ssl_get_flags(bev) == 0);
    assert(bufferevent_ssl_set_flags(bev, 4) == UINT64_MAX);
    assert(bufferevent_ssl_set_flags(bev, BUFFEREVENT_SSL_DIRTY_SHUTDOWN) == 0);
    assert(bufferevent_openssl_get_allow_dirty_shutdown(bev) == 1);
    assert(bufferevent_ssl_set_flags(bev, BUFFEREVENT_SSL_BATCH_WRITE) == 1);
    assert(bufferevent_ssl_clear_flags(bev, BUFFEREVENT_SSL_DIRTY_SHUTDOWN) == 3);
    assert(bufferevent_openssl_get_allow_dirty_shutdown(bev) == 0);
    assert(bufferevent_ssl_get_flags(bev) == 2);
    assert(bufferevent_get_openssl_error(bev) == 0);
    /* Without a wire there is nothing to shake hands on; later there is. */
    assert(bufferevent_setfd(bev, -1) == 0);
    assert(bufferevent_getfd(bev) == -1);
    event_base_loop(base, EVLOOP_NONBLOCK);
    assert(bufferevent_setfd(bev, fd[0]) == 0);
    assert(bufferevent_getfd(bev) == fd[0]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    {
        char hello[5];
        assert(recv(fd[1], hello, sizeof hello, MSG_PEEK) == 5);
        assert(hello[0] == 22);
    }
    bufferevent_free(bev);
    event_base_loop(base, EVLOOP_NONBLOCK);
    close(fd[1]);
    event_base_free(base);
    tls_done();
    return 0;
}
