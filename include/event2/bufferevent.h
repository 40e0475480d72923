/* event2/bufferevent.h: bufferevents: transports with an input and an output buffer.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_BUFFEREVENT_H_INCLUDED_
#define EVENT2_BUFFEREVENT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <sys/types.h>
#include <sys/time.h>
#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bufferevent;
struct evbuffer;

/** The event concerns reading. */
#define BEV_EVENT_READING 1
/** The event concerns writing. */
#define BEV_EVENT_WRITING 2
/** The other side has closed. */
#define BEV_EVENT_EOF 16
/** An error that the bufferevent cannot recover from. */
#define BEV_EVENT_ERROR 32
/** A timeout of `bufferevent_set_timeouts` has passed. */
#define BEV_EVENT_TIMEOUT 64
/** A connection asked for by `bufferevent_socket_connect` stands. */
#define BEV_EVENT_CONNECTED 128

/** What a bufferevent does besides moving bytes; bits of an `int`. */
enum bufferevent_options {
    /** Freeing the bufferevent closes the descriptor (or frees the underlying bufferevent). */
    BEV_OPT_CLOSE_ON_FREE = 1,
    /** The bufferevent has a lock; needs `evthread_use_pthreads` before. */
    BEV_OPT_THREADSAFE = 2,
    /** Callbacks run from the event loop, never from inside another call. */
    BEV_OPT_DEFER_CALLBACKS = 4,
    /** Callbacks run without the bufferevent's lock; needs `BEV_OPT_DEFER_CALLBACKS`. */
    BEV_OPT_UNLOCK_CALLBACKS = 8
};

/** How much `bufferevent_flush` presses out. */
enum bufferevent_flush_mode {
    /** As much as makes sense. */
    BEV_NORMAL = 0,
    /** Everything there is. */
    BEV_FLUSH = 1,
    /** Everything, and there will be no more. */
    BEV_FINISHED = 2
};

/** How `bufferevent_trigger` calls the callbacks; bits of an `int`. */
enum bufferevent_trigger_options {
    /** Whatever the watermarks say. */
    BEV_TRIG_IGNORE_WATERMARKS = 65536,
    /** From the event loop, even if the bufferevent does not defer its callbacks. */
    BEV_TRIG_DEFER_CALLBACKS = 4
};

/** What a filter has achieved. */
enum bufferevent_filter_result {
    /** Something was written. */
    BEV_OK = 0,
    /** Nothing can be written before more input is there. */
    BEV_NEED_MORE = 1,
    /** The data cannot be processed. */
    BEV_ERROR = 2
};

/** Called when there is input to read, or when the output has been written. */
typedef void (*bufferevent_data_cb)(struct bufferevent *bev, void *ctx);

/**
 * Called at the end of the stream, on an error, on a timeout and when a connection stands;
 * `what` is made of `BEV_EVENT_*`.
 */
typedef void (*bufferevent_event_cb)(struct bufferevent *bev, short what, void *ctx);

/**
 * Moves data from `src` to `dst` through a filter; no more than `dst_limit` bytes unless that
 * is negative.
 */
typedef enum bufferevent_filter_result (*bufferevent_filter_cb)(struct evbuffer *src,
                                                                struct evbuffer *dst,
                                                                ssize_t dst_limit,
                                                                enum bufferevent_flush_mode mode,
                                                                void *ctx);

/* The largest rate and burst that ev_token_bucket_cfg_new() takes: no limit. */
#define EV_RATE_LIMIT_MAX EV_SSIZE_MAX

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFEREVENT_H_INCLUDED_ */
