/* event2/bufferevent_ssl.h: bufferevents over TLS; a program links libevrs_openssl or libevrs_mbedtls as well.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_BUFFEREVENT_SSL_H_INCLUDED_
#define EVENT2_BUFFEREVENT_SSL_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <event2/bufferevent.h>
#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bufferevent;
struct event_base;
struct ssl_st;

/**
 * A flag of `bufferevent_ssl_set_flags`: a connection that ends without the TLS farewell is
 * `BEV_EVENT_EOF`, not `BEV_EVENT_ERROR`.
 */
#define BUFFEREVENT_SSL_DIRTY_SHUTDOWN 1
/**
 * A flag of `bufferevent_ssl_set_flags`: small pieces of output share a TLS record. They always do
 * here.
 */
#define BUFFEREVENT_SSL_BATCH_WRITE 2

/** Where a session stands when it is handed to a bufferevent. */
enum bufferevent_ssl_state {
    /** The handshake is over. */
    BUFFEREVENT_SSL_OPEN = 0,
    /** A client's, before the handshake. */
    BUFFEREVENT_SSL_CONNECTING = 1,
    /** A server's, before the handshake. */
    BUFFEREVENT_SSL_ACCEPTING = 2
};

/**
 * A TLS bufferevent on top of `underlying`, whose callbacks it takes. `ssl` is in `state`:
 * `BUFFEREVENT_SSL_CONNECTING` begins a client's handshake, `BUFFEREVENT_SSL_ACCEPTING` a server's;
 * the event callback gets `BEV_EVENT_CONNECTED` when it is over.
 *
 * With `BEV_OPT_CLOSE_ON_FREE` both `ssl` and `underlying` go with it (and `ssl` at once on failure).
 * NULL on failure.
 */
struct bufferevent *bufferevent_openssl_filter_new(struct event_base *base,
                                                   struct bufferevent *underlying,
                                                   struct ssl_st *ssl,
                                                   enum bufferevent_ssl_state state,
                                                   int options);

/**
 * A TLS bufferevent over the non-blocking socket `fd`, or -1 for one that
 * `bufferevent_socket_connect` or `bufferevent_setfd` brings; then, or if they are the same, `ssl` may
 * have its descriptor already. For `state` see `bufferevent_openssl_filter_new`.
 *
 * With `BEV_OPT_CLOSE_ON_FREE` both `ssl` and the socket go with it (`ssl` at once on failure). NULL on
 * failure.
 */
struct bufferevent *bufferevent_openssl_socket_new(struct event_base *base,
                                                   evutil_socket_t fd,
                                                   struct ssl_st *ssl,
                                                   enum bufferevent_ssl_state state,
                                                   int options);

/**
 * Whether a connection that ends without the TLS farewell is `BEV_EVENT_EOF` (1) or
 * `BEV_EVENT_ERROR` (0, the default: somebody in between may have cut it). -1 for other kinds.
 */
int bufferevent_openssl_get_allow_dirty_shutdown(struct bufferevent *bev);

/**
 * Says how a connection that ends without the TLS farewell is reported: see
 * `bufferevent_openssl_get_allow_dirty_shutdown`. Allow it only where the protocol inside marks its own
 * end.
 */
void bufferevent_openssl_set_allow_dirty_shutdown(struct bufferevent *bev,
                                                  int allow_dirty_shutdown);

/** The `SSL` of a bufferevent of this library; NULL for others. It belongs to the bufferevent. */
struct ssl_st *bufferevent_openssl_get_ssl(struct bufferevent *bufev);

/**
 * Takes the newest of the errors of a bufferevent, for `ERR_error_string` and the like; 0 when there
 * is none (left). The `SSL_ERROR_*` code of the failed operation is the oldest.
 */
unsigned long bufferevent_get_openssl_error(struct bufferevent *bev);

/**
 * Shakes hands again, with TLS 1.2 and older; the event callback gets `BEV_EVENT_CONNECTED` when
 * that is over. 1 if it is over at once, 0 if not, -1 on failure and for other kinds.
 */
int bufferevent_ssl_renegotiate(struct bufferevent *bev);

/** The `BUFFEREVENT_SSL_*` flags; all bits for other kinds (since 2.2). */
uint64_t bufferevent_ssl_get_flags(struct bufferevent *bev);

/**
 * Sets flags, beside those that are set: `BUFFEREVENT_SSL_DIRTY_SHUTDOWN`,
 * `BUFFEREVENT_SSL_BATCH_WRITE`. Returns the former ones; all bits for other kinds, and when
 * `flags` has none of them (since 2.2).
 */
uint64_t bufferevent_ssl_set_flags(struct bufferevent *bev, uint64_t flags);

/**
 * Clears flags. Returns the former ones; all bits for other kinds, and when `flags` has none of
 * them (since 2.2).
 */
uint64_t bufferevent_ssl_clear_flags(struct bufferevent *bev, uint64_t flags);

#ifdef EVENT__HAVE_MBEDTLS

struct mbedtls_ssl_config;
struct mbedtls_ssl_context;

/** A context of `bufferevent_mbedtls_dyncontext_new` (since 2.2). */
typedef struct mbedtls_ssl_context mbedtls_dyncontext;

/**
 * A context for a session under `conf`, which has to outlive it; NULL on failure (since 2.2). One for
 * a bufferevent with `BEV_OPT_CLOSE_ON_FREE` has to be made here.
 */
mbedtls_dyncontext *bufferevent_mbedtls_dyncontext_new(struct mbedtls_ssl_config *conf);

/** Frees a context of `bufferevent_mbedtls_dyncontext_new` that no bufferevent uses (since 2.2). */
void bufferevent_mbedtls_dyncontext_free(mbedtls_dyncontext *ctx);

/**
 * A TLS bufferevent on top of `underlying`, whose callbacks it takes (since 2.2). `ssl` is in `state`:
 * `BUFFEREVENT_SSL_CONNECTING` or `BUFFEREVENT_SSL_ACCEPTING` before a handshake, which the configuration
 * makes a client's or a server's; the event callback gets `BEV_EVENT_CONNECTED` when it is over.
 *
 * With `BEV_OPT_CLOSE_ON_FREE` both `ssl`, which is of `bufferevent_mbedtls_dyncontext_new` then, and
 * `underlying` go with it (and `ssl` at once on failure). NULL on failure.
 */
struct bufferevent *bufferevent_mbedtls_filter_new(struct event_base *base,
                                                   struct bufferevent *underlying,
                                                   mbedtls_dyncontext *ssl,
                                                   enum bufferevent_ssl_state state,
                                                   int options);

/**
 * A TLS bufferevent over the non-blocking socket `fd`, or -1 for one that
 * `bufferevent_socket_connect` or `bufferevent_setfd` brings (since 2.2); then, or if they are the same,
 * `ssl` may have it already, by `mbedtls_ssl_set_bio` with `mbedtls_net_send` and `mbedtls_net_recv`. For
 * `state` see `bufferevent_mbedtls_filter_new`.
 *
 * With `BEV_OPT_CLOSE_ON_FREE` both `ssl`, which is of `bufferevent_mbedtls_dyncontext_new` then, and the
 * socket go with it (`ssl` at once on failure). NULL on failure.
 */
struct bufferevent *bufferevent_mbedtls_socket_new(struct event_base *base,
                                                   evutil_socket_t fd,
                                                   mbedtls_dyncontext *ssl,
                                                   enum bufferevent_ssl_state state,
                                                   int options);

/**
 * Whether a connection that ends without the TLS farewell is `BEV_EVENT_EOF` (1) or
 * `BEV_EVENT_ERROR` (0, the default: somebody in between may have cut it). -1 for other kinds (since 2.2).
 */
int bufferevent_mbedtls_get_allow_dirty_shutdown(struct bufferevent *bev);

/**
 * Says how a connection that ends without the TLS farewell is reported: see
 * `bufferevent_mbedtls_get_allow_dirty_shutdown`. Allow it only where the protocol inside marks its own
 * end (since 2.2).
 */
void bufferevent_mbedtls_set_allow_dirty_shutdown(struct bufferevent *bev,
                                                  int allow_dirty_shutdown);

/**
 * The context of a bufferevent of this library; NULL for others (since 2.2). It belongs to the
 * bufferevent.
 */
struct mbedtls_ssl_context *bufferevent_mbedtls_get_ssl(struct bufferevent *bufev);

/**
 * The same as `bufferevent_ssl_renegotiate` (since 2.2). A server can only ask its client, which is
 * over when the request is sent: the handshake comes with the data that is read after, or never.
 */
int bufferevent_mbedtls_renegotiate(struct bufferevent *bev);

/**
 * Takes the newest of the errors of a bufferevent; 0 when there is none (left). It is negative as an
 * `int`, for `mbedtls_strerror`; a farewell is one of them, `MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY`
 * (since 2.2).
 */
unsigned long bufferevent_get_mbedtls_error(struct bufferevent *bev);

#endif /* EVENT__HAVE_MBEDTLS */

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFEREVENT_SSL_H_INCLUDED_ */
