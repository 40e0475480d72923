//! The queues of callbacks that will run: one for each priority, one for the next pass, one for
//! the end of the turn. They are intrusive (`evcb_active_next`), so nothing is allocated.

use super::bits::{ACTIVE, END_OF_TURN, INTERNAL, LATER, closure};
use super::event_base;
use super::raw::event_callback;
use core::ptr::null_mut;
use libc::c_short;

/// A queue head. It must not move while anything stands in it.
#[derive(Debug)]
pub(super) struct Queue {
    first: *mut event_callback,
    /// The last link of the queue: that of the last callback, or `first`; null stands for `first`
    /// too, so that an empty queue may move.
    last: *mut *mut event_callback,
}

impl Queue {
    pub(super) const EMPTY: Self = Self { first: null_mut(), last: null_mut() };

    #[inline(always)]
    pub(super) fn first(&self) -> *mut event_callback {
        self.first
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_null()
    }
}

/// Appends to a queue.
///
/// # Safety
/// `cb` is alive, in no queue, and stays where it is until it is removed; so does `queue`.
#[inline(always)]
pub(super) unsafe fn push(queue: *mut Queue, cb: *mut event_callback) {
    // SAFETY: `last` is null (empty queue) or the link of a live member of this queue.
    unsafe {
        let end = if (*queue).first.is_null() { &raw mut (*queue).first } else { (*queue).last };
        (*cb).evcb_active_next.tqe_next = null_mut();
        (*cb).evcb_active_next.tqe_prev = end;
        *end = cb;
        (*queue).last = &raw mut (*cb).evcb_active_next.tqe_next;
    }
}

/// Takes out of a queue.
///
/// # Safety
/// `cb` stands in `queue`.
#[inline(always)]
pub(super) unsafe fn unlink(queue: *mut Queue, cb: *mut event_callback) {
    // SAFETY: members of a queue are alive, and `tqe_prev` is the link that points to `cb`.
    unsafe {
        let links = (*cb).evcb_active_next;
        if links.tqe_next.is_null() {
            (*queue).last = links.tqe_prev;
        } else {
            (*links.tqe_next).evcb_active_next.tqe_prev = links.tqe_prev;
        }
        *links.tqe_prev = links.tqe_next;
    }
}

/// The queue of a callback's priority.
///
/// # Safety
/// Both are alive.
#[inline(always)]
pub(super) unsafe fn of(base: *mut event_base, cb: *mut event_callback) -> *mut Queue {
    // SAFETY: `queues` points to `priorities` heads; the index is clamped, for an event that was
    // assigned before the number of priorities was lowered.
    unsafe {
        let last = (*base).priorities.saturating_sub(1);
        (*base).queues.add(usize::from((*cb).evcb_pri).min(last))
    }
}

/// Counts one more state (inserted, timeout, active) of an event that is not internal.
///
/// # Safety
/// `base` is alive and locked.
#[inline(always)]
pub(super) unsafe fn count_up(base: *mut event_base, flags: c_short) {
    // SAFETY: the caller holds the lock.
    unsafe {
        let count = (*base).event_count + i32::from(flags & INTERNAL == 0);
        (*base).event_count = count;
        if count > (*base).event_count_max {
            (*base).event_count_max = count;
        }
    }
}

/// The counterpart of [`count_up`].
///
/// # Safety
/// As [`count_up`].
#[inline(always)]
pub(super) unsafe fn count_down(base: *mut event_base, flags: c_short) {
    // SAFETY: the caller holds the lock.
    unsafe { (*base).event_count -= i32::from(flags & INTERNAL == 0) }
}

/// Makes a callback active.
///
/// # Safety
/// Both are alive, `base` locked, `cb` in no queue.
#[inline(always)]
pub(super) unsafe fn insert_active(base: *mut event_base, cb: *mut event_callback) {
    // SAFETY: the caller's contract; `cb` is taken out before it dies (`event_del`).
    unsafe {
        count_up(base, (*cb).evcb_flags);
        (*cb).evcb_flags |= ACTIVE;
        let count = (*base).active_count + 1;
        (*base).active_count = count;
        if count > (*base).active_count_max {
            (*base).active_count_max = count;
        }
        push(of(base, cb), cb);
    }
}

/// Takes the first callback out of an active queue. That it is counted active is known from where
/// it stands: its flags are gone if the program has assigned it anew.
///
/// # Safety
/// `queue` is one of the active queues of this base, which is locked; `cb` is its first.
#[inline(always)]
pub(super) unsafe fn take_first(base: *mut event_base, queue: *mut Queue, cb: *mut event_callback) {
    // SAFETY: the caller's contract; the next member of the queue is alive.
    unsafe {
        let flags = (*cb).evcb_flags;
        (*cb).evcb_flags = flags & !ACTIVE;
        count_down(base, flags);
        (*base).active_count -= 1;
        let next = (*cb).evcb_active_next.tqe_next;
        (*queue).first = next;
        // With nothing left, `last` is not looked at.
        if !next.is_null() {
            (*next).evcb_active_next.tqe_prev = &raw mut (*queue).first;
        }
    }
}

/// The counterpart of [`insert_active`].
///
/// # Safety
/// `cb` is active in this base, which is locked.
#[inline(always)]
unsafe fn remove_active(base: *mut event_base, cb: *mut event_callback) {
    // SAFETY: the caller's contract.
    unsafe {
        count_down(base, (*cb).evcb_flags);
        (*cb).evcb_flags &= !ACTIVE;
        (*base).active_count -= 1;
        unlink(of(base, cb), cb);
    }
}

/// Makes a callback active in the next pass.
///
/// # Safety
/// As [`insert_active`].
pub(super) unsafe fn insert_later(base: *mut event_base, cb: *mut event_callback) {
    // SAFETY: as in `insert_active`.
    unsafe {
        count_up(base, (*cb).evcb_flags);
        (*cb).evcb_flags |= LATER;
        let count = (*base).active_count + 1;
        (*base).active_count = count;
        if count > (*base).active_count_max {
            (*base).active_count_max = count;
        }
        push(&raw mut (*base).later, cb);
    }
}

/// The counterpart of [`insert_later`].
///
/// # Safety
/// `cb` is active-later in this base, which is locked.
pub(super) unsafe fn remove_later(base: *mut event_base, cb: *mut event_callback) {
    // SAFETY: the caller's contract.
    unsafe {
        count_down(base, (*cb).evcb_flags);
        (*cb).evcb_flags &= !LATER;
        (*base).active_count -= 1;
        unlink(&raw mut (*base).later, cb);
    }
}

/// Takes a callback out of whichever queue it stands in.
///
/// # Safety
/// Both are alive and `base` is locked.
#[inline(always)]
pub(super) unsafe fn remove(base: *mut event_base, cb: *mut event_callback) {
    // SAFETY: the flags say in which queue it stands.
    unsafe {
        let flags = (*cb).evcb_flags;
        if flags & ACTIVE != 0 {
            remove_active(base, cb);
        } else if flags & LATER != 0 {
            remove_later(base, cb);
        } else if flags & END_OF_TURN != 0 {
            (*cb).evcb_flags &= !END_OF_TURN;
            unlink(&raw mut (*base).end_of_turn, cb);
        }
    }
}

/// Makes active what had been put off to this pass.
///
/// # Safety
/// `base` is alive and locked.
pub(super) unsafe fn promote_later(base: *mut event_base) {
    // SAFETY: members of a queue are alive; the counts do not change.
    unsafe {
        loop {
            let cb = (*base).later.first();
            if cb.is_null() {
                return;
            }
            unlink(&raw mut (*base).later, cb);
            (*cb).evcb_flags = ((*cb).evcb_flags & !LATER) | ACTIVE;
            push(of(base, cb), cb);
            // Deferred work that is started now was counted when it was put off.
            (*base).deferred_count += u32::from((*cb).evcb_closure == closure::SELF);
        }
    }
}
