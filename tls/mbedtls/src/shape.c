/* What only mbedTLS's headers know, which differ from version to version and from build to build:
 * sizes, fields, numbers. Everything else is in Rust. */

/* mbedTLS 3 and newer: fields have other names without it, and functions for all of them are missing. */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <stdint.h>
#include <string.h>

/* Values of renego_status, of no header that is installed; the same in mbedTLS 2 and 3. */
enum { INITIAL = 0, IN_PROGRESS = 1, PENDING = 3 };

/* As in interface.rs; AGAIN is our own. */
enum { WANT_READ = -1, WANT_WRITE = -2, CLOSED = -3, CUT = -4, FAILED = -5, DATA = -6, AGAIN = -100 };

int evrs_mbedtls_verdict(int code);
int evrs_mbedtls_code(int what);
size_t evrs_mbedtls_size(void);
int evrs_mbedtls_unsent(const mbedtls_ssl_context *ssl);
size_t evrs_mbedtls_unfinished(const mbedtls_ssl_context *ssl, size_t size);
void evrs_mbedtls_finished(mbedtls_ssl_context *ssl);
size_t evrs_mbedtls_pending(const mbedtls_ssl_context *ssl);
int evrs_mbedtls_fd(const mbedtls_ssl_context *ssl, mbedtls_ssl_send_t *left);
int evrs_mbedtls_read(mbedtls_ssl_context *ssl, unsigned char *to, size_t n);
int evrs_mbedtls_renegotiate(mbedtls_ssl_context *ssl);

/* What an error comes to. */
int evrs_mbedtls_verdict(int code)
{
    switch (code) {
    case MBEDTLS_ERR_SSL_WANT_READ:
        return WANT_READ;
    case MBEDTLS_ERR_SSL_WANT_WRITE:
        return WANT_WRITE;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
        return CLOSED;
    case MBEDTLS_ERR_SSL_CONN_EOF:
        return CUT;
#ifdef MBEDTLS_ERR_SSL_WAITING_SERVER_HELLO_RENEGO
    case MBEDTLS_ERR_SSL_WAITING_SERVER_HELLO_RENEGO:
        return DATA;
#endif
#ifdef MBEDTLS_ERR_SSL_CRYPTO_IN_PROGRESS
    /* A slice of a computation is done (mbedtls_ecp_set_max_ops). */
    case MBEDTLS_ERR_SSL_CRYPTO_IN_PROGRESS:
        return AGAIN;
#endif
#ifdef MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET
    case MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET:
        return AGAIN;
#endif
    default:
        return FAILED;
    }
}

/* What the functions under a context answer, in the numbers of mbedtls_net_send and mbedtls_net_recv. */
int evrs_mbedtls_code(int what)
{
    static const int codes[] = {MBEDTLS_ERR_SSL_WANT_READ, MBEDTLS_ERR_SSL_WANT_WRITE,
                                MBEDTLS_ERR_NET_RECV_FAILED, MBEDTLS_ERR_NET_SEND_FAILED,
                                MBEDTLS_ERR_NET_CONN_RESET};
    return codes[what];
}

size_t evrs_mbedtls_size(void)
{
    return sizeof(mbedtls_ssl_context);
}

/* Whether a part of a record has still to go out: 0, 1, or 2 if it holds data of the program. */
int evrs_mbedtls_unsent(const mbedtls_ssl_context *ssl)
{
    if (ssl->out_left == 0)
        return 0;
    return ssl->out_msgtype == MBEDTLS_SSL_MSG_APPLICATION_DATA ? 2 : 1;
}

/* How many of the `size` bytes of a write are written when the record in the buffer has gone out. With TLS
 * 1.0 and CBC there may be two of them, one for the first byte. */
size_t evrs_mbedtls_unfinished(const mbedtls_ssl_context *ssl, size_t size)
{
    int most = mbedtls_ssl_get_max_out_record_payload(ssl);
    size_t first = 0;
#if defined(MBEDTLS_SSL_CBC_RECORD_SPLITTING)
    const char *suite = mbedtls_ssl_get_ciphersuite(ssl);
    if (size > 1 && ssl->minor_ver <= MBEDTLS_SSL_MINOR_VERSION_1 && suite != NULL && strstr(suite, "-CBC-") != NULL &&
        ssl->conf->cbc_record_splitting != MBEDTLS_SSL_CBC_RECORD_SPLITTING_DISABLED) {
        if (ssl->split_done == 0)
            return 1;
        first = 1;
    }
#endif
    size -= first;
    return first + (most >= 0 && (size_t)most < size ? (size_t)most : size);
}

/* It has, and mbedtls_ssl_write, which would say so, is not called. */
void evrs_mbedtls_finished(mbedtls_ssl_context *ssl)
{
#if defined(MBEDTLS_SSL_CBC_RECORD_SPLITTING)
    ssl->split_done = 0;
#else
    (void)ssl;
#endif
}

/* How much can be read without asking the wire: a guess where a record is held back. */
size_t evrs_mbedtls_pending(const mbedtls_ssl_context *ssl)
{
    size_t n = mbedtls_ssl_get_bytes_avail(ssl);
    if (n == 0 && ssl->conf != NULL && mbedtls_ssl_check_pending(ssl))
        n = MBEDTLS_SSL_IN_CONTENT_LEN;
    return n;
}

/* The descriptor under a context: mbedTLS's own functions, which take an mbedtls_net_context, or ours
 * that a bufferevent has left behind, `left`, have put it there. -1 without, -2 if there is something
 * else. */
int evrs_mbedtls_fd(const mbedtls_ssl_context *ssl, mbedtls_ssl_send_t *left)
{
    if (ssl->p_bio == NULL)
        return -1;
    if (ssl->f_send == left)
        return (int)((uintptr_t)ssl->p_bio - 1);
#if defined(MBEDTLS_NET_C)
    if (ssl->f_send == mbedtls_net_send && ssl->f_recv == mbedtls_net_recv) {
        int fd = ((const mbedtls_net_context *)ssl->p_bio)->fd;
        return fd < 0 ? -1 : fd;
    }
#endif
    return -2;
}

/* mbedtls_ssl_read, but a server that has asked for a new handshake does not ask again.
 *
 * That is for DTLS, but mbedTLS does it over TLS as well, for each record of data that comes before the
 * client's answer: into the middle of a record that is not all sent yet, whose last bytes it overwrites;
 * and mbedTLS's own client takes a second request for a fatal error. How many records may come, the
 * configuration still says (mbedtls_ssl_conf_renegotiation_enforced). */
int evrs_mbedtls_read(mbedtls_ssl_context *ssl, unsigned char *to, size_t n)
{
#if defined(MBEDTLS_SSL_RENEGOTIATION) && defined(MBEDTLS_SSL_PROTO_DTLS)
    if (ssl->renego_status == PENDING &&
        ssl->conf->transport == MBEDTLS_SSL_TRANSPORT_STREAM) {
        int begun = mbedtls_ssl_get_bytes_avail(ssl) != 0, result;
        ssl->renego_status = INITIAL;
        result = mbedtls_ssl_read(ssl, to, n);
        if (ssl->renego_status == INITIAL) {
            ssl->renego_status = PENDING;
            if (result > 0 && !begun && ssl->conf->renego_max_records >= 0 &&
                ++ssl->renego_records_seen > ssl->conf->renego_max_records)
                return MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE;
        }
        return result;
    }
#endif
    return mbedtls_ssl_read(ssl, to, n);
}

int evrs_mbedtls_renegotiate(mbedtls_ssl_context *ssl)
{
#if defined(MBEDTLS_SSL_RENEGOTIATION)
    const char *version = mbedtls_ssl_get_version(ssl);
    /* A client's goes on if it has begun. A server's does not, and a second request on top of a first
     * one ends the session for mbedTLS's clients. */
    if (ssl->conf != NULL && ssl->conf->endpoint == MBEDTLS_SSL_IS_SERVER &&
        (ssl->renego_status == PENDING || ssl->renego_status == IN_PROGRESS))
        return 0;
    if (version == NULL || strcmp(version, "TLSv1.3") != 0)
        return mbedtls_ssl_renegotiate(ssl);
#else
    (void)ssl;
#endif
    return MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE;
}
