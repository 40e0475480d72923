/* event2/event_struct.h: struct event, for programs that allocate events themselves.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_EVENT_STRUCT_H_INCLUDED_
#define EVENT2_EVENT_STRUCT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <sys/types.h>
#include <sys/time.h>
#include <event2/util.h>
#include <event2/keyvalq_struct.h>

#ifdef __cplusplus
extern "C" {
#endif

struct event;
struct event_base;
struct event_callback;
union event_callback_fns;
struct event_callback_links;
struct event_io_part;
struct event_list_links;
union event_parts;
struct event_queue_links;
struct event_signal_part;
union event_timeout_pos;
struct timeval;

/** In the timer queue. */
#define EVLIST_TIMEOUT 1
/** Added. */
#define EVLIST_INSERTED 2
/** Reserved. */
#define EVLIST_SIGNAL 4
/** Queued to run. */
#define EVLIST_ACTIVE 8
/** The library's own. */
#define EVLIST_INTERNAL 16
/** Queued to run in the next pass. */
#define EVLIST_ACTIVE_LATER 32
/** On its way out, see `event_finalize`. */
#define EVLIST_FINALIZING 64
/** Initialised. */
#define EVLIST_INIT 128
/** All of them. */
#define EVLIST_ALL 255

/** Links of an event callback in a queue (private). */
struct event_callback_links {
    /** Private. */
    struct event_callback *tqe_next;
    /** Private. */
    struct event_callback **tqe_prev;
};

/** What runs when an event callback runs; which one is said by `evcb_closure` (private). */
union event_callback_fns {
    /** An event's callback. */
    void (*evcb_callback)(int, short, void*);
    /** Deferred work of the library. */
    void (*evcb_selfcb)(struct event_callback*, void*);
    /** The finalizer of an event. */
    void (*evcb_evfinalize)(struct event*, void*);
    /** The finalizer of deferred work. */
    void (*evcb_cbfinalize)(struct event_callback*, void*);
};

/** Something a base can run: the first part of every event, and of deferred work. */
struct event_callback {
    /** Private. */
    struct event_callback_links evcb_active_next;
    /** `EVLIST_*`. Read-only. */
    short evcb_flags;
    /** The priority; lower runs first. Read-only. */
    unsigned char evcb_pri;
    /** Private. */
    unsigned char evcb_closure;
    /** The callback. Read-only. */
    union event_callback_fns evcb_cb_union;
    /** What the callback gets. Read-only. */
    void *evcb_arg;
};

/** Links of an event in a queue of events (private). */
struct event_queue_links {
    /** Private. */
    struct event *tqe_next;
    /** Private. */
    struct event **tqe_prev;
};

/** Links of an event in a list of events (private). */
struct event_list_links {
    /** Private. */
    struct event *le_next;
    /** Private. */
    struct event **le_prev;
};

/** Where an event stands in the timer queue (private). */
union event_timeout_pos {
    /** Private. */
    struct event_queue_links ev_next_with_common_timeout;
    /** Private. */
    int min_heap_idx;
};

/** The part of an event that waits for a descriptor (private). */
struct event_io_part {
    /** Private. */
    struct event_list_links ev_io_next;
    /** The interval of a persistent event. */
    struct timeval ev_timeout;
};

/** The part of an event that waits for a signal (private). */
struct event_signal_part {
    /** Private. */
    struct event_list_links ev_signal_next;
    /** How often the callback still runs. */
    short ev_ncalls;
    /** Lets the callback's event be deleted while it runs. */
    short *ev_pncalls;
};

/** Either of the two (private). */
union event_parts {
    /** For descriptors. */
    struct event_io_part ev_io;
    /** For signals. */
    struct event_signal_part ev_signal;
};

/**
 * An event: what a program waits for, and what is called then. Programs may allocate it;
 * `event_assign` or `event_set` fills it in, and functions and macros do the rest.
 */
struct event {
    /** What runs. */
    struct event_callback ev_evcallback;
    /** Private. */
    union event_timeout_pos ev_timeout_pos;
    /** The descriptor or the signal number. Read-only. */
    int ev_fd;
    /** The base. Read-only. */
    struct event_base *ev_base;
    /** Private. */
    union event_parts ev_;
    /** What is waited for: `EV_*`. Read-only. */
    short ev_events;
    /** What has happened: `EV_*`. Read-only. */
    short ev_res;
    /** When the timeout passes. Private. */
    struct timeval ev_timeout;
};

/** A queue of events, of no use to programs any more. */
struct event_list {
    /** The first event. */
    struct event *tqh_first;
    /** The link that the next event goes to. */
    struct event **tqh_last;
};

/** A list of events, of no use to programs any more. */
struct event_dlist {
    /** The first event. */
    struct event *lh_first;
};

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_EVENT_STRUCT_H_INCLUDED_ */
