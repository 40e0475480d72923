/* event2/watch.h: watchers, called before and after the loop waits (since 2.2).
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_WATCH_H_INCLUDED_
#define EVENT2_WATCH_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

struct event_base;
struct evwatch;
struct evwatch_check_cb_info;
struct evwatch_prepare_cb_info;
struct timeval;

/** Called before the loop waits. */
typedef void (*evwatch_prepare_cb)(struct evwatch *watcher,
                                   const struct evwatch_prepare_cb_info *info,
                                   void *arg);

/** Called after the loop has waited, before callbacks run. */
typedef void (*evwatch_check_cb)(struct evwatch *watcher,
                                 const struct evwatch_check_cb_info *info,
                                 void *arg);

/**
 * Has `callback` called in the loop's thread each time before the loop waits, in the order in
 * which watchers were made. NULL if there is no memory. Watchers that are left are freed with
 * the base.
 */
struct evwatch *evwatch_prepare_new(struct event_base *base,
                                    evwatch_prepare_cb callback,
                                    void *arg);

/**
 * Has `callback` called in the loop's thread each time after the loop has waited, before any
 * callback of an event.
 */
struct evwatch *evwatch_check_new(struct event_base *base,
                                  evwatch_check_cb callback,
                                  void *arg);

/** The base of a watcher. */
struct event_base *evwatch_base(struct evwatch *watcher);

/** Frees a watcher, also from a callback of its own. NULL is ignored. */
void evwatch_free(struct evwatch *watcher);

/** In a prepare callback: 1, and how long the loop will wait at most; 0 if it may wait for ever. */
int evwatch_prepare_get_timeout(const struct evwatch_prepare_cb_info *info,
                                struct timeval *timeout);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_WATCH_H_INCLUDED_ */
