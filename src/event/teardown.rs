//! Taking everything out of a base that is freed.

use super::base::base_lock;
use super::bits::{FINALIZING, INIT};
use super::queue::Queue;
use super::{deferred, event_base, finalize, signals, state, timers};
use crate::sys::signal::NSIG;

/// Deletes every event and cancels all deferred work; with `finalizers`, those that wait are run.
/// As a finalizer may start something new, this goes on until nothing is left.
///
/// # Safety
/// `base` is alive.
pub(super) unsafe fn detach(base: *mut event_base, finalizers: bool) {
    // SAFETY: the caller keeps the base alive.
    unsafe {
        loop {
            let deleted = delete_inserted(base) + empty_queues(base, finalizers);
            if deleted == 0 {
                return;
            }
            crate::debugx!("event_base_free_: {deleted} events were still set in base");
        }
    }
}

unsafe fn delete_inserted(base: *mut event_base) -> usize {
    let mut deleted = 0;
    // SAFETY: the base is alive; events stand in its tables only while they are alive.
    unsafe {
        let _guard = base_lock(base);
        for fd in 0..(*base).poller.fd_limit() {
            while let Some(ev) = (*base).poller.head(fd).as_mut() {
                state::del_locked(base, ev);
                deleted += 1;
            }
        }
        for signum in 0..NSIG {
            while let Some(ev) = signals::head(base, signum).as_mut() {
                state::del_locked(base, ev);
                deleted += 1;
            }
        }
        timers::clear_all(base, |ev| {
            state::del_locked(base, ev);
            deleted += 1;
        });
    }
    deleted
}

unsafe fn empty_queues(base: *mut event_base, finalizers: bool) -> usize {
    let mut deleted = 0;
    // SAFETY: the base is alive, and so are the callbacks in its queues.
    unsafe {
        let mut priority = 0;
        while priority < (*base).priorities {
            let queue = (*base).queues.add(priority);
            deleted += empty_queue(base, queue, finalizers);
            priority += 1;
        }
        deleted += empty_queue(base, &raw mut (*base).later, finalizers);
        deleted += empty_queue(base, &raw mut (*base).end_of_turn, finalizers);
    }
    deleted
}

unsafe fn empty_queue(base: *mut event_base, queue: *const Queue, finalizers: bool) -> usize {
    let mut deleted = 0;
    // SAFETY: as in `empty_queues`. Only what stands in the queue now: what a finalizer starts is
    // seen in the next round.
    unsafe {
        loop {
            let guard = base_lock(base);
            let cb = (*queue).first();
            if cb.is_null() {
                return deleted;
            }
            deleted += 1;
            if (*cb).evcb_flags & INIT != 0 {
                state::del_locked(base, cb.cast());
            } else {
                deferred::cancel_locked(base, cb, true);
            }
            drop(guard);
            if finalizers && (*cb).evcb_flags & FINALIZING != 0 {
                finalize::run(cb);
            }
        }
    }
}
