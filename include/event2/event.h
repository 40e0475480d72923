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

/* In a unit with ev.h, in whichever order, EV_READ, EV_WRITE, EV_TIMEOUT, EV_SIGNAL and
 * EVLOOP_NONBLOCK mean libevent's values; ev.h says what libev's are called then. */
#ifdef EVLOOP_NONBLOCK
#undef EVLOOP_NONBLOCK
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct event;
struct event_base;
struct event_config;
struct timeval;

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
    /**
     * Signals come through a signal descriptor: no handler is installed, and a signal with events
     * is blocked in the thread that adds the first of them (since 2.2). The environment variable
     * `EVENT_USE_SIGNALFD` does the same for every base.
     */
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
 * Switches on debug mode: the process ends, with a message, when an event is used that was not
 * assigned, or assigned while it is pending. Slow; for development.
 *
 * To be called before any base or event is made, and once only: else the process ends at once.
 */
void event_enable_debug_mode(void);

/**
 * In debug mode, makes the library forget an event whose memory will be used for something else.
 * Not needed for events of `event_new`. Does nothing outside debug mode.
 */
void event_debug_unassign(struct event *ev);

/**
 * The value that, as the argument of a callback in `event_new` or `event_assign`, stands for the
 * event itself.
 */
void *event_self_cbarg(void);

/**
 * Makes a new event, neither pending nor active; to be freed with `event_free`.
 *
 * `events` is any of `EV_READ`, `EV_WRITE`, `EV_CLOSED` for the descriptor `fd`, or `EV_SIGNAL`
 * for the signal of number `fd`, with `EV_PERSIST` and `EV_ET` as needed; 0 and an `fd` of -1
 * make a timer, or an event that is only ever made active by hand. `base` NULL means the base of
 * `event_init`. Returns NULL when there is no memory or the events contradict each other.
 */
struct event *event_new(struct event_base *base,
                        int fd,
                        short events,
                        event_callback_fn cb,
                        void *arg);

/**
 * As `event_new`, in memory of the caller's; the size of `struct event` may differ in another
 * version of the library, `event_get_struct_event_size` tells. 0, or -1 if the events contradict
 * each other.
 *
 * Must not be called on an event that is pending or active.
 */
int event_assign(struct event *ev,
                 struct event_base *base,
                 int fd,
                 short events,
                 event_callback_fn cb,
                 void *arg);

/**
 * Deletes an event of `event_new` and frees it. From another thread than the loop's it waits as
 * `event_del` does. NULL is ignored.
 */
void event_free(struct event *ev);

/**
 * Deletes an event and has `cb` called from the loop when the event's callback can run no more;
 * then its memory may be freed or assigned anew. Until then it cannot be added. `flags` is 0.
 * 0, or -1 if the event has no base.
 */
int event_finalize(unsigned int flags, struct event *ev, event_finalize_callback_fn cb);

/** `event_finalize` for an event of `event_new`, which is freed when `cb` has run. */
int event_free_finalize(unsigned int flags, struct event *ev, event_finalize_callback_fn cb);

/**
 * Makes an event pending: its callback runs when what it waits for happens, or when `timeout`
 * (NULL: none) has passed without it.
 *
 * If the event is pending already, a new timeout replaces the old one, and NULL leaves it as it
 * is. An event that is not persistent stops being pending when its callback runs. 0, or -1 if
 * the event has no base or is being finalized, or if the kernel refuses the descriptor or the
 * signal; then nothing has changed.
 */
int event_add(struct event *ev, const struct timeval *timeout);

/**
 * Takes away an event's timeout; it goes on waiting for everything else. 0, or -1 if the event
 * has no base.
 */
int event_remove_timer(struct event *ev);

/**
 * Makes an event neither pending nor active. 0, also if it was neither; -1 if it has no base.
 *
 * While another thread runs the event's callback, waits until the callback has ended, unless the
 * event has `EV_FINALIZE`.
 */
int event_del(struct event *ev);

/** `event_del` that never waits for a running callback. */
int event_del_noblock(struct event *ev);

/** `event_del` that waits for a running callback even with `EV_FINALIZE`. */
int event_del_block(struct event *ev);

/**
 * Makes an event active as if `res` (`EV_*`) had happened, whether it is pending or not. If it
 * is active already, `res` is added to what it is active for. A signal event's callback runs
 * `ncalls` times, any other once.
 */
void event_active(struct event *ev, int res, short ncalls);

/**
 * Which of `events` (`EV_*`) the event waits for or is active with. If it has a timeout and
 * `EV_TIMEOUT` is asked for, `tv`, unless NULL, gets the wall-clock time at which it expires.
 */
int event_pending(const struct event *ev, short events, struct timeval *tv);

/** Whether an event was assigned: for memory that was zeroed before. */
int event_initialized(const struct event *ev);

/** The descriptor (or signal number) of an event; -1 for NULL. */
int event_get_fd(const struct event *ev);

/** The base of an event. */
struct event_base *event_get_base(const struct event *ev);

/** What an event was assigned to wait for, `EV_PERSIST` and the like included. */
short event_get_events(const struct event *ev);

/** The callback of an event. */
event_callback_fn event_get_callback(const struct event *ev);

/** The argument of an event's callback. */
void *event_get_callback_arg(const struct event *ev);

/** The priority of an event. */
int event_get_priority(const struct event *ev);

/** Everything an event was assigned with; pointers that are NULL are left out. */
void event_get_assignment(const struct event *ev,
                          struct event_base **base_out,
                          int *fd_out,
                          short *events_out,
                          event_callback_fn *callback_out,
                          void **arg_out);

/**
 * Sets the priority of an event: 0, the highest, up to one less than the base's number of
 * priorities. 0, or -1 if there is no such priority or the event is active.
 */
int event_priority_set(struct event *ev, int priority);

/**
 * Moves an event to another base and to the middle of its priorities. 0, or -1 if the event has
 * been added or made active.
 */
int event_base_set(struct event_base *base, struct event *ev);

/** The size of `struct event` in this library. */
size_t event_get_struct_event_size(void);

/** The version of libevent that this library stands in for, as text. */
const char *event_get_version(void);

/**
 * The version of libevent that this library stands in for, as a number: a byte each for major,
 * minor, patch level and status (0: released).
 */
uint32_t event_get_version_number(void);

/**
 * Frees what the library keeps for itself, when all bases and everything else have been freed:
 * for programs that look for leaks. The library must not be used any more.
 */
void libevent_global_shutdown(void);

/** Makes a base on the best method there is. NULL if there is none, or no memory. */
struct event_base *event_base_new(void);

/**
 * Makes a configuration for `event_base_new_with_config`, which says nothing yet; to be freed
 * with `event_config_free`. NULL if there is no memory.
 */
struct event_config *event_config_new(void);

/** Frees a configuration; bases made from it do not mind. NULL is ignored. */
void event_config_free(struct event_config *cfg);

/**
 * Does not use the method of this name (`epoll`, `poll`, `select`); any other name is accepted
 * and means nothing. 0, or -1 if there is no memory.
 */
int event_config_avoid_method(struct event_config *cfg, const char *method);

/** Uses only methods that have all these features (`EV_FEATURE_*`). 0, or -1 for NULL. */
int event_config_require_features(struct event_config *cfg, int feature);

/** Sets flags (`EVENT_BASE_FLAG_*`) of the bases that will be made. 0, or -1 for NULL. */
int event_config_set_flag(struct event_config *cfg, int flag);

/** Tells how many processors there are; of no effect here. 0, or -1 for NULL. */
int event_config_set_num_cpus_hint(struct event_config *cfg, int cpus);

/**
 * Limits how long callbacks run before the base looks for new events of a higher priority: for
 * `max_interval` (NULL: no limit), and `max_callbacks` of them (negative: no limit). Callbacks
 * of priorities above `min_priority` are not limited. 0, or -1 for NULL.
 */
int event_config_set_max_dispatch_interval(struct event_config *cfg,
                                           const struct timeval *max_interval,
                                           int max_callbacks,
                                           int min_priority);

/**
 * Makes a base as configured; NULL as configuration says nothing. NULL if no method fulfils the
 * wishes, or there is no memory.
 */
struct event_base *event_base_new_with_config(const struct event_config *cfg);

/**
 * Frees a base; its events stop being pending but stay the caller's. Finalizers that wait are
 * run first. NULL means the base of `event_init`.
 */
void event_base_free(struct event_base *base);

/** `event_base_free` that does not run finalizers. */
void event_base_free_nofinalize(struct event_base *base);

/**
 * Makes a base usable in the child after a `fork`; all its events are kept. Without it, parent
 * and child would disturb each other. 0, or -1 if not everything could be registered again.
 */
int event_reinit(struct event_base *base);

/** The name of the method that a base uses. */
const char *event_base_get_method(const struct event_base *base);

/**
 * The names of the methods that this library has, best first, and NULL. The array belongs to the
 * library.
 */
const char **event_get_supported_methods(void);

/** The features (`EV_FEATURE_*`) of the method that a base uses. */
int event_base_get_features(const struct event_base *base);

/**
 * How the base hears of signals (since 2.2): "signalfd_signal" with
 * `EVENT_BASE_FLAG_USE_SIGNALFD`, else "signal".
 */
const char *event_base_get_signal_method(const struct event_base *base);

/**
 * How many events of the given kinds (`EVENT_BASE_COUNT_*`) a base has. Internal ones are not
 * counted; an event that waits for a descriptor and a timeout counts twice.
 */
int event_base_get_num_events(struct event_base *base, unsigned int kinds);

/** How many events of the given kinds a base has had at most; `clear` starts over at 0. */
int event_base_get_max_events(struct event_base *base, unsigned int kinds, int clear);

/**
 * Sets the number of priorities of a base, 1 to 255. Events assigned from now on get the middle
 * one. 0, or -1 if the number is out of range or something is active.
 */
int event_base_priority_init(struct event_base *base, int npriorities);

/** The number of priorities of a base; NULL means the base of `event_init`. */
int event_base_get_npriorities(struct event_base *base);

/** The event whose callback runs now, in the calling thread; NULL if there is none. */
struct event *event_base_get_running_event(struct event_base *base);

/**
 * Prepares a base for very many timeouts of one duration. The result, used as timeout of
 * `event_add` instead of `duration`, marks them. It belongs to the base, which has room for 256.
 * NULL if there is no more room, or no memory.
 *
 * Timeouts cost the same with and without it here; programs written for libevent need it.
 */
const struct timeval *event_base_init_common_timeout(struct event_base *base,
                                                     const struct timeval *duration);

/**
 * Prints all events of a base, pending ones and active ones, a line each. For people: the format
 * may change.
 */
void event_base_dump_events(struct event_base *base,
                            FILE *out);

/**
 * Makes the events of a descriptor active that wait for any of `events`; with `EV_TIMEOUT` those
 * that have a timeout, and no others. NULL means the base of `event_init`.
 */
void event_base_active_by_fd(struct event_base *base,
                             int fd,
                             short events);

/** Makes the events of a signal active. NULL means the base of `event_init`. */
void event_base_active_by_signal(struct event_base *base, int sig);

/**
 * Calls `fn` for every event of a base, until it returns something else than 0, which is
 * returned. -1 for NULL. `fn` must not add, delete or change events; the base stays locked.
 */
int event_base_foreach_event(struct event_base *base,
                             event_base_foreach_event_cb fn,
                             void *arg);

/**
 * The time of day; in a callback as it was when the base last looked, which costs no system
 * call. NULL means the base of `event_init`, or none. 0, or -1 if `tv` is NULL.
 */
int event_base_gettimeofday_cached(struct event_base *base, struct timeval *tv);

/**
 * In a callback that runs long: makes the cached time the present. Does nothing outside the
 * loop. NULL means the base of `event_init`. 0, or -1 if there is none.
 */
int event_base_update_cache_time(struct event_base *base);

/**
 * The time of the base's clock, which never jumps; in a callback as of this pass. 0, or -1 for
 * NULL.
 */
int event_gettime_monotonic(struct event_base *base, struct timeval *tv);

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

/**
 * Runs a base's loop until nothing is pending any more, or it is told to end:
 * `event_base_loop(base, 0)`.
 */
int event_base_dispatch(struct event_base *base);

/**
 * Runs a base's loop. With `EVLOOP_ONCE` it waits until something is active and runs that, with
 * `EVLOOP_NONBLOCK` it does not wait, with `EVLOOP_NO_EXIT_ON_EMPTY` it goes on although nothing
 * is pending.
 *
 * 0 when it was told to end (or has done what the flags say), 1 when nothing is pending or
 * active, -1 on failure, and when the loop runs already: one loop at a time for each base.
 */
int event_base_loop(struct event_base *base,
                    int flags);

/**
 * Ends the loop when `tv` has passed (NULL: at once), after the callbacks that are active then.
 * Before the loop runs, it makes the loop end after one pass. 0 or -1.
 */
int event_base_loopexit(struct event_base *base, const struct timeval *tv);

/**
 * Ends the loop when the callback that runs has returned; the others that are active stay so.
 * Of no effect before the loop runs. 0, or -1 for NULL.
 */
int event_base_loopbreak(struct event_base *base);

/**
 * In a callback: when it has returned, the loop looks for new events and starts with the highest
 * priority again. 0, or -1 for NULL.
 */
int event_base_loopcontinue(struct event_base *base);

/** Whether the loop ended, or will end, because of `event_base_loopexit`. */
int event_base_got_exit(struct event_base *base);

/** Whether the loop ended, or will end, because of `event_base_loopbreak`. */
int event_base_got_break(struct event_base *base);

/**
 * Calls `cb` once, when the descriptor is ready for `events` or `timeout` has passed. With
 * `EV_TIMEOUT` alone and no timeout, or one of 0, it is called in the next pass. 0, or -1 for
 * `EV_SIGNAL`, `EV_PERSIST` or no events at all, if there is no memory, or the kernel refuses.
 */
int event_base_once(struct event_base *base,
                    int fd,
                    short events,
                    event_callback_fn cb,
                    void *arg,
                    const struct timeval *timeout);

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
