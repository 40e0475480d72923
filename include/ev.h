/* ev.h: libev: event loops and watchers.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EV_H_
#define EV_H_

#ifdef __cplusplus
extern "C" {
#endif

struct ev_async;
struct ev_check;
struct ev_child;
struct ev_cleanup;
struct ev_embed;
struct ev_fork;
struct ev_idle;
struct ev_io;
struct ev_loop;
struct ev_periodic;
struct ev_prepare;
struct ev_signal;
struct ev_stat;
struct ev_timer;

/** The major version of libev's API that the library has: 4. */
EV_API_DECL int ev_version_major(void) EV_NOEXCEPT;

/** The minor version of libev's API that the library has: 33. */
EV_API_DECL int ev_version_minor(void) EV_NOEXCEPT;

/** The `EVBACKEND_` bits of the backends in this library, whether they work on this machine or not. */
EV_API_DECL unsigned int ev_supported_backends(void) EV_NOEXCEPT;

/** The `EVBACKEND_` bits of the backends that are tried when the flags of a loop name none. */
EV_API_DECL unsigned int ev_recommended_backends(void) EV_NOEXCEPT;

/**
 * The `EVBACKEND_` bits of the backends whose loops can be embedded into another (`ev_embed`), on
 * any system. Take what this has in common with `ev_supported_backends`.
 */
EV_API_DECL unsigned int ev_embeddable_backends(void) EV_NOEXCEPT;

/**
 * The wall-clock time in seconds since 1970, read from the clock. `ev_now` is cheaper, and mostly
 * what is wanted. From any thread.
 */
EV_API_DECL ev_tstamp ev_time(void) EV_NOEXCEPT;

/**
 * Blocks the calling thread for `delay` seconds, or until a signal comes. A delay of 0 or less
 * returns at once. From any thread.
 */
EV_API_DECL void ev_sleep(ev_tstamp delay) EV_NOEXCEPT;

/**
 * The default loop: the one that watches children and that all parts of a program share. The first
 * call makes it with these flags (`EVFLAG_` and `EVBACKEND_` bits, 0 for the usual choice); later
 * calls return it whatever the flags. NULL when no backend of those allowed works.
 *
 * The call that makes it installs a handler for SIGCHLD. Not to be called from two threads at once.
 */
EV_API_DECL struct ev_loop *ev_default_loop(unsigned int flags EV_CPP (= 0)) EV_NOEXCEPT;

/**
 * A new loop, independent of all others but for signals, of which each belongs to one loop. NULL
 * when no backend of those that the flags allow works.
 *
 * `flags` are `EVFLAG_` and `EVBACKEND_` bits. Without a backend bit the recommended ones are tried,
 * the best first. The environment variable LIBEV_FLAGS (a decimal number) takes the place of the
 * flags, unless they contain `EVFLAG_NOENV` or the program is set-uid or set-gid.
 *
 * Different loops may be used in different threads; one loop by one thread at a time.
 */
EV_API_DECL struct ev_loop *ev_loop_new(unsigned int flags EV_CPP (= 0)) EV_NOEXCEPT;

/**
 * The time of the loop: the wall-clock time in seconds since 1970 when it last woke up. It stays
 * the same while callbacks run, and is what relative timers count from. 0 for NULL.
 */
EV_API_DECL ev_tstamp ev_now(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Destroys a loop: runs its cleanup watchers and frees everything that it holds. Watchers are not
 * stopped, and must not be used with the loop any more. The next `ev_default_loop` makes a new one if
 * it was the default loop. Not to be called from a callback of the same loop. NULL is ignored.
 */
EV_API_DECL void ev_loop_destroy(struct ev_loop *loop_);

/**
 * Says that the process has forked and that the loop is used in the child: the next pass makes
 * everything afresh that the kernel shares between the two, and runs the fork watchers. All watchers
 * stay. With `EVFLAG_FORKCHECK` the loop notices by itself.
 */
EV_API_DECL void ev_loop_fork(struct ev_loop *loop_) EV_NOEXCEPT;

/** The `EVBACKEND_` bit of the backend that the loop uses. 0 for NULL. */
EV_API_DECL unsigned int ev_backend(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Reads the clock into the loop's time. Useful in a callback that takes long, before it starts
 * timers.
 */
EV_API_DECL void ev_now_update(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Runs the loop: waits for events and calls the watchers' callbacks, until no watcher is active any
 * more, or `ev_break` is called. With `EVRUN_NOWAIT` it makes one pass without blocking, with
 * `EVRUN_ONCE` one pass that may block.
 *
 * Returns the number of references that still keep the loop running: 0 when it ended for want of
 * active watchers. May be called from a callback. 0 for NULL.
 */
EV_API_DECL int ev_run(struct ev_loop *loop_,
           int flags EV_CPP (= 0));

/**
 * Makes the innermost `ev_run` (`EVBREAK_ONE`) or all of them (`EVBREAK_ALL`) return after the
 * callbacks that are pending. `EVBREAK_CANCEL` takes that back. Outside of a run it does nothing.
 */
EV_API_DECL void ev_break(struct ev_loop *loop_,
              int how EV_CPP (= EVBREAK_ONE)) EV_NOEXCEPT;

/** Adds a reference, which keeps `ev_run` running like an active watcher does. */
EV_API_DECL void ev_ref(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Takes a reference away, so that a watcher that stays active does not keep `ev_run` running. Call
 * it after starting the watcher, and `ev_ref` before stopping it.
 */
EV_API_DECL void ev_unref(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Calls `cb` once, when `fd` is ready for one of `events` (`EV_READ`, `EV_WRITE`) or `timeout`
 * seconds have passed, whichever comes first. A negative `fd` waits for the time only, a negative
 * `timeout` for the descriptor only.
 *
 * `cb` gets the events (`EV_READ`, `EV_WRITE`, `EV_TIMER`, `EV_ERROR`), more than one if they came
 * together, and `arg`.
 */
EV_API_DECL void ev_once(struct ev_loop *loop_,
             int fd,
             int events,
             ev_tstamp timeout,
             void (*cb)(int revents, void *arg),
             void *arg) EV_NOEXCEPT;

/**
 * Calls the callbacks of all pending watchers, by priority. For use in a function installed with
 * `ev_set_invoke_pending_cb`.
 */
EV_API_DECL void ev_invoke_pending(struct ev_loop *loop_);

/** How often the loop has waited for events since it was made. */
EV_API_DECL unsigned int ev_iteration(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * How many calls of `ev_run` are on the stack: 0 outside. Leaving a run by `longjmp` or an exception
 * leaves it counted.
 */
EV_API_DECL unsigned int ev_depth(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Checks the loop's data and that of its watchers, and aborts with a message if something is wrong,
 * mostly because a watcher was overwritten while it was active.
 */
EV_API_DECL void ev_verify(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Lets the loop collect I/O for this many seconds before each wait: fewer passes, at the price of
 * latency. 0, the default, for none.
 */
EV_API_DECL void ev_set_io_collect_interval(struct ev_loop *loop_,
                                ev_tstamp interval) EV_NOEXCEPT;

/**
 * Lets timers be up to this many seconds late, so that more of them are called in one pass. 0, the
 * default, for as exact as possible.
 */
EV_API_DECL void ev_set_timeout_collect_interval(struct ev_loop *loop_,
                                     ev_tstamp interval) EV_NOEXCEPT;

/** Stores a pointer of the program's with the loop. */
EV_API_DECL void ev_set_userdata(struct ev_loop *loop_, void *data) EV_NOEXCEPT;

/** What `ev_set_userdata` stored, NULL at first. */
EV_API_DECL void *ev_userdata(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Installs a function that is called wherever the loop would call the pending callbacks. It has to
 * see to it that `ev_invoke_pending` is called, now or elsewhere. `ev_invoke_pending` itself restores
 * the usual.
 */
EV_API_DECL void ev_set_invoke_pending_cb(struct ev_loop *loop_,
                              ev_loop_callback invoke_pending_cb) EV_NOEXCEPT;

/** How many callbacks are pending. */
EV_API_DECL unsigned int ev_pending_count(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Call this before a pause in which the loop does not run and which its timers shall not see, and
 * `ev_resume` after it; nothing else may be called with the loop in between.
 */
EV_API_DECL void ev_suspend(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Ends the pause that `ev_suspend` began: timers are moved by its length, periodics computed
 * anew.
 */
EV_API_DECL void ev_resume(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Makes a watcher of any type pending, with these events, as if they had happened. The watcher need
 * not be active, and may not be freed before its callback ran or `ev_clear_pending` or its stop
 * function was called.
 */
EV_API_DECL void ev_feed_event(struct ev_loop *loop_,
                   void *w,
                   int revents) EV_NOEXCEPT;

/** Makes the I/O watchers of `fd` pending that wait for one of these events. */
EV_API_DECL void ev_feed_fd_event(struct ev_loop *loop_, int fd, int revents) EV_NOEXCEPT;

/**
 * Has the same effect as the signal: its watchers become pending, in whatever loop they are. From any
 * thread or signal handler.
 */
EV_API_DECL void ev_feed_signal(int signum) EV_NOEXCEPT;

/** Makes the watchers of a signal in this loop pending. From the loop's thread only. */
EV_API_DECL void ev_feed_signal_event(struct ev_loop *loop_, int signum) EV_NOEXCEPT;

/** Calls a watcher's callback at once, with these events. The watcher may be inactive. */
EV_API_DECL void ev_invoke(struct ev_loop *loop_, void *w, int revents);

/** If the watcher is pending, makes it not pending and returns its events; else returns 0. */
EV_API_DECL int ev_clear_pending(struct ev_loop *loop_, void *w) EV_NOEXCEPT;

/**
 * Starts an I/O watcher: from now on its callback is called in each pass in which the descriptor is
 * ready for one of its events. Nothing happens if it is active already.
 *
 * The descriptor has to stay open while the watcher is active. If the kernel turns out not to know it,
 * the watcher is stopped and called with `EV_ERROR | EV_READ | EV_WRITE`. A negative descriptor or
 * other events than `EV_READ` and `EV_WRITE` abort with a message.
 */
EV_API_DECL void ev_io_start(struct ev_loop *loop_,
                 struct ev_io *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_io_stop(struct ev_loop *loop_, struct ev_io *w) EV_NOEXCEPT;

/**
 * Starts a timer: its callback is called once `after` seconds after the loop's time (`ev_now`), and
 * then every `repeat` seconds unless that is 0. A negative `repeat` aborts with a message. Nothing
 * happens if it is active already.
 */
EV_API_DECL void ev_timer_start(struct ev_loop *loop_,
                    struct ev_timer *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_timer_stop(struct ev_loop *loop_, struct ev_timer *w) EV_NOEXCEPT;

/**
 * Restarts a timer. It is made not pending; then, if it repeats, it is due `repeat` seconds from now,
 * active or not; if it does not, it is stopped. The cheapest way to a timeout that is pushed back all
 * the time.
 */
EV_API_DECL void ev_timer_again(struct ev_loop *loop_,
                    struct ev_timer *w) EV_NOEXCEPT;

/** How many seconds an active timer has left; what it would be started with if it is not active. */
EV_API_DECL ev_tstamp ev_timer_remaining(struct ev_loop *loop_, struct ev_timer *w) EV_NOEXCEPT;

/**
 * Starts a periodic. With a reschedule callback, that is asked for the next time, now and after each
 * expiry; else, with an interval, it is due whenever the wall clock is `offset` plus a multiple of it;
 * else once, at the wall-clock time `offset`. Nothing happens if it is active already.
 */
EV_API_DECL void ev_periodic_start(struct ev_loop *loop_,
                       struct ev_periodic *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_periodic_stop(struct ev_loop *loop_, struct ev_periodic *w) EV_NOEXCEPT;

/** Stops and starts a periodic, so that its next time is computed anew. */
EV_API_DECL void ev_periodic_again(struct ev_loop *loop_, struct ev_periodic *w) EV_NOEXCEPT;

/**
 * Starts a signal watcher. The first of a signal installs a handler. Signals that come before the
 * loop looks are reported once. Any number of watchers may wait for a signal, but only in one loop:
 * another one aborts with a message, as an illegal number does.
 */
EV_API_DECL void ev_signal_start(struct ev_loop *loop_,
                     struct ev_signal *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending. The last of a signal restores the default action. */
EV_API_DECL void ev_signal_stop(struct ev_loop *loop_, struct ev_signal *w) EV_NOEXCEPT;

/**
 * Starts a child watcher, in the default loop only: elsewhere it aborts with a message. Its callback
 * is called when the process ends, and if asked for when it is stopped or continued; it stays active.
 *
 * The loop asks for the status of all children of the process. If it was made with
 * `EVFLAG_REAPNAMED`, it asks only for those that watchers name.
 */
EV_API_DECL void ev_child_start(struct ev_loop *loop_,
                    struct ev_child *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_child_stop(struct ev_loop *loop_, struct ev_child *w) EV_NOEXCEPT;

/**
 * Starts a stat watcher: its callback is called when the attributes of the path change, or it appears
 * or vanishes. The path has to stay alive while the watcher is active.
 */
EV_API_DECL void ev_stat_start(struct ev_loop *loop_,
                   struct ev_stat *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_stat_stop(struct ev_loop *loop_, struct ev_stat *w) EV_NOEXCEPT;

/** Looks at the path and refreshes `attr`, without calling the callback if it has changed. */
EV_API_DECL void ev_stat_stat(struct ev_loop *loop_, struct ev_stat *w) EV_NOEXCEPT;

/**
 * Starts an idle watcher: it is called in each pass in which nothing of its priority or a higher one
 * is pending. While one is active the loop does not block.
 */
EV_API_DECL void ev_idle_start(struct ev_loop *loop_,
                   struct ev_idle *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_idle_stop(struct ev_loop *loop_, struct ev_idle *w) EV_NOEXCEPT;

/** Starts a prepare watcher: it is called in each pass before the loop waits. */
EV_API_DECL void ev_prepare_start(struct ev_loop *loop_, struct ev_prepare *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_prepare_stop(struct ev_loop *loop_, struct ev_prepare *w) EV_NOEXCEPT;

/**
 * Starts a check watcher: it is called in each pass after the loop has waited, before the other
 * callbacks of its priority.
 */
EV_API_DECL void ev_check_start(struct ev_loop *loop_, struct ev_check *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_check_stop(struct ev_loop *loop_, struct ev_check *w) EV_NOEXCEPT;

/**
 * Starts a fork watcher: it is called in the pass after `ev_loop_fork`, before the prepare
 * watchers.
 */
EV_API_DECL void ev_fork_start(struct ev_loop *loop_, struct ev_fork *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_fork_stop(struct ev_loop *loop_, struct ev_fork *w) EV_NOEXCEPT;

/**
 * Starts a cleanup watcher: it is called when the loop is destroyed. It does not keep `ev_run`
 * running.
 */
EV_API_DECL void ev_cleanup_start(struct ev_loop *loop_, struct ev_cleanup *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_cleanup_stop(struct ev_loop *loop_, struct ev_cleanup *w) EV_NOEXCEPT;

/**
 * Starts an embed watcher: the loop `other` runs whenever it has something to do; with a callback, that
 * has to call `ev_embed_sweep`. Aborts with a message if the other loop's backend cannot be
 * embedded.
 */
EV_API_DECL void ev_embed_start(struct ev_loop *loop_,
                    struct ev_embed *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_embed_stop(struct ev_loop *loop_, struct ev_embed *w) EV_NOEXCEPT;

/** Lets the embedded loop make one pass without blocking. */
EV_API_DECL void ev_embed_sweep(struct ev_loop *loop_, struct ev_embed *w) EV_NOEXCEPT;

/** Starts an async watcher: its callback is called after `ev_async_send`. */
EV_API_DECL void ev_async_start(struct ev_loop *loop_, struct ev_async *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_async_stop(struct ev_loop *loop_, struct ev_async *w) EV_NOEXCEPT;

/**
 * Wakes the loop up to call an async watcher's callback. From any thread or signal handler, as long
 * as the watcher is active and the loop is not destroyed. What is sent before the loop looks is
 * reported once.
 */
EV_API_DECL void ev_async_send(struct ev_loop *loop_,
                   struct ev_async *w) EV_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif /* EV_H_ */
