//! The user's lock callbacks, and locks and conditions made by them.
//!
//! Until callbacks are set there are no locks: [`Lock::new`] gives an empty lock whose operations
//! are one branch. A [`Guard`] holds a copy of the lock's pointer, not a borrow of the lock's
//! owner, so that it may outlive borrows of the state it protects.

pub mod raw;

use crate::error::{Error, Result};
use core::ffi::c_void;
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use raw::{evthread_condition_callbacks, evthread_lock_callbacks};

/// The callbacks in force, as a pointer to one of our own copies; null while locking is off.
static LOCKS: AtomicPtr<evthread_lock_callbacks> = AtomicPtr::new(null_mut());
/// The condition callbacks in force.
static CONDITIONS: AtomicPtr<evthread_condition_callbacks> = AtomicPtr::new(null_mut());
static ID: AtomicUsize = AtomicUsize::new(0);

/// Installs lock callbacks that live forever; `None` switches locking off.
pub fn install_locks(f: Option<&'static evthread_lock_callbacks>) {
    LOCKS.store(f.map_or(null_mut(), |f| core::ptr::from_ref(f).cast_mut()), Ordering::Release);
}

/// The lock callbacks in force.
#[inline]
pub fn locks() -> Option<&'static evthread_lock_callbacks> {
    // SAFETY: only `install_locks` stores here, and it takes `'static` references.
    unsafe { LOCKS.load(Ordering::Acquire).as_ref() }
}

/// Installs condition callbacks that live forever.
pub fn install_conditions(f: Option<&'static evthread_condition_callbacks>) {
    CONDITIONS
        .store(f.map_or(null_mut(), |f| core::ptr::from_ref(f).cast_mut()), Ordering::Release);
}

/// The condition callbacks in force.
pub fn conditions() -> Option<&'static evthread_condition_callbacks> {
    // SAFETY: only `install_conditions` stores here, and it takes `'static` references.
    unsafe { CONDITIONS.load(Ordering::Acquire).as_ref() }
}

/// A function that names the calling thread.
pub type IdFn = unsafe extern "C" fn() -> libc::c_ulong;

/// Installs the thread-id function.
pub fn install_id(f: Option<IdFn>) {
    ID.store(f.map_or(0, |f| f as usize), Ordering::Release);
}

/// Whether thread support has been set up at all.
#[inline]
pub fn enabled() -> bool {
    !LOCKS.load(Ordering::Relaxed).is_null()
}

/// The calling thread's id; 1 while no id function is set, as in the reference.
#[inline]
pub fn current_id() -> libc::c_ulong {
    let f = ID.load(Ordering::Acquire);
    if f == 0 {
        return 1;
    }
    // SAFETY: `install_id` stored the address of a function of this type.
    unsafe { core::mem::transmute::<usize, IdFn>(f)() }
}

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
    pub fn is_some(&self) -> bool {
        !self.as_ptr().is_null()
    }

    /// Takes the lock until the guard is dropped.
    #[inline]
    pub fn guard(&self) -> Guard {
        let g = Guard(NonNull::new(self.as_ptr()));
        self.acquire();
        g
    }

    /// Takes the lock; pair with [`Self::release`].
    #[inline]
    pub fn acquire(&self) {
        let p = self.as_ptr();
        if !p.is_null() {
            acquire(p);
        }
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

fn acquire(p: *mut c_void) {
    if let Some(lock) = locks().and_then(|f| f.lock) {
        // SAFETY: `p` is a live lock of the user's callbacks.
        unsafe { lock(0, p) };
    }
}

fn release(p: *mut c_void) {
    if let Some(unlock) = locks().and_then(|f| f.unlock) {
        // SAFETY: `p` is a live lock of the user's callbacks, held by this thread.
        unsafe { unlock(0, p) };
    }
}

/// A held lock. It owns no borrow; whoever frees the lock's owner drops the guard first.
#[derive(Debug)]
#[must_use]
pub struct Guard(Option<NonNull<c_void>>);

impl Drop for Guard {
    #[inline]
    fn drop(&mut self) {
        if let Some(p) = self.0 {
            release(p.as_ptr());
        }
    }
}
