//! `event2/watch.h`: watchers of the loop.
#![allow(non_camel_case_types, reason = "C names")]

use crate::event::event_base;
use crate::event::watch::{self, Kind, evwatch, evwatch_check_cb_info, evwatch_prepare_cb_info};
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_int, timeval};

/// Called before the loop waits.
pub type evwatch_prepare_cb = Option<
    unsafe extern "C" fn(
        watcher: *mut evwatch,
        info: *const evwatch_prepare_cb_info,
        arg: *mut c_void,
    ),
>;

/// Called after the loop has waited, before callbacks run.
pub type evwatch_check_cb = Option<
    unsafe extern "C" fn(
        watcher: *mut evwatch,
        info: *const evwatch_check_cb_info,
        arg: *mut c_void,
    ),
>;

/// Has `callback` called in the loop's thread each time before the loop waits, in the order in
/// which watchers were made. NULL if there is no memory. Watchers that are left are freed with
/// the base.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evwatch_prepare_new(
    base: *mut event_base,
    callback: evwatch_prepare_cb,
    arg: *mut c_void,
) -> *mut evwatch {
    if base.is_null() {
        return null_mut();
    }
    // SAFETY: this function's contract.
    unsafe { watch::new(base, Kind::Prepare(callback), arg) }.map_or(null_mut(), |w| w.as_ptr())
}

/// Has `callback` called in the loop's thread each time after the loop has waited, before any
/// callback of an event.
///
/// # Safety
/// `base` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evwatch_check_new(
    base: *mut event_base,
    callback: evwatch_check_cb,
    arg: *mut c_void,
) -> *mut evwatch {
    if base.is_null() {
        return null_mut();
    }
    // SAFETY: this function's contract.
    unsafe { watch::new(base, Kind::Check(callback), arg) }.map_or(null_mut(), |w| w.as_ptr())
}

/// The base of a watcher.
///
/// # Safety
/// `watcher` is NULL or alive.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evwatch_base(watcher: *mut evwatch) -> *mut event_base {
    if watcher.is_null() {
        return null_mut();
    }
    // SAFETY: this function's contract.
    unsafe { watch::base(watcher) }
}

/// Frees a watcher, also from a callback of its own. NULL is ignored.
///
/// # Safety
/// `watcher` is NULL or alive, and is not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evwatch_free(watcher: *mut evwatch) {
    if !watcher.is_null() {
        // SAFETY: this function's contract.
        unsafe { watch::free(watcher) }
    }
}

/// In a prepare callback: 1, and how long the loop will wait at most; 0 if it may wait for ever.
///
/// # Safety
/// `info` is NULL or that of the callback that runs; `timeout` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evwatch_prepare_get_timeout(
    info: *const evwatch_prepare_cb_info,
    timeout: *mut timeval,
) -> c_int {
    if info.is_null() {
        return 0;
    }
    // SAFETY: this function's contract.
    unsafe {
        let Some(tv) = watch::prepare_timeout(info) else { return 0 };
        if !timeout.is_null() {
            *timeout = tv;
        }
    }
    1
}
