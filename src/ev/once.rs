//! `ev_once`: one callback, for a descriptor or a time, without a watcher of the caller's.

use super::callback::{self, OnceFn};
use super::fault;
use super::flags::*;
use super::raw::*;
use super::state::{Loop, state};
use super::{io, timer};
use crate::error::Error;
use crate::mem::{Box, LoopHeap};
use core::ffi::c_void;
use core::mem::offset_of;
use core::ptr::null_mut;
use libc::c_int;

/// One call's two watchers. Records are kept for the next call.
#[repr(C)]
pub(super) struct Once {
    io: ev_io,
    timer: ev_timer,
    cb: Option<OnceFn>,
    arg: *mut c_void,
    next_free: *mut Self,
}

/// Calls `cb` when the descriptor is ready or the time is up, whichever comes first.
///
/// # Safety
/// The loop is live; `cb` and `arg` are for each other.
pub unsafe fn once(
    l: *mut ev_loop,
    fd: c_int,
    events: c_int,
    timeout: ev_tstamp,
    cb: Option<OnceFn>,
    arg: *mut c_void,
) {
    let timed = timeout >= 0.0;
    if fd < 0 && !timed {
        // Nothing to wait for: it is never called.
        return;
    }
    // SAFETY: the loop is live (caller); the record is ours until it is freed in `fire`.
    unsafe {
        let once = record(state(l));
        let (active, pending, priority, data) = (0, 0, 0, null_mut());
        once.write(Once {
            io: ev_io {
                active,
                pending,
                priority,
                data,
                cb: Some(ready),
                next: null_mut(),
                fd,
                events: events | EV__IOFDSET,
            },
            timer: ev_timer {
                active,
                pending,
                priority,
                data,
                cb: Some(timed_out),
                at: timeout,
                repeat: 0.0,
            },
            cb,
            arg,
            next_free: null_mut(),
        });
        if fd >= 0 {
            io::start(l, &raw mut (*once).io);
        }
        if timed {
            timer::start(l, &raw mut (*once).timer);
        }
    }
}

/// A free record.
fn record(s: &mut Loop) -> *mut Once {
    let free = s.once_free;
    if !free.is_null() {
        // SAFETY: free records are live and nobody else's.
        s.once_free = unsafe { (*free).next_free };
        return free;
    }
    let new = Box::<Once, _>::try_new_uninit_in(LoopHeap).map_err(|_| Error::NoMemory);
    Box::into_raw_with_allocator(fault::memory(new)).0.cast()
}

/// Frees the records that are not in use, when the loop is destroyed.
pub(super) fn free_records(s: &mut Loop) {
    while !s.once_free.is_null() {
        let once = record(s);
        // SAFETY: the record came from a box of this allocator, and is in no list any more. It
        // holds nothing that wants dropping.
        drop(unsafe { Box::from_raw_in(once, LoopHeap) });
    }
}

unsafe extern "C" fn ready(l: *mut ev_loop, w: *mut ev_io, revents: c_int) {
    const _: () = assert!(offset_of!(Once, io) == 0);
    // SAFETY: the watcher is the first field of a live record.
    unsafe {
        let once: *mut Once = w.cast();
        let timed_out = state(l).pending.clear((&raw mut (*once).timer).cast());
        fire(l, once, revents | timed_out);
    }
}

unsafe extern "C" fn timed_out(l: *mut ev_loop, w: *mut ev_timer, revents: c_int) {
    // SAFETY: the watcher is this field of a live record.
    unsafe {
        let once: *mut Once = w.byte_sub(offset_of!(Once, timer)).cast();
        let ready = state(l).pending.clear((&raw mut (*once).io).cast());
        fire(l, once, revents | ready);
    }
}

unsafe fn fire(l: *mut ev_loop, once: *mut Once, revents: c_int) {
    // SAFETY: the record is live until it is put among the free ones here; the callback runs
    // after that, without a borrow.
    unsafe {
        let (cb, arg) = ((*once).cb, (*once).arg);
        io::stop(l, &raw mut (*once).io);
        timer::stop(l, &raw mut (*once).timer);
        let s = state(l);
        (*once).next_free = s.once_free;
        s.once_free = once;
        callback::once(cb, revents, arg);
    }
}
