//! Watchers with a due time in a timing wheel.
//!
//! `active` of the watcher is its key in the wheel. The wheel reads the due times from the watchers
//! themselves, so these may not be changed while they are active, as in the reference.

use super::fault;
use super::raw::ev_watcher_time;
use crate::mem::LoopHeap;
use crate::reactor::timer::{Key, Times, Wheel};
use core::ptr::NonNull;

/// A queue of watchers by due time: in nanoseconds, with ticks of 8192.
pub(super) type Deadlines = Wheel<ev_watcher_time, 13, LoopHeap>;

/// How the wheel reads the due times of timers.
pub(super) struct Monotonic;

impl Times<ev_watcher_time> for Monotonic {
    #[inline]
    fn deadline(&self, w: NonNull<ev_watcher_time>) -> u64 {
        // SAFETY: active watchers are live, as the API demands.
        super::clock::deadline(unsafe { (*w.as_ptr()).at })
    }
}

impl Times<ev_watcher_time> for super::periodic::Origin {
    #[inline]
    fn deadline(&self, w: NonNull<ev_watcher_time>) -> u64 {
        // SAFETY: as above.
        Self::deadline(self, unsafe { (*w.as_ptr()).at })
    }
}

/// Adds a watcher that is not null; the result is for its `active`.
#[inline(always)]
pub(super) fn insert(queue: &mut Deadlines, w: *mut ev_watcher_time, deadline: u64) -> libc::c_int {
    // SAFETY: the callers have read from the watcher.
    let added = queue.add(unsafe { NonNull::new_unchecked(w) }, deadline);
    fault::memory(added).cast_signed()
}

/// The key of an active watcher.
///
/// # Safety
/// The watcher is live.
#[inline(always)]
pub(super) unsafe fn key_of(queue: &Deadlines, w: *mut ev_watcher_time) -> Key {
    // SAFETY: the watcher is live (caller).
    let key = unsafe { (*w).active }.cast_unsigned();
    let found = queue.get(key).is_some_and(|found| found.as_ptr() == w);
    fault::rule(found, c"an active timer is not where the loop keeps it");
    key
}

/// The watcher of a key, null if the key is nobody's, `None` past the last one.
pub(super) fn watcher(queue: &Deadlines, key: Key) -> Option<*mut ev_watcher_time> {
    let w = queue.get(key).map_or(core::ptr::null_mut(), NonNull::as_ptr);
    (key < queue.key_limit()).then_some(w)
}
