//! A loop inside another: the outer one watches the inner one's backend descriptor.

use super::fault;
use super::flags::*;
use super::raw::*;
use super::state::{embeddable_backends, state};
use super::{io, lists, turn};
use core::mem::offset_of;
use core::ptr::null_mut;
use libc::c_int;

/// Starts an embed watcher.
///
/// # Safety
/// Both loops and the watcher are live.
pub unsafe fn start(l: *mut ev_loop, w: *mut ev_embed) {
    // SAFETY: loops and watcher are live (caller); no callback runs, and no two borrows of one
    // loop live.
    unsafe {
        if (*w).active != 0 {
            return;
        }
        let other = (*w).other;
        let able = !other.is_null() && state(other).backend & embeddable_backends() != 0;
        fault::rule(able, c"loop to be embedded is not embeddable");
        let fd = state(other).poller.fd().unwrap_or(-1);
        let (active, pending, data) = (0, 0, null_mut());
        (&raw mut (*w).io).write(ev_io {
            active,
            pending,
            priority: (*w).priority,
            data,
            cb: Some(inner_ready),
            next: null_mut(),
            fd,
            events: EV_READ | EV__IOFDSET,
        });
        io::start(l, &raw mut (*w).io);
        let priority = EV_MINPRI;
        let cb = Some(before_wait as unsafe extern "C" fn(_, _, _));
        (&raw mut (*w).prepare).write(ev_prepare { active, pending, priority, data, cb });
        lists::prepare_start(l, &raw mut (*w).prepare);
        let (priority, cb) = (0, Some(forked as unsafe extern "C" fn(_, _, _)));
        (&raw mut (*w).fork).write(ev_fork { active, pending, priority, data, cb });
        lists::fork_start(l, &raw mut (*w).fork);
        state(l).start(w.cast(), 1);
    }
}

/// Stops an embed watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn stop(l: *mut ev_loop, w: *mut ev_embed) {
    // SAFETY: loop and watcher are live (caller); no callback runs.
    unsafe {
        state(l).pending.clear(w.cast());
        if (*w).active == 0 {
            return;
        }
        io::stop(l, &raw mut (*w).io);
        lists::prepare_stop(l, &raw mut (*w).prepare);
        lists::fork_stop(l, &raw mut (*w).fork);
        state(l).stop(w.cast());
    }
}

/// Lets the inner loop do what it has to do, without blocking.
///
/// # Safety
/// The watcher and its inner loop are live; no borrow of a loop lives.
pub unsafe fn sweep(_: *mut ev_loop, w: *mut ev_embed) {
    // SAFETY: as the caller says.
    unsafe { turn::run((*w).other, EVRUN_NOWAIT) };
}

/// Whether an I/O watcher is part of an embed watcher.
///
/// # Safety
/// The watcher is live.
pub(super) unsafe fn is_inner(io: *mut ev_io) -> bool {
    // SAFETY: the watcher is live (caller).
    unsafe { (*io).cb.is_some_and(|cb| core::ptr::fn_addr_eq(cb, INNER_READY)) }
}

/// The embed watcher of an I/O watcher that [`is_inner`].
///
/// # Safety
/// It is one.
pub(super) unsafe fn of_io(io: *mut ev_io) -> *mut ev_embed {
    // SAFETY: the watcher is this field of an embed watcher (caller).
    unsafe { io.byte_sub(offset_of!(ev_embed, io)).cast() }
}

const INNER_READY: unsafe extern "C" fn(*mut ev_loop, *mut ev_io, c_int) = inner_ready;

unsafe extern "C" fn inner_ready(l: *mut ev_loop, io: *mut ev_io, _: c_int) {
    // SAFETY: the watcher is this field of a live embed watcher; no borrow lives across `sweep`.
    unsafe {
        let w = of_io(io);
        if (*w).cb.is_some() {
            state(l).pending.feed(w.cast(), EV_EMBED);
        } else {
            sweep(l, w);
        }
    }
}

unsafe extern "C" fn before_wait(_: *mut ev_loop, prepare: *mut ev_prepare, _: c_int) {
    // SAFETY: the watcher is this field of a live embed watcher; no borrow lives across `run`.
    unsafe {
        let w: *mut ev_embed = prepare.byte_sub(offset_of!(ev_embed, prepare)).cast();
        let other = (*w).other;
        while state(other).poller.has_changes() {
            state(other).flush();
            turn::run(other, EVRUN_NOWAIT);
        }
        state(other).poller.settle();
    }
}

unsafe extern "C" fn forked(l: *mut ev_loop, fork: *mut ev_fork, _: c_int) {
    // SAFETY: the watcher is this field of a live embed watcher; no borrow lives across `run`.
    unsafe {
        let w: *mut ev_embed = fork.byte_sub(offset_of!(ev_embed, fork)).cast();
        stop(l, w);
        state((*w).other).postfork = true;
        turn::run((*w).other, EVRUN_NOWAIT);
        start(l, w);
    }
}
