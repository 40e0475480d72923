//! The watchers whose callbacks are due: one queue for each priority.
//!
//! Higher priorities go first, and within one the last that was queued goes first; a watcher that
//! is queued already keeps its place and collects the new events. Whatever a callback queues is
//! looked at before the rest, so that a higher priority always overtakes.

use super::fault;
use super::flags::{EV_MAXPRI, EV_MINPRI};
use super::raw::ev_watcher;
use crate::error::Error;
use crate::mem::{LoopHeap, Vec};
use core::ptr::null_mut;
use libc::c_int;

/// How many priorities there are.
pub(super) const PRIORITIES: usize = (EV_MAXPRI - EV_MINPRI + 1) as usize;

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Null when the watcher was stopped meanwhile.
    w: *mut ev_watcher,
    events: c_int,
}

/// The queues.
#[derive(Debug)]
pub(super) struct Pending {
    queues: [Vec<Entry, LoopHeap>; PRIORITIES],
    /// Bit n: queue n is not empty.
    filled: u32,
}

/// The queue of a priority. Numbers out of range, which a watcher that was never started may
/// have, belong to the nearest.
#[inline]
pub(super) fn queue_of(priority: c_int) -> usize {
    (priority.clamp(EV_MINPRI, EV_MAXPRI) - EV_MINPRI).unsigned_abs() as usize
}

impl Pending {
    pub(super) fn new() -> Self {
        Self { queues: [const { Vec::new_in(LoopHeap) }; PRIORITIES], filled: 0 }
    }

    /// Queues a watcher, or adds to the events of one that is queued.
    ///
    /// # Safety
    /// The watcher is live, and stays so until it is taken or cleared.
    #[inline]
    pub(super) unsafe fn feed(&mut self, w: *mut ev_watcher, events: c_int) {
        // SAFETY: the watcher is live (caller).
        let (place, priority) = unsafe { ((*w).pending, (*w).priority) };
        let queue = priority.wrapping_sub(EV_MINPRI).cast_unsigned();
        let Some(entries) = self.queues.get_mut(queue as usize) else {
            // SAFETY: as the caller says.
            return unsafe { self.feed_unusual(w, events) };
        };
        if place != 0 {
            // Numbers below 1 become such as no entry has.
            if let Some(entry) = entries.get_mut(place.wrapping_sub(1) as usize) {
                entry.events |= events;
            }
            return;
        }
        let len = entries.len();
        if len < entries.capacity() {
            // SAFETY: there is room for one more entry, which becomes part of the vector only
            // after it is written; the watcher is live (caller).
            unsafe {
                entries.as_mut_ptr().add(len).write(Entry { w, events });
                entries.set_len(len + 1);
                (*w).pending = len as c_int + 1;
            }
            self.filled |= 1 << queue;
            return;
        }
        // SAFETY: as the caller says.
        unsafe { self.feed_unusual(w, events) }
    }

    /// [`Self::feed`] for a watcher that has a priority out of range or needs room to be made.
    ///
    /// # Safety
    /// As [`Self::feed`].
    #[cold]
    #[inline(never)]
    unsafe fn feed_unusual(&mut self, w: *mut ev_watcher, events: c_int) {
        // SAFETY: the watcher is live (caller).
        let (place, queue) = unsafe { ((*w).pending, queue_of((*w).priority)) };
        let Some(entries) = self.queues.get_mut(queue) else { return };
        if place != 0 {
            if let Some(entry) = entries.get_mut(place.unsigned_abs() as usize - 1) {
                entry.events |= events;
            }
            return;
        }
        fault::memory(entries.try_reserve(1).map_err(|_| Error::NoMemory));
        entries.push(Entry { w, events });
        self.filled |= 1 << queue;
        // SAFETY: as above.
        unsafe { (*w).pending = entries.len() as c_int };
    }

    /// Takes a watcher out, if it is queued, and returns its events.
    ///
    /// # Safety
    /// The watcher is live.
    #[inline(always)]
    pub(super) unsafe fn clear(&mut self, w: *mut ev_watcher) -> c_int {
        // SAFETY: the watcher is live (caller).
        unsafe { if (*w).pending == 0 { 0 } else { self.take_out(w) } }
    }

    #[inline(never)]
    unsafe fn take_out(&mut self, w: *mut ev_watcher) -> c_int {
        // SAFETY: the watcher is live (caller).
        let (place, queue) = unsafe { ((*w).pending, queue_of((*w).priority)) };
        // SAFETY: as above.
        unsafe { (*w).pending = 0 };
        let entries = self.queues.get_mut(queue);
        match entries.and_then(|q| q.get_mut(place.unsigned_abs() as usize - 1)) {
            Some(entry) => {
                entry.w = null_mut();
                entry.events
            }
            None => 0,
        }
    }

    /// Takes the next watcher, which is then no longer pending.
    ///
    /// # Safety
    /// All queued watchers are live.
    #[inline]
    pub(super) unsafe fn take(&mut self) -> Option<(*mut ev_watcher, c_int)> {
        while self.filled != 0 {
            let queue = self.filled.ilog2();
            let entries = self.queues.get_mut(queue as usize)?;
            let entry = entries.pop();
            if entries.is_empty() {
                self.filled &= !(1 << queue);
            }
            if let Some(Entry { w, events }) = entry
                && !w.is_null()
            {
                // SAFETY: queued watchers are live (caller).
                unsafe { (*w).pending = 0 };
                return Some((w, events));
            }
        }
        None
    }

    /// How many entries there are, those of stopped watchers included.
    pub(super) fn len(&self) -> usize {
        self.queues.iter().map(|q| q.len()).sum()
    }

    /// Whether a queue, counted from the lowest priority, has entries.
    pub(super) fn has(&self, queue: usize) -> bool {
        self.filled & (1 << queue) != 0
    }

    /// Calls `each` with every queued watcher, its queue and its place.
    pub(super) fn for_each(&self, mut each: impl FnMut(*mut ev_watcher, usize, usize)) {
        for (n, queue) in self.queues.iter().enumerate() {
            for (i, entry) in queue.iter().enumerate() {
                if !entry.w.is_null() {
                    each(entry.w, n, i + 1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watcher(priority: c_int) -> ev_watcher {
        ev_watcher { active: 0, pending: 0, priority, data: null_mut(), cb: None }
    }

    #[test]
    fn higher_priorities_first_and_last_come_first_served() {
        let mut p = Pending::new();
        let mut w = [0, 1, 0, -2, 99].map(watcher);
        let base = w.as_mut_ptr();
        // SAFETY: the watchers outlive the queue.
        unsafe {
            for i in 0..5 {
                p.feed(base.add(i), 1 << i);
            }
            p.feed(base, 0x100);
            assert_eq!(p.len(), 5);
            for i in [4, 1, 2] {
                assert_eq!(p.take(), Some((base.add(i), 1 << i)));
            }
            // Queued by a callback: goes before the rest.
            p.feed(base.add(1), 7);
            assert_eq!(p.take(), Some((base.add(1), 7)));
            assert_eq!(p.clear(base), 0x101);
            assert_eq!(p.clear(base), 0);
            assert_eq!(p.take(), Some((base.add(3), 8)));
            assert_eq!(p.take(), None);
        }
        assert_eq!((p.filled, p.len()), (0, 0));
    }
}
