//! Children: the default loop watches SIGCHLD and asks for their status.
//!
//! As in the reference it asks for every child, watched or not, which takes the status away from
//! other parts of the program that wait for children of theirs. With `EVFLAG_REAPNAMED` only the
//! processes that some watcher names are asked for (and all, while a watcher waits for any).

use super::fault;
use super::flags::*;
use super::raw::*;
use super::signals;
use super::state::{internal, state};
use crate::error::Error;
use crate::mem::{Box, LoopHeap};
use crate::sys::child;
use core::ptr::null_mut;
use libc::c_int;

/// How many lists the watchers are spread over, by process number.
const LISTS: usize = 16;

/// The child watchers of the default loop.
pub(super) struct Children {
    heads: [*mut ev_child; LISTS],
}

fn list_of(pid: c_int) -> usize {
    pid.unsigned_abs() as usize % LISTS
}

impl Children {
    fn head(&self, pid: c_int) -> *mut ev_child {
        self.heads.get(list_of(pid)).map_or(null_mut(), |h| *h)
    }

    /// Calls `each` with every watcher.
    ///
    /// # Safety
    /// Active watchers are live, and `each` may stop the one it is called with.
    pub(super) unsafe fn for_each(
        heads: [*mut ev_child; LISTS],
        mut each: impl FnMut(*mut ev_child),
    ) {
        for head in heads {
            let mut w = head;
            while !w.is_null() {
                // SAFETY: the watcher is live (caller).
                let next = unsafe { (*w).next.cast() };
                each(w);
                w = next;
            }
        }
    }

    /// The first watcher of each list.
    pub(super) fn heads(&self) -> [*mut ev_child; LISTS] {
        self.heads
    }
}

/// Makes a loop the one that watches children.
///
/// # Safety
/// The loop is live and this is its thread.
pub(super) unsafe fn enable(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller), the watcher is part of it; no borrow lives across
    // `signal_start`.
    unsafe {
        let children = Children { heads: [null_mut(); LISTS] };
        let boxed = Box::try_new_in(children, LoopHeap).map_err(|_| Error::NoMemory);
        state(l).children = Some(fault::memory(boxed));
        let w = &raw mut (*internal(l)).child;
        (*w).signum = libc::SIGCHLD;
        (*w).priority = EV_MAXPRI;
        (*w).cb = Some(changed);
        signals::signal_start(l, w);
        state(l).refs -= 1;
    }
}

/// Ends the watching of children, when the loop is destroyed.
///
/// # Safety
/// The loop is live and this is its thread.
pub(super) unsafe fn disable(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller), the watcher is part of it.
    unsafe {
        let w = &raw mut (*internal(l)).child;
        if (*w).active != 0 {
            state(l).refs += 1;
            signals::signal_stop(l, w);
        }
    }
}

/// The SIGCHLD watcher's callback: asks for one child, and if there is one, queues itself again
/// for the next, before the watchers of this one, which are then called first.
unsafe extern "C" fn changed(l: *mut ev_loop, w: *mut ev_signal, _: c_int) {
    // SAFETY: the loop calls this with itself and its own watcher; active watchers are live; no
    // callback runs.
    unsafe {
        let named = state(l).flags & EVFLAG_REAPNAMED != 0;
        let found = if named { changed_named(l) } else { child::changed(-1) };
        let Some((pid, status)) = found else { return };
        state(l).pending.feed(w.cast(), EV_SIGNAL);
        queue(l, pid, pid, status);
        if list_of(pid) != list_of(0) {
            queue(l, 0, pid, status);
        }
    }
}

/// A changed child among those that somebody waits for.
unsafe fn changed_named(l: *mut ev_loop) -> Option<(c_int, c_int)> {
    // SAFETY: the loop is live (caller), active watchers are.
    unsafe {
        let heads = state(l).children.as_ref()?.heads();
        let (mut any, mut found) = (false, None);
        Children::for_each(heads, |w| {
            if (*w).pid == 0 {
                any = true;
            } else if found.is_none() {
                found = child::changed((*w).pid);
            }
        });
        found.or_else(|| if any { child::changed(-1) } else { None })
    }
}

/// Queues the watchers of a child in one list.
unsafe fn queue(l: *mut ev_loop, list: c_int, pid: c_int, status: c_int) {
    let traced = libc::WIFSTOPPED(status) || libc::WIFCONTINUED(status);
    // SAFETY: the loop is live (caller), active watchers are.
    unsafe {
        let s = state(l);
        let mut w = s.children.as_ref().map_or(null_mut(), |c| c.head(list));
        while !w.is_null() {
            let asked = (*w).pid == pid || (*w).pid == 0;
            if asked && (!traced || (*w).flags & 1 != 0) {
                // It has to be called before the SIGCHLD watcher looks for the next child.
                (*w).priority = EV_MAXPRI;
                (*w).rpid = pid;
                (*w).rstatus = status;
                s.pending.feed(w.cast(), EV_CHILD);
            }
            w = (*w).next.cast();
        }
    }
}

/// Starts a child watcher, in the default loop.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn start(l: *mut ev_loop, w: *mut ev_child) {
    // SAFETY: loop and watcher are live (caller); no callback runs.
    unsafe {
        let s = state(l);
        let able = s.children.is_some();
        fault::rule(able, c"child watchers are only supported in the default loop");
        if (*w).active != 0 {
            return;
        }
        s.start(w.cast(), 1);
        let heads = s.children.as_mut().map(|c| &mut c.heads);
        if let Some(head) = heads.and_then(|h| h.get_mut(list_of((*w).pid))) {
            (*w).next = head.cast();
            *head = w;
        }
    }
}

/// Stops a child watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn stop(l: *mut ev_loop, w: *mut ev_child) {
    // SAFETY: loop and watcher are live (caller), so are other active watchers.
    unsafe {
        let s = state(l);
        s.pending.clear(w.cast());
        if (*w).active == 0 {
            return;
        }
        let heads = s.children.as_mut().map(|c| &mut c.heads);
        if let Some(head) = heads.and_then(|h| h.get_mut(list_of((*w).pid))) {
            if *head == w {
                *head = (*w).next.cast();
            } else {
                let mut at = *head;
                while !at.is_null() {
                    if (*at).next.cast() == w {
                        (*at).next = (*w).next;
                        break;
                    }
                    at = (*at).next.cast();
                }
            }
        }
        s.stop(w.cast());
    }
}
