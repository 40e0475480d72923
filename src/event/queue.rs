//! The queues of callbacks that will run: one for each priority, one for the next pass, one for
//! the end of the turn. They are intrusive (`evcb_active_next`), so nothing is allocated.

use super::bits::{ACTIVE, END_OF_TURN, LATER, SENT, closure};
use super::raw::{event, event_callback};
use super::{event_base, inbox};
use core::ptr::null_mut;
use libc::c_int;

/// A queue head. It must not move, but for [`clear`](Self::clear) before it is used there.
#[derive(Debug)]
pub(super) struct Queue {
    first: *mut event_callback,
    /// The last link of the queue: that of the last callback, or `first`.
    last: *mut *mut event_callback,
}

impl Queue {
    /// Has to be [cleared](Self::clear) where it will stay.
    pub(super) const UNPLACED: Self = Self { first: null_mut(), last: null_mut() };

    /// An empty queue in the place of `queue`.
    ///
    /// # Safety
    /// `queue` is writable, and nothing stands in it.
    pub(super) unsafe fn clear(queue: *mut Self) {
        // SAFETY: the caller's contract.
        unsafe { queue.write(Self { first: null_mut(), last: &raw mut (*queue).first }) };
    }

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
    // SAFETY: `last` is the link of a live member of this queue, or its `first`.
    unsafe {
        let end = (*queue).last;
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
        let (priority, count) = (usize::from((*cb).evcb_pri), (*base).priorities);
        (*base).queues.add(if priority < count { priority } else { count.saturating_sub(1) })
    }
}

/// Counts an event that was inserted, or whose timer was set.
///
/// # Safety
/// `base` is alive and locked.
#[inline(always)]
pub(super) unsafe fn count_up(base: *mut event_base) {
    // SAFETY: the caller holds the lock.
    unsafe {
        (*base).added_count += 1;
        note_peak(base);
    }
}

/// The peak of what `EVENT_BASE_COUNT_ADDED` counts.
#[inline(always)]
unsafe fn note_peak(base: *mut event_base) {
    // SAFETY: the callers hold the lock of a live base.
    unsafe {
        let count = (*base).added_count + (*base).active_count;
        if count > (*base).event_count_max {
            (*base).event_count_max = count;
        }
    }
}

/// Counts callbacks that became active, or are about to, while nothing else was counted.
///
/// # Safety
/// `base` is alive and locked.
#[inline(always)]
pub(super) unsafe fn count_activated(base: *mut event_base, more: c_int) {
    // SAFETY: the caller holds the lock.
    unsafe {
        let count = (*base).active_count + more;
        (*base).active_count = count;
        if count > (*base).active_count_max {
            (*base).active_count_max = count;
        }
        note_peak(base);
    }
}

/// The counterpart of [`count_up`].
///
/// # Safety
/// As [`count_up`].
#[inline(always)]
pub(super) unsafe fn count_down(base: *mut event_base) {
    // SAFETY: the caller holds the lock.
    unsafe { (*base).added_count -= 1 }
}

/// Makes a callback active.
///
/// # Safety
/// Both are alive, `base` locked, `cb` in no queue.
#[inline(always)]
pub(super) unsafe fn insert_active(base: *mut event_base, cb: *mut event_callback) {
    // SAFETY: the caller's contract; `cb` is taken out before it dies (`event_del`).
    unsafe {
        (*cb).evcb_flags |= ACTIVE;
        count_activated(base, 1);
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
        (*base).active_count -= 1;
        let next = (*cb).evcb_active_next.tqe_next;
        let first = &raw mut (*queue).first;
        *first = next;
        if next.is_null() {
            (*queue).last = first;
        } else {
            (*next).evcb_active_next.tqe_prev = first;
        }
        let flags = (*cb).evcb_flags;
        (*cb).evcb_flags = flags & !ACTIVE;
        if flags & SENT != 0 {
            let ev = cb.cast::<event>();
            (*ev).ev_res |= inbox::collect(ev);
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
        (*cb).evcb_flags |= LATER;
        count_activated(base, 1);
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
        (*cb).evcb_flags &= !LATER;
        (*base).active_count -= 1;
        unlink(&raw mut (*base).later, cb);
    }
}

/// Takes a callback out of whichever queue it stands in; what it was sent goes with it.
///
/// # Safety
/// Both are alive and `base` is locked.
#[inline(always)]
pub(super) unsafe fn remove(base: *mut event_base, cb: *mut event_callback) {
    // SAFETY: the flags say in which queue it stands.
    unsafe {
        let flags = (*cb).evcb_flags;
        if flags & SENT != 0 {
            inbox::collect(cb.cast());
        }
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
