//! `event2/buffer_compat.h`: functions of evbuffers before 2.0.

use super::buffer::search::needle;
use crate::buffer as engine;
use crate::buffer::raw::{evbuffer, evbuffer_eol_style};
use crate::capi::convert::status;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_char, c_int, c_uchar, size_t};

/// Called when the content of a buffer has changed, with the length before and after.
#[allow(non_camel_case_types, reason = "C name")]
pub type evbuffer_cb = Option<
    unsafe extern "C" fn(buffer: *mut evbuffer, old_len: size_t, new_len: size_t, arg: *mut c_void),
>;

/// Takes a line out of the front that ends in any mix of CR and LF: the same as
/// `evbuffer_readln(buffer, NULL, EVBUFFER_EOL_ANY)`, which see.
///
/// # Safety
/// `buffer` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_readline(buffer: *mut evbuffer) -> *mut c_char {
    if buffer.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    let line = unsafe { engine::readln(buffer, evbuffer_eol_style::EVBUFFER_EOL_ANY) };
    line.map_or(null_mut(), |(p, _)| p.as_ptr())
}

/// Replaces all callbacks of a buffer by one of the old style, or by none (`cb` NULL).
///
/// Returns 0, or -1 without memory; the old callbacks are gone then, too.
///
/// # Safety
/// `buffer` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_setcb(
    buffer: *mut evbuffer,
    cb: evbuffer_cb,
    cbarg: *mut c_void,
) -> c_int {
    if buffer.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe {
        engine::remove_all_cbs(buffer);
        if cb.is_none() {
            return 0;
        }
        status(engine::add_cb_obsolete(buffer, cb, cbarg).map(|_| ()))
    }
}

/// Searches for `len` bytes, and makes the buffer contiguous up to their end.
///
/// Returns where they are, or NULL when they are not there, or without memory.
///
/// # Safety
/// `buffer` is NULL or live, `what` has `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_find(
    buffer: *mut evbuffer,
    what: *const c_uchar,
    len: size_t,
) -> *mut c_uchar {
    if buffer.is_null() {
        return null_mut();
    }
    // SAFETY: live, `len` bytes (caller).
    unsafe {
        let Some(what) = needle(what.cast(), len) else { return null_mut() };
        engine::find(buffer, what)
    }
}
