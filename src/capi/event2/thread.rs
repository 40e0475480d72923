//! `event2/thread.h`: locks and conditions.
//!
//! Whoever uses the library from several threads calls [`evthread_use_pthreads`], or sets lock,
//! condition and thread-id functions of their own, before anything else: objects made earlier
//! have no locks. These functions themselves are to be called from one thread.

use crate::capi::convert::status;
use crate::event::event_base;
use crate::thread;
use crate::thread::raw::{
    EVTHREAD_PTHREAD_PRIO_INHERIT, evthread_condition_callbacks, evthread_lock_callbacks,
};
use libc::{c_int, c_ulong};

/// Sets the functions that make, take and release locks.
///
/// `cbs` is copied. Setting the same functions again succeeds; other functions are refused once
/// some are set. NULL switches locking off, with a warning if it was on.
///
/// In debug mode (`event_enable_debug_mode`), calling this after an event or a base was made ends
/// the program.
///
/// Returns 0, or -1 when other functions are set already or one of the four is missing.
///
/// # Safety
/// `cbs` is NULL or points to the structure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evthread_set_lock_callbacks(cbs: *const evthread_lock_callbacks) -> c_int {
    // SAFETY: NULL or a valid structure (caller).
    status(thread::set_locks(unsafe { cbs.as_ref() }))
}

/// Sets the functions that make, signal and wait for conditions.
///
/// `cbs` is copied. Setting the same functions again succeeds; other functions are refused once
/// some are set. NULL forgets them, with a warning if there were some. A set in which a function is
/// missing is ignored.
///
/// Returns 0, or -1 when other functions are set already.
///
/// # Safety
/// `cbs` is NULL or points to the structure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evthread_set_condition_callbacks(
    cbs: *const evthread_condition_callbacks,
) -> c_int {
    // SAFETY: NULL or a valid structure (caller).
    status(thread::set_conditions(unsafe { cbs.as_ref() }))
}

/// Sets the function that names the calling thread: two threads, two numbers.
///
/// With NULL all threads look the same to the library.
///
/// # Safety
/// `id_fn` may be called from any thread, at any time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evthread_set_id_callback(
    id_fn: Option<unsafe extern "C" fn() -> c_ulong>,
) {
    thread::set_id(id_fn);
}

/// Uses the locks, conditions and thread ids of POSIX threads.
///
/// Calling it again changes nothing. Where other lock functions have been set before, they stay
/// and a warning is logged.
///
/// Returns 0, or -1 when the system refuses recursive mutexes.
#[unsafe(no_mangle)]
pub extern "C" fn evthread_use_pthreads() -> c_int {
    status(thread::use_pthreads(false))
}

/// As `evthread_use_pthreads`, with choices: `EVTHREAD_PTHREAD_PRIO_INHERIT` makes mutexes whose
/// holder inherits the priority of whoever waits. Other bits are ignored. (Since libevent 2.2.)
///
/// Returns 0, or -1 when the system refuses such mutexes.
#[unsafe(no_mangle)]
pub extern "C" fn evthread_use_pthreads_with_flags(flags: c_int) -> c_int {
    status(thread::use_pthreads(flags & EVTHREAD_PTHREAD_PRIO_INHERIT != 0))
}

/// Checks every use of locks from now on, and ends the program when it finds a mistake: a lock
/// released that is not held, a lock freed while held, a wait with the wrong lock.
///
/// To be called after the lock functions are set or before, but before any lock is made. A second
/// call does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn evthread_enable_lock_debugging() {
    thread::enable_lock_debugging();
}

/// The old, misspelt name of `evthread_enable_lock_debugging`.
#[unsafe(no_mangle)]
pub extern "C" fn evthread_enable_lock_debuging() {
    thread::enable_lock_debugging();
}

/// Makes sure that another thread or a signal handler can wake a base.
///
/// A base made after threads were set up can be woken already; calling this again is harmless.
///
/// Returns 0, or -1 when the kernel refuses the descriptor for it or `base` is NULL.
///
/// # Safety
/// `base` is NULL or a live base.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evthread_make_base_notifiable(base: *mut event_base) -> c_int {
    if base.is_null() {
        return -1;
    }
    // SAFETY: a live base (caller).
    status(unsafe { crate::event::base::make_notifiable(base) })
}

/// The lock functions that are set, below the debugging layer; all NULL when there are none. The
/// structure belongs to the library and lives as long as the process.
///
/// The reference exports this name without declaring it.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub extern "C" fn evthread_get_lock_callbacks() -> *mut evthread_lock_callbacks {
    thread::lock_table()
}

/// The condition functions that are set, below the debugging layer; all NULL when there are none.
///
/// The reference exports this name without declaring it.
///
/// cbindgen:ignore
#[unsafe(no_mangle)]
pub extern "C" fn evthread_get_condition_callbacks() -> *mut evthread_condition_callbacks {
    thread::condition_table()
}
