//! Locks, conditions and thread ids on POSIX threads (`evthread_use_pthreads`).

use super::raw::{
    EVTHREAD_LOCKTYPE_RECURSIVE, EVTHREAD_TRY, evthread_condition_callbacks,
    evthread_lock_callbacks,
};
use super::{set_conditions, set_id, set_locks};
use crate::error::{Error, Result};
use crate::mem;
use crate::sys::Errno;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicI32, Ordering};
use libc::{c_int, c_uint, c_ulong, timespec, timeval};

/// The protocol of new mutexes: `PTHREAD_PRIO_NONE`, or inheritance when asked for.
static PROTOCOL: AtomicI32 = AtomicI32::new(libc::PTHREAD_PRIO_NONE);

/// Attributes of a new mutex, destroyed with the value.
struct Attributes(MaybeUninit<libc::pthread_mutexattr_t>);

impl Attributes {
    fn new(recursive: bool, protocol: c_int) -> Result<Self> {
        let mut attr = MaybeUninit::<libc::pthread_mutexattr_t>::uninit();
        // SAFETY: the pointer is to our own storage, and init is the first call on it.
        check(unsafe { libc::pthread_mutexattr_init(attr.as_mut_ptr()) })?;
        let mut attr = Self(attr);
        let p = attr.0.as_mut_ptr();
        if recursive {
            // SAFETY: initialised above.
            check(unsafe { libc::pthread_mutexattr_settype(p, libc::PTHREAD_MUTEX_RECURSIVE) })?;
        }
        if protocol != libc::PTHREAD_PRIO_NONE {
            // SAFETY: initialised above.
            check(unsafe { libc::pthread_mutexattr_setprotocol(p, protocol) })?;
        }
        Ok(attr)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: `new` hands out only initialised attributes.
        unsafe { libc::pthread_mutexattr_destroy(self.0.as_mut_ptr()) };
    }
}

fn check(ret: c_int) -> Result<()> {
    if ret == 0 { Ok(()) } else { Err(Error::Os(Errno(ret))) }
}

unsafe extern "C" fn mutex_alloc(locktype: c_uint) -> *mut c_void {
    let Ok(attr) = Attributes::new(
        locktype & EVTHREAD_LOCKTYPE_RECURSIVE != 0,
        PROTOCOL.load(Ordering::Relaxed),
    ) else {
        return null_mut();
    };
    let Some(p) = mem::alloc(size_of::<libc::pthread_mutex_t>()) else { return null_mut() };
    // SAFETY: the block has the size and (as any C allocation) the alignment of a mutex, and the
    // attributes are initialised.
    if unsafe { libc::pthread_mutex_init(p.as_ptr().cast(), attr.0.as_ptr()) } != 0 {
        // SAFETY: made just above, known to nobody.
        unsafe { mem::free(p.as_ptr()) };
        return null_mut();
    }
    p.as_ptr().cast()
}

unsafe extern "C" fn mutex_free(lock: *mut c_void, _: c_uint) {
    // SAFETY: a mutex of `mutex_alloc` that nobody uses any more (contract of the callback).
    unsafe {
        libc::pthread_mutex_destroy(lock.cast());
        mem::free(lock.cast());
    }
}

unsafe extern "C" fn mutex_lock(mode: c_uint, lock: *mut c_void) -> c_int {
    // SAFETY: a live mutex of `mutex_alloc` (contract of the callback).
    unsafe {
        if mode & EVTHREAD_TRY != 0 {
            libc::pthread_mutex_trylock(lock.cast())
        } else {
            libc::pthread_mutex_lock(lock.cast())
        }
    }
}

unsafe extern "C" fn mutex_unlock(_: c_uint, lock: *mut c_void) -> c_int {
    // SAFETY: a live mutex of `mutex_alloc` (contract of the callback).
    unsafe { libc::pthread_mutex_unlock(lock.cast()) }
}

unsafe extern "C" fn condition_alloc(_: c_uint) -> *mut c_void {
    let Some(p) = mem::alloc(size_of::<libc::pthread_cond_t>()) else { return null_mut() };
    // SAFETY: the block has the size and alignment of a condition.
    if unsafe { libc::pthread_cond_init(p.as_ptr().cast(), core::ptr::null()) } != 0 {
        // SAFETY: made just above, known to nobody.
        unsafe { mem::free(p.as_ptr()) };
        return null_mut();
    }
    p.as_ptr().cast()
}

unsafe extern "C" fn condition_free(cond: *mut c_void) {
    // SAFETY: a condition of `condition_alloc` that nobody waits on (contract of the callback).
    unsafe {
        libc::pthread_cond_destroy(cond.cast());
        mem::free(cond.cast());
    }
}

unsafe extern "C" fn condition_signal(cond: *mut c_void, broadcast: c_int) -> c_int {
    // SAFETY: a live condition of `condition_alloc` (contract of the callback).
    let r = unsafe {
        if broadcast != 0 {
            libc::pthread_cond_broadcast(cond.cast())
        } else {
            libc::pthread_cond_signal(cond.cast())
        }
    };
    if r == 0 { 0 } else { -1 }
}

unsafe extern "C" fn condition_wait(
    cond: *mut c_void,
    lock: *mut c_void,
    timeout: *const timeval,
) -> c_int {
    // SAFETY: null or a valid timeval (contract of the callback).
    let Some(timeout) = (unsafe { timeout.as_ref() }) else {
        // SAFETY: live objects of ours; the lock is held by this thread.
        let r = unsafe { libc::pthread_cond_wait(cond.cast(), lock.cast()) };
        return if r == 0 { 0 } else { -1 };
    };
    let deadline = after(timeout);
    // SAFETY: live objects of ours, the lock is held by this thread, and the deadline is ours.
    match unsafe { libc::pthread_cond_timedwait(cond.cast(), lock.cast(), &raw const deadline) } {
        0 => 0,
        libc::ETIMEDOUT => 1,
        _ => -1,
    }
}

/// Now plus `timeout`, on the clock that conditions wait by.
fn after(timeout: &timeval) -> timespec {
    let mut now = timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to our own storage.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &raw mut now) };
    let nanos = timeout.tv_usec.saturating_mul(1000).saturating_add(now.tv_nsec);
    timespec {
        tv_sec: now
            .tv_sec
            .saturating_add(timeout.tv_sec)
            .saturating_add(nanos.div_euclid(1_000_000_000)),
        tv_nsec: nanos.rem_euclid(1_000_000_000),
    }
}

unsafe extern "C" fn thread_id() -> c_ulong {
    // SAFETY: no precondition.
    unsafe { libc::pthread_self() }
}

const LOCKS: evthread_lock_callbacks = evthread_lock_callbacks {
    lock_api_version: 1,
    supported_locktypes: EVTHREAD_LOCKTYPE_RECURSIVE,
    alloc: Some(mutex_alloc),
    free: Some(mutex_free),
    lock: Some(mutex_lock),
    unlock: Some(mutex_unlock),
};

/// Whether these are the functions of this file.
pub(super) fn are_ours(locks: &evthread_lock_callbacks) -> bool {
    locks.lock.map(|f| f as usize) == LOCKS.lock.map(|f| f as usize)
        && locks.unlock.map(|f| f as usize) == LOCKS.unlock.map(|f| f as usize)
}

const CONDITIONS: evthread_condition_callbacks = evthread_condition_callbacks {
    condition_api_version: 1,
    alloc_condition: Some(condition_alloc),
    free_condition: Some(condition_free),
    signal_condition: Some(condition_signal),
    wait_condition: Some(condition_wait),
};

/// Sets locks, conditions and thread ids to those of POSIX threads. With `inherit`, mutexes pass
/// the priority of whoever waits on to their holder.
///
/// Callbacks that were set before stay, with a warning, and the call still succeeds, as in the
/// reference.
pub fn use_pthreads(inherit: bool) -> Result<()> {
    let protocol = if inherit { libc::PTHREAD_PRIO_INHERIT } else { libc::PTHREAD_PRIO_NONE };
    // Proves that the system supports what is asked before anything is changed.
    drop(Attributes::new(true, protocol)?);
    PROTOCOL.store(protocol, Ordering::Relaxed);
    let _ = set_locks(Some(&LOCKS));
    let _ = set_conditions(Some(&CONDITIONS));
    set_id(Some(thread_id));
    Ok(())
}
