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
