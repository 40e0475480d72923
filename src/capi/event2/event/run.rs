//! Running a loop: part of `event2/event.h`.

use super::super::super::convert::status;
use crate::capi::ev_event;
use crate::event::flags::event_callback_fn;
use crate::event::{event_base, once, turn};
use core::ffi::c_void;
use libc::{c_int, c_short, timeval};

/// Runs a base's loop until nothing is pending any more, or it is told to end:
/// `event_base_loop(base, 0)`.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_dispatch(base: *mut event_base) -> c_int {
    if ev_event::wanted() {
        // SAFETY: this function's contract, in a process that means libev's structures.
        return unsafe { ev_event::event_base_dispatch(base.cast()) };
    }
    // SAFETY: this function's contract.
    unsafe { event_base_loop(base, 0) }
}

/// Runs a base's loop. With `EVLOOP_ONCE` it waits until something is active and runs that, with
/// `EVLOOP_NONBLOCK` it does not wait, with `EVLOOP_NO_EXIT_ON_EMPTY` it goes on although nothing
/// is pending.
///
/// 0 when it was told to end (or has done what the flags say), 1 when nothing is pending or
/// active, -1 on failure, and when the loop runs already: one loop at a time for each base.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_loop(base: *mut event_base, flags: c_int) -> c_int {
    if ev_event::wanted() {
        // SAFETY: this function's contract, in a process that means libev's structures.
        return unsafe { ev_event::event_base_loop(base.cast(), flags) };
    }
    if base.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    unsafe { turn::run(base, flags) }
}

/// Ends the loop when `tv` has passed (NULL: at once), after the callbacks that are active then.
/// Before the loop runs, it makes the loop end after one pass. 0 or -1.
///
/// # Safety
/// `base` is NULL or alive; `tv` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_loopexit(base: *mut event_base, tv: *const timeval) -> c_int {
    if ev_event::wanted() {
        // SAFETY: this function's contract, in a process that means libev's structures.
        return unsafe { ev_event::event_base_loopexit(base.cast(), tv) };
    }
    if base.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    status(unsafe { turn::loop_exit(base, tv.as_ref()) })
}

/// Ends the loop when the callback that runs has returned; the others that are active stay so.
/// Of no effect before the loop runs. 0, or -1 for NULL.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_loopbreak(base: *mut event_base) -> c_int {
    if base.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    unsafe { turn::loop_break(base) }
    0
}

/// In a callback: when it has returned, the loop looks for new events and starts with the highest
/// priority again. 0, or -1 for NULL.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_loopcontinue(base: *mut event_base) -> c_int {
    if base.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    unsafe { turn::loop_continue(base) }
    0
}

/// Whether the loop ended, or will end, because of `event_base_loopexit`.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_got_exit(base: *mut event_base) -> c_int {
    // SAFETY: this function's contract.
    c_int::from(!base.is_null() && unsafe { turn::got(base) }.0)
}

/// Whether the loop ended, or will end, because of `event_base_loopbreak`.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_got_break(base: *mut event_base) -> c_int {
    // SAFETY: this function's contract.
    c_int::from(!base.is_null() && unsafe { turn::got(base) }.1)
}

/// Calls `cb` once, when the descriptor is ready for `events` or `timeout` has passed. With
/// `EV_TIMEOUT` alone and no timeout, or one of 0, it is called in the next pass. 0, or -1 for
/// `EV_SIGNAL`, `EV_PERSIST` or no events at all, if there is no memory, or the kernel refuses.
///
/// # Safety
/// `base` is NULL or alive; `timeout` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_once(
    base: *mut event_base,
    fd: c_int,
    events: c_short,
    cb: event_callback_fn,
    arg: *mut c_void,
    timeout: *const timeval,
) -> c_int {
    if ev_event::wanted() {
        // SAFETY: this function's contract, in a process that means libev's structures.
        return unsafe { ev_event::event_base_once(base.cast(), fd, events, cb, arg, timeout) };
    }
    if base.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    status(unsafe { once::add(base, fd, events, cb, arg, timeout.as_ref()) })
}
