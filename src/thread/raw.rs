//! The structures of `event2/thread.h` that callers fill in.
#![allow(non_camel_case_types, reason = "C names")]

use core::ffi::c_void;
use libc::{c_int, c_uint, timeval};

/// A recursive lock: the kind libevent uses everywhere.
pub const EVTHREAD_LOCKTYPE_RECURSIVE: c_uint = 1;

/// The functions libevent uses to handle locks (`evthread_set_lock_callbacks`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evthread_lock_callbacks {
    /// The version of this API: `EVTHREAD_LOCK_API_VERSION`.
    pub lock_api_version: c_int,
    /// Which kinds of lock are supported, a bit mask of `EVTHREAD_LOCKTYPE_*`.
    pub supported_locktypes: c_uint,
    /// Makes a lock of the given kind; null on failure.
    pub alloc: Option<unsafe extern "C" fn(locktype: c_uint) -> *mut c_void>,
    /// Frees a lock of the given kind.
    pub free: Option<unsafe extern "C" fn(lock: *mut c_void, locktype: c_uint)>,
    /// Takes a lock; 0 on success.
    pub lock: Option<unsafe extern "C" fn(mode: c_uint, lock: *mut c_void) -> c_int>,
    /// Releases a lock; 0 on success.
    pub unlock: Option<unsafe extern "C" fn(mode: c_uint, lock: *mut c_void) -> c_int>,
}

/// The functions libevent uses to handle conditions (`evthread_set_condition_callbacks`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evthread_condition_callbacks {
    /// The version of this API: `EVTHREAD_CONDITION_API_VERSION`.
    pub condition_api_version: c_int,
    /// Makes a condition; `condtype` is 0.
    pub alloc_condition: Option<unsafe extern "C" fn(condtype: c_uint) -> *mut c_void>,
    /// Frees a condition.
    pub free_condition: Option<unsafe extern "C" fn(cond: *mut c_void)>,
    /// Wakes one waiting thread, or all of them; 0 on success.
    pub signal_condition:
        Option<unsafe extern "C" fn(cond: *mut c_void, broadcast: c_int) -> c_int>,
    /// Waits with `lock` released; 0 when signalled, 1 on timeout, -1 on error.
    pub wait_condition: Option<
        unsafe extern "C" fn(
            cond: *mut c_void,
            lock: *mut c_void,
            timeout: *const timeval,
        ) -> c_int,
    >,
}

/// Waiting for a lock for reading.
pub const EVTHREAD_READ: c_uint = 0x08;
/// Waiting for a lock for writing.
pub const EVTHREAD_WRITE: c_uint = 0x04;
/// Taking a lock only if that needs no waiting.
pub const EVTHREAD_TRY: c_uint = 0x10;
/// The version of `struct evthread_lock_callbacks`.
pub const EVTHREAD_LOCK_API_VERSION: c_int = 1;
/// The version of `struct evthread_condition_callbacks`.
pub const EVTHREAD_CONDITION_API_VERSION: c_int = 1;
/// A lock with readers and writers; nothing here asks for one.
pub const EVTHREAD_LOCKTYPE_READWRITE: c_uint = 2;
/// `evthread_use_pthreads` is there.
pub const EVTHREAD_USE_PTHREADS_IMPLEMENTED: c_int = 1;
/// `evthread_use_pthreads_with_flags`: locks pass on the priority of who waits (since 2.2).
pub const EVTHREAD_PTHREAD_PRIO_INHERIT: c_int = 0x01;

const _: () = {
    use core::mem::{offset_of, size_of};
    assert!(size_of::<evthread_lock_callbacks>() == 40);
    assert!(offset_of!(evthread_lock_callbacks, supported_locktypes) == 4);
    assert!(offset_of!(evthread_lock_callbacks, alloc) == 8);
    assert!(offset_of!(evthread_lock_callbacks, free) == 16);
    assert!(offset_of!(evthread_lock_callbacks, lock) == 24);
    assert!(offset_of!(evthread_lock_callbacks, unlock) == 32);
    assert!(size_of::<evthread_condition_callbacks>() == 40);
    assert!(offset_of!(evthread_condition_callbacks, alloc_condition) == 8);
    assert!(offset_of!(evthread_condition_callbacks, free_condition) == 16);
    assert!(offset_of!(evthread_condition_callbacks, signal_condition) == 24);
    assert!(offset_of!(evthread_condition_callbacks, wait_condition) == 32);
};
