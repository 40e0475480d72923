/* event2/event.h: event loops and events.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_EVENT_H_INCLUDED_
#define EVENT2_EVENT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <sys/types.h>
#include <sys/time.h>
#include <stdio.h>
#include <event2/util.h>

/* The version of libevent that this library stands in for. */
#define LIBEVENT_VERSION "2.1.12-stable"

/* libev's old name of one of its own flags, if ev.h was included first: libevent's value counts. */
#ifdef EVLOOP_NONBLOCK
#undef EVLOOP_NONBLOCK
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct event;
struct event_base;

/** The timeout has passed. */
#define EV_TIMEOUT 1
/** The descriptor is readable. */
#define EV_READ 2
/** The descriptor is writable. */
#define EV_WRITE 4
/** The signal has come; the descriptor is a signal number. */
#define EV_SIGNAL 8
/** The event stays pending when it becomes active. */
#define EV_PERSIST 16
/** Edge-triggered, if the backend can. */
#define EV_ET 32
/** `event_del` on this event does not wait for a running callback; see `event_finalize`. */
#define EV_FINALIZE 64
/** The peer has closed the connection, seen without reading; needs `EV_FEATURE_EARLY_CLOSE`. */
#define EV_CLOSED 128
/** Run the loop until events were active, and run these. */
#define EVLOOP_ONCE 1
/** Do not wait: run what is ready now. */
#define EVLOOP_NONBLOCK 2
/** Go on although no events are left; `event_base_loopexit` or `_loopbreak` end the loop. */
#define EVLOOP_NO_EXIT_ON_EMPTY 4
/** Count the active events (`event_base_get_num_events`). */
#define EVENT_BASE_COUNT_ACTIVE 1u
/** Count the virtual events, which only keep the loop alive. */
#define EVENT_BASE_COUNT_VIRTUAL 2u
/** Count the added events. */
#define EVENT_BASE_COUNT_ADDED 4u
/** A debugging message. */
#define EVENT_LOG_DEBUG 0
/** A message. */
#define EVENT_LOG_MSG 1
/** A warning. */
#define EVENT_LOG_WARN 2
/** An error. */
#define EVENT_LOG_ERR 3
/** `event_enable_debug_logging`: everything. */
#define EVENT_DBG_ALL 4294967295u
/** `event_enable_debug_logging`: nothing. */
#define EVENT_DBG_NONE 0
/** The version these headers speak for, as `event_get_version_number` gives it. */
#define LIBEVENT_VERSION_NUMBER 33623040
/** The largest number of priorities a base can have. */
#define EVENT_MAX_PRIORITIES 256

/** What a backend can do; bits of an `int`. */
enum event_method_feature {
    /** Edge-triggered events. */
    EV_FEATURE_ET = 1,
    /** Adding, deleting and running an event cost the same however many there are. */
    EV_FEATURE_O1 = 2,
    /** Descriptors of every kind, not only sockets. */
    EV_FEATURE_FDS = 4,
    /** `EV_CLOSED`. */
    EV_FEATURE_EARLY_CLOSE = 8
};

/** How a base is made; bits of an `int`. */
enum event_base_config_flag {
    /** No lock, even if threads are set up: only one thread ever uses the base. */
    EVENT_BASE_FLAG_NOLOCK = 1,
    /** The `EVENT_*` environment variables are not looked at. */
    EVENT_BASE_FLAG_IGNORE_ENV = 2,
    /** For Windows; without effect here. */
    EVENT_BASE_FLAG_STARTUP_IOCP = 4,
    /** The time is asked for whenever it is needed, not once in a turn. */
    EVENT_BASE_FLAG_NO_CACHE_TIME = 8,
    /**
     * Changes of interest reach epoll in batches. Always so here, and without the trouble that
     * the original has with duplicated descriptors.
     */
    EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST = 16,
    /** The most precise clock and waits there are. */
    EVENT_BASE_FLAG_PRECISE_TIMER = 32,
    /** No timer descriptor for `EVENT_BASE_FLAG_PRECISE_TIMER` under epoll (since 2.2). */
    EVENT_BASE_FLAG_EPOLL_DISALLOW_TIMERFD = 64,
    /** Signals come through a signal descriptor if possible (since 2.2). */
    EVENT_BASE_FLAG_USE_SIGNALFD = 128
};

/** Called for every message of the library; `severity` is one of `EVENT_LOG_*`. */
typedef void (*event_log_cb)(int severity, const char *msg);

/** Called on an error the library cannot go on after; must not return. */
typedef void (*event_fatal_cb)(int err);

/** The callback of an event: its descriptor or signal, what happened (`EV_*`), its argument. */
typedef void (*event_callback_fn)(int fd, short events, void *arg);

/** Called when an event's memory may be released. */
typedef void (*event_finalize_callback_fn)(struct event *ev, void *arg);

/** Called for an event of a base; anything but 0 ends the walk. */
typedef int (*event_base_foreach_event_cb)(const struct event_base *base,
                                           const struct event *ev,
                                           void *arg);

/**
 * Sets who gets log messages; NULL restores the default, which is standard error.
 *
 * The callback must not call back into the library: it may run in the middle of anything, with
 * locks held.
 */
void event_set_log_callback(event_log_cb cb);

/**
 * Sets who hears of a fatal error in the library; NULL restores the default.
 *
 * The callback should end the process (it must not use the library any more). If it returns,
 * the process ends with the code as its exit status. Without a callback the process ends in the
 * same way, or by `abort` when the library has found itself or its user to be wrong.
 */
void event_set_fatal_callback(event_fatal_cb cb);

/** Says which debug messages are logged: `EVENT_DBG_NONE`, the default, or `EVENT_DBG_ALL`. */
void event_enable_debug_logging(uint32_t which);

/**
 * Replaces the functions that the library gets its memory from; NULL restores one of them to
 * the C library's.
 *
 * To be called before anything else: a block is freed by the functions in force at that time,
 * not by those that made it. Blocks that the library hands out for the caller to free come from
 * these functions, too. The functions have to align blocks for any type.
 */
void event_set_mem_functions(void *(*malloc_fn)(size_t sz),
                             void *(*realloc_fn)(void *ptr, size_t sz),
                             void (*free_fn)(void *ptr));

/* Old names. */
#define _EVENT_LOG_DEBUG EVENT_LOG_DEBUG
#define _EVENT_LOG_MSG EVENT_LOG_MSG
#define _EVENT_LOG_WARN EVENT_LOG_WARN
#define _EVENT_LOG_ERR EVENT_LOG_ERR

/* event_set_mem_functions() is there. */
#define EVENT_SET_MEM_FUNCTIONS_IMPLEMENTED

/* Timers: events that wait for nothing but their timeout. */
#define evtimer_assign(ev, b, cb, arg) event_assign((ev), (b), -1, 0, (cb), (arg))
#define evtimer_new(b, cb, arg) event_new((b), -1, 0, (cb), (arg))
#define evtimer_add(ev, tv) event_add((ev), (tv))
#define evtimer_del(ev) event_del(ev)
#define evtimer_pending(ev, tv) event_pending((ev), EV_TIMEOUT, (tv))
#define evtimer_initialized(ev) event_initialized(ev)

/* Signals: events that stay pending and wait for signal `x`. */
#define evsignal_add(ev, tv) event_add((ev), (tv))
#define evsignal_assign(ev, b, x, cb, arg) \
    event_assign((ev), (b), (x), EV_SIGNAL|EV_PERSIST, cb, (arg))
#define evsignal_new(b, x, cb, arg) event_new((b), (x), EV_SIGNAL|EV_PERSIST, (cb), (arg))
#define evsignal_del(ev) event_del(ev)
#define evsignal_pending(ev, tv) event_pending((ev), EV_SIGNAL, (tv))
#define evsignal_initialized(ev) event_initialized(ev)

/* Events that only the program itself makes active. */
#define evuser_new(b, cb, arg) event_new((b), -1, 0, (cb), (arg))
#define evuser_del(ev) event_del(ev)
#define evuser_pending(ev, tv) event_pending((ev), 0, (tv))
#define evuser_initialized(ev) event_initialized(ev)
#define evuser_trigger(ev) event_active((ev), 0, 0)

/* The signal that an event waits for. */
#define event_get_signal(ev) ((int)event_get_fd(ev))

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_EVENT_H_INCLUDED_ */
