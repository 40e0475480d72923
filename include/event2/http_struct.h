/* event2/http_struct.h: struct evhttp_request, for old programs that read it.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_HTTP_STRUCT_H_INCLUDED_
#define EVENT2_HTTP_STRUCT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <sys/types.h>
#include <sys/time.h>
#include <event2/util.h>
#include <event2/http.h>

#ifdef __cplusplus
extern "C" {
#endif

struct evbuffer;
struct evhttp_connection;
struct evhttp_request;
struct evhttp_request_links;
struct evhttp_uri;
struct evkeyvalq;

/** The request's connection is its own, and ends with it. */
#define EVHTTP_REQ_OWN_CONNECTION 1
/** A request to a proxy. */
#define EVHTTP_PROXY_REQUEST 2
/** The user has taken the request over and frees it. */
#define EVHTTP_USER_OWNED 4
/** The request is freed when its callback returns. */
#define EVHTTP_REQ_DEFER_FREE 8
/** Somebody has freed the request while its callback ran. */
#define EVHTTP_REQ_NEEDS_FREE 16

/** Links of a request in its connection's queue (private). */
struct evhttp_request_links {
    /** Private. */
    struct evhttp_request *tqe_next;
    /** Private. */
    struct evhttp_request **tqe_prev;
};

/** A request and its response. Programs read it at most; everything is changed through functions. */
struct evhttp_request {
    /** Private. */
    struct evhttp_request_links next;
    /** The connection. Read-only. */
    struct evhttp_connection *evcon;
    /** `EVHTTP_REQ_OWN_CONNECTION` and so on. Read-only. */
    int flags;
    /** The headers that came in. Read-only. */
    struct evkeyvalq *input_headers;
    /** The headers that go out. Read-only. */
    struct evkeyvalq *output_headers;
    /** The peer's address. Read-only. */
    char *remote_host;
    /** The peer's port. Read-only. */
    unsigned short remote_port;
    /** What `evhttp_request_get_host` has found (private). */
    char *host_cache;
    /** Which side this is. Read-only. */
    enum evhttp_request_kind kind;
    /** The method. Read-only. */
    enum evhttp_cmd_type type;
    /** How many bytes of headers have come. Read-only. */
    size_t headers_size;
    /** How many bytes of body have come. Read-only. */
    size_t body_size;
    /** The URI as it was sent. Read-only. */
    char *uri;
    /** The URI in parts. Read-only. */
    struct evhttp_uri *uri_elems;
    /** The HTTP version before the dot. Read-only. */
    char major;
    /** The HTTP version after the dot. Read-only. */
    char minor;
    /** The status of the response. Read-only. */
    int response_code;
    /** The reason of the response. Read-only. */
    char *response_code_line;
    /** The body that came in. Read-only. */
    struct evbuffer *input_buffer;
    /**
     * How much of the body, or of a chunk, is still to come; negative when only the end of the
     * connection ends it. Read-only.
     */
    int64_t ntoread;
    /** Two bits of one word: the body comes in chunks; the user has ended the response (private). */
    unsigned chunked : 1;
    unsigned userdone: 1;
    /** The body that goes out. Read-only. */
    struct evbuffer *output_buffer;
    /** Called when the exchange is complete (private). */
    void (*cb)(struct evhttp_request *req, void *arg);
    /** What the callback gets (private). */
    void *cb_arg;
    /** Called with every chunk (private). */
    void (*chunk_cb)(struct evhttp_request *req, void *arg);
    /** Called when the headers are there (private). */
    int (*header_cb)(struct evhttp_request *req, void *arg);
    /** Called on an error (private). */
    void (*error_cb)(enum evhttp_request_error error, void *arg);
    /** Called when the response has been sent (private). */
    void (*on_complete_cb)(struct evhttp_request *req, void *arg);
    /** What that callback gets (private). */
    void *on_complete_cb_arg;
};

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_HTTP_STRUCT_H_INCLUDED_ */
