//! Watchers of the loop (`event2/watch.h`): functions that run before and after each wait.
//!
//! They run in the order of registration. A watcher may free itself, or any other, while they
//! run: the walk holds the next one in the base, where [`free`] corrects it.

use super::base::base_lock;
use super::event_base;
use crate::error::{Error, Result};
use crate::mem;
use core::ffi::c_void;
use core::ptr::{NonNull, null_mut};
use libc::timeval;

/// What a prepare watcher is told.
#[derive(Debug)]
#[repr(C)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evwatch_prepare_cb_info {
    timeout: Option<u64>,
}

/// What a check watcher is told: nothing yet.
#[derive(Debug)]
#[repr(C)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evwatch_check_cb_info {
    unused: u8,
}

/// Called before the wait.
pub type PrepareFn =
    unsafe extern "C" fn(*mut evwatch, *const evwatch_prepare_cb_info, *mut c_void);
/// Called after the wait.
pub type CheckFn = unsafe extern "C" fn(*mut evwatch, *const evwatch_check_cb_info, *mut c_void);

/// Which of the two a watcher is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Runs before the wait.
    Prepare(Option<PrepareFn>),
    /// Runs after it.
    Check(Option<CheckFn>),
}

/// A watcher; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evwatch {
    base: *mut event_base,
    kind: Kind,
    arg: *mut c_void,
    next: *mut Self,
    prev: *mut Self,
}

#[derive(Debug)]
struct List {
    first: *mut evwatch,
    last: *mut evwatch,
    /// While the list is worked off, what comes next.
    next: *mut evwatch,
}

impl List {
    const EMPTY: Self = Self { first: null_mut(), last: null_mut(), next: null_mut() };
}

/// A base's watchers.
#[derive(Debug)]
pub(super) struct Watchers {
    prepare: List,
    check: List,
}

impl Watchers {
    pub(super) const fn new() -> Self {
        Self { prepare: List::EMPTY, check: List::EMPTY }
    }
}

unsafe fn list(base: *mut event_base, kind: Kind) -> *mut List {
    // SAFETY: the callers keep the base alive; only addresses are taken.
    unsafe {
        match kind {
            Kind::Prepare(_) => &raw mut (*base).watchers.prepare,
            Kind::Check(_) => &raw mut (*base).watchers.check,
        }
    }
}

/// A new watcher.
///
/// # Safety
/// `base` is alive.
pub unsafe fn new(base: *mut event_base, kind: Kind, arg: *mut c_void) -> Result<NonNull<evwatch>> {
    let w = mem::alloc(size_of::<evwatch>()).ok_or(Error::NoMemory)?.cast::<evwatch>();
    // SAFETY: the caller keeps the base alive; the block is fresh; list members are alive.
    unsafe {
        let _guard = base_lock(base);
        let list = list(base, kind);
        let p = w.as_ptr();
        p.write(evwatch { base, kind, arg, next: null_mut(), prev: (*list).last });
        if (*list).last.is_null() {
            (*list).first = p;
        } else {
            (*(*list).last).next = p;
        }
        (*list).last = p;
    }
    Ok(w)
}

/// The base of a watcher.
///
/// # Safety
/// `w` is alive.
pub unsafe fn base(w: *const evwatch) -> *mut event_base {
    // SAFETY: the caller's contract.
    unsafe { (*w).base }
}

/// Frees a watcher.
///
/// # Safety
/// `w` is alive and not used any more.
pub unsafe fn free(w: *mut evwatch) {
    // SAFETY: the caller's contract; list members are alive.
    unsafe {
        let _guard = base_lock((*w).base);
        let list = list((*w).base, (*w).kind);
        let (next, prev) = ((*w).next, (*w).prev);
        if (*list).next == w {
            (*list).next = next;
        }
        if prev.is_null() {
            (*list).first = next;
        } else {
            (*prev).next = next;
        }
        if next.is_null() {
            (*list).last = prev;
        } else {
            (*next).prev = prev;
        }
        mem::free(w.cast());
    }
}

/// Whether there is a prepare watcher.
///
/// # Safety
/// `base` is alive and locked.
#[inline]
pub(super) unsafe fn any_prepare(base: *const event_base) -> bool {
    // SAFETY: the caller's contract.
    unsafe { !(*base).watchers.prepare.first.is_null() }
}

/// Runs the prepare watchers, without the lock.
///
/// # Safety
/// `base` is alive and locked.
pub(super) unsafe fn run_prepare(base: *mut event_base, timeout: Option<u64>) {
    let info = evwatch_prepare_cb_info { timeout };
    // SAFETY: the caller's contract; `next` is kept right by `free`.
    unsafe {
        let list = &raw mut (*base).watchers.prepare;
        let mut w = (*list).first;
        while !w.is_null() {
            (*list).next = (*w).next;
            let (kind, arg) = ((*w).kind, (*w).arg);
            super::base::release(base);
            if let Kind::Prepare(Some(f)) = kind {
                f(w, &raw const info, arg);
            }
            super::base::acquire(base);
            w = (*list).next;
        }
    }
}

/// Runs the check watchers, without the lock.
///
/// # Safety
/// `base` is alive and locked.
#[inline]
pub(super) unsafe fn run_check(base: *mut event_base) {
    let info = evwatch_check_cb_info { unused: 0 };
    // SAFETY: as in `run_prepare`.
    unsafe {
        let list = &raw mut (*base).watchers.check;
        let mut w = (*list).first;
        while !w.is_null() {
            (*list).next = (*w).next;
            let (kind, arg) = ((*w).kind, (*w).arg);
            super::base::release(base);
            if let Kind::Check(Some(f)) = kind {
                f(w, &raw const info, arg);
            }
            super::base::acquire(base);
            w = (*list).next;
        }
    }
}

/// Frees all watchers of a base.
///
/// # Safety
/// `base` is alive and used by nobody else.
pub(super) unsafe fn free_all(base: *mut event_base) {
    // SAFETY: the caller's contract; list members came from `new`.
    unsafe {
        for first in [(*base).watchers.prepare.first, (*base).watchers.check.first] {
            let mut w = first;
            while !w.is_null() {
                let next = (*w).next;
                mem::free(w.cast());
                w = next;
            }
        }
        (*base).watchers = Watchers::new();
    }
}

/// How long the coming wait may last, if it is limited.
///
/// # Safety
/// `info` came with a prepare callback that has not returned.
pub unsafe fn prepare_timeout(info: *const evwatch_prepare_cb_info) -> Option<timeval> {
    // SAFETY: the caller's contract.
    unsafe { (*info).timeout.map(crate::reactor::clock::timeval) }
}
