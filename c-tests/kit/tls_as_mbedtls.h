/* The names of kit/tls.h and of OpenSSL that tests in tls/ use, for mbedTLS: such a test runs there as
 * well, included after this. */
#ifndef EVRS_KIT_TLS_AS_MBEDTLS_H
#define EVRS_KIT_TLS_AS_MBEDTLS_H
#define EVRS_KIT_TLS_H

#include "mbedtls.h"

#define SSL mbedtls_dyncontext
#define bufferevent_openssl_filter_new bufferevent_mbedtls_filter_new
#define bufferevent_openssl_socket_new bufferevent_mbedtls_socket_new
#define bufferevent_openssl_get_ssl bufferevent_mbedtls_get_ssl
#define bufferevent_openssl_get_allow_dirty_shutdown bufferevent_mbedtls_get_allow_dirty_shutdown
#define bufferevent_openssl_set_allow_dirty_shutdown bufferevent_mbedtls_set_allow_dirty_shutdown
#define bufferevent_get_openssl_error bufferevent_get_mbedtls_error
#define SSL_is_init_finished(ssl) ((ssl)->state == MBEDTLS_SSL_HANDSHAKE_OVER)
#define SSL_do_handshake mbedtls_ssl_handshake
#define SSL_write(ssl, p, n) mbedtls_ssl_write(ssl, (const unsigned char *)(p), n)
#define SSL_read(ssl, p, n) mbedtls_ssl_read(ssl, (unsigned char *)(p), n)
#define SSL_shutdown mbedtls_ssl_close_notify
/* The configuration says whose side it is. */
#define SSL_set_connect_state(ssl) ((void)(ssl))
/* Nobody can ask mbedTLS: where a test does, the bufferevent is called so. */
#define SSL_get_fd(ssl) ((void)(ssl), bufferevent_getfd(bev))
#define ERR_GET_LIB(e) 0
#define ERR_GET_REASON(e) (-(int)(e))
#define SSL_free bufferevent_mbedtls_dyncontext_free
#define tls_server mb_server
#define tls_client mb_client
#define tls_done mb_done

static inline void tls_init(int version)
{
    (void)version;
    mb_init();
}

/* As mbedTLS's users do; the last sixteen stay. */
static inline void SSL_set_fd(SSL *ssl, int fd)
{
    static mbedtls_net_context all[16];
    static int n;
    mbedtls_net_context *net = &all[n++ % 16];
    mbedtls_net_init(net);
    net->fd = fd;
    mbedtls_ssl_set_bio(ssl, net, mbedtls_net_send, mbedtls_net_recv, NULL);
}
#endif
