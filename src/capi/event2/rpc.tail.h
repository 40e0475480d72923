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
