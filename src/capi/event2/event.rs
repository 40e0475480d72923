//! `event2/event.h`: bases and events.
//!
//! A base runs the callbacks of its events, in one thread at a time. Where threads are set up
//! (`event2/thread.h`) before a base is made, every function here may be called from any thread,
//! unless it says otherwise; else all of a base's functions belong to one thread at a time.
//!
//! NULL where an object is needed gives the error return.

pub mod base;
pub mod log;
pub mod run;

use super::super::convert::status;
use crate::capi::ev_event;
use crate::event::debug;
use crate::event::event_base;
use crate::event::finalize;
use crate::event::flags::{event_callback_fn, event_finalize_callback_fn};
use crate::event::raw::event;
use crate::event::state::{self, AtOnce, Blocking};
use core::ffi::c_void;
use core::ptr::{null, null_mut};
use libc::{c_char, c_int, c_short, c_uint, timeval};

/// Switches on debug mode: the process ends, with a message, when an event is used that was not
/// assigned, or assigned while it is pending. Slow; for development.
///
/// To be called before any base or event is made, and once only: else the process ends at once.
#[unsafe(no_mangle)]
pub extern "C" fn event_enable_debug_mode() {
    debug::enable();
}

/// In debug mode, makes the library forget an event whose memory will be used for something else.
/// Not needed for events of `event_new`. Does nothing outside debug mode.
///
/// # Safety
/// `ev` is only looked at as an address.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_debug_unassign(ev: *mut event) {
    debug::note_teardown(ev);
}

/// The value that, as the argument of a callback in `event_new` or `event_assign`, stands for the
/// event itself.
#[unsafe(no_mangle)]
pub extern "C" fn event_self_cbarg() -> *mut c_void {
    state::self_cbarg()
}

/// Makes a new event, neither pending nor active; to be freed with `event_free`.
///
/// `events` is any of `EV_READ`, `EV_WRITE`, `EV_CLOSED` for the descriptor `fd`, or `EV_SIGNAL`
/// for the signal of number `fd`, with `EV_PERSIST` and `EV_ET` as needed; 0 and an `fd` of -1
/// make a timer, or an event that is only ever made active by hand. `base` NULL means the base of
/// `event_init`. Returns NULL when there is no memory or the events contradict each other.
///
/// # Safety
/// `base` is NULL or alive, and outlives the event's being pending.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_new(
    base: *mut event_base,
    fd: c_int,
    events: c_short,
    cb: event_callback_fn,
    arg: *mut c_void,
) -> *mut event {
    // SAFETY: this function's contract.
    unsafe { state::new(base, fd, events, cb, arg) }.map_or(null_mut(), |ev| ev.as_ptr())
}

/// As `event_new`, in memory of the caller's; the size of `struct event` may differ in another
/// version of the library, `event_get_struct_event_size` tells. 0, or -1 if the events contradict
/// each other.
///
/// Must not be called on an event that is pending or active.
///
/// # Safety
/// `ev` is NULL or points to memory for a `struct event`, which stays where it is while the event
/// is pending or active; `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_assign(
    ev: *mut event,
    base: *mut event_base,
    fd: c_int,
    events: c_short,
    cb: event_callback_fn,
    arg: *mut c_void,
) -> c_int {
    if ev.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    status(unsafe { state::assign(ev, base, fd, events, cb, arg) })
}

/// Deletes an event of `event_new` and frees it. From another thread than the loop's it waits as
/// `event_del` does. NULL is ignored.
///
/// # Safety
/// `ev` is NULL or came from `event_new`, and is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_free(ev: *mut event) {
    if !ev.is_null() {
        // SAFETY: this function's contract.
        unsafe { state::free(ev) }
    }
}

/// Deletes an event and has `cb` called from the loop when the event's callback can run no more;
/// then its memory may be freed or assigned anew. Until then it cannot be added. `flags` is 0.
/// 0, or -1 if the event has no base.
///
/// # Safety
/// `ev` is NULL or assigned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_finalize(
    flags: c_uint,
    ev: *mut event,
    cb: event_finalize_callback_fn,
) -> c_int {
    let _ = flags;
    if ev.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    status(unsafe { finalize::finalize(ev, cb, false) })
}

/// `event_finalize` for an event of `event_new`, which is freed when `cb` has run.
///
/// # Safety
/// `ev` is NULL or came from `event_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_free_finalize(
    flags: c_uint,
    ev: *mut event,
    cb: event_finalize_callback_fn,
) -> c_int {
    let _ = flags;
    if ev.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    status(unsafe { finalize::finalize(ev, cb, true) })
}

/// Makes an event pending: its callback runs when what it waits for happens, or when `timeout`
/// (NULL: none) has passed without it.
///
/// If the event is pending already, a new timeout replaces the old one, and NULL leaves it as it
/// is. An event that is not persistent stops being pending when its callback runs. 0, or -1 if
/// the event has no base or is being finalized, or if the kernel refuses the descriptor or the
/// signal; then nothing has changed.
///
/// # Safety
/// `ev` is NULL or assigned, its base alive; `timeout` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_add(ev: *mut event, timeout: *const timeval) -> c_int {
    if ev.is_null() {
        return -1;
    }
    // SAFETY: this function's contract. Where short cuts are allowed nobody means other structures.
    unsafe {
        match timeout.as_ref() {
            None => add_untimed(ev),
            Some(tv) => match state::add_at_once(ev, tv) {
                AtOnce::Done => 0,
                AtOnce::Nearly => add_outside(ev, timeout),
                AtOnce::No => add_with_care(ev, timeout),
            },
        }
    }
}

#[inline(never)]
unsafe fn add_untimed(ev: *mut event) -> c_int {
    // SAFETY: as in `event_add`.
    unsafe {
        match state::add_untimed_at_once(ev) {
            Some(result) => status(result),
            None => add_with_care(ev, null()),
        }
    }
}

#[inline(never)]
unsafe fn add_outside(ev: *mut event, timeout: *const timeval) -> c_int {
    // SAFETY: as in `event_add`, which looked at both.
    unsafe { if state::add_outside(ev, &*timeout) { 0 } else { add_with_care(ev, timeout) } }
}

#[inline(never)]
unsafe fn add_with_care(ev: *mut event, timeout: *const timeval) -> c_int {
    if ev_event::wanted() {
        // SAFETY: as in `event_add`, in a process that means libev's structures.
        return unsafe { ev_event::event_add(ev.cast(), timeout) };
    }
    // SAFETY: as in `event_add`.
    status(unsafe { state::add(ev, timeout.as_ref()) })
}

/// Takes away an event's timeout; it goes on waiting for everything else. 0, or -1 if the event
/// has no base.
///
/// # Safety
/// `ev` is NULL or assigned, its base alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_remove_timer(ev: *mut event) -> c_int {
    if ev.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    status(unsafe { state::remove_timer(ev) })
}

/// Makes an event neither pending nor active. 0, also if it was neither; -1 if it has no base.
///
/// While another thread runs the event's callback, waits until the callback has ended, unless the
/// event has `EV_FINALIZE`.
///
/// # Safety
/// `ev` is NULL or assigned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_del(ev: *mut event) -> c_int {
    if ev.is_null() {
        return -1;
    }
    // SAFETY: this function's contract. Where short cuts are allowed nobody means other structures.
    unsafe {
        match state::del_at_once(ev) {
            AtOnce::Done => 0,
            AtOnce::Nearly => del_rest(ev),
            AtOnce::No => del_with_care(ev),
        }
    }
}

#[inline(never)]
unsafe fn del_rest(ev: *mut event) -> c_int {
    // SAFETY: as in `event_del`.
    unsafe { state::del_rest(ev) };
    0
}

#[inline(never)]
unsafe fn del_with_care(ev: *mut event) -> c_int {
    if ev_event::wanted() {
        // SAFETY: as in `event_del`, in a process that means libev's structures.
        return unsafe { ev_event::event_del(ev.cast()) };
    }
    // SAFETY: as in `event_del`.
    status(unsafe { state::del_as(ev, Blocking::Auto) })
}

/// `event_del` that never waits for a running callback.
///
/// # Safety
/// `ev` is NULL or assigned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_del_noblock(ev: *mut event) -> c_int {
    if ev.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    status(unsafe { state::del_as(ev, Blocking::Never) })
}

/// `event_del` that waits for a running callback even with `EV_FINALIZE`.
///
/// # Safety
/// `ev` is NULL or assigned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_del_block(ev: *mut event) -> c_int {
    if ev.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    status(unsafe { state::del_as(ev, Blocking::Always) })
}

/// Makes an event active as if `res` (`EV_*`) had happened, whether it is pending or not. If it
/// is active already, `res` is added to what it is active for. A signal event's callback runs
/// `ncalls` times, any other once.
///
/// # Safety
/// `ev` is NULL or assigned, its base alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_active(ev: *mut event, res: c_int, ncalls: c_short) {
    // SAFETY: this function's contract. Where short cuts are allowed nobody means other structures.
    // The bits of `EV_*` fit a short.
    unsafe {
        if !ev.is_null() && !state::active_at_once(ev, res as c_short) {
            active_with_care(ev, res, ncalls);
        }
    }
}

#[inline(never)]
unsafe fn active_with_care(ev: *mut event, res: c_int, ncalls: c_short) {
    // SAFETY: as in `event_active`; with other structures, in a process that means libev's.
    unsafe {
        if ev_event::wanted() {
            ev_event::event_active(ev.cast(), res, ncalls);
        } else {
            state::active(ev, res as c_short, ncalls);
        }
    }
}

/// Which of `events` (`EV_*`) the event waits for or is active with. If it has a timeout and
/// `EV_TIMEOUT` is asked for, `tv`, unless NULL, gets the wall-clock time at which it expires.
///
/// # Safety
/// `ev` is NULL or assigned, its base alive; `tv` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_pending(
    ev: *const event,
    events: c_short,
    tv: *mut timeval,
) -> c_int {
    if ev_event::wanted() {
        // SAFETY: this function's contract, in a process that means libev's structures.
        return unsafe { ev_event::event_pending(ev.cast_mut().cast(), events, tv) };
    }
    if ev.is_null() {
        return 0;
    }
    // SAFETY: this function's contract.
    c_int::from(unsafe { state::pending(ev, events, tv) })
}

/// Whether an event was assigned: for memory that was zeroed before.
///
/// # Safety
/// `ev` is NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_initialized(ev: *const event) -> c_int {
    // SAFETY: this function's contract.
    c_int::from(!ev.is_null() && unsafe { state::initialized(ev) })
}

/// The event, unless NULL; in debug mode only one that was assigned.
unsafe fn assigned<'a>(ev: *const event) -> Option<&'a event> {
    if ev.is_null() {
        return None;
    }
    // SAFETY: the callers were given an assigned event, and copy a field out of it at once.
    unsafe {
        debug::check(ev);
        ev.as_ref()
    }
}

/// The descriptor (or signal number) of an event; -1 for NULL.
///
/// # Safety
/// `ev` is NULL or assigned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_get_fd(ev: *const event) -> c_int {
    // SAFETY: this function's contract.
    unsafe { assigned(ev) }.map_or(-1, |ev| ev.ev_fd)
}

/// The base of an event.
///
/// # Safety
/// `ev` is NULL or assigned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_get_base(ev: *const event) -> *mut event_base {
    // SAFETY: this function's contract.
    unsafe { assigned(ev) }.map_or(null_mut(), |ev| ev.ev_base)
}

/// What an event was assigned to wait for, `EV_PERSIST` and the like included.
///
/// # Safety
/// `ev` is NULL or assigned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_get_events(ev: *const event) -> c_short {
    // SAFETY: this function's contract.
    unsafe { assigned(ev) }.map_or(0, |ev| ev.ev_events)
}

/// The callback of an event.
///
/// # Safety
/// `ev` is NULL or assigned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_get_callback(ev: *const event) -> event_callback_fn {
    if ev_event::wanted() {
        // SAFETY: this function's contract, in a process that means libev's structures.
        return unsafe { ev_event::event_get_callback(ev.cast()) };
    }
    // SAFETY: this function's contract; an assigned event has a plain callback in the union.
    unsafe { assigned(ev).and_then(|ev| ev.ev_evcallback.evcb_cb_union.evcb_callback) }
}

/// The argument of an event's callback.
///
/// # Safety
/// `ev` is NULL or assigned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_get_callback_arg(ev: *const event) -> *mut c_void {
    // SAFETY: this function's contract.
    unsafe { assigned(ev) }.map_or(null_mut(), |ev| ev.ev_evcallback.evcb_arg)
}

/// The priority of an event.
///
/// # Safety
/// `ev` is NULL or assigned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_get_priority(ev: *const event) -> c_int {
    // SAFETY: this function's contract.
    unsafe { assigned(ev) }.map_or(-1, |ev| c_int::from(ev.ev_evcallback.evcb_pri))
}

/// Everything an event was assigned with; pointers that are NULL are left out.
///
/// # Safety
/// `ev` is NULL or assigned; the pointers are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_get_assignment(
    ev: *const event,
    base_out: *mut *mut event_base,
    fd_out: *mut c_int,
    events_out: *mut c_short,
    callback_out: *mut event_callback_fn,
    arg_out: *mut *mut c_void,
) {
    // SAFETY: this function's contract.
    unsafe {
        if ev.is_null() {
            return;
        }
        debug::check(ev);
        if !base_out.is_null() {
            *base_out = (*ev).ev_base;
        }
        if !fd_out.is_null() {
            *fd_out = (*ev).ev_fd;
        }
        if !events_out.is_null() {
            *events_out = (*ev).ev_events;
        }
        if !callback_out.is_null() {
            *callback_out = (*ev).ev_evcallback.evcb_cb_union.evcb_callback;
        }
        if !arg_out.is_null() {
            *arg_out = (*ev).ev_evcallback.evcb_arg;
        }
    }
}

/// Sets the priority of an event: 0, the highest, up to one less than the base's number of
/// priorities. 0, or -1 if there is no such priority or the event is active.
///
/// # Safety
/// `ev` is NULL or assigned, its base alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_priority_set(ev: *mut event, priority: c_int) -> c_int {
    if ev_event::wanted() {
        // SAFETY: this function's contract, in a process that means libev's structures.
        return unsafe { ev_event::event_priority_set(ev.cast(), priority) };
    }
    if ev.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    status(unsafe { state::priority_set(ev, priority) })
}

/// Moves an event to another base and to the middle of its priorities. 0, or -1 if the event has
/// been added or made active.
///
/// # Safety
/// `ev` is NULL or assigned; `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn event_base_set(base: *mut event_base, ev: *mut event) -> c_int {
    if ev_event::wanted() {
        // SAFETY: this function's contract, in a process that means libev's structures.
        return unsafe { ev_event::event_base_set(base.cast(), ev.cast()) };
    }
    if ev.is_null() || base.is_null() {
        return -1;
    }
    // SAFETY: this function's contract.
    status(unsafe { state::base_set(base, ev) })
}

/// The size of `struct event` in this library.
#[unsafe(no_mangle)]
pub extern "C" fn event_get_struct_event_size() -> usize {
    size_of::<event>()
}

/// The version of libevent that this library stands in for, as text.
#[unsafe(no_mangle)]
pub extern "C" fn event_get_version() -> *const c_char {
    if ev_event::wanted() {
        return ev_event::event_get_version();
    }
    c"2.1.12-stable".as_ptr()
}

/// The version of libevent that this library stands in for, as a number: a byte each for major,
/// minor, patch level and status (0: released).
#[unsafe(no_mangle)]
pub extern "C" fn event_get_version_number() -> u32 {
    crate::event::flags::LIBEVENT_VERSION_NUMBER
}

/// Frees what the library keeps for itself, when all bases and everything else have been freed:
/// for programs that look for leaks. The library must not be used any more.
#[unsafe(no_mangle)]
pub extern "C" fn libevent_global_shutdown() {
    crate::event::base::global_shutdown();
    crate::buffer::clear_pool();
}
