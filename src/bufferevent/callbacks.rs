//! Calling the user: at once or deferred, with the rules of watermarks and locks.

use super::common::{Held, Private, State, private, want_callbacks};
use super::flags::{BEV_EVENT_CONNECTED, BEV_OPT_DEFER_CALLBACKS, BEV_TRIG_IGNORE_WATERMARKS};
use super::raw::bufferevent;
use crate::buffer;
use crate::event::flags::{EV_READ, EV_WRITE};
use crate::sys::Errno;
use crate::sys::thread::with_local;
use core::ffi::c_void;
use core::ptr::addr_of_mut;
use libc::{c_int, c_short};

/// Whether the calling thread is inside a callback that holds a callback lock.
pub fn inside_callback() -> bool {
    with_local(|l| l.callback_locks.get()) != 0
}

/// Runs user code with the state lock released and the callback lock held.
///
/// # Safety
/// `p` is live, counted by the caller and locked.
#[inline]
unsafe fn outside(p: *mut Private, call: impl FnOnce()) {
    // SAFETY: the caller's count keeps `p`, and with it the locks, alive.
    unsafe {
        if !(*p).lock.is_some() {
            call();
            return;
        }
        (*p).lock.release();
        let serial = (*p).callback_lock.is_some();
        if serial {
            (*p).callback_lock.acquire();
            with_local(|l| l.callback_locks.update(|n| n.wrapping_add(1)));
        }
        call();
        if serial {
            with_local(|l| l.callback_locks.update(|n| n.wrapping_sub(1)));
            (*p).callback_lock.release();
        }
        (*p).lock.acquire();
    }
}

/// Waits until no callback of `bev` runs in another thread, and keeps new ones from starting
/// until the guard is dropped. Inside a callback it does not wait: two callbacks that free each
/// other's bufferevents must not wait for each other.
///
/// # Safety
/// `p` is live.
#[inline(always)]
pub unsafe fn quiesce(p: *mut Private) -> Option<crate::thread::Guard> {
    // SAFETY: live by contract.
    unsafe { if (*p).callback_lock.is_some() { wait_for_callback(p) } else { None } }
}

/// Out of line: the address of a thread's own data would be asked for first, lock or not.
#[inline(never)]
unsafe fn wait_for_callback(p: *mut Private) -> Option<crate::thread::Guard> {
    // SAFETY: live by contract.
    unsafe { if inside_callback() { None } else { Some((*p).callback_lock.guard()) } }
}

/// A read or write callback.
pub type DataFn = unsafe extern "C" fn(*mut bufferevent, *mut c_void);
/// An event callback.
pub type EventFn = unsafe extern "C" fn(*mut bufferevent, c_short, *mut c_void);

#[inline]
unsafe fn call_data(p: *mut Private, f: DataFn) {
    // SAFETY: the user's callback gets its own bufferevent and argument, copied out before.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let arg = (*bev).cbarg;
        outside(p, || f(bev, arg));
    }
}

unsafe fn call_event(p: *mut Private, f: EventFn, what: c_short, errno: c_int) {
    // SAFETY: as in `call_data`.
    unsafe {
        let bev = addr_of_mut!((*p).bev);
        let arg = (*bev).cbarg;
        outside(p, || {
            // What the callback reads with EVUTIL_SOCKET_ERROR().
            Errno(errno).set();
            f(bev, what, arg);
        });
    }
}

/// Calls the read callback now. Input that stays at or above the high watermark would never
/// bring another call, because nothing more is read: as long as the callback takes something
/// out, it is called again from the loop. One that takes nothing is left alone; it hears more
/// when it has drained enough for reading to go on.
#[inline]
unsafe fn call_read(p: *mut Private, f: DataFn) {
    // SAFETY: the caller counts and locks `p`; state is read afresh after the call.
    unsafe {
        let high = (*p).bev.wm_read.high;
        if high == 0 {
            call_data(p, f);
            return;
        }
        let before = buffer::len((*p).bev.input);
        call_data(p, f);
        let after = buffer::len((*p).bev.input);
        let high = (*p).bev.wm_read.high;
        if high != 0 && after >= high && after < before && (*p).bev.enabled & EV_READ != 0 {
            trigger(p, EV_READ, BEV_OPT_DEFER_CALLBACKS);
        }
    }
}

/// Runs or defers the read callback.
///
/// # Safety
/// `p` is live, counted by the caller and locked; the same for the functions below.
#[inline]
pub unsafe fn run_read(p: *mut Private, options: c_int) {
    // SAFETY: by contract.
    unsafe {
        let Some(f) = (*p).bev.readcb else { return };
        if (options | c_int::from((*p).options)) & BEV_OPT_DEFER_CALLBACKS != 0 {
            (*p).state.insert(State::READ_PENDING);
            want_callbacks(p);
        } else {
            call_read(p, f);
        }
    }
}

/// Runs or defers the write callback.
///
/// # Safety
/// As [`run_read`].
#[inline]
pub unsafe fn run_write(p: *mut Private, options: c_int) {
    // SAFETY: by contract.
    unsafe {
        let Some(f) = (*p).bev.writecb else { return };
        if (options | c_int::from((*p).options)) & BEV_OPT_DEFER_CALLBACKS != 0 {
            (*p).state.insert(State::WRITE_PENDING);
            want_callbacks(p);
        } else {
            call_data(p, f);
        }
    }
}

/// Runs or defers the event callback; `errno` is what it will find there.
///
/// # Safety
/// As [`run_read`].
pub unsafe fn run_event(p: *mut Private, what: c_short, errno: c_int, options: c_int) {
    // SAFETY: by contract.
    unsafe {
        let Some(f) = (*p).bev.errorcb else { return };
        if (options | c_int::from((*p).options)) & BEV_OPT_DEFER_CALLBACKS != 0 {
            (*p).pending_events |= what;
            (*p).pending_errno = errno;
            want_callbacks(p);
        } else {
            call_event(p, f, what, errno);
        }
    }
}

/// Runs the data callbacks whose watermarks allow it.
///
/// # Safety
/// As [`run_read`].
#[inline(always)]
pub unsafe fn trigger(p: *mut Private, what: c_short, options: c_int) {
    // SAFETY: by contract.
    unsafe {
        let always = options & BEV_TRIG_IGNORE_WATERMARKS != 0;
        if what & EV_READ != 0
            && (*p).bev.readcb.is_some()
            && (always
                || (*p).bev.wm_read.low == 0
                || buffer::len((*p).bev.input) >= (*p).bev.wm_read.low)
        {
            run_read(p, options);
        }
        if what & EV_WRITE != 0
            && (*p).bev.writecb.is_some()
            && (always || buffer::len((*p).bev.output) <= (*p).bev.wm_write.low)
            && !((*p).state.contains(State::FILTERED) && has_idle_filter(p))
        {
            run_write(p, options);
        }
    }
}

/// Whether the filter on top has nothing that it could write now: its write callback would do
/// nothing.
///
/// # Safety
/// `p` is live and locked, and [`State::FILTERED`].
unsafe fn has_idle_filter(p: *mut Private) -> bool {
    // SAFETY: the filter takes its callbacks away before it goes, which ends the state.
    unsafe { buffer::len((*(*p).bev.cbarg.cast::<Private>()).bev.output) == 0 }
}

/// Runs what was deferred: connected, read, write, other events.
///
/// # Safety
/// As [`run_read`].
pub unsafe fn run_pending(p: *mut Private) {
    // SAFETY: by contract; every step looks at the state afresh, because the callback before may
    // have changed callbacks or freed the bufferevent.
    unsafe {
        if (*p).pending_events & BEV_EVENT_CONNECTED != 0 {
            (*p).pending_events &= !BEV_EVENT_CONNECTED;
            if let Some(f) = (*p).bev.errorcb {
                // The reference lets the callback see whatever errno is; zero says it better.
                call_event(p, f, BEV_EVENT_CONNECTED, 0);
            }
        }
        if (*p).state.contains(State::READ_PENDING) {
            (*p).state.remove(State::READ_PENDING);
            if let Some(f) = (*p).bev.readcb {
                call_read(p, f);
            }
        }
        if (*p).state.contains(State::WRITE_PENDING) {
            (*p).state.remove(State::WRITE_PENDING);
            if let Some(f) = (*p).bev.writecb {
                call_data(p, f);
            }
        }
        let what = core::mem::take(&mut (*p).pending_events);
        if what != 0
            && let Some(f) = (*p).bev.errorcb
        {
            call_event(p, f, what, (*p).pending_errno);
        }
    }
}

/// `bufferevent_setcb`. A callback that is taken away is not called for what was deferred.
///
/// # Safety
/// `bev` is live.
pub unsafe fn setcb(
    bev: *mut bufferevent,
    read: Option<DataFn>,
    write: Option<DataFn>,
    event: Option<EventFn>,
    arg: *mut c_void,
) {
    let p = private(bev);
    // SAFETY: live by contract.
    unsafe {
        let _quiet = quiesce(p);
        let _held = Held::new(p);
        (*bev).readcb = read;
        (*bev).writecb = write;
        (*bev).errorcb = event;
        (*bev).cbarg = arg;
        (*p).state.remove(State::FILTERED);
        if read.is_none() {
            (*p).state.remove(State::READ_PENDING);
        }
        if write.is_none() {
            (*p).state.remove(State::WRITE_PENDING);
        }
        if event.is_none() {
            (*p).pending_events = 0;
        }
    }
}

/// The callbacks and their argument.
///
/// # Safety
/// `bev` is live.
pub unsafe fn getcb(
    bev: *mut bufferevent,
) -> (Option<DataFn>, Option<DataFn>, Option<EventFn>, *mut c_void) {
    // SAFETY: live by contract.
    unsafe {
        let _held = Held::new(private(bev));
        ((*bev).readcb, (*bev).writecb, (*bev).errorcb, (*bev).cbarg)
    }
}
