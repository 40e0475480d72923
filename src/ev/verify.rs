//! Checking a loop's data, and walking over its watchers.

use super::child::Children;
use super::deadlines;
use super::fault::rule;
use super::flags::*;
use super::lists::List;
use super::pending::queue_of;
use super::raw::*;
use super::state::{STAT_LISTS, internal, state};
use libc::c_int;

/// What a walk calls: the type of the watcher as its event bit, and the watcher.
pub type WalkFn = unsafe extern "C" fn(*mut ev_loop, c_int, *mut core::ffi::c_void);

/// Aborts with a message if the loop's data is not as it has to be.
///
/// # Safety
/// The loop is live, and the active and pending watchers are.
pub unsafe fn verify(l: *mut ev_loop) {
    // SAFETY: loop and watchers are live (caller); no callback runs.
    unsafe {
        let s = state(l);
        s.pending.for_each(|w, queue, place| {
            let placed = (*w).pending.unsigned_abs() as usize == place;
            rule(placed, c"a pending watcher is not where the loop keeps it");
            rule(queue_of((*w).priority) == queue, c"a pending watcher has another priority");
        });
        for fd in 0..s.poller.fd_limit() {
            let mut w = s.poller.head(fd);
            while !w.is_null() {
                rule((*w).active == 1, c"inactive fd watcher on anfd list");
                rule((*w).fd == fd, c"fd mismatch between watcher and anfd");
                w = (*w).next.cast();
            }
        }
        for queue in [&s.timers, &s.periodics] {
            let mut n = 1;
            while let Some(w) = deadlines::watcher(queue, n) {
                let placed = w.is_null() || (*w).active.unsigned_abs() == n;
                n += 1;
                rule(placed, c"an active timer is not where the loop keeps it");
            }
        }
        let lists = [&s.prepares, &s.checks, &s.forks, &s.cleanups, &s.asyncs];
        for list in lists.into_iter().chain(&s.idles) {
            for n in 0..list.len() {
                let placed =
                    list.get(n).is_some_and(|w| (*w).active.unsigned_abs() as usize == n + 1);
                rule(placed, c"active watcher's place and index disagree");
            }
        }
    }
}

/// The watchers of a list, one after the other, while `f` may stop the one it is called with.
unsafe fn walk_list(
    l: *mut ev_loop,
    kind: c_int,
    f: WalkFn,
    list: fn(*mut ev_loop) -> *const List,
) {
    // SAFETY: the loop is live (callers); the borrow is over before the callback.
    unsafe {
        for n in (0..(*list(l)).len()).rev() {
            if let Some(w) = (*list(l)).get(n) {
                f(l, kind, w.cast());
            }
        }
    }
}

/// Calls `f` with every active watcher of these types (event bits). It may stop the watcher, and
/// do nothing else with the loop.
///
/// # Safety
/// The loop is live and active watchers are; no borrow of the loop lives.
pub unsafe fn walk(l: *mut ev_loop, types: c_int, f: WalkFn) {
    // SAFETY: loop and watchers are live (caller); no borrow lives across the callback, and the
    // next watcher is read before it.
    unsafe {
        if types & (EV_READ | EV_WRITE | EV_EMBED) != 0 {
            walk_io(l, types, f);
        }
        if types & (EV_TIMER | EV_STAT) != 0 {
            walk_timers(l, types, f);
        }
        if types & EV_PERIODIC != 0 {
            let mut n = 1;
            while let Some(w) = deadlines::watcher(&state(l).periodics, n) {
                n += 1;
                if !w.is_null() {
                    f(l, EV_PERIODIC, w.cast());
                }
            }
        }
        if types & EV_SIGNAL != 0 {
            let own = &raw mut (*internal(l)).child;
            for signum in 1..crate::sys::signal::NSIG {
                let mut w = state(l).signal_head(signum);
                while !w.is_null() {
                    let next = (*w).next.cast();
                    if w != own {
                        f(l, EV_SIGNAL, w.cast());
                    }
                    w = next;
                }
            }
        }
        if types & EV_CHILD != 0
            && let Some(heads) = state(l).children.as_ref().map(|c| c.heads())
        {
            Children::for_each(heads, |w| f(l, EV_CHILD, w.cast()));
        }
        if types & EV_IDLE != 0 {
            for queue in 0..state(l).idles.len() {
                let count = state(l).idles.get(queue).map_or(0, List::len);
                for n in (0..count).rev() {
                    if let Some(w) = state(l).idles.get(queue).and_then(|list| list.get(n)) {
                        f(l, EV_IDLE, w.cast());
                    }
                }
            }
        }
        for (kind, list) in LISTS {
            if types & kind != 0 {
                walk_list(l, kind, f, list);
            }
        }
    }
}

type ListOf = fn(*mut ev_loop) -> *const List;

/// The types that are kept in one list each. The functions are called with live loops only.
const LISTS: [(c_int, ListOf); 5] = [
    // SAFETY: as above; only an address is taken.
    (EV_PREPARE, |l| unsafe { &raw const state(l).prepares }),
    // SAFETY: as above.
    (EV_CHECK, |l| unsafe { &raw const state(l).checks }),
    // SAFETY: as above.
    (EV_FORK, |l| unsafe { &raw const state(l).forks }),
    // SAFETY: as above.
    (EV_CLEANUP, |l| unsafe { &raw const state(l).cleanups }),
    // SAFETY: as above.
    (EV_ASYNC, |l| unsafe { &raw const state(l).asyncs }),
];

unsafe fn walk_io(l: *mut ev_loop, types: c_int, f: WalkFn) {
    // SAFETY: as in `walk`.
    unsafe {
        let own = internal(l);
        let own = [&raw mut (*own).inotify, &raw mut (*own).timerfd, &raw mut (*own).signalfd];
        for fd in 0..state(l).poller.fd_limit() {
            let mut w = state(l).poller.head(fd);
            while !w.is_null() {
                let next = (*w).next.cast();
                if super::embed::is_inner(w) {
                    if types & EV_EMBED != 0 {
                        f(l, EV_EMBED, super::embed::of_io(w).cast());
                    }
                } else if !own.contains(&w) && types & (EV_READ | EV_WRITE) != 0 {
                    f(l, EV_READ, w.cast());
                }
                w = next;
            }
        }
    }
}

unsafe fn walk_timers(l: *mut ev_loop, types: c_int, f: WalkFn) {
    // SAFETY: as in `walk`.
    unsafe {
        let mut n = 1;
        while let Some(w) = deadlines::watcher(&state(l).timers, n) {
            n += 1;
            let timer: *mut ev_timer = w.cast();
            if timer.is_null() {
                continue;
            }
            if !super::stat::is_inner(timer) {
                if types & EV_TIMER != 0 {
                    f(l, EV_TIMER, timer.cast());
                }
            } else if types & EV_STAT != 0 && (*super::stat::of_timer(timer)).wd < 0 {
                f(l, EV_STAT, super::stat::of_timer(timer).cast());
            }
        }
        for list in 0..STAT_LISTS {
            let mut w = state(l).stats.get(list).map_or(core::ptr::null_mut(), |head| *head);
            while !w.is_null() {
                let next = (*w).next.cast();
                if types & EV_STAT != 0 {
                    f(l, EV_STAT, w.cast());
                }
                w = next;
            }
        }
    }
}
