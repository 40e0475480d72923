//! `event_base_once`: events that the library owns and that go after their only call.

use super::base::{base_lock, notify};
use super::bits::IO;
use super::flags::{EV_PERSIST, EV_SIGNAL, EV_TIMEOUT};
use super::raw::event;
use super::{EventFn, debug, event_base, state};
use crate::error::{Error, Result};
use crate::mem;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_int, c_short, timeval};

/// So many are kept for the next call instead of being freed.
const MAX_SPARE: u32 = 32;

/// One of them.
pub(super) struct Once {
    ev: event,
    next: *mut Self,
    prev: *mut Self,
    cb: Option<EventFn>,
    arg: *mut c_void,
    /// How many follow in the list of spare ones.
    spares: u32,
}

/// Calls `cb` once, when what it waits for happens.
///
/// # Safety
/// `base` is alive.
pub unsafe fn add(
    base: *mut event_base,
    fd: c_int,
    events: c_short,
    cb: Option<EventFn>,
    arg: *mut c_void,
    timeout: Option<&timeval>,
) -> Result<()> {
    if events & (EV_SIGNAL | EV_PERSIST) != 0 {
        return Err(Error::Invalid);
    }
    // SAFETY: the caller keeps the base alive; the block is ours.
    unsafe {
        let _guard = base_lock(base);
        let (fd, events) = match events & (EV_TIMEOUT | IO) {
            EV_TIMEOUT => (-1, 0),
            events if events & IO != 0 => (fd, events & IO),
            _ => return Err(Error::Invalid),
        };
        let one = take(base)?;
        (*one).cb = cb;
        (*one).arg = arg;
        let ev = &raw mut (*one).ev;
        state::assign(ev, base, fd, events, Some(fire), one.cast())?;
        let at_once = events == 0 && timeout.is_none_or(|tv| tv.tv_sec == 0 && tv.tv_usec == 0);
        if at_once {
            // A usual way to schedule a call: no timer, and the order is kept.
            state::activate(base, ev, EV_TIMEOUT, 1);
            notify(base);
        } else if let Err(e) = state::add_locked(base, ev, timeout) {
            debug::note_teardown(ev);
            give_back(base, one);
            return Err(e);
        }
        link(base, one);
        Ok(())
    }
}

unsafe fn take(base: *mut event_base) -> Result<*mut Once> {
    // SAFETY: the callers hold the lock of a live base; spare blocks are ours.
    unsafe {
        let spare = (*base).spare_once;
        if spare.is_null() {
            return Ok(mem::alloc(size_of::<Once>()).ok_or(Error::NoMemory)?.as_ptr().cast());
        }
        (*base).spare_once = (*spare).next;
        Ok(spare)
    }
}

unsafe fn give_back(base: *mut event_base, one: *mut Once) {
    // SAFETY: as in `take`; nobody else refers to `one`.
    unsafe {
        let next = (*base).spare_once;
        let spares = if next.is_null() { 0 } else { (*next).spares + 1 };
        if spares >= MAX_SPARE {
            mem::free(one.cast());
            return;
        }
        (*one).spares = spares;
        (*one).next = next;
        (*base).spare_once = one;
    }
}

unsafe fn link(base: *mut event_base, one: *mut Once) {
    // SAFETY: as in `take`.
    unsafe {
        (*one).prev = null_mut();
        (*one).next = (*base).once;
        if !(*one).next.is_null() {
            (*(*one).next).prev = one;
        }
        (*base).once = one;
    }
}

unsafe fn unlink(base: *mut event_base, one: *mut Once) {
    // SAFETY: as in `take`; the neighbours are alive.
    unsafe {
        if !(*one).next.is_null() {
            (*(*one).next).prev = (*one).prev;
        }
        if (*one).prev.is_null() {
            (*base).once = (*one).next;
        } else {
            (*(*one).prev).next = (*one).next;
        }
    }
}

unsafe extern "C" fn fire(fd: c_int, res: c_short, one: *mut c_void) {
    let one = one.cast::<Once>();
    // SAFETY: the argument of an event of `add`, which runs once. It is unlinked before the call,
    // which may free the base.
    unsafe {
        let base = (*one).ev.ev_base;
        let (cb, arg) = ((*one).cb, (*one).arg);
        let guard = base_lock(base);
        unlink(base, one);
        debug::note_teardown(&raw mut (*one).ev);
        give_back(base, one);
        drop(guard);
        if let Some(cb) = cb {
            cb(fd, res, arg);
        }
    }
}

/// Frees those that never came to their call, and the spare ones.
///
/// # Safety
/// `base` is alive, detached and used by nobody else.
pub(super) unsafe fn free_all(base: *mut event_base) {
    // SAFETY: the caller's contract; every block came from `take`.
    unsafe {
        for list in [(*base).once, (*base).spare_once] {
            let mut at = list;
            while !at.is_null() {
                let next = (*at).next;
                if list == (*base).once {
                    debug::note_teardown(&raw mut (*at).ev);
                }
                mem::free(at.cast());
                at = next;
            }
        }
        (*base).once = null_mut();
        (*base).spare_once = null_mut();
    }
}
