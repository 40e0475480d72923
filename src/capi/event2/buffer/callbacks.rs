//! Who is told when a buffer changes.

use super::pointer;
use crate::buffer as engine;
use crate::buffer::raw::{evbuffer, evbuffer_cb_entry, evbuffer_cb_func};
use crate::capi::convert::status;
use crate::event::event_base;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::c_int;

/// Registers a callback: whenever bytes are added or removed, it is called with what has changed
/// since its last call. The newest callback is called first.
///
/// A callback may use the buffer, free it, and add and remove callbacks, itself included. What it
/// changes calls the callbacks again, from within. The buffer's lock, if it has one, is held.
///
/// Returns a handle for the functions below, or NULL without memory. A NULL `cb` removes all
/// callbacks, and returns NULL.
///
/// # Safety
/// `buffer` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_add_cb(
    buffer: *mut evbuffer,
    cb: evbuffer_cb_func,
    cbarg: *mut c_void,
) -> *mut evbuffer_cb_entry {
    if buffer.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    unsafe {
        if cb.is_none() {
            engine::remove_all_cbs(buffer);
            return null_mut();
        }
        pointer(engine::add_cb(buffer, cb, cbarg))
    }
}

/// Removes a callback by its handle.
///
/// Returns 0, or -1 when the buffer has no such callback.
///
/// # Safety
/// `buffer` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_remove_cb_entry(
    buffer: *mut evbuffer,
    ent: *mut evbuffer_cb_entry,
) -> c_int {
    if buffer.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { engine::remove_cb_entry(buffer, ent) })
}

/// Removes the newest callback that was registered with this function and argument.
///
/// Returns 0, or -1 when there is none.
///
/// # Safety
/// `buffer` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_remove_cb(
    buffer: *mut evbuffer,
    cb: evbuffer_cb_func,
    cbarg: *mut c_void,
) -> c_int {
    if buffer.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { engine::remove_cb(buffer, cb, cbarg) })
}

/// Sets flags of a callback: `EVBUFFER_CB_ENABLED`, set from the start, has it called at all.
///
/// Returns 0, or -1 for NULL.
///
/// # Safety
/// `buffer` is NULL or live, `cb` is NULL or the handle of one of its callbacks.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_cb_set_flags(
    buffer: *mut evbuffer,
    cb: *mut evbuffer_cb_entry,
    flags: u32,
) -> c_int {
    if buffer.is_null() || cb.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { engine::cb_set_flags(buffer, cb, flags) }
    0
}

/// Clears flags of a callback. What changes while it is disabled it is never told.
///
/// Returns 0, or -1 for NULL.
///
/// # Safety
/// As for `evbuffer_cb_set_flags`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_cb_clear_flags(
    buffer: *mut evbuffer,
    cb: *mut evbuffer_cb_entry,
    flags: u32,
) -> c_int {
    if buffer.is_null() || cb.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { engine::cb_clear_flags(buffer, cb, flags) }
    0
}

/// Calls the callbacks of a buffer from the loop of `base` instead of at once: once for all changes
/// since the last call. Callbacks that have `EVBUFFER_CB_ENABLED << 1` set are still called at once.
///
/// Returns 0, or -1 for NULL or without memory.
///
/// # Safety
/// `buffer` is NULL or live, `base` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_defer_callbacks(
    buffer: *mut evbuffer,
    base: *mut event_base,
) -> c_int {
    if buffer.is_null() || base.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { engine::defer_callbacks(buffer, base) })
}
