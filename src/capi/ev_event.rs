//! libev's own idea of libevent's `event_*` functions, for finished binaries.
//!
//! The reference's `libev.so.4` exports, beside `ev_*`, an emulation of libevent 1.4 with a
//! `struct event` and event bits of its own. A program that was compiled against that header
//! (elinks) calls `event_set` and means another function than a program compiled against libevent.
//! No program can mean both, and which one it means shows in the names it was linked with:
//! [`wanted`] is true in a process that loads this library as `libev.so.4` and nothing under a name
//! of libevent's. The functions of `event2/event.h` that have such a twin ask it first; the twins of
//! the busy ones stay out of line, so that asking is all it costs.
//!
//! In every function a base is an `ev_loop`, null stands for the loop of the last [`event_init`],
//! an event is memory of the caller's that [`event_set`] has initialised and that stays alive
//! while it is added, and nothing may be called from two threads for the same loop at once.

use super::ev::watchers::{
    ev_io_start, ev_io_stop, ev_signal_start, ev_signal_stop, ev_timer_again, ev_timer_remaining,
    ev_timer_stop,
};
use super::ev::{
    ev_break, ev_default_loop, ev_feed_event, ev_loop_destroy, ev_loop_new, ev_now, ev_once, ev_run,
};
use crate::ev::raw::{ev_io, ev_loop, ev_signal, ev_timer};
use crate::ev::state::ev_default_loop_ptr;
use crate::event::flags::event_callback_fn;
use crate::mem;
use core::ffi::{c_char, c_double, c_int, c_long, c_short, c_void};
use core::mem::{offset_of, size_of};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering::Relaxed};
use libc::timeval;

/// Either watcher; both begin alike.
#[repr(C)]
pub(super) union Fd {
    io: ev_io,
    sig: ev_signal,
}

/// `struct event` of libev's `event.h`.
#[repr(C)]
pub(super) struct event {
    iosig: Fd,
    to: ev_timer,
    ev_base: *mut ev_loop,
    ev_callback: event_callback_fn,
    ev_arg: *mut c_void,
    ev_fd: c_int,
    ev_pri: c_int,
    ev_res: c_int,
    ev_flags: c_int,
    ev_events: c_short,
}

const _: () = {
    assert!(size_of::<event>() == 144);
    assert!(offset_of!(event, ev_base) == 96 && offset_of!(event, ev_events) == 136);
};

const EV_READ: c_int = 1;
const EV_WRITE: c_int = 2;
const EV_IOFDSET: c_int = 0x80;
const EV_TIMER: c_int = 0x100;
const EV_SIGNAL: c_int = 0x400;
const EV_PERSIST: c_int = 0x10;
const IO: c_int = EV_READ | EV_WRITE;
const EVBREAK_ONE: c_int = 1;

const LIST_TIMEOUT: c_int = 1;
const LIST_INSERTED: c_int = 2;
const LIST_SIGNAL: c_int = 4;
const LIST_ACTIVE: c_int = 8;
const LIST_INIT: c_int = 0x80;

/// Whether this process means libev's `event_*`. Written once, before `main`.
static WANTED: AtomicBool = AtomicBool::new(false);

/// Whether this process means these functions and not libevent's.
#[inline]
pub(super) fn wanted() -> bool {
    WANTED.load(Relaxed)
}

#[cfg(not(miri))]
#[used]
#[unsafe(link_section = ".init_array")]
static ON_LOAD: extern "C" fn() = on_load;

#[cfg_attr(miri, allow(dead_code, reason = "nothing is loaded there"))]
extern "C" fn on_load() {
    let wanted = crate::sys::linkage::loaded_only_as(c"libev.so.4", c"libevent");
    WANTED.store(wanted, Relaxed);
    crate::log::set_detour(crate::log::detour::EMULATION, wanted);
}

/// The loop of the last [`event_init`].
static CURRENT: AtomicPtr<ev_loop> = AtomicPtr::new(null_mut());

fn or_current(base: *mut ev_loop) -> *mut ev_loop {
    if base.is_null() { CURRENT.load(Relaxed) } else { base }
}

/// `timeout` in seconds, `absent` for null.
///
/// # Safety
/// `timeout` is null or points to a `timeval`.
unsafe fn seconds(timeout: *const timeval, absent: c_double) -> c_double {
    // SAFETY: the caller's promise.
    match unsafe { timeout.as_ref() } {
        Some(tv) => tv.tv_sec as c_double + tv.tv_usec as c_double * 1e-6,
        None => absent,
    }
}

/// The version of libev that is emulated.
pub(super) fn event_get_version() -> *const c_char {
    c"4.33".as_ptr()
}

/// The name of the method.
pub(super) fn event_get_method() -> *const c_char {
    c"libev".as_ptr()
}

/// The name of a base's method.
pub(super) fn event_base_get_method(_base: *const ev_loop) -> *const c_char {
    c"libev".as_ptr()
}

/// Makes a loop the current one and returns it: the default loop the first time, then new ones.
/// Null if there is no backend.
pub(super) fn event_init() -> *mut ev_loop {
    let first = CURRENT.load(Relaxed).is_null();
    let base = if first { ev_default_loop(0) } else { ev_loop_new(0) };
    CURRENT.store(base, Relaxed);
    base
}

/// A new loop; null if there is no backend. Free it with [`event_base_free`].
pub(super) fn event_base_new() -> *mut ev_loop {
    ev_loop_new(0)
}

/// Frees a loop; the default loop stays.
///
/// # Safety
/// `base` is null or a live loop that does not run.
pub(super) unsafe fn event_base_free(base: *mut ev_loop) {
    // SAFETY: the caller's promise; the exported pointer is only read.
    unsafe {
        if !base.is_null() && base != ev_default_loop_ptr.load(Relaxed) {
            if base == CURRENT.load(Relaxed) {
                CURRENT.store(null_mut(), Relaxed);
            }
            ev_loop_destroy(base);
        }
    }
}

/// Runs the current loop: 1 when nothing is left to wait for, else 0.
pub(super) fn event_dispatch() -> c_int {
    event_loop(0)
}

/// As [`event_dispatch`], with libev's `EVRUN_*` flags.
pub(super) fn event_loop(flags: c_int) -> c_int {
    // SAFETY: the current loop is live, or null and refused.
    unsafe { event_base_loop(null_mut(), flags) }
}

/// As [`event_dispatch`], for `base`.
///
/// # Safety
/// `base` is null or a live loop.
pub(super) unsafe fn event_base_dispatch(base: *mut ev_loop) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { event_base_loop(base, 0) }
}

/// As [`event_loop`], for `base`; -1 without a loop.
///
/// # Safety
/// `base` is null or a live loop.
#[cold]
#[inline(never)]
pub(super) unsafe fn event_base_loop(base: *mut ev_loop, flags: c_int) -> c_int {
    let base = or_current(base);
    if base.is_null() {
        return -1;
    }
    // SAFETY: the caller's promise.
    unsafe { c_int::from(ev_run(base, flags) == 0) }
}

unsafe extern "C" fn leave(_: c_int, base: *mut c_void) {
    // SAFETY: `event_base_loopexit` passed the loop that now calls.
    unsafe { ev_break(base.cast(), EVBREAK_ONE) }
}

/// Makes the current loop end after `timeout` (null: after this pass). 0.
///
/// # Safety
/// `timeout` is null or points to a `timeval`.
pub(super) unsafe fn event_loopexit(timeout: *const timeval) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { event_base_loopexit(null_mut(), timeout) }
}

/// As [`event_loopexit`], for `base`; -1 without a loop.
///
/// # Safety
/// `base` is null or a live loop, `timeout` null or a `timeval`.
pub(super) unsafe fn event_base_loopexit(base: *mut ev_loop, timeout: *const timeval) -> c_int {
    let base = or_current(base);
    if base.is_null() {
        return -1;
    }
    // SAFETY: the caller's promise.
    unsafe {
        let after = seconds(timeout, 0.0);
        ev_once(base, -1, 0, if after > 0.0 { after } else { 0.0 }, Some(leave), base.cast());
    }
    0
}

unsafe extern "C" fn io_ready(_: *mut ev_loop, w: *mut ev_io, revents: c_int) {
    // SAFETY: the watcher is the first part of an event that is alive while it is added.
    unsafe {
        let ev = w.cast::<event>();
        if c_int::from((*ev).ev_events) & EV_PERSIST == 0 {
            event_del(ev);
        }
        deliver(ev, revents);
    }
}

unsafe extern "C" fn signalled(_: *mut ev_loop, w: *mut ev_signal, revents: c_int) {
    // SAFETY: as in `io_ready`. Signals stay added, whatever the flags say.
    unsafe { deliver(w.cast(), revents) }
}

unsafe extern "C" fn timed_out(_: *mut ev_loop, w: *mut ev_timer, revents: c_int) {
    // SAFETY: the timer stands at this place of an event that is alive while it is added.
    unsafe {
        let ev = w.byte_sub(offset_of!(event, to)).cast::<event>();
        event_del(ev);
        deliver(ev, revents);
    }
}

unsafe fn deliver(ev: *mut event, revents: c_int) {
    // SAFETY: the callers' promise; everything is copied out before the callback, which may free
    // the event.
    unsafe {
        let what = revents & (IO | EV_TIMER | EV_SIGNAL);
        (*ev).ev_res = what;
        let (cb, fd, arg) = ((*ev).ev_callback, (*ev).ev_fd, (*ev).ev_arg);
        if let Some(cb) = cb {
            cb(fd, what as c_short, arg);
        }
    }
}

/// Initialises an event for the current loop: `fd` (or a signal number with `EV_SIGNAL`), libev's
/// event bits and `EV_PERSIST`, and what is called then.
///
/// # Safety
/// `ev` points to room for an event that is not added.
#[cold]
#[inline(never)]
pub(super) unsafe fn event_set(
    ev: *mut event,
    fd: c_int,
    events: c_short,
    cb: event_callback_fn,
    arg: *mut c_void,
) {
    if ev.is_null() {
        return;
    }
    // SAFETY: the caller's promise; all zeros is a valid value of every field, and the old
    // contents are plain data.
    unsafe {
        let mut new: event = core::mem::zeroed();
        if c_int::from(events) & EV_SIGNAL != 0 {
            new.iosig.sig.cb = Some(signalled);
        } else {
            new.iosig.io.cb = Some(io_ready);
        }
        new.to.cb = Some(timed_out);
        new.ev_base = CURRENT.load(Relaxed);
        new.ev_callback = cb;
        new.ev_arg = arg;
        new.ev_fd = fd;
        new.ev_flags = LIST_INIT;
        new.ev_events = events;
        ev.write(new);
    }
}

/// Gives an event that is not added another loop. 0.
///
/// # Safety
/// `ev` was set and is not added; `base` is a live loop.
#[cold]
#[inline(never)]
pub(super) unsafe fn event_base_set(base: *mut ev_loop, ev: *mut event) -> c_int {
    if ev.is_null() {
        return -1;
    }
    // SAFETY: the caller's promise.
    unsafe { (*ev).ev_base = base };
    0
}

/// Waits for the event, and for `timeout` unless that is null. 0; -1 without a loop.
///
/// # Safety
/// `ev` was set; `timeout` is null or points to a `timeval`.
#[cold]
#[inline(never)]
pub(super) unsafe fn event_add(ev: *mut event, timeout: *const timeval) -> c_int {
    // SAFETY: the caller's promise; no borrow of the event is kept.
    unsafe {
        if ev.is_null() || (*ev).ev_base.is_null() {
            return -1;
        }
        let (base, events) = ((*ev).ev_base, c_int::from((*ev).ev_events));
        if events & (EV_SIGNAL | IO) != 0 && (*ev).iosig.io.active == 0 {
            if events & EV_SIGNAL != 0 {
                (*ev).iosig.sig.signum = (*ev).ev_fd;
                ev_signal_start(base, &raw mut (*ev).iosig.sig);
                (*ev).ev_flags |= LIST_SIGNAL;
            } else {
                (*ev).iosig.io.fd = (*ev).ev_fd;
                (*ev).iosig.io.events = events & IO | EV_IOFDSET;
                ev_io_start(base, &raw mut (*ev).iosig.io);
                (*ev).ev_flags |= LIST_INSERTED;
            }
        }
        let timer = &raw mut (*ev).to;
        if timeout.is_null() {
            ev_timer_stop(base, timer);
            (*ev).ev_flags &= !LIST_TIMEOUT;
        } else {
            // A repeat of 0 would stop the timer; the smallest one is due in the next pass.
            let after = seconds(timeout, 0.0);
            (*timer).repeat = if after > 1e-9 { after } else { 1e-9 };
            ev_timer_again(base, timer);
            (*ev).ev_flags |= LIST_TIMEOUT;
        }
        (*ev).ev_flags |= LIST_ACTIVE;
    }
    0
}

/// Waits no longer; what is pending is dropped. 0.
///
/// # Safety
/// `ev` was set.
#[cold]
#[inline(never)]
pub(super) unsafe fn event_del(ev: *mut event) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        if ev.is_null() || (*ev).ev_base.is_null() {
            return -1;
        }
        let base = (*ev).ev_base;
        if c_int::from((*ev).ev_events) & EV_SIGNAL != 0 {
            ev_signal_stop(base, &raw mut (*ev).iosig.sig);
        } else {
            ev_io_stop(base, &raw mut (*ev).iosig.io);
        }
        ev_timer_stop(base, &raw mut (*ev).to);
        (*ev).ev_flags = LIST_INIT;
    }
    0
}

/// Lets the event happen in the next pass; `ncalls` is ignored.
///
/// # Safety
/// `ev` was set and stays alive until then.
#[cold]
#[inline(never)]
pub(super) unsafe fn event_active(ev: *mut event, res: c_int, _ncalls: c_short) {
    // SAFETY: the caller's promise.
    unsafe {
        if ev.is_null() || (*ev).ev_base.is_null() {
            return;
        }
        let base = (*ev).ev_base;
        if res & EV_TIMER != 0 {
            ev_feed_event(base, (&raw mut (*ev).to).cast(), EV_TIMER);
        }
        let rest = if c_int::from((*ev).ev_events) & EV_SIGNAL != 0 { EV_SIGNAL } else { IO };
        if res & rest != 0 {
            ev_feed_event(base, (&raw mut (*ev).iosig).cast(), res & rest);
        }
    }
}

/// Which of `events` the event waits for or has pending. If a timeout is among them and `tv` is
/// not null, the wall-clock time of expiry is stored there.
///
/// # Safety
/// `ev` was set; `tv` is null or points to a `timeval`.
#[cold]
#[inline(never)]
pub(super) unsafe fn event_pending(ev: *mut event, events: c_short, tv: *mut timeval) -> c_int {
    // SAFETY: the caller's promise.
    unsafe {
        if ev.is_null() || (*ev).ev_base.is_null() {
            return 0;
        }
        let mut found = 0;
        if (*ev).iosig.io.active != 0 || (*ev).iosig.io.pending != 0 {
            found |= c_int::from((*ev).ev_events) & (IO | EV_SIGNAL);
        }
        if (*ev).to.active != 0 || (*ev).to.pending != 0 {
            found |= EV_TIMER;
            if c_int::from(events) & EV_TIMER != 0 && !tv.is_null() {
                let base = (*ev).ev_base;
                let at = ev_now(base) + ev_timer_remaining(base, &raw mut (*ev).to);
                let whole = at as c_long;
                let rest = (at - whole as c_double) * 1e6;
                tv.write(timeval { tv_sec: whole, tv_usec: rest as c_long });
            }
        }
        found & c_int::from(events)
    }
}

/// The event's callback.
///
/// # Safety
/// `ev` was set.
pub(super) unsafe fn event_get_callback(ev: *const event) -> event_callback_fn {
    // SAFETY: the caller's promise.
    unsafe { ev.as_ref() }.and_then(|ev| ev.ev_callback)
}

/// What [`event_base_once`] remembers.
struct Once {
    fd: c_int,
    cb: event_callback_fn,
    arg: *mut c_void,
}

unsafe extern "C" fn once_done(revents: c_int, once: *mut c_void) {
    // SAFETY: `event_base_once` passed a block of its own, and this is called once.
    unsafe {
        let Once { fd, cb, arg } = once.cast::<Once>().read();
        mem::free(once.cast());
        if let Some(cb) = cb {
            cb(fd, revents as c_short, arg);
        }
    }
}

/// Calls `cb` once, when `fd` is ready or after `timeout`, on the current loop. 0, or -1.
///
/// # Safety
/// `timeout` is null or points to a `timeval`.
#[cold]
#[inline(never)]
pub(super) unsafe fn event_once(
    fd: c_int,
    events: c_short,
    cb: event_callback_fn,
    arg: *mut c_void,
    timeout: *const timeval,
) -> c_int {
    // SAFETY: the caller's promise.
    unsafe { event_base_once(null_mut(), fd, events, cb, arg, timeout) }
}

/// As [`event_once`], on `base`. -1 without memory or loop.
///
/// # Safety
/// `base` is null or a live loop, `timeout` null or a `timeval`.
#[cold]
#[inline(never)]
pub(super) unsafe fn event_base_once(
    base: *mut ev_loop,
    fd: c_int,
    events: c_short,
    cb: event_callback_fn,
    arg: *mut c_void,
    timeout: *const timeval,
) -> c_int {
    let base = or_current(base);
    // SAFETY: the caller's promise; the block is ours until `once_done` frees it.
    unsafe {
        if base.is_null() {
            return -1;
        }
        let Some(once) = mem::alloc(size_of::<Once>()) else { return -1 };
        let once = once.cast::<Once>().as_ptr();
        once.write(Once { fd, cb, arg });
        let after = seconds(timeout, -1.0);
        ev_once(base, fd, c_int::from(events) & IO, after, Some(once_done), once.cast());
    }
    0
}

/// Accepted: there is one priority. 0.
pub(super) fn event_priority_init(_n: c_int) -> c_int {
    0
}

/// Accepted: there is one priority. 0.
pub(super) fn event_base_priority_init(_base: *mut ev_loop, _n: c_int) -> c_int {
    0
}

/// Remembers a priority that has no effect. 0.
///
/// # Safety
/// `ev` was set.
pub(super) unsafe fn event_priority_set(ev: *mut event, priority: c_int) -> c_int {
    if ev.is_null() {
        return -1;
    }
    // SAFETY: the caller's promise.
    unsafe { (*ev).ev_pri = priority };
    0
}
