//! Starting and stopping watchers, and what else concerns one watcher: part of `ev.h`.

use crate::ev::raw::*;
use crate::ev::{child, embed, io, lists, periodic, signals, stat, timer};

/// Starts an I/O watcher: from now on its callback is called in each pass in which the descriptor is
/// ready for one of its events. Nothing happens if it is active already.
///
/// The descriptor has to stay open while the watcher is active. If the kernel turns out not to know it,
/// the watcher is stopped and called with `EV_ERROR | EV_READ | EV_WRITE`. A negative descriptor or
/// other events than `EV_READ` and `EV_WRITE` abort with a message.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_io_start(loop_: *mut ev_loop, w: *mut ev_io) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { io::start(loop_, w) }
}

/// Stops the watcher and makes it not pending; its memory is the caller's again.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_io_stop(loop_: *mut ev_loop, w: *mut ev_io) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { io::stop(loop_, w) }
}

/// Starts a timer: its callback is called once `after` seconds after the loop's time (`ev_now`), and
/// then every `repeat` seconds unless that is 0. A negative `repeat` aborts with a message. Nothing
/// happens if it is active already.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_timer_start(loop_: *mut ev_loop, w: *mut ev_timer) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { timer::start(loop_, w) }
}

/// Stops the watcher and makes it not pending; its memory is the caller's again.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_timer_stop(loop_: *mut ev_loop, w: *mut ev_timer) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { timer::stop(loop_, w) }
}

/// Restarts a timer. It is made not pending; then, if it repeats, it is due `repeat` seconds from now,
/// active or not; if it does not, it is stopped. The cheapest way to a timeout that is pushed back all
/// the time.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_timer_again(loop_: *mut ev_loop, w: *mut ev_timer) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { timer::again(loop_, w) }
}

/// How many seconds an active timer has left; what it would be started with if it is not active.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_timer_remaining(loop_: *mut ev_loop, w: *mut ev_timer) -> ev_tstamp {
    if loop_.is_null() || w.is_null() {
        return 0.0;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { timer::remaining(loop_, w) }
}

/// Starts a periodic. With a reschedule callback, that is asked for the next time, now and after each
/// expiry; else, with an interval, it is due whenever the wall clock is `offset` plus a multiple of it;
/// else once, at the wall-clock time `offset`. Nothing happens if it is active already.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_periodic_start(loop_: *mut ev_loop, w: *mut ev_periodic) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { periodic::start(loop_, w) }
}

/// Stops the watcher and makes it not pending; its memory is the caller's again.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_periodic_stop(loop_: *mut ev_loop, w: *mut ev_periodic) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { periodic::stop(loop_, w) }
}

/// Stops and starts a periodic, so that its next time is computed anew.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_periodic_again(loop_: *mut ev_loop, w: *mut ev_periodic) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { periodic::again(loop_, w) }
}

/// Starts a signal watcher. The first of a signal installs a handler. Signals that come before the
/// loop looks are reported once. Any number of watchers may wait for a signal, but only in one loop:
/// another one aborts with a message, as an illegal number does.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_signal_start(loop_: *mut ev_loop, w: *mut ev_signal) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { signals::signal_start(loop_, w) }
}

/// Stops the watcher and makes it not pending. The last of a signal restores the default action.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_signal_stop(loop_: *mut ev_loop, w: *mut ev_signal) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { signals::signal_stop(loop_, w) }
}

/// Starts a child watcher, in the default loop only: elsewhere it aborts with a message. Its callback
/// is called when the process ends, and if asked for when it is stopped or continued; it stays active.
///
/// The loop asks for the status of all children of the process. If it was made with
/// `EVFLAG_REAPNAMED`, it asks only for those that watchers name.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_child_start(loop_: *mut ev_loop, w: *mut ev_child) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { child::start(loop_, w) }
}

/// Stops the watcher and makes it not pending; its memory is the caller's again.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_child_stop(loop_: *mut ev_loop, w: *mut ev_child) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { child::stop(loop_, w) }
}

/// Starts a stat watcher: its callback is called when the attributes of the path change, or it appears
/// or vanishes. The path has to stay alive while the watcher is active.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_stat_start(loop_: *mut ev_loop, w: *mut ev_stat) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { stat::start(loop_, w) }
}

/// Stops the watcher and makes it not pending; its memory is the caller's again.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_stat_stop(loop_: *mut ev_loop, w: *mut ev_stat) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { stat::stop(loop_, w) }
}

/// Looks at the path and refreshes `attr`, without calling the callback if it has changed.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live and has a path.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_stat_stat(loop_: *mut ev_loop, w: *mut ev_stat) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { stat::look(loop_, w) }
}

/// Starts an idle watcher: it is called in each pass in which nothing of its priority or a higher one
/// is pending. While one is active the loop does not block.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_idle_start(loop_: *mut ev_loop, w: *mut ev_idle) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { lists::idle_start(loop_, w) }
}

/// Stops the watcher and makes it not pending; its memory is the caller's again.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_idle_stop(loop_: *mut ev_loop, w: *mut ev_idle) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { lists::idle_stop(loop_, w) }
}

/// Starts a prepare watcher: it is called in each pass before the loop waits.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_prepare_start(loop_: *mut ev_loop, w: *mut ev_prepare) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { lists::prepare_start(loop_, w) }
}

/// Stops the watcher and makes it not pending; its memory is the caller's again.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_prepare_stop(loop_: *mut ev_loop, w: *mut ev_prepare) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { lists::prepare_stop(loop_, w) }
}

/// Starts a check watcher: it is called in each pass after the loop has waited, before the other
/// callbacks of its priority.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_check_start(loop_: *mut ev_loop, w: *mut ev_check) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { lists::check_start(loop_, w) }
}

/// Stops the watcher and makes it not pending; its memory is the caller's again.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_check_stop(loop_: *mut ev_loop, w: *mut ev_check) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { lists::check_stop(loop_, w) }
}

/// Starts a fork watcher: it is called in the pass after `ev_loop_fork`, before the prepare
/// watchers.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_fork_start(loop_: *mut ev_loop, w: *mut ev_fork) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { lists::fork_start(loop_, w) }
}

/// Stops the watcher and makes it not pending; its memory is the caller's again.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_fork_stop(loop_: *mut ev_loop, w: *mut ev_fork) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { lists::fork_stop(loop_, w) }
}

/// Starts a cleanup watcher: it is called when the loop is destroyed. It does not keep `ev_run`
/// running.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_cleanup_start(loop_: *mut ev_loop, w: *mut ev_cleanup) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { lists::cleanup_start(loop_, w) }
}

/// Stops the watcher and makes it not pending; its memory is the caller's again.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_cleanup_stop(loop_: *mut ev_loop, w: *mut ev_cleanup) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { lists::cleanup_stop(loop_, w) }
}

/// Starts an embed watcher: the loop `other` runs whenever it has something to do; with a callback, that
/// has to call `ev_embed_sweep`. Aborts with a message if the other loop's backend cannot be
/// embedded.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_embed_start(loop_: *mut ev_loop, w: *mut ev_embed) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { embed::start(loop_, w) }
}

/// Stops the watcher and makes it not pending; its memory is the caller's again.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_embed_stop(loop_: *mut ev_loop, w: *mut ev_embed) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { embed::stop(loop_, w) }
}

/// Lets the embedded loop make one pass without blocking.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_embed_sweep(loop_: *mut ev_loop, w: *mut ev_embed) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { embed::sweep(loop_, w) }
}

/// Starts an async watcher: its callback is called after `ev_async_send`.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_async_start(loop_: *mut ev_loop, w: *mut ev_async) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { signals::async_start(loop_, w) }
}

/// Stops the watcher and makes it not pending; its memory is the caller's again.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop, and this is its thread; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_async_stop(loop_: *mut ev_loop, w: *mut ev_async) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { signals::async_stop(loop_, w) }
}

/// Wakes the loop up to call an async watcher's callback. From any thread or signal handler, as long
/// as the watcher is active and the loop is not destroyed. What is sent before the loop looks is
/// reported once.
///
/// cbindgen:postfix=EV_NOEXCEPT
///
/// # Safety
/// `loop` is null or a live loop; the watcher is null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_async_send(loop_: *mut ev_loop, w: *mut ev_async) {
    if loop_.is_null() || w.is_null() {
        return;
    }
    // SAFETY: the caller's promises are those of the function called.
    unsafe { signals::async_send(loop_, w) }
}
