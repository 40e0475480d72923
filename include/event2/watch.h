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

struct evwatch;
struct evwatch_check_cb_info;
struct evwatch_prepare_cb_info;

/** Called before the loop waits. */
typedef void (*evwatch_prepare_cb)(struct evwatch *watcher,
                                   const struct evwatch_prepare_cb_info *info,
                                   void *arg);

/** Called after the loop has waited, before callbacks run. */
typedef void (*evwatch_check_cb)(struct evwatch *watcher,
                                 const struct evwatch_check_cb_info *info,
                                 void *arg);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_WATCH_H_INCLUDED_ */
