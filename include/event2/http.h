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

struct bufferevent;
struct evbuffer;
struct evconnlistener;
struct evdns_base;
struct event_base;
struct evhttp;
struct evhttp_bound_socket;
struct evhttp_connection;
struct evhttp_ext_method;
struct evhttp_request;
struct evhttp_uri;
struct evkeyvalq;
struct sockaddr;
struct timeval;

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

/* The last method with a name of its own; extended methods begin behind it. */
#define EVHTTP_REQ_MAX EVHTTP_REQ_MOVE

/**
 * Makes a client connection. It connects when it gets its first request.
 *
 * `address` is a name or a number. `dnsbase` looks names up; with NULL that blocks. `bev` is what the
 * connection uses, without a descriptor, such as one with TLS; it is freed with the connection. NULL:
 * a plain one is made. NULL on failure; then `bev` is still the caller's.
 */
struct evhttp_connection *evhttp_connection_base_bufferevent_new(struct event_base *base,
                                                                 struct evdns_base *dnsbase,
                                                                 struct bufferevent *bev,
                                                                 const char *address,
                                                                 unsigned short port);

/** As `evhttp_connection_base_bufferevent_new`, with a plain bufferevent. */
struct evhttp_connection *evhttp_connection_base_new(struct event_base *base,
                                                     struct evdns_base *dnsbase,
                                                     const char *address,
                                                     unsigned short port);

/** As `evhttp_connection_base_bufferevent_new`, to a Unix socket. */
struct evhttp_connection *evhttp_connection_base_bufferevent_unix_new(struct event_base *base,
                                                                      struct bufferevent *bev,
                                                                      const char *path);

/**
 * Makes a client connection of a bufferevent that is connected already.
 *
 * NULL when it is not, or without memory; then `bev` is still the caller's.
 */
struct evhttp_connection *evhttp_connection_base_bufferevent_reuse_new(struct event_base *base,
                                                                       struct evdns_base *dnsbase,
                                                                       struct bufferevent *bev);

/**
 * Frees a connection with the requests on it; their callbacks are not called. The close callback is.
 *
 * It may be called from inside any callback of the connection. NULL is fine.
 */
void evhttp_connection_free(struct evhttp_connection *evcon);

/** Lets the connection free itself when its last request is done and it has been closed. */
void evhttp_connection_free_on_completion(struct evhttp_connection *evcon);

/** The bufferevent of a connection; it belongs to it. */
struct bufferevent *evhttp_connection_get_bufferevent(struct evhttp_connection *evcon);

/** The server of a connection, NULL for a client's. */
struct evhttp *evhttp_connection_get_server(struct evhttp_connection *evcon);

/** The base that runs a connection. */
struct event_base *evhttp_connection_get_base(struct evhttp_connection *evcon);

/**
 * The address and the port of the other side: numeric for a server's connection, as given for a
 * client's. The text lives as long as the connection.
 */
void evhttp_connection_get_peer(struct evhttp_connection *evcon,
                                char **address,
                                unsigned short *port);

/**
 * The socket address of the other side, the last one when the connection has ended; NULL before there
 * was any. It lives as long as the connection.
 */
const struct sockaddr *evhttp_connection_get_addr(struct evhttp_connection *evcon);

/** Sets the address family for looking names up: `AF_INET`, `AF_INET6`, `AF_UNSPEC` (the default). */
void evhttp_connection_set_family(struct evhttp_connection *evcon,
                                  int family);

/** Sets `EVHTTP_CON_*` flags. Returns 0, or 1 (and nothing is changed) for unknown ones. */
int evhttp_connection_set_flags(struct evhttp_connection *evcon, int flags);

/**
 * Teaches a connection further methods.
 *
 * `cmp` gets a bit and fills in the name (and whether requests have a body), and returns 0; or -1
 * for bits it does not know.
 */
void evhttp_connection_set_ext_method_cmp(struct evhttp_connection *evcon,
                                          evhttp_ext_method_cb cmp);

/** Limits the start line and the headers of what comes in, in bytes; negative for no limit. */
void evhttp_connection_set_max_headers_size(struct evhttp_connection *evcon,
                                            ssize_t new_max_headers_size);

/** Limits the bodies that come in, in bytes; negative for no limit. */
void evhttp_connection_set_max_body_size(struct evhttp_connection *evcon,
                                         ssize_t new_max_body_size);

/** Sets the address that connections are made from; NULL for any. It is copied. */
void evhttp_connection_set_local_address(struct evhttp_connection *evcon, const char *address);

/** Sets the port that connections are made from; 0 for any. */
void evhttp_connection_set_local_port(struct evhttp_connection *evcon, unsigned short port);

/** Sets how long the other side may be silent, or take nothing, in seconds; -1 for the default of 50. */
void evhttp_connection_set_timeout(struct evhttp_connection *evcon,
                                   int timeout_in_secs);

/** As `evhttp_connection_set_timeout`, in finer steps; NULL for the default of 50 seconds. */
void evhttp_connection_set_timeout_tv(struct evhttp_connection *evcon,
                                      const struct timeval *tv);

/** Sets how long the other side may be silent; NULL for the default of 50 seconds. */
void evhttp_connection_set_read_timeout_tv(struct evhttp_connection *evcon,
                                           const struct timeval *tv);

/** Sets how long the other side may take nothing; NULL for the default of 50 seconds. */
void evhttp_connection_set_write_timeout_tv(struct evhttp_connection *evcon,
                                            const struct timeval *tv);

/** Sets how long connecting may take; NULL for the default of 45 seconds. */
void evhttp_connection_set_connect_timeout_tv(struct evhttp_connection *evcon,
                                              const struct timeval *tv);

/** Sets how long to wait before connecting is tried again, 2 seconds at the beginning (NULL). Each further try waits twice as long, an hour at most. */
void evhttp_connection_set_initial_retry_tv(struct evhttp_connection *evcon,
                                            const struct timeval *tv);

/** Sets how often connecting is tried again before requests are given back; -1 for ever, 0 (the default) for never. */
void evhttp_connection_set_retries(struct evhttp_connection *evcon,
                                   int retry_max);

/** Sets a callback for the end of the connection. A client's connection can end and begin several times. */
void evhttp_connection_set_closecb(struct evhttp_connection *evcon,
                                   void (*cb)(struct evhttp_connection *evcon, void *arg),
                                   void *cbarg);

/**
 * Sends a request, after those that were made before it.
 *
 * The request belongs to the connection from here on, also on failure, when it is freed. `uri` is
 * sent as it is, and no Host header is added. Returns 0, or -1; callbacks may run before it returns.
 *
 * With threads (`evthread_use_pthreads`) it may be called while another thread runs the loop: that
 * one does the work, and callbacks run there.
 */
int evhttp_make_request(struct evhttp_connection *evcon,
                        struct evhttp_request *req,
                        enum evhttp_cmd_type type,
                        const char *uri);

/**
 * Takes a request back and frees it; its completion callback is not called.
 *
 * One that is under way ends its connection, which goes on with the next request; the error callback
 * hears `EVREQ_HTTP_REQUEST_CANCEL`. It may be called from inside the chunk callback.
 */
void evhttp_cancel_request(struct evhttp_request *req);

/**
 * Makes a request for `evhttp_make_request`.
 *
 * `cb` is called with `arg` when the reply is there, or with a NULL request when the exchange has
 * failed; the request is freed after it. NULL without memory.
 */
struct evhttp_request *evhttp_request_new(void (*cb)(struct evhttp_request *req, void *arg),
                                          void *arg);

/**
 * Frees a request: one of `evhttp_request_new` that was not sent, or one that was taken over with
 * `evhttp_request_own`.
 *
 * It may be called from inside the request's callbacks. NULL is fine.
 */
void evhttp_request_free(struct evhttp_request *req);

/** Takes a request over: it lives until `evhttp_request_free`. */
void evhttp_request_own(struct evhttp_request *req);

/** 1 when the request was taken over, else 0. */
int evhttp_request_is_owned(struct evhttp_request *req);

/** The request's connection; NULL when it has none (any more). */
struct evhttp_connection *evhttp_request_get_connection(struct evhttp_request *req);

/**
 * Sets a callback for the pieces of the incoming body, in the request's input buffer, which is
 * emptied after it. Without one the body gathers there.
 *
 * It is called for each chunk of a chunked body (large ones in parts) and for each read of another.
 * It gets the argument of the completion callback.
 */
void evhttp_request_set_chunked_cb(struct evhttp_request *req,
                                   void (*cb)(struct evhttp_request *req, void *arg));

/**
 * Sets a callback for the moment when all headers have come. A negative result ends the connection.
 *
 * It gets the argument of the completion callback. Interim replies (1xx) call it too.
 */
void evhttp_request_set_header_cb(struct evhttp_request *req,
                                  int (*cb)(struct evhttp_request *req, void *arg));

/**
 * Sets a callback that hears why an exchange has failed, before the completion callback.
 *
 * It gets the argument of the completion callback.
 */
void evhttp_request_set_error_cb(struct evhttp_request *req,
                                 void (*cb)(enum evhttp_request_error error, void *arg));

/** Sets a callback for the moment when a server's reply has been written, before the request is freed. */
void evhttp_request_set_on_complete_cb(struct evhttp_request *req,
                                       void (*cb)(struct evhttp_request *req, void *arg),
                                       void *cb_arg);

/** The URI as it was sent. It lives as long as the request. NULL when there is none. */
const char *evhttp_request_get_uri(const struct evhttp_request *req);

/** The URI in parts. It lives as long as the request. NULL when there is none. */
const struct evhttp_uri *evhttp_request_get_evhttp_uri(const struct evhttp_request *req);

/** The method, an `EVHTTP_REQ_*`; 0 for one that is not known. */
enum evhttp_cmd_type evhttp_request_get_command(const struct evhttp_request *req);

/** The status of the reply, 0 while there is none. */
int evhttp_request_get_response_code(const struct evhttp_request *req);

/** The reason phrase of the reply. It lives as long as the request. NULL while there is none. */
const char *evhttp_request_get_response_code_line(const struct evhttp_request *req);

/** The headers that came in. They live as long as the request. */
struct evkeyvalq *evhttp_request_get_input_headers(struct evhttp_request *req);

/** The headers that go out. They live as long as the request. */
struct evkeyvalq *evhttp_request_get_output_headers(struct evhttp_request *req);

/** The body that came in. It lives as long as the request. */
struct evbuffer *evhttp_request_get_input_buffer(struct evhttp_request *req);

/** The body that goes out. It lives as long as the request. */
struct evbuffer *evhttp_request_get_output_buffer(struct evhttp_request *req);

/**
 * The host that the request is for, without a port: that of an absolute URI, else that of the Host
 * header. It lives as long as the request. NULL when there is none.
 */
const char *evhttp_request_get_host(struct evhttp_request *req);

/**
 * The value of the first header of a name, in any case; NULL when there is none.
 *
 * It lives as long as the header.
 */
const char *evhttp_find_header(const struct evkeyvalq *headers, const char *key);

/** Removes the first header of a name, in any case. Returns 0, or -1 when there is none. */
int evhttp_remove_header(struct evkeyvalq *headers, const char *key);

/**
 * Appends a header. Both strings are copied; others of the same name stay.
 *
 * Returns 0, or -1 when a string holds CR or LF, which would begin another header, or without memory.
 */
int evhttp_add_header(struct evkeyvalq *headers,
                      const char *key,
                      const char *value);

/** Removes all headers, or all pairs of a query. */
void evhttp_clear_headers(struct evkeyvalq *headers);

/**
 * Makes an HTTP server that listens nowhere yet; `evhttp_free` frees it.
 *
 * `base` runs it; NULL stands for the current base. NULL without memory. May be called from any
 * thread, but a server and all that belongs to it is then used by one thread at a time.
 */
struct evhttp *evhttp_new(struct event_base *base);

/**
 * Frees a server: its sockets, its connections with the requests on them, its virtual hosts.
 *
 * NULL is fine. It may be called from inside any callback of the server. A request that was taken
 * over with `evhttp_request_own` lives on without a connection.
 */
void evhttp_free(struct evhttp *http);

/**
 * Listens on an address and a port.
 *
 * `address` is a name or a number, NULL for all addresses; `port` 0 takes any free one. Names are
 * looked up on the spot, which may block. Can be called several times. Returns 0, or -1 with `errno`.
 */
int evhttp_bind_socket(struct evhttp *http,
                       const char *address,
                       unsigned short port);

/**
 * As `evhttp_bind_socket`, and returns the socket for further use.
 *
 * The handle belongs to the server and is good until `evhttp_del_accept_socket` or `evhttp_free`.
 * NULL with `errno` on failure.
 */
struct evhttp_bound_socket *evhttp_bind_socket_with_handle(struct evhttp *http,
                                                           const char *address,
                                                           unsigned short port);

/**
 * Takes connections from a socket that listens already, such as one made before a `fork`.
 *
 * The server closes it in the end, but not when this fails. Returns 0, or -1 with `errno`.
 */
int evhttp_accept_socket(struct evhttp *http, evutil_socket_t fd);

/**
 * As `evhttp_accept_socket`, and returns the socket for further use (see
 * `evhttp_bind_socket_with_handle`).
 */
struct evhttp_bound_socket *evhttp_accept_socket_with_handle(struct evhttp *http,
                                                             evutil_socket_t fd);

/**
 * Takes connections from a listener, which belongs to the server from then on.
 *
 * Its callback is replaced. NULL without memory; then the listener is still the caller's.
 */
struct evhttp_bound_socket *evhttp_bind_listener(struct evhttp *http,
                                                 struct evconnlistener *listener);

/** The listener of a socket; it belongs to the server. */
struct evconnlistener *evhttp_bound_socket_get_listener(struct evhttp_bound_socket *bound);

/** The descriptor of a socket, -1 for NULL. */
evutil_socket_t evhttp_bound_socket_get_fd(struct evhttp_bound_socket *bound);

/**
 * Calls a function for each socket of a server, oldest first.
 *
 * The function may remove the socket it is called with, but no other.
 */
void evhttp_foreach_bound_socket(struct evhttp *http,
                                 void (*function)(struct evhttp_bound_socket *bound, void *arg),
                                 void *argument);

/** Stops listening on a socket and closes it. Connections that it took live on. */
void evhttp_del_accept_socket(struct evhttp *http, struct evhttp_bound_socket *bound);

/** As `evhttp_set_bevcb`, for the connections of one socket. It goes before that of the server. */
void evhttp_bound_set_bevcb(struct evhttp_bound_socket *bound,
                            struct bufferevent *(*cb)(struct event_base *base, void *arg),
                            void *cbarg);

/**
 * Limits the request line and the headers together, in bytes without line ends.
 *
 * Negative: no limit, as at the beginning. Longer ones are answered with 400 and the end of the
 * connection. Connections that exist already keep their limit.
 */
void evhttp_set_max_headers_size(struct evhttp *http, ssize_t max_headers_size);

/**
 * Limits the bodies of requests, in bytes.
 *
 * Negative: no limit, as at the beginning. Longer ones are answered with 413 and the end of the
 * connection. Connections that exist already keep their limit.
 */
void evhttp_set_max_body_size(struct evhttp *http, ssize_t max_body_size);

/**
 * Limits how many connections are served at a time; 0, as at the beginning: any number.
 *
 * Those beyond are answered with 503 at once and closed.
 */
void evhttp_set_max_connections(struct evhttp *http, int max_connections);

/** How many connections a server has now. */
int evhttp_get_connection_count(struct evhttp *http);

/**
 * Sets the Content-Type of replies that have a body and no such header of their own.
 *
 * The text is copied. NULL: no such header is added. At the beginning it is
 * "text/html; charset=ISO-8859-1".
 */
void evhttp_set_default_content_type(struct evhttp *http, const char *content_type);

/**
 * Sets the methods that callbacks get to see: an OR of `EVHTTP_REQ_*`.
 *
 * Others are answered with 501. At the beginning: GET, POST, HEAD, PUT, DELETE.
 */
void evhttp_set_allowed_methods(struct evhttp *http, unsigned short methods);

/**
 * Teaches a server further methods.
 *
 * `cmp` gets a name and fills in a bit of its own (and says whether requests have a body), and
 * returns 0; or -1 for names it does not know. The bit has to be allowed with
 * `evhttp_set_allowed_methods`.
 */
void evhttp_set_ext_method_cmp(struct evhttp *http, evhttp_ext_method_cb cmp);

/**
 * Sets the callback for requests to a path.
 *
 * `path` is compared with the path of the request after its percent escapes are decoded, without
 * the query. Returns 0, -1 when the path has a callback already, -2 on failure.
 */
int evhttp_set_cb(struct evhttp *http,
                  const char *path,
                  void (*cb)(struct evhttp_request *req, void *arg),
                  void *cb_arg);

/** Removes the callback of a path. Returns 0, or -1 when it has none. */
int evhttp_del_cb(struct evhttp *http, const char *path);

/**
 * Sets the callback for all requests that no path's callback takes; NULL for none.
 *
 * Without one such requests are answered with 404.
 */
void evhttp_set_gencb(struct evhttp *http,
                      void (*cb)(struct evhttp_request *req, void *arg),
                      void *arg);

/**
 * Sets what makes the bufferevents of new connections, such as ones with TLS.
 *
 * It returns one without a descriptor, or NULL to let the server make a plain one.
 */
void evhttp_set_bevcb(struct evhttp *http, struct bufferevent *(*cb)(struct event_base *base,
                                                                     void *arg), void *arg);

/**
 * Sets a callback that hears of each request before anything of it is read, when its first bytes come.
 *
 * It may set the request's callbacks, such as one for the pieces of the body. -1 ends the connection.
 */
void evhttp_set_newreqcb(struct evhttp *http,
                         int (*cb)(struct evhttp_request *req, void *arg),
                         void *arg);

/**
 * Sets a callback that writes error pages.
 *
 * It puts the page into `buffer`, which is sent when it returns. When it returns a negative value or
 * writes nothing, the usual page is sent.
 */
void evhttp_set_errorcb(struct evhttp *http,
                        int (*cb)(struct evhttp_request *req,
                                  struct evbuffer *buffer,
                                  int error,
                                  const char *reason,
                                  void *cbarg),
                        void *cbarg);

/**
 * Lets another server answer requests to hosts that match a pattern, in which `*` is any text.
 *
 * Case does not matter. `vhost` may not listen itself and may have virtual hosts of its own; it is
 * freed with `http`. Returns 0, or -1 when it is in a server already or listens.
 */
int evhttp_add_virtual_host(struct evhttp *http,
                            const char *pattern,
                            struct evhttp *vhost);

/**
 * Takes a virtual host out of its server; it is the caller's again. Returns 0, or -1 when it is not
 * in `http`.
 */
int evhttp_remove_virtual_host(struct evhttp *http,
                               struct evhttp *vhost);

/** Gives a server or a virtual host another host name that it answers to. Returns 0, or -1. */
int evhttp_add_server_alias(struct evhttp *http, const char *alias);

/** Takes a name of `evhttp_add_server_alias` away. Returns 0, or -1 when there is no such name. */
int evhttp_remove_server_alias(struct evhttp *http, const char *alias);

/**
 * Sets how long a client may be silent, or take nothing, in seconds; -1 and 0 for the default of 50.
 *
 * It holds for connections from then on.
 */
void evhttp_set_timeout(struct evhttp *http,
                        int timeout_in_secs);

/** As `evhttp_set_timeout`, in finer steps. NULL and zero stand for the default of 50 seconds. */
void evhttp_set_timeout_tv(struct evhttp *http, const struct timeval *tv);

/** Sets how long a client may be silent. NULL and zero stand for the default of 50 seconds. */
void evhttp_set_read_timeout_tv(struct evhttp *http, const struct timeval *tv);

/** Sets how long a client may take nothing. NULL and zero stand for the default of 50 seconds. */
void evhttp_set_write_timeout_tv(struct evhttp *http, const struct timeval *tv);

/**
 * Sets flags: `EVHTTP_SERVER_LINGERING_CLOSE`, to read a body over the limit to its end before it is
 * refused. Returns 0, or 1 (and nothing is changed) for unknown ones.
 */
int evhttp_set_flags(struct evhttp *http,
                     int flags);

/**
 * Answers with a page that says what is wrong, and ends the connection.
 *
 * `reason` is shown on the page and in the status line; NULL for the standard phrase. Headers that
 * were added for the reply are dropped. The request is done with afterwards.
 */
void evhttp_send_error(struct evhttp_request *req,
                       int error,
                       const char *reason);

/**
 * Answers a request.
 *
 * `reason` NULL stands for the standard phrase. The body is what the request's output buffer holds,
 * then `databuf`, which is emptied but stays the caller's, and may be NULL. Content-Length, Date and
 * Content-Type are added where they are missing. The request is done with afterwards; one whose
 * connection is gone is only freed.
 */
void evhttp_send_reply(struct evhttp_request *req,
                       int code,
                       const char *reason,
                       struct evbuffer *databuf);

/**
 * Begins a reply that comes in pieces: `evhttp_send_reply_chunk`, and `evhttp_send_reply_end`.
 *
 * It is sent in chunks to clients of HTTP/1.1, unless a Content-Length was added; to older ones it
 * ends with the connection.
 */
void evhttp_send_reply_start(struct evhttp_request *req,
                             int code,
                             const char *reason);

/**
 * Sends a piece of a reply. `databuf` is emptied; an empty one does nothing.
 *
 * With locks on (`evthread_use_pthreads`), what another thread than the one that was given the request
 * says about it with this function, the other functions of replies, or `evhttp_request_free` is done
 * by the loop a little later, in the same order.
 */
void evhttp_send_reply_chunk(struct evhttp_request *req,
                             struct evbuffer *databuf);

/** As `evhttp_send_reply_chunk`, and calls `cb` when the piece has gone out: the time for the next one. */
void evhttp_send_reply_chunk_with_cb(struct evhttp_request *req,
                                     struct evbuffer *databuf,
                                     void (*cb)(struct evhttp_connection *evcon, void *arg),
                                     void *arg);

/** Ends a reply in pieces. The request is done with afterwards. */
void evhttp_send_reply_end(struct evhttp_request *req);

/**
 * Percent-encodes everything but letters, digits, `-`, `.`, `_`, `~`.
 *
 * The caller frees the result with `free`. NULL for NULL or without memory.
 */
char *evhttp_encode_uri(const char *str);

/**
 * As `evhttp_encode_uri`; `size` bytes, which may hold NUL, or up to the NUL when it is negative.
 *
 * With `space_to_plus` blanks become `+`. The caller frees the result. NULL for NULL or without memory.
 */
char *evhttp_uriencode(const char *str,
                       ssize_t size,
                       int space_to_plus);

/**
 * Decodes percent escapes, and `+` to a blank behind the first `?`.
 *
 * An old rule that fits neither URIs nor their parts: `evhttp_uridecode` is better. Escapes that are
 * none stay as they are, and so does `%00`, which would cut the string. The caller frees the result.
 */
char *evhttp_decode_uri(const char *uri);

/**
 * Decodes percent escapes; with `decode_plus` also `+` to a blank.
 *
 * The length goes to `size_out`. Only when that is not NULL is `%00` decoded, since the string would
 * seem cut else. Escapes that are none stay as they are. The caller frees the result.
 */
char *evhttp_uridecode(const char *uri,
                       int decode_plus,
                       size_t *size_out);

/**
 * Makes `headers` the list of the parameters in a URI's query. `evhttp_parse_query_str` is better.
 *
 * A URI without `?` has none. Returns 0, or -1 when the URI or its query is malformed.
 */
int evhttp_parse_query(const char *uri,
                       struct evkeyvalq *headers);

/**
 * Makes `headers` the list of the parameters in a query.
 *
 * `q=test&s=some+thing` gives "q", "test" and "s", "some thing". Keys are not decoded; `%00` in
 * values is not either. `evhttp_clear_headers` frees the list. Returns 0, or -1, with an empty list,
 * when a parameter has no `=` or no key.
 */
int evhttp_parse_query_str(const char *uri,
                           struct evkeyvalq *headers);

/**
 * As `evhttp_parse_query_str`.
 *
 * `EVHTTP_URI_QUERY_NONCONFORMANT` takes parameters without a value and skips those without a key;
 * with `EVHTTP_URI_QUERY_LAST_VAL` the last of several values of a key counts.
 */
int evhttp_parse_query_str_flags(const char *uri,
                                 struct evkeyvalq *headers,
                                 unsigned int flags);

/**
 * Replaces `<`, `>`, `"`, `'` and `&` by their entities. The caller frees the result.
 *
 * NULL for NULL or without memory.
 */
char *evhttp_htmlescape(const char *html);

/** A URI without parts; `evhttp_uri_free` frees it. NULL without memory. */
struct evhttp_uri *evhttp_uri_new(void);

/**
 * Takes a URI or a relative reference apart (RFC 3986). No escapes are decoded.
 *
 * `flags` are `EVHTTP_URI_*`. Parts that are missing are NULL, the port -1; the path is never NULL.
 * `evhttp_uri_free` frees the result. NULL when the text is no URI reference, or without memory.
 */
struct evhttp_uri *evhttp_uri_parse_with_flags(const char *source_uri,
                                               unsigned int flags);

/** As `evhttp_uri_parse_with_flags` without flags. */
struct evhttp_uri *evhttp_uri_parse(const char *source_uri);

/** Frees a URI of `evhttp_uri_new` or `evhttp_uri_parse`. NULL is fine. */
void evhttp_uri_free(struct evhttp_uri *uri);

/**
 * Writes a URI into `buf`, with a NUL. Nothing is escaped.
 *
 * Returns `buf`, or NULL when it does not fit into `limit` bytes, or when there is a host and a path
 * that does not begin with `/`.
 */
char *evhttp_uri_join(struct evhttp_uri *uri,
                      char *buf,
                      size_t limit);

/** Sets the `EVHTTP_URI_*` flags that later checks of this URI obey. */
void evhttp_uri_set_flags(struct evhttp_uri *uri, unsigned int flags);

/** The scheme. NULL when there is none. It lives until it is replaced. */
const char *evhttp_uri_get_scheme(const struct evhttp_uri *uri);

/** What stands before the `@`. NULL when there is none. It lives until it is replaced. */
const char *evhttp_uri_get_userinfo(const struct evhttp_uri *uri);

/** The host: a name, an address, or a bracketed address, possibly empty; NULL when there is no authority. It lives until it is replaced. */
const char *evhttp_uri_get_host(const struct evhttp_uri *uri);

/** The path. NULL when there is none. It lives until it is replaced. */
const char *evhttp_uri_get_path(const struct evhttp_uri *uri);

/** The query, without `?`. NULL when there is none. It lives until it is replaced. */
const char *evhttp_uri_get_query(const struct evhttp_uri *uri);

/** The fragment, without `#`. NULL when there is none. It lives until it is replaced. */
const char *evhttp_uri_get_fragment(const struct evhttp_uri *uri);

/** The path of the Unix socket. NULL when there is none. It lives until it is replaced. */
const char *evhttp_uri_get_unixsocket(const struct evhttp_uri *uri);

/** Sets the scheme, or removes it with NULL. Returns 0, or -1 when the text cannot be that. */
int evhttp_uri_set_scheme(struct evhttp_uri *uri, const char *scheme);

/** Sets the user info, or removes it with NULL. Returns 0, or -1 when the text cannot be that. */
int evhttp_uri_set_userinfo(struct evhttp_uri *uri, const char *userinfo);

/** Sets the host, or removes it with NULL. Returns 0, or -1 when the text cannot be that. */
int evhttp_uri_set_host(struct evhttp_uri *uri, const char *host);

/** Sets the path, or removes it with NULL. Returns 0, or -1 when the text cannot be that. */
int evhttp_uri_set_path(struct evhttp_uri *uri, const char *path);

/** Sets the query, or removes it with NULL. Returns 0, or -1 when the text cannot be that. */
int evhttp_uri_set_query(struct evhttp_uri *uri, const char *query);

/** Sets the fragment, or removes it with NULL. Returns 0, or -1 when the text cannot be that. */
int evhttp_uri_set_fragment(struct evhttp_uri *uri, const char *fragment);

/** Sets the path of the Unix socket, or removes it with NULL. Returns 0, or -1 when the text cannot be that. */
int evhttp_uri_set_unixsocket(struct evhttp_uri *uri,
                              const char *unixsocket);

/** The port, -1 when there is none. */
int evhttp_uri_get_port(const struct evhttp_uri *uri);

/** Sets the port; -1 removes it. Returns 0, or -1 for a smaller number. */
int evhttp_uri_set_port(struct evhttp_uri *uri, int port);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_HTTP_H_INCLUDED_ */
