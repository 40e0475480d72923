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

/** Called with every message. The bytes are the library's, and there is no NUL after them. */
typedef void (*ws_on_msg_cb)(struct evws_connection *evws,
                             int type,
                             const unsigned char *data,
                             size_t len,
                             void *arg);

/** Called when the connection has closed. */
typedef void (*ws_on_close_cb)(struct evws_connection *evws, void *arg);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_WS_H_INCLUDED_ */
