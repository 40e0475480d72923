/* event2/ws.h: WebSocket in an HTTP server (since 2.2).
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_WS_H_INCLUDED_
#define EVENT2_WS_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bufferevent;
struct evhttp_request;
struct evws_connection;

/** Closing without a reason. */
#define WS_CR_NONE 0
/** The end, as planned. */
#define WS_CR_NORMAL 1000
/** The other side has broken the protocol. */
#define WS_CR_PROTO_ERR 1002
/** A message is too long. */
#define WS_CR_DATA_TOO_BIG 1009
/** The message is text in UTF-8. */
#define WS_TEXT_FRAME 1
/** The message is bytes. */
#define WS_BINARY_FRAME 2

/**
 * Called with every message, `WS_TEXT_FRAME` or `WS_BINARY_FRAME`.
 *
 * The bytes are the library's, and gone when it returns. A NUL follows them, which `len` does not count.
 */
typedef void (*ws_on_msg_cb)(struct evws_connection *evws,
                             int type,
                             const unsigned char *data,
                             size_t len,
                             void *arg);

/** Called when the connection has closed. */
typedef void (*ws_on_close_cb)(struct evws_connection *evws, void *arg);

/**
 * Turns a request into a WebSocket session.
 *
 * `req` is a request that its callback has and that was not answered. It is done with, and the
 * session has its connection, as one of its server's. Headers that were added for the reply go out
 * with the answer; without a `Sec-WebSocket-Protocol` among them it names the first that the client
 * offers. `cb` is called with `arg` for each message.
 *
 * `options` are those of bufferevents; only `BEV_OPT_THREADSAFE`, with those for callbacks, means something.
 * It needs a socket bufferevent, or one that has a lock already.
 *
 * NULL when the request is no handshake (it is answered with 400), is one of another version (426), or
 * was answered before; or without memory, and the connection is closed.
 */
struct evws_connection *evws_new_session(struct evhttp_request *req,
                                         ws_on_msg_cb cb,
                                         void *arg,
                                         int options);

/** Sends a text message, up to the NUL. */
void evws_send_text(struct evws_connection *evws, const char *packet_str);

/** Sends a message of `packet_len` bytes. */
void evws_send_binary(struct evws_connection *evws, const char *packet_data, size_t packet_len);

/**
 * Ends a session with a reason (`WS_CR_*` or a number of the program's from 3000 on; 0 and numbers
 * that must not be sent for none).
 *
 * Messages that were sent before go out; later ones are dropped, and none is received. The session is freed
 * when the other side has answered, or gone, or been silent for 5 seconds.
 */
void evws_close(struct evws_connection *evws,
                uint16_t reason);

/**
 * Sets a callback for the end of a session, whichever side ends it, and for `evws_connection_free`.
 *
 * The session is freed when it returns. NULL for none.
 */
void evws_connection_set_closecb(struct evws_connection *evws,
                                 ws_on_close_cb cb,
                                 void *cbarg);

/**
 * Frees a session at once, what was not written yet included; its close callback is called. NULL is
 * fine.
 */
void evws_connection_free(struct evws_connection *evws);

/**
 * The bufferevent of a session, for its addresses, timeouts, watermarks. Its callbacks are the
 * session's.
 */
struct bufferevent *evws_connection_get_bufferevent(struct evws_connection *evws);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_WS_H_INCLUDED_ */
