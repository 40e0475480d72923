//! Watchers that are kept in plain arrays: idle, prepare, check, fork, cleanup, async.
//!
//! `active` is the place in the array plus one. Whoever leaves is replaced by the last one; that
//! decides the order of calls, which the reference has the same way.

use super::fault;
use super::flags::EV_IDLE;
use super::pending::queue_of;
use super::raw::*;
use super::state::{Loop, state};
use crate::error::Error;
use crate::mem::{LoopHeap, Vec};
use libc::c_int;

/// An array of active watchers.
#[derive(Debug)]
pub(super) struct List(Vec<*mut ev_watcher, LoopHeap>);

impl List {
    pub(super) const fn new() -> Self {
        Self(Vec::new_in(LoopHeap))
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The nth watcher.
    #[inline]
    pub(super) fn get(&self, n: usize) -> Option<*mut ev_watcher> {
        self.0.get(n).copied()
    }

    /// Adds a watcher; the result is for its `active`.
    fn push(&mut self, w: *mut ev_watcher) -> c_int {
        fault::memory(self.0.try_reserve(1).map_err(|_| Error::NoMemory));
        self.0.push(w);
        self.0.len() as c_int
    }

    /// Takes a watcher out.
    ///
    /// # Safety
    /// All watchers of the list are live.
    unsafe fn remove(&mut self, active: c_int) {
        let place = active.unsigned_abs() as usize - 1;
        if place >= self.0.len() {
            return;
        }
        self.0.swap_remove(place);
        if let Some(moved) = self.get(place) {
            // SAFETY: active watchers are live (caller).
            unsafe { (*moved).active = active };
        }
    }
}

impl Loop {
    /// Queues every watcher of a list.
    ///
    /// # Safety
    /// Active watchers are live.
    pub(super) unsafe fn queue_all(&mut self, events: c_int, list: impl Fn(&Self) -> &List) {
        let mut n = 0;
        while let Some(w) = list(self).get(n) {
            // SAFETY: active watchers are live (caller).
            unsafe { self.pending.feed(w, events) };
            n += 1;
        }
    }

    /// Queues the idle watchers of the highest priority that has any, unless something of that
    /// priority or a higher one is pending.
    ///
    /// # Safety
    /// Active watchers are live.
    pub(super) unsafe fn queue_idles(&mut self) {
        if self.idle_count == 0 {
            return;
        }
        for queue in (0..self.idles.len()).rev() {
            if self.pending.has(queue) {
                return;
            }
            if self.idles.get(queue).is_some_and(|list| !list.is_empty()) {
                let mut n = 0;
                while let Some(w) = self.idles.get(queue).and_then(|list| list.get(n)) {
                    // SAFETY: active watchers are live (caller).
                    unsafe { self.pending.feed(w, EV_IDLE) };
                    n += 1;
                }
                return;
            }
        }
    }

    /// Starts a watcher that lives in a list.
    ///
    /// # Safety
    /// The watcher is live.
    pub(super) unsafe fn start_in(
        &mut self,
        w: *mut ev_watcher,
        list: impl FnOnce(&mut Self) -> &mut List,
    ) -> bool {
        // SAFETY: the watcher is live (caller).
        unsafe {
            if (*w).active != 0 {
                return false;
            }
            let active = list(self).push(w);
            self.start(w, active);
        }
        true
    }

    /// Stops a watcher that lives in a list.
    ///
    /// # Safety
    /// The watcher and all others of the list are live.
    pub(super) unsafe fn stop_in(
        &mut self,
        w: *mut ev_watcher,
        list: impl FnOnce(&mut Self) -> &mut List,
    ) -> bool {
        // SAFETY: the watchers are live (caller).
        unsafe {
            self.pending.clear(w);
            if (*w).active == 0 {
                return false;
            }
            list(self).remove((*w).active);
            self.stop(w);
        }
        true
    }
}

/// Starts an idle watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn idle_start(l: *mut ev_loop, w: *mut ev_idle) {
    // SAFETY: loop and watcher are live (caller); no callback runs.
    unsafe {
        let s = state(l);
        if (*w).active != 0 {
            return;
        }
        if let Some(list) = s.idles.get_mut(queue_of((*w).priority)) {
            let active = list.push(w.cast());
            s.start(w.cast(), active);
            s.idle_count += 1;
        }
    }
}

/// Stops an idle watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn idle_stop(l: *mut ev_loop, w: *mut ev_idle) {
    // SAFETY: loop and watcher are live (caller); no callback runs.
    unsafe {
        let s = state(l);
        s.pending.clear(w.cast());
        if (*w).active == 0 {
            return;
        }
        if let Some(list) = s.idles.get_mut(queue_of((*w).priority)) {
            list.remove((*w).active);
        }
        s.stop(w.cast());
        s.idle_count = s.idle_count.saturating_sub(1);
    }
}

/// Starts a prepare watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn prepare_start(l: *mut ev_loop, w: *mut ev_prepare) {
    // SAFETY: as the caller says.
    unsafe { state(l).start_in(w.cast(), |s| &mut s.prepares) };
}

/// Stops a prepare watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn prepare_stop(l: *mut ev_loop, w: *mut ev_prepare) {
    // SAFETY: as the caller says.
    unsafe { state(l).stop_in(w.cast(), |s| &mut s.prepares) };
}

/// Starts a check watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn check_start(l: *mut ev_loop, w: *mut ev_check) {
    // SAFETY: as the caller says.
    unsafe { state(l).start_in(w.cast(), |s| &mut s.checks) };
}

/// Stops a check watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn check_stop(l: *mut ev_loop, w: *mut ev_check) {
    // SAFETY: as the caller says.
    unsafe { state(l).stop_in(w.cast(), |s| &mut s.checks) };
}

/// Starts a fork watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn fork_start(l: *mut ev_loop, w: *mut ev_fork) {
    // SAFETY: as the caller says.
    unsafe { state(l).start_in(w.cast(), |s| &mut s.forks) };
}

/// Stops a fork watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn fork_stop(l: *mut ev_loop, w: *mut ev_fork) {
    // SAFETY: as the caller says.
    unsafe { state(l).stop_in(w.cast(), |s| &mut s.forks) };
}

/// Starts a cleanup watcher, which does not keep the loop running.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn cleanup_start(l: *mut ev_loop, w: *mut ev_cleanup) {
    // SAFETY: as the caller says.
    unsafe {
        let s = state(l);
        if s.start_in(w.cast(), |s| &mut s.cleanups) {
            s.refs = s.refs.wrapping_sub(1);
        }
    }
}

/// Stops a cleanup watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn cleanup_stop(l: *mut ev_loop, w: *mut ev_cleanup) {
    // SAFETY: as the caller says.
    unsafe {
        let s = state(l);
        if s.stop_in(w.cast(), |s| &mut s.cleanups) {
            s.refs = s.refs.wrapping_add(1);
        }
    }
}
