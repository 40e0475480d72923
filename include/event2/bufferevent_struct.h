/* event2/bufferevent_struct.h: struct bufferevent, for old programs that read it.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_BUFFEREVENT_STRUCT_H_INCLUDED_
#define EVENT2_BUFFEREVENT_STRUCT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <sys/types.h>
#include <sys/time.h>
#include <event2/util.h>
#include <event2/bufferevent.h>
#include <event2/event_struct.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bufferevent;
struct bufferevent_ops;
struct evbuffer;
struct event;
struct event_base;
struct event_watermark;
struct timeval;

/** How much has to be there before a callback is called, and how much may be. */
struct event_watermark {
    /** The lower bound. */
    size_t low;
    /** The upper bound; 0 is none. */
    size_t high;
};

/**
 * A transport with an input and an output buffer. Programs read it at most; everything is
 * changed through functions.
 */
struct bufferevent {
    /** The base it runs on. Read-only. */
    struct event_base *ev_base;
    /** Private. */
    const struct bufferevent_ops *be_ops;
    /** The read event (private). */
    struct event ev_read;
    /** The write event (private). */
    struct event ev_write;
    /** The input buffer. Read-only. */
    struct evbuffer *input;
    /** The output buffer. Read-only. */
    struct evbuffer *output;
    /** The read watermarks. Read-only. */
    struct event_watermark wm_read;
    /** The write watermarks. Read-only. */
    struct event_watermark wm_write;
    /** The read callback. Read-only. */
    void (*readcb)(struct bufferevent *bev, void *ctx);
    /** The write callback. Read-only. */
    void (*writecb)(struct bufferevent *bev, void *ctx);
    /** The event callback. Read-only. */
    void (*errorcb)(struct bufferevent *bev, short what, void *ctx);
    /** What the callbacks get. Read-only. */
    void *cbarg;
    /** The read timeout. Read-only. */
    struct timeval timeout_read;
    /** The write timeout. Read-only. */
    struct timeval timeout_write;
    /** What is enabled: `EV_READ`, `EV_WRITE`. Read-only. */
    short enabled;
};

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFEREVENT_STRUCT_H_INCLUDED_ */
