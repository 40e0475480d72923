/* event2/rpc_struct.h: the structures of RPC.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_RPC_STRUCT_H_INCLUDED_
#define EVENT2_RPC_STRUCT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

struct evbuffer;
struct evhttp_request;
struct evrpc;
struct evrpc_base;
struct evrpc_hook_meta;
struct evrpc_links;
struct evrpc_req_generic;

/** The call went well. */
#define EVRPC_STATUS_ERR_NONE 0
/** No answer in time. */
#define EVRPC_STATUS_ERR_TIMEOUT 1
/** The answer could not be read. */
#define EVRPC_STATUS_ERR_BADPAYLOAD 2
/** The call was never made. */
#define EVRPC_STATUS_ERR_UNSTARTED 3
/** A hook has ended the call. */
#define EVRPC_STATUS_ERR_HOOKABORTED 4

/** What the callback of a call gets to know. */
struct evrpc_status {
    /** `EVRPC_STATUS_ERR_*`. */
    int error;
    /** The HTTP exchange that carried the call. */
    struct evhttp_request *http_req;
};

/** A running call on the server's side: what `EVRPC_STRUCT` lays over it in generated code. */
struct evrpc_req_generic {
    /** What hooks have noted down (private). */
    struct evrpc_hook_meta *hook_meta;
    /** The message that came in. */
    void *request;
    /** The message that goes out. */
    void *reply;
    /** The procedure. */
    struct evrpc *rpc;
    /** The HTTP exchange. */
    struct evhttp_request *http_req;
    /** The message that goes out, in bytes. */
    struct evbuffer *rpc_data;
};

/** Links of a procedure in its server's list (private). */
struct evrpc_links {
    /** Private. */
    struct evrpc *tqe_next;
    /** Private. */
    struct evrpc **tqe_prev;
};

/** A procedure that a server knows. */
struct evrpc {
    /** Private. */
    struct evrpc_links next;
    /** Its name. */
    const char *uri;
    /** Makes an empty message for what comes in. */
    void *(*request_new)(void *arg);
    /** What `request_new` gets. */
    void *request_new_arg;
    /** Frees that message. */
    void (*request_free)(void *request);
    /** Reads that message; 0 when it is complete. */
    int (*request_unmarshal)(void *request, struct evbuffer *buffer);
    /** Makes an empty message for what goes out. */
    void *(*reply_new)(void *arg);
    /** What `reply_new` gets. */
    void *reply_new_arg;
    /** Frees that message. */
    void (*reply_free)(void *reply);
    /** Whether that message is complete: 0 if so. */
    int (*reply_complete)(void *reply);
    /** Writes that message. */
    void (*reply_marshal)(struct evbuffer *buffer, void *reply);
    /** Called when a call has come in. */
    void (*cb)(struct evrpc_req_generic *req, void *arg);
    /** What the callback gets. */
    void *cb_arg;
    /** The server. */
    struct evrpc_base *base;
};

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_RPC_STRUCT_H_INCLUDED_ */
