//! The user's lock callbacks, and locks and conditions made by them.
//!
//! Until callbacks are set there are no locks: [`Lock::new`] gives an empty lock whose operations
//! are one branch. A [`Guard`] holds a copy of the lock's pointer, not a borrow of the lock's
//! owner, so that it may outlive borrows of the state it protects.

mod callbacks;
mod debug;
mod pthreads;
pub mod raw;

pub use callbacks::{
    IdFn, close_initialisation, condition_table, conditions, current_id, enabled, lock_table,
    locks, reopen_initialisation, set_conditions, set_id, set_locks,
};
pub use debug::enable as enable_lock_debugging;
pub use debug::is_held_by_this_thread;
pub use pthreads::use_pthreads;

use crate::error::{Error, Result};
use crate::{log, mem};
use core::ffi::c_void;
use core::ptr::{NonNull, null, null_mut};
use core::sync::atomic::{AtomicPtr, Ordering};
use libc::timeval;

/// A recursive lock made by the user's callbacks, or nothing while locking is off.
#[derive(Debug)]
pub struct Lock(AtomicPtr<c_void>);

impl Lock {
    /// No lock: every operation does nothing.
    pub const fn none() -> Self {
        Self(AtomicPtr::new(null_mut()))
    }

    /// A recursive lock; an empty one when locking is off.
    pub fn new() -> Result<Self> {
        let Some(f) = locks() else { return Ok(Self::none()) };
        let Some(alloc) = f.alloc else { return Ok(Self::none()) };
        // SAFETY: the user's function, called as its contract says.
        let p = unsafe { alloc(raw::EVTHREAD_LOCKTYPE_RECURSIVE) };
        if p.is_null() { Err(Error::NoMemory) } else { Ok(Self(AtomicPtr::new(p))) }
    }

    /// A lock somebody else made (`evbuffer_enable_locking`); [`Self::free`] frees it all the same.
    pub fn adopt(lock: *mut c_void) -> Self {
        Self(AtomicPtr::new(lock))
    }

    /// The C lock, null when there is none.
    #[inline]
    pub fn as_ptr(&self) -> *mut c_void {
        self.0.load(Ordering::Relaxed)
    }

    /// Whether there is a lock.
    #[inline]
    pub fn is_some(&self) -> bool {
        !self.as_ptr().is_null()
    }

    /// Takes the lock until the guard is dropped.
    #[inline]
    pub fn guard(&self) -> Guard {
        let p = NonNull::new(self.as_ptr());
        if let Some(p) = p {
            acquire(p.as_ptr());
        }
        Guard(p)
    }

    /// Takes the lock; pair with [`Self::release`].
    #[inline]
    pub fn acquire(&self) {
        let p = self.as_ptr();
        if !p.is_null() {
            acquire(p);
        }
    }

    /// Takes the lock if no other thread holds it; whether it did.
    pub fn try_acquire(&self) -> bool {
        let p = self.as_ptr();
        if p.is_null() {
            return true;
        }
        let Some(lock) = locks().and_then(|f| f.lock) else { return true };
        // SAFETY: `p` is a live lock of the user's callbacks.
        unsafe { lock(raw::EVTHREAD_TRY, p) == 0 }
    }

    /// Releases the lock.
    #[inline]
    pub fn release(&self) {
        let p = self.as_ptr();
        if !p.is_null() {
            release(p);
        }
    }

    /// Frees the lock; afterwards there is none.
    pub fn free(&self) {
        let p = self.0.swap(null_mut(), Ordering::AcqRel);
        if let (false, Some(free)) = (p.is_null(), locks().and_then(|f| f.free)) {
            // SAFETY: the lock was made by these callbacks and nobody can reach it any more.
            unsafe { free(p, raw::EVTHREAD_LOCKTYPE_RECURSIVE) }
        }
    }
}

/// Whether taking a lock would be for nothing, as it could not be told from not taking it: locks
/// are mutexes of ours, there is one thread, and what the library itself calls (memory, messages)
/// is not the program's. It stays so for as long as the caller runs no code of the program; whoever
/// does run some while he means to hold a lock has to take it.
#[inline(always)]
pub fn alone() -> bool {
    mem::lone() && callbacks::are_pthreads() && !log::has_callback()
}

fn acquire(p: *mut c_void) {
    if callbacks::are_pthreads() {
        // SAFETY: `p` is a live mutex of ours; this is what our callback would do.
        unsafe { libc::pthread_mutex_lock(p.cast()) };
        return;
    }
    acquire_by_callback(p);
}

// Out of line, for the two stand in every function that locks.
#[cold]
#[inline(never)]
fn acquire_by_callback(p: *mut c_void) {
    if let Some(lock) = locks().and_then(|f| f.lock) {
        // SAFETY: `p` is a live lock of the user's callbacks.
        unsafe { lock(0, p) };
    }
}

fn release(p: *mut c_void) {
    if callbacks::are_pthreads() {
        // SAFETY: `p` is a live mutex of ours that this thread holds.
        unsafe { libc::pthread_mutex_unlock(p.cast()) };
        return;
    }
    release_by_callback(p);
}

#[cold]
#[inline(never)]
fn release_by_callback(p: *mut c_void) {
    if let Some(unlock) = locks().and_then(|f| f.unlock) {
        // SAFETY: `p` is a live lock of the user's callbacks, held by this thread.
        unsafe { unlock(0, p) };
    }
}

/// A held lock. It owns no borrow; whoever frees the lock's owner drops the guard first.
#[derive(Debug)]
#[must_use]
pub struct Guard(Option<NonNull<c_void>>);

impl Guard {
    /// Of no lock, or of one that somebody else releases.
    pub const fn none() -> Self {
        Self(None)
    }
}

impl Drop for Guard {
    #[inline]
    fn drop(&mut self) {
        if let Some(p) = self.0 {
            release(p.as_ptr());
        }
    }
}

/// How a wait for a [`Condition`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Somebody signalled (or the wait woke for no reason, as conditions may).
    Signalled,
    /// The time ran out.
    TimedOut,
    /// The callbacks failed, or there are none.
    Failed,
}

/// A condition made by the user's callbacks, or nothing while there are none.
#[derive(Debug)]
pub struct Condition(AtomicPtr<c_void>);

impl Condition {
    /// No condition: waiting fails at once.
    pub const fn none() -> Self {
        Self(AtomicPtr::new(null_mut()))
    }

    /// A condition; an empty one when no condition callbacks are set.
    pub fn new() -> Result<Self> {
        let Some(alloc) = conditions().and_then(|f| f.alloc_condition) else {
            return Ok(Self::none());
        };
        // SAFETY: the user's function, called as its contract says.
        let p = unsafe { alloc(0) };
        if p.is_null() { Err(Error::NoMemory) } else { Ok(Self(AtomicPtr::new(p))) }
    }

    /// Whether there is a condition.
    #[inline]
    pub fn is_some(&self) -> bool {
        !self.0.load(Ordering::Relaxed).is_null()
    }

    /// Wakes one waiting thread; the lock of the wait is held.
    pub fn signal(&self) {
        self.wake(0);
    }

    /// Wakes all waiting threads; the lock of the wait is held.
    pub fn broadcast(&self) {
        self.wake(1);
    }

    fn wake(&self, broadcast: libc::c_int) {
        let p = self.0.load(Ordering::Relaxed);
        if let (false, Some(signal)) = (p.is_null(), conditions().and_then(|f| f.signal_condition))
        {
            // SAFETY: `p` is a live condition of the user's callbacks.
            unsafe { signal(p, broadcast) };
        }
    }

    /// Waits with `lock`, which this thread holds exactly once, released.
    pub fn wait(&self, lock: &Lock, timeout: Option<&timeval>) -> Wake {
        let (p, l) = (self.0.load(Ordering::Relaxed), lock.as_ptr());
        let Some(wait) = conditions().and_then(|f| f.wait_condition) else { return Wake::Failed };
        if p.is_null() || l.is_null() {
            return Wake::Failed;
        }
        // SAFETY: both are live objects of the user's callbacks, and the lock is held (caller).
        let r = unsafe { wait(p, l, timeout.map_or(null(), core::ptr::from_ref)) };
        match r {
            0 => Wake::Signalled,
            1 => Wake::TimedOut,
            _ => Wake::Failed,
        }
    }

    /// Frees the condition; afterwards there is none.
    pub fn free(&self) {
        let p = self.0.swap(null_mut(), Ordering::AcqRel);
        if let (false, Some(free)) = (p.is_null(), conditions().and_then(|f| f.free_condition)) {
            // SAFETY: the condition was made by these callbacks and nobody waits on it any more.
            unsafe { free(p) }
        }
    }
}
