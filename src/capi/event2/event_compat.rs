//! `event2/event_compat.h`: the functions without a base.
//!
//! They use the base that `event_init` made last. Not for programs with threads.

use super::event::run::event_base_loop;
use crate::capi::ev_event;
use crate::event::base as bases;
use crate::event::flags::event_callback_fn;
use crate::event::raw::event;
use crate::event::{event_base, state};
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_char, c_int, c_short, timeval};

/// Makes a base and uses it in all functions without one. NULL if that is not possible.
#[unsafe(no_mangle)]
pub extern "C" fn event_init() -> *mut event_base {
    if ev_event::wanted() {
        return ev_event::event_init().cast();
    }
    match bases::base_new() {
        Ok(base) => {
            bases::set_current_base(base);
            base
        }
        Err(_) => {
            crate::log::errx(1, format_args!("event_init: Unable to construct event_base"));
        }
    }
}

/// `event_base_dispatch` on the current base.
#[unsafe(no_mangle)]
pub extern "C" fn event_dispatch() -> c_int {
    if ev_event::wanted() {
        return ev_event::event_dispatch();
    }
    event_loop(0)
}

/// `event_base_loop` on the current base.
#[unsafe(no_mangle)]
pub extern "C" fn event_loop(flags: c_int) -> c_int {
    if ev_event::wanted() {
        return ev_event::event_loop(flags);
    }
    // SAFETY: the current base is NULL or alive: freeing it makes it NULL.
    unsafe { event_base_loop(bases::current_base(), flags) }
}

/// `event_base_loopexit` on the current base.
///
/// # Safety
/// `tv` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_loopexit(tv: *const timeval) -> c_int {
    if ev_event::wanted() {
        // SAFETY: this function's contract, in a process that means libev's structures.
        return unsafe { ev_event::event_loopexit(tv) };
    }
    // SAFETY: this function's contract; the current base is NULL or alive.
    unsafe { super::event::run::event_base_loopexit(bases::current_base(), tv) }
}

/// `event_base_loopbreak` on the current base.
#[unsafe(no_mangle)]
pub extern "C" fn event_loopbreak() -> c_int {
    // SAFETY: the current base is NULL or alive.
    unsafe { super::event::run::event_base_loopbreak(bases::current_base()) }
}

/// `event_base_once` on the current base.
///
/// # Safety
/// `timeout` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_once(
    fd: c_int,
    events: c_short,
    cb: event_callback_fn,
    arg: *mut c_void,
    timeout: *const timeval,
) -> c_int {
    if ev_event::wanted() {
        // SAFETY: this function's contract, in a process that means libev's structures.
        return unsafe { ev_event::event_once(fd, events, cb, arg, timeout) };
    }
    let base = bases::current_base();
    // SAFETY: this function's contract; the current base is NULL or alive.
    unsafe { super::event::run::event_base_once(base, fd, events, cb, arg, timeout) }
}

/// The name of the current base's method; NULL without one.
#[unsafe(no_mangle)]
pub extern "C" fn event_get_method() -> *const c_char {
    if ev_event::wanted() {
        return ev_event::event_get_method();
    }
    // SAFETY: the current base is NULL or alive.
    unsafe { super::event::base::event_base_get_method(bases::current_base()) }
}

/// `event_base_priority_init` on the current base.
#[unsafe(no_mangle)]
pub extern "C" fn event_priority_init(npriorities: c_int) -> c_int {
    if ev_event::wanted() {
        return ev_event::event_priority_init(npriorities);
    }
    // SAFETY: the current base is NULL or alive.
    unsafe { super::event::base::event_base_priority_init(bases::current_base(), npriorities) }
}

/// `event_assign` on the current base, which may be missing: then `event_base_set` must follow.
///
/// # Safety
/// As `event_assign`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_set(
    ev: *mut event,
    fd: c_int,
    events: c_short,
    cb: event_callback_fn,
    arg: *mut c_void,
) {
    if ev_event::wanted() {
        // SAFETY: this function's contract, in a process that means libev's structures.
        return unsafe { ev_event::event_set(ev.cast(), fd, events, cb, arg) };
    }
    if !ev.is_null() {
        // SAFETY: this function's contract. It has no way to say that it failed: a warning was
        // logged, and the event has no closure but that of a plain one.
        let _ = unsafe { state::assign(ev, null_mut(), fd, events, cb, arg) };
    }
}
