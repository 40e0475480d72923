/* event2/http.h: HTTP server and client.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_HTTP_H_INCLUDED_
#define EVENT2_HTTP_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct evhttp_ext_method;

/** The client may go on with its request. */
#define HTTP_CONTINUE 100
/** The protocol changes. */
#define HTTP_SWITCH_PROTOCOLS 101
/** The request is being worked on. */
#define HTTP_PROCESSING 102
/** Some headers ahead of the response. */
#define HTTP_EARLYHINTS 103
/** All is well. */
#define HTTP_OK 200
/** Something was created. */
#define HTTP_CREATED 201
/** Accepted, not done yet. */
#define HTTP_ACCEPTED 202
/** Not what the origin has said. */
#define HTTP_NONAUTHORITATIVE 203
/** All is well, and there is no body. */
#define HTTP_NOCONTENT 204
/** Moved for good. */
#define HTTP_MOVEPERM 301
/** Moved for now. */
#define HTTP_MOVETEMP 302
/** What the client has is current. */
#define HTTP_NOTMODIFIED 304
/** The request makes no sense. */
#define HTTP_BADREQUEST 400
/** The client has to say who it is. */
#define HTTP_UNAUTHORIZED 401
/** The client has to pay. */
#define HTTP_PAYMENTREQUIRED 402
/** Not for this client. */
#define HTTP_FORBIDDEN 403
/** There is no such thing. */
#define HTTP_NOTFOUND 404
/** Not with this method. */
#define HTTP_BADMETHOD 405
/** The request's body is too large. */
#define HTTP_ENTITYTOOLARGE 413
/** An expectation of the client cannot be met. */
#define HTTP_EXPECTATIONFAILED 417
/** Something went wrong in the server. */
#define HTTP_INTERNAL 500
/** The server does not know the method. */
#define HTTP_NOTIMPLEMENTED 501
/** The next server has sent nonsense. */
#define HTTP_BADGATEWAY 502
/** Not now. */
#define HTTP_SERVUNAVAIL 503
/**
 * `evhttp_set_flags`: read the whole request before an early error is answered, so that the
 * client gets to see the answer.
 */
#define EVHTTP_SERVER_LINGERING_CLOSE 1
/** `evhttp_connection_set_flags`: connect again to the address that last worked. */
#define EVHTTP_CON_REUSE_CONNECTED_ADDR 8
/** `evhttp_connection_set_flags`: when writing fails, read what the server may have answered. */
#define EVHTTP_CON_READ_ON_WRITE_ERROR 16
/** `evhttp_connection_set_flags`: as `EVHTTP_SERVER_LINGERING_CLOSE`, for one connection. */
#define EVHTTP_CON_LINGERING_CLOSE 32
/** All public flags of a connection are below this one. */
#define EVHTTP_CON_PUBLIC_FLAGS_END 1048576
/** `evhttp_uri_parse_with_flags`: take what RFC 3986 forbids but everybody sends. */
#define EVHTTP_URI_NONCONFORMANT 1
/** `evhttp_uri_get_host` gives an IPv6 address without its brackets (since 2.2). */
#define EVHTTP_URI_HOST_STRIP_BRACKETS 4
/** Understand `unix:` paths in the host part (since 2.2). */
#define EVHTTP_URI_UNIX_SOCKET 8
/** `evhttp_parse_query_str_flags`: take keys without a value (since 2.2). */
#define EVHTTP_URI_QUERY_NONCONFORMANT 1
/** `evhttp_parse_query_str_flags`: of several values of a key the last one counts (since 2.2). */
#define EVHTTP_URI_QUERY_LAST_VAL 2
/** `struct evhttp_ext_method`: requests with this method have a body (since 2.2). */
#define EVHTTP_METHOD_HAS_BODY 1

/** The methods; bits, so that `evhttp_set_allowed_methods` can take several. */
enum evhttp_cmd_type {
    /** GET */
    EVHTTP_REQ_GET = 1,
    /** POST */
    EVHTTP_REQ_POST = 2,
    /** HEAD */
    EVHTTP_REQ_HEAD = 4,
    /** PUT */
    EVHTTP_REQ_PUT = 8,
    /** DELETE */
    EVHTTP_REQ_DELETE = 16,
    /** OPTIONS */
    EVHTTP_REQ_OPTIONS = 32,
    /** TRACE */
    EVHTTP_REQ_TRACE = 64,
    /** CONNECT */
    EVHTTP_REQ_CONNECT = 128,
    /** PATCH */
    EVHTTP_REQ_PATCH = 256,
    /** PROPFIND (since 2.2) */
    EVHTTP_REQ_PROPFIND = 512,
    /** PROPPATCH (since 2.2) */
    EVHTTP_REQ_PROPPATCH = 1024,
    /** MKCOL (since 2.2) */
    EVHTTP_REQ_MKCOL = 2048,
    /** LOCK (since 2.2) */
    EVHTTP_REQ_LOCK = 4096,
    /** UNLOCK (since 2.2) */
    EVHTTP_REQ_UNLOCK = 8192,
    /** COPY (since 2.2) */
    EVHTTP_REQ_COPY = 16384,
    /** MOVE (since 2.2) */
    EVHTTP_REQ_MOVE = 32768
};

/** Which side of an exchange a request object is. */
enum evhttp_request_kind {
    /** A request: the object stands in a server. */
    EVHTTP_REQUEST = 0,
    /** A response: the object stands in a client. */
    EVHTTP_RESPONSE = 1
};

/** Why a client's request has failed. */
enum evhttp_request_error {
    /** A timeout. */
    EVREQ_HTTP_TIMEOUT = 0,
    /** The connection has ended. */
    EVREQ_HTTP_EOF = 1,
    /** A header that cannot be read, or is too long. */
    EVREQ_HTTP_INVALID_HEADER = 2,
    /** Reading or writing has failed. */
    EVREQ_HTTP_BUFFER_ERROR = 3,
    /** `evhttp_cancel_request` was called. */
    EVREQ_HTTP_REQUEST_CANCEL = 4,
    /** The body is longer than `evhttp_connection_set_max_body_size` allows. */
    EVREQ_HTTP_DATA_TOO_LONG = 5
};

/** A method that `evhttp_set_ext_method_cmp` and its kin teach (since 2.2). */
struct evhttp_ext_method {
    /** Its name. */
    const char *method;
    /** Its bit, as in `enum evhttp_cmd_type`. */
    uint32_t type;
    /** `EVHTTP_METHOD_HAS_BODY` or 0. */
    uint16_t flags;
};

/**
 * Fills in the part of a method that is missing: its name (null) or its bit. 0 when the method
 * is known, -1 when not (since 2.2).
 */
typedef int (*evhttp_ext_method_cb)(struct evhttp_ext_method *method);

struct evhttp_bound_socket;

/* Called for a socket that a server listens on. A function, not a pointer to one. */
typedef void (evhttp_bound_socket_foreach_fn)(struct evhttp_bound_socket *bound, void *arg);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_HTTP_H_INCLUDED_ */
