/* event2/event_compat.h: functions of libevent before 2.0, which work on one global base. New code names its base.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_EVENT_COMPAT_H_INCLUDED_
#define EVENT2_EVENT_COMPAT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <sys/types.h>
#include <sys/time.h>
#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct event;
struct event_base;
struct timeval;

/** Makes a base and uses it in all functions without one. NULL if that is not possible. */
struct event_base *event_init(void);

/** `event_base_dispatch` on the current base. */
int event_dispatch(void);

/** `event_base_loop` on the current base. */
int event_loop(int flags);

/** `event_base_loopexit` on the current base. */
int event_loopexit(const struct timeval *tv);

/** `event_base_loopbreak` on the current base. */
int event_loopbreak(void);

/** `event_base_once` on the current base. */
int event_once(int fd,
               short events,
               void (*cb)(int fd, short events, void *arg),
               void *arg,
               const struct timeval *timeout);

/** The name of the current base's method; NULL without one. */
const char *event_get_method(void);

/** `event_base_priority_init` on the current base. */
int event_priority_init(int npriorities);

/** `event_assign` on the current base, which may be missing: then `event_base_set` must follow. */
void event_set(struct event *ev, int fd, short events, void (*cb)(int fd,
                                                                  short events,
                                                                  void *arg), void *arg);

/* Timers and signals of the global base. */
#define evtimer_set(ev, cb, arg) event_set((ev), -1, 0, (cb), (arg))
#define evsignal_set(ev, x, cb, arg) event_set((ev), (x), EV_SIGNAL|EV_PERSIST, (cb), (arg))

/* Older names of the same. */
#define timeout_add(ev, tv) event_add((ev), (tv))
#define timeout_set(ev, cb, arg) event_set((ev), -1, 0, (cb), (arg))
#define timeout_del(ev) event_del(ev)
#define timeout_pending(ev, tv) event_pending((ev), EV_TIMEOUT, (tv))
#define timeout_initialized(ev) event_initialized(ev)
#define signal_add(ev, tv) event_add((ev), (tv))
#define signal_set(ev, x, cb, arg) event_set((ev), (x), EV_SIGNAL|EV_PERSIST, (cb), (arg))
#define signal_del(ev) event_del(ev)
#define signal_pending(ev, tv) event_pending((ev), EV_SIGNAL, (tv))
#define signal_initialized(ev) event_initialized(ev)

/* What an event waits for. */
#define EVENT_FD(ev) ((int)event_get_fd(ev))
#define EVENT_SIGNAL(ev) event_get_signal(ev)

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_EVENT_COMPAT_H_INCLUDED_ */
