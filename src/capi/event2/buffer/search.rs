//! Positions, search, lines.
//!
//! A position (`struct evbuffer_ptr`) is an offset from the front. It is meant for the buffer as it
//! is: after a change it may stand for another byte, or for none.

use crate::buffer as engine;
use crate::buffer::raw::{
    evbuffer, evbuffer_eol_style, evbuffer_eol_style_raw, evbuffer_ptr, evbuffer_ptr_how,
    evbuffer_ptr_how_raw, evbuffer_ptr_internal,
};
use crate::capi::convert::status;
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_char, c_int, size_t, ssize_t};

/// A position that is none.
const NOWHERE: evbuffer_ptr = evbuffer_ptr {
    pos: -1,
    internal_: evbuffer_ptr_internal { chain: null_mut(), pos_in_chain: 0 },
};

/// The bytes to search for; `None` if there cannot be so many.
///
/// # Safety
/// `what` has `len` bytes for the length of the call.
pub(in crate::capi::event2) unsafe fn needle<'a>(
    what: *const c_void,
    len: size_t,
) -> Option<&'a [u8]> {
    if len == 0 {
        return Some(&[]);
    }
    if what.is_null() || isize::try_from(len).is_err() {
        return None;
    }
    // SAFETY: `len` bytes (caller).
    Some(unsafe { core::slice::from_raw_parts(what.cast(), len) })
}

/// Copies up to `datlen` bytes from the front; they stay in the buffer.
///
/// Returns how many it were, or -1 when the front is frozen.
///
/// # Safety
/// `buf` is NULL or live, `data_out` has room for `datlen` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_copyout(
    buf: *mut evbuffer,
    data_out: *mut c_void,
    datlen: size_t,
) -> ssize_t {
    // SAFETY: as the caller promises; NULL is the front.
    unsafe { evbuffer_copyout_from(buf, null_mut(), data_out, datlen) }
}

/// As `evbuffer_copyout`, from position `pos` (NULL: the front) on.
///
/// Returns how many bytes it were, or -1 when the front is frozen or there is no such position.
///
/// # Safety
/// `buf` is NULL or live, `pos` NULL or a position, `data_out` has room for `datlen` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_copyout_from(
    buf: *mut evbuffer,
    pos: *const evbuffer_ptr,
    data_out: *mut c_void,
    datlen: size_t,
) -> ssize_t {
    if buf.is_null() || (data_out.is_null() && datlen > 0) {
        return -1;
    }
    // SAFETY: live; a position or NULL; room for `datlen` bytes (caller).
    super::long_count(unsafe { engine::copyout_from(buf, pos.as_ref(), data_out.cast(), datlen) })
}

/// Sets a position to `position` bytes from the front (`EVBUFFER_PTR_SET`) or moves it so many
/// bytes on (`EVBUFFER_PTR_ADD`). Directly behind the last byte is a position as well.
///
/// Returns 0, or -1 and a position of -1 when there are not so many bytes.
///
/// # Safety
/// `buffer` is NULL or live, `ptr` is NULL or a position (for `EVBUFFER_PTR_SET` anything).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_ptr_set(
    buffer: *mut evbuffer,
    ptr: *mut evbuffer_ptr,
    position: size_t,
    how: evbuffer_ptr_how_raw,
) -> c_int {
    if buffer.is_null() || ptr.is_null() {
        return -1;
    }
    let Ok(how) = evbuffer_ptr_how::try_from(how) else { return -1 };
    let add = how == evbuffer_ptr_how::EVBUFFER_PTR_ADD;
    // SAFETY: live (caller). The position may be uninitialised, and is then not read: it is set
    // to a value of ours first.
    unsafe {
        if !add {
            ptr.write(NOWHERE);
        }
        status(engine::ptr_set(buffer, &mut *ptr, position, add))
    }
}

/// Searches for `len` bytes, from position `start` (NULL: the front) on.
///
/// Returns the position of the first occurrence, or -1 in `pos`. Nothing (`len` 0) is found at
/// once.
///
/// # Safety
/// `buffer` is NULL or live, `what` has `len` bytes, `start` is NULL or a position.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_search(
    buffer: *mut evbuffer,
    what: *const c_char,
    len: size_t,
    start: *const evbuffer_ptr,
) -> evbuffer_ptr {
    // SAFETY: as the caller promises; NULL is the end.
    unsafe { evbuffer_search_range(buffer, what, len, start, null_mut()) }
}

/// As `evbuffer_search`, for an occurrence that ends at or before position `end` (NULL: the end of
/// the buffer).
///
/// # Safety
/// As for `evbuffer_search`; `end` is NULL or a position.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_search_range(
    buffer: *mut evbuffer,
    what: *const c_char,
    len: size_t,
    start: *const evbuffer_ptr,
    end: *const evbuffer_ptr,
) -> evbuffer_ptr {
    if buffer.is_null() {
        return NOWHERE;
    }
    // SAFETY: live; `len` bytes; positions or NULL (caller).
    unsafe {
        let Some(what) = needle(what.cast(), len) else { return NOWHERE };
        engine::search_range(buffer, what, start.as_ref(), end.as_ref())
    }
}

/// Searches for the end of a line, from position `start` (NULL: the front) on.
///
/// Returns its position, or -1 in `pos`; `eol_len_out`, unless NULL, gets the length of what ends the
/// line, or 0.
///
/// # Safety
/// `buffer` is NULL or live, `start` NULL or a position, `eol_len_out` NULL or a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_search_eol(
    buffer: *mut evbuffer,
    start: *mut evbuffer_ptr,
    eol_len_out: *mut size_t,
    eol_style: evbuffer_eol_style_raw,
) -> evbuffer_ptr {
    let mut found = (NOWHERE, 0);
    if let (false, Ok(style)) = (buffer.is_null(), evbuffer_eol_style::try_from(eol_style)) {
        // SAFETY: live; a position or NULL (caller).
        found = unsafe { engine::search_eol(buffer, start.as_ref(), style) };
    }
    if !eol_len_out.is_null() {
        // SAFETY: a number (caller).
        unsafe { eol_len_out.write(found.1) };
    }
    found.0
}

/// Takes a line out of the front.
///
/// What ends it, as `eol_style` says, is removed and not part of the result; a NUL is added.
/// `n_read_out`, unless NULL, gets the length, which is the better measure: a line may have NULs in
/// it.
///
/// Returns the line, to be freed by the caller with `free` (or the function given to
/// `event_set_mem_functions`), or NULL when there is no complete line, when the front is frozen, and
/// without memory.
///
/// # Safety
/// `buffer` is NULL or live, `n_read_out` is NULL or a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_readln(
    buffer: *mut evbuffer,
    n_read_out: *mut size_t,
    eol_style: evbuffer_eol_style_raw,
) -> *mut c_char {
    let mut line = None;
    if let (false, Ok(style)) = (buffer.is_null(), evbuffer_eol_style::try_from(eol_style)) {
        // SAFETY: live (caller).
        line = unsafe { engine::readln(buffer, style) };
    }
    if !n_read_out.is_null() {
        // SAFETY: a number (caller).
        unsafe { n_read_out.write(line.map_or(0, |(_, n)| n)) };
    }
    line.map_or(null_mut(), |(p, _)| p.as_ptr())
}
