/* event2/rpc.h: RPC over HTTP, for code that event_rpcgen.py has generated.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_RPC_H_INCLUDED_
#define EVENT2_RPC_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <event2/util.h>

/* Messages: the fields of the structures that event_rpcgen.py has generated. */

/* Whether a field is set. */
#define EVTAG_HAS(msg, member) ((msg)->member##_set == 1)

#ifndef EVENT2_RPC_COMPAT_H_INCLUDED_
/* Sets a field. */
#define EVTAG_ASSIGN(msg, member, value) (*(msg)->base->member##_assign)((msg), (value))
/* Sets a field of `len` bytes. */
#define EVTAG_ASSIGN_WITH_LEN(msg, member, value, len) \
    (*(msg)->base->member##_assign)((msg), (value), (len))
/* Stores a field in *pvalue; 0, or -1 when it is not set. */
#define EVTAG_GET(msg, member, pvalue) (*(msg)->base->member##_get)((msg), (pvalue))
/* Stores a field in *pvalue and its length in *plen; 0, or -1 when it is not set. */
#define EVTAG_GET_WITH_LEN(msg, member, pvalue, plen) \
    (*(msg)->base->member##_get)((msg), (pvalue), (plen))
#endif

/* Adds a value to an array. */
#define EVTAG_ARRAY_ADD_VALUE(msg, member, value) \
    (*(msg)->base->member##_add)((msg), (value))
/* Adds a new element to an array, and gives it. */
#define EVTAG_ARRAY_ADD(msg, member) (*(msg)->base->member##_add)(msg)
/* Stores the element at `offset` of an array in *pvalue. */
#define EVTAG_ARRAY_GET(msg, member, offset, pvalue) \
    (*(msg)->base->member##_get)((msg), (offset), (pvalue))
/* The number of elements of an array. */
#define EVTAG_ARRAY_LEN(msg, member) ((msg)->member##_length)

#ifdef __cplusplus
extern "C" {
#endif

struct evbuffer;
struct event_base;
struct evhttp;
struct evhttp_connection;
struct evhttp_request;
struct evrpc;
struct evrpc_base;
struct evrpc_pool;
struct evrpc_req_generic;
struct evrpc_request_wrapper;
struct evrpc_status;

/** When a hook is called. */
enum EVRPC_HOOK_TYPE {
    /** When a message has come in. */
    EVRPC_INPUT = 0,
    /** Before a message goes out. */
    EVRPC_OUTPUT = 1
};

/** What a hook decides. */
enum EVRPC_HOOK_RESULT {
    /** The call is given up. */
    EVRPC_TERMINATE = -1,
    /** The call goes on. */
    EVRPC_CONTINUE = 0,
    /** The call waits for `evrpc_resume_request`. */
    EVRPC_PAUSE = 1
};

/**
 * Makes an RPC server out of an HTTP server: procedures are found at `/.rpc.NAME`, and other
 * callbacks of the HTTP server are not disturbed.
 *
 * Returns the server, or NULL for a NULL argument and without memory. The program frees it with
 * `evrpc_free`, before it frees the HTTP server.
 */
struct evrpc_base *evrpc_init(struct evhttp *server);

/**
 * Frees an RPC server with its procedures and hooks. Calls that a hook has paused are answered
 * with an error. Calls that the program has been given it can still answer. The HTTP server, which
 * has to be live still, is not freed.
 */
void evrpc_free(struct evrpc_base *base);

/**
 * Makes a procedure known to a server. Programs use EVRPC_REGISTER(), which fills in `rpc`.
 *
 * `rpc` and its `uri`, both from `malloc()` (or the function given to `event_set_mem_functions`),
 * are the server's from then on. With every call the server makes a request with `request_new`,
 * reads it with `request_unmarshal`, makes a reply with `reply_new`, and calls `cb`; the program
 * answers with EVRPC_REQUEST_DONE(), at once or later. Requests other than POST, without a body,
 * or with one that cannot be read are answered with 503.
 *
 * Returns 0, or -1 for NULL, without memory, and when the name is taken; then `rpc` stays the
 * caller's.
 */
int evrpc_register_rpc(struct evrpc_base *base,
                       struct evrpc *rpc,
                       void (*cb)(struct evrpc_req_generic *req, void *arg),
                       void *arg);

/**
 * Makes a procedure known to a server. Programs use EVRPC_REGISTER(); see `evrpc_register_rpc`.
 *
 * Returns 0, or -1 for NULL, without memory, and when the name is taken.
 */
int evrpc_register_generic(struct evrpc_base *base,
                           const char *name,
                           void (*callback)(struct evrpc_req_generic *req, void *arg),
                           void *cbarg,
                           void *(*req_new)(void *arg),
                           void *req_new_arg,
                           void (*req_free)(void *request),
                           int (*req_unmarshal)(void *request, struct evbuffer *buffer),
                           void *(*rpl_new)(void *arg),
                           void *rpl_new_arg,
                           void (*rpl_free)(void *reply),
                           int (*rpl_complete)(void *reply),
                           void (*rpl_marshal)(struct evbuffer *buffer, void *reply));

/**
 * Makes a procedure unknown again. Calls of it that are under way can still be answered.
 *
 * Returns 0, or -1 when the server has no such procedure.
 */
int evrpc_unregister_rpc(struct evrpc_base *base, const char *name);

/**
 * Answers a call with its reply. Programs use EVRPC_REQUEST_DONE().
 *
 * A reply that is not complete becomes an error 503. The call, its request and its reply are freed.
 */
void evrpc_request_done(struct evrpc_req_generic *req);

/** The request of a call in a server; it lives until the call is answered. */
void *evrpc_get_request(struct evrpc_req_generic *req);

/** The reply of a call in a server, for the program to fill in. */
void *evrpc_get_reply(struct evrpc_req_generic *req);

/**
 * Makes a pool of connections that calls go out on. `base` may be NULL: then connections keep
 * their own.
 *
 * Returns the pool, or NULL without memory. The program frees it with `evrpc_pool_free`.
 */
struct evrpc_pool *evrpc_pool_new(struct event_base *base);

/** Frees a pool with its connections. Calls that are not done end without their callback. */
void evrpc_pool_free(struct evrpc_pool *pool);

/**
 * Gives a client connection to a pool, which uses its base and its timeout (unless the connection
 * has one already) and frees it in the end. Calls that wait for a connection begin.
 *
 * Without memory the connection stays out of the pool, and a warning is logged.
 */
void evrpc_pool_add_connection(struct evrpc_pool *pool,
                               struct evhttp_connection *evcon);

/** Takes a connection out of a pool: it is the caller's again. A call that it carries goes on. */
void evrpc_pool_remove_connection(struct evrpc_pool *pool, struct evhttp_connection *evcon);

/**
 * Sets how many seconds a call may take from when it is sent, and the timeouts of the pool's
 * connections. -1, as at the start, sets none for calls, and 50 seconds for the connections.
 *
 * A call that takes longer ends with `EVRPC_STATUS_ERR_TIMEOUT`.
 */
void evrpc_pool_set_timeout(struct evrpc_pool *pool, int timeout_in_secs);

/**
 * Makes a call that `evrpc_make_request` starts. Programs use EVRPC_MAKE_CTX().
 *
 * `req_marshal` writes `request`; `rpl_unmarshal` reads the answer into `reply`, and returns -1
 * when it cannot; `rpl_clear` then empties it. Both messages stay the program's, and have to
 * live until `cb`, which is called once.
 *
 * Returns the call, or NULL without memory, and when a name or function is missing.
 */
struct evrpc_request_wrapper *evrpc_make_request_ctx(struct evrpc_pool *pool,
                                                     void *request,
                                                     void *reply,
                                                     const char *rpcname,
                                                     void (*req_marshal)(struct evbuffer *buffer,
                                                                         void *request),
                                                     void (*rpl_clear)(void *reply),
                                                     int (*rpl_unmarshal)(void *reply,
                                                                          struct evbuffer *buffer),
                                                     void (*cb)(struct evrpc_status *status,
                                                                void *request,
                                                                void *reply,
                                                                void *arg),
                                                     void *cbarg);

/**
 * Starts a call of EVRPC_MAKE_CTX(). When all connections of the pool are busy, or there are none
 * yet, the call waits.
 *
 * The call is freed when it is done. What goes wrong from here on is told to its callback, maybe
 * before this function returns.
 *
 * Returns 0, or -1 for NULL and for a call without a pool; such a call is freed.
 */
int evrpc_make_request(struct evrpc_request_wrapper *ctx);

/**
 * Makes and starts a call. The functions of EVRPC_GENERATE() call it; see `evrpc_make_request_ctx`
 * and `evrpc_make_request`.
 *
 * Returns 0, or -1 when the call could not be made; then the callback is not called.
 */
int evrpc_send_request_generic(struct evrpc_pool *pool,
                               void *request,
                               void *reply,
                               void (*cb)(struct evrpc_status *status,
                                          void *request,
                                          void *reply,
                                          void *arg),
                               void *cb_arg,
                               const char *rpcname,
                               void (*req_marshal)(struct evbuffer *buffer, void *request),
                               void (*rpl_clear)(void *reply),
                               int (*rpl_unmarshal)(void *reply, struct evbuffer *buffer));

/** The pool of a call. */
struct evrpc_pool *evrpc_request_get_pool(struct evrpc_request_wrapper *ctx);

/** Sets the pool of a call that was not started; a started one keeps its pool. */
void evrpc_request_set_pool(struct evrpc_request_wrapper *ctx, struct evrpc_pool *pool);

/** Sets the callback of a call. */
void evrpc_request_set_cb(struct evrpc_request_wrapper *ctx,
                          void (*cb)(struct evrpc_status *status,
                                     void *request,
                                     void *reply,
                                     void *arg),
                          void *cb_arg);

/**
 * Adds a hook to a server or a pool: `cb` is called with every message that comes in
 * (`EVRPC_INPUT`) or before it goes out (`EVRPC_OUTPUT`), in the order in which hooks were added.
 *
 * It gets the call, the HTTP request, the bytes of the message, which it may change, and `cb_arg`,
 * and returns an `enum EVRPC_HOOK_RESULT`. `EVRPC_PAUSE` puts the call aside until
 * `evrpc_resume_request`, with the hooks behind this one left out. `EVRPC_TERMINATE`, or any other
 * value, ends it: a server answers with 503, a client's callback gets `EVRPC_STATUS_ERR_UNSTARTED`
 * or `EVRPC_STATUS_ERR_HOOKABORTED`.
 *
 * Returns a handle for `evrpc_remove_hook`, or NULL for NULL, for another type, and without memory.
 */
void *evrpc_add_hook(void *vbase,
                     enum EVRPC_HOOK_TYPE hook_type,
                     int (*cb)(void *ctx,
                               struct evhttp_request *req,
                               struct evbuffer *data,
                               void *arg),
                     void *cb_arg);

/**
 * Removes a hook. One that is running finishes.
 *
 * Returns 1, or 0 when the server or pool has no such hook of this type.
 */
int evrpc_remove_hook(void *vbase, enum EVRPC_HOOK_TYPE hook_type, void *handle);

/**
 * Goes on with a call that a hook has paused, from where the hooks were; `EVRPC_TERMINATE` ends it.
 *
 * Returns 0, or -1 when the server or pool has no such paused call. Afterwards the call may be gone.
 */
int evrpc_resume_request(void *vbase,
                         void *ctx,
                         enum EVRPC_HOOK_RESULT res);

/**
 * Notes down something about a call: a copy of `data_size` bytes under a name, for later hooks of
 * the same call. Without memory nothing is noted down, and a warning is logged.
 */
void evrpc_hook_add_meta(void *ctx,
                         const char *key,
                         const void *data,
                         size_t data_size);

/**
 * Finds what was noted down about a call: the first note of this name. The bytes are the call's.
 *
 * Returns 0, or -1 when there is none.
 */
int evrpc_hook_find_meta(void *ctx,
                         const char *key,
                         void **data,
                         size_t *data_size);

/** The connection of the call that a hook is given; NULL outside of hooks and when it is closed. */
struct evhttp_connection *evrpc_hook_get_connection(void *ctx);

/* The hooks' old names. */
#define INPUT EVRPC_INPUT
#define OUTPUT EVRPC_OUTPUT

struct evbuffer;
struct evhttp_request;
struct evrpc;
struct evrpc_hook_meta;
struct evrpc_pool;
struct evrpc_status;

/* The type of a call of procedure `rpcname` in a server. */
#define EVRPC_STRUCT(rpcname) struct evrpc_req__##rpcname

/* Declares procedure `rpcname`, which takes a `reqstruct` and gives a `rplystruct`; goes into a
 * header. The fields are those of `struct evrpc_req_generic`. */
#define EVRPC_HEADER(rpcname, reqstruct, rplystruct) \
    EVRPC_STRUCT(rpcname) { \
        struct evrpc_hook_meta *hook_meta; \
        struct reqstruct *request; \
        struct rplystruct *reply; \
        struct evrpc *rpc; \
        struct evhttp_request *http_req; \
        struct evbuffer *rpc_data; \
    }; \
    EVENT2_EXPORT_SYMBOL \
    int evrpc_send_request_##rpcname(struct evrpc_pool *, struct reqstruct *, \
        struct rplystruct *, \
        void (*)(struct evrpc_status *, struct reqstruct *, struct rplystruct *, void *cbarg), \
        void *);

/* Makes a call that evrpc_make_request() starts later. */
#define EVRPC_MAKE_CTX(rpcname, reqstruct, rplystruct, pool, request, reply, cb, cbarg) \
    evrpc_make_request_ctx(pool, request, reply, #rpcname, \
        (void (*)(struct evbuffer *, void *))reqstruct##_marshal, \
        (void (*)(void *))rplystruct##_clear, \
        (int (*)(void *, struct evbuffer *))rplystruct##_unmarshal, \
        (void (*)(struct evrpc_status *, void *, void *, void *))cb, cbarg)

/* Defines the function that calls procedure `rpcname`; goes into a source file. */
#define EVRPC_GENERATE(rpcname, reqstruct, rplystruct) \
    int evrpc_send_request_##rpcname(struct evrpc_pool *pool, struct reqstruct *request, \
        struct rplystruct *reply, \
        void (*cb)(struct evrpc_status *, struct reqstruct *, struct rplystruct *, void *cbarg), \
        void *cbarg) { \
        return evrpc_send_request_generic(pool, request, reply, \
            (void (*)(struct evrpc_status *, void *, void *, void *))cb, cbarg, #rpcname, \
            (void (*)(struct evbuffer *, void *))reqstruct##_marshal, \
            (void (*)(void *))rplystruct##_clear, \
            (int (*)(void *, struct evbuffer *))rplystruct##_unmarshal); \
    }

/* The HTTP request that carries a call. */
#define EVRPC_REQUEST_HTTP(rpc_req) (rpc_req)->http_req

/* Answers a call in a server. */
#define EVRPC_REQUEST_DONE(rpc_req) do { \
    struct evrpc_req_generic *req_ = (struct evrpc_req_generic *)(rpc_req); \
    evrpc_request_done(req_); \
} while (0)

/* Makes procedure `name` known to a server; `callback` is called with every call. */
#define EVRPC_REGISTER(base, name, request, reply, callback, cbarg) \
    evrpc_register_generic(base, #name, \
        (void (*)(struct evrpc_req_generic *, void *))callback, cbarg, \
        (void *(*)(void *))request##_new_with_arg, NULL, \
        (void (*)(void *))request##_free, \
        (int (*)(void *, struct evbuffer *))request##_unmarshal, \
        (void *(*)(void *))reply##_new_with_arg, NULL, \
        (void (*)(void *))reply##_free, \
        (int (*)(void *))reply##_complete, \
        (void (*)(struct evbuffer *, void *))reply##_marshal)

/* Takes procedure `name` away again. */
#define EVRPC_UNREGISTER(base, name) evrpc_unregister_rpc((base), #name)

/* Calls procedure `name` through a pool. */
#define EVRPC_MAKE_REQUEST(name, pool, request, reply, cb, cbarg) \
    evrpc_send_request_##name((pool), (request), (reply), (cb), (cbarg))

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_RPC_H_INCLUDED_ */
