//! Which lock, condition and thread-id functions are in force, and the rules for changing them.
//!
//! The functions a program sets are copied into tables of ours. Readers reach them through one
//! pointer each, which names the user's table, or the debugging table laid over it, or nothing.
//! The tables themselves change only while nothing uses locks yet ("before anything else", says
//! the API), so readers need no lock of their own.

use super::raw::{evthread_condition_callbacks, evthread_lock_callbacks};
use crate::error::{Error, Result};
use crate::{log, warnx};
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

/// A copy of the user's callbacks at an address that never changes (C may ask for it).
#[repr(transparent)]
struct Table<T>(UnsafeCell<T>);

// SAFETY: written only by the setters, which the API allows only while no other thread uses the
// library; afterwards everybody reads.
unsafe impl<T> Sync for Table<T> {}

const NO_LOCKS: evthread_lock_callbacks = evthread_lock_callbacks {
    lock_api_version: 0,
    supported_locktypes: 0,
    alloc: None,
    free: None,
    lock: None,
    unlock: None,
};
const NO_CONDITIONS: evthread_condition_callbacks = evthread_condition_callbacks {
    condition_api_version: 0,
    alloc_condition: None,
    free_condition: None,
    signal_condition: None,
    wait_condition: None,
};

static USER_LOCKS: Table<evthread_lock_callbacks> = Table(UnsafeCell::new(NO_LOCKS));
static USER_CONDITIONS: Table<evthread_condition_callbacks> = Table(UnsafeCell::new(NO_CONDITIONS));

/// The table in force, null while locking is off.
static LOCKS: AtomicPtr<evthread_lock_callbacks> = AtomicPtr::new(null_mut());
static CONDITIONS: AtomicPtr<evthread_condition_callbacks> = AtomicPtr::new(null_mut());
static ID: AtomicUsize = AtomicUsize::new(0);

/// The lock callbacks in force are our own ones: then a lock is a mutex, and is taken without the
/// detour over the table.
static PTHREADS: AtomicBool = AtomicBool::new(false);

/// Set in debug mode once a base or an event exists: from then on no callbacks may be set.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// A function that names the calling thread.
pub type IdFn = unsafe extern "C" fn() -> libc::c_ulong;

/// The lock callbacks in force.
#[inline]
pub fn locks() -> Option<&'static evthread_lock_callbacks> {
    // SAFETY: null, or the address of one of our two tables, which are statics.
    unsafe { LOCKS.load(Ordering::Acquire).as_ref() }
}

/// Whether every lock is a mutex of `evthread_use_pthreads`.
#[inline]
pub(super) fn are_pthreads() -> bool {
    PTHREADS.load(Ordering::Relaxed)
}

/// The condition callbacks in force.
#[inline]
pub fn conditions() -> Option<&'static evthread_condition_callbacks> {
    // SAFETY: as in `locks`.
    unsafe { CONDITIONS.load(Ordering::Acquire).as_ref() }
}

/// The user's lock callbacks below the debugging layer; all zero when none are set.
pub fn lock_table() -> *mut evthread_lock_callbacks {
    USER_LOCKS.0.get()
}

/// The user's condition callbacks below the debugging layer; all zero when none are set.
pub fn condition_table() -> *mut evthread_condition_callbacks {
    USER_CONDITIONS.0.get()
}

/// A copy of the user's lock callbacks.
pub(super) fn user_locks() -> evthread_lock_callbacks {
    // SAFETY: our own static, written only while no other thread uses the library.
    unsafe { *lock_table() }
}

/// A copy of the user's condition callbacks.
pub(super) fn user_conditions() -> evthread_condition_callbacks {
    // SAFETY: as in `user_locks`.
    unsafe { *condition_table() }
}

/// Puts tables in force: the debugging ones, or the user's.
pub(super) fn publish(
    locks: *mut evthread_lock_callbacks,
    conditions: *mut evthread_condition_callbacks,
) {
    let plain = locks == lock_table() && super::pthreads::are_ours(&user_locks());
    PTHREADS.store(plain, Ordering::Relaxed);
    LOCKS.store(locks, Ordering::Release);
    CONDITIONS.store(conditions, Ordering::Release);
}

/// Publishes whatever the user has set, unless the debugging layer lies over it.
fn publish_user() {
    if super::debug::enabled() {
        super::debug::publish();
        return;
    }
    let locks = if user_locks().alloc.is_some() { lock_table() } else { null_mut() };
    let conditions =
        if user_conditions().alloc_condition.is_some() { condition_table() } else { null_mut() };
    publish(locks, conditions);
}

/// From now on setting callbacks is a fatal mistake: debug mode has seen a base or an event.
pub fn close_initialisation() {
    CLOSED.store(true, Ordering::Relaxed);
}

/// Callbacks may be set again (debug mode was left).
pub fn reopen_initialisation() {
    CLOSED.store(false, Ordering::Relaxed);
}

// The misspelling in two texts below is the reference's, which programs may look for.
fn check_open() {
    if CLOSED.load(Ordering::Relaxed) {
        log::errx(1, format_args!("evthread initialization must be called BEFORE anything else!"));
    }
}

// Function pointers are compared by address: the question is whether the user handed in the very
// same functions again, and a spurious "different" only costs a warning.
fn same_locks(a: &evthread_lock_callbacks, b: &evthread_lock_callbacks) -> bool {
    a.lock_api_version == b.lock_api_version
        && a.supported_locktypes == b.supported_locktypes
        && a.alloc.map(|f| f as usize) == b.alloc.map(|f| f as usize)
        && a.free.map(|f| f as usize) == b.free.map(|f| f as usize)
        && a.lock.map(|f| f as usize) == b.lock.map(|f| f as usize)
        && a.unlock.map(|f| f as usize) == b.unlock.map(|f| f as usize)
}

fn same_conditions(a: &evthread_condition_callbacks, b: &evthread_condition_callbacks) -> bool {
    a.condition_api_version == b.condition_api_version
        && a.alloc_condition.map(|f| f as usize) == b.alloc_condition.map(|f| f as usize)
        && a.free_condition.map(|f| f as usize) == b.free_condition.map(|f| f as usize)
        && a.signal_condition.map(|f| f as usize) == b.signal_condition.map(|f| f as usize)
        && a.wait_condition.map(|f| f as usize) == b.wait_condition.map(|f| f as usize)
}

/// Sets the lock callbacks; `None` switches locking off. Setting the same ones again is fine,
/// other ones are refused, and so is a set with a function missing.
pub fn set_locks(new: Option<&evthread_lock_callbacks>) -> Result<()> {
    check_open();
    let old = user_locks();
    let Some(new) = new else {
        if old.alloc.is_some() {
            warnx!(
                "Trying to disable lock functions after they have been set up will probaby not work."
            );
        }
        // SAFETY: our own static; the API allows this call only while no other thread is active.
        unsafe { *lock_table() = NO_LOCKS };
        publish_user();
        return Ok(());
    };
    if old.alloc.is_some() {
        if same_locks(&old, new) {
            return Ok(());
        }
        warnx!("Can't change lock callbacks once they have been initialized.");
        return Err(Error::Invalid);
    }
    if new.alloc.is_none() || new.free.is_none() || new.lock.is_none() || new.unlock.is_none() {
        return Err(Error::Invalid);
    }
    // SAFETY: as above.
    unsafe { *lock_table() = *new };
    publish_user();
    Ok(())
}

/// Sets the condition callbacks, by the same rules; an incomplete set changes nothing and is no
/// error, as in the reference.
pub fn set_conditions(new: Option<&evthread_condition_callbacks>) -> Result<()> {
    check_open();
    let old = user_conditions();
    let Some(new) = new else {
        if old.alloc_condition.is_some() {
            warnx!(
                "Trying to disable condition functions after they have been set up will probaby not work."
            );
        }
        // SAFETY: as in `set_locks`.
        unsafe { *condition_table() = NO_CONDITIONS };
        publish_user();
        return Ok(());
    };
    if old.alloc_condition.is_some() {
        if same_conditions(&old, new) {
            return Ok(());
        }
        warnx!("Can't change condition callbacks once they have been initialized.");
        return Err(Error::Invalid);
    }
    if new.alloc_condition.is_some()
        && new.free_condition.is_some()
        && new.signal_condition.is_some()
        && new.wait_condition.is_some()
    {
        // SAFETY: as in `set_locks`.
        unsafe { *condition_table() = *new };
        publish_user();
    }
    Ok(())
}

/// Sets the thread-id function; `None` makes all threads look the same.
pub fn set_id(f: Option<IdFn>) {
    ID.store(f.map_or(0, |f| f as usize), Ordering::Release);
}

/// Whether a thread-id function is set.
pub(super) fn has_id() -> bool {
    ID.load(Ordering::Acquire) != 0
}

/// Whether locking has been set up.
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
    // SAFETY: `set_id` stored the address of a function of this type.
    unsafe { core::mem::transmute::<usize, IdFn>(f)() }
}
