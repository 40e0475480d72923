//! `event2/tag.h`: tagged values in evbuffers.
//!
//! A value is a tag of 32 bits, the length of its payload, and the payload; numbers take as few
//! bytes as they can, and the byte order of the machine does not matter. The readers consume what
//! they have understood also when they fail later on: after an error the buffer is good for
//! nothing but being drained, unless a function says otherwise. None of the functions may be used
//! on one buffer by two threads at a time, unless the buffer has a lock.

use crate::buffer::{self, evbuffer};
use crate::capi::convert::bytes;
use crate::tag::{self as engine, codec};
use core::ffi::c_void;
use libc::{c_char, c_int, size_t, timeval};

/// A count of bytes as C's `int`, or -1.
fn count(n: Option<usize>) -> c_int {
    n.map_or(-1, |n| c_int::try_from(n).unwrap_or(c_int::MAX))
}

/// Stores what was read where the caller wants it, if the caller wants it.
unsafe fn store<T>(to: *mut T, value: T) {
    if !to.is_null() {
        // SAFETY: NULL or writable (callers of the functions below).
        unsafe { to.write(value) };
    }
}

/// Does nothing: there is nothing to set up. Programs for libevent call it.
#[unsafe(no_mangle)]
pub extern "C" fn evtag_init() {}

/// Reads the tag and the length of the next value, and leaves its payload at the front of the
/// buffer. `ptag`, unless NULL, gets the tag.
///
/// Returns the length of the payload, or -1 when tag or length are malformed, when not all of the
/// payload is there, or when it is longer than `INT_MAX`.
///
/// # Safety
/// `evbuf` is NULL or live, `ptag` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_unmarshal_header(evbuf: *mut evbuffer, ptag: *mut u32) -> c_int {
    if evbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller); the tag is stored also when the length is at fault.
    unsafe {
        let Some((tag, _)) = engine::peek_tag(evbuf) else { return -1 };
        store(ptag, tag);
        count(engine::take_header(evbuf).map(|(_, len)| len))
    }
}

/// Appends a value: `tag`, and `len` bytes from `data`.
///
/// Without memory nothing is appended.
///
/// # Safety
/// `evbuf` is NULL or live, `data` has `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_marshal(
    evbuf: *mut evbuffer,
    tag: u32,
    data: *const c_void,
    len: u32,
) {
    if evbuf.is_null() || (data.is_null() && len > 0) {
        return;
    }
    // SAFETY: live, `len` bytes (caller).
    let _ = unsafe { engine::marshal(evbuf, tag, data.cast(), len) };
}

/// Appends a value whose payload is all that stands in `data`. The bytes are moved, not copied:
/// `data` is empty afterwards.
///
/// Does nothing when `data` is `evbuf` or holds 4 GiB or more, or without memory.
///
/// # Safety
/// Both are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_marshal_buffer(evbuf: *mut evbuffer, tag: u32, data: *mut evbuffer) {
    if evbuf.is_null() || data.is_null() {
        return;
    }
    // SAFETY: live (caller).
    let _ = unsafe { engine::marshal_buffer(evbuf, tag, data) };
}

/// Appends a number of 32 bits without a tag: one byte for 0 to 15, at most five.
///
/// # Safety
/// `evbuf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_encode_int(evbuf: *mut evbuffer, number: u32) {
    if !evbuf.is_null() {
        // SAFETY: live (caller).
        let _ = unsafe { engine::put(evbuf, codec::Bytes::new().int(number.into())) };
    }
}

/// Appends a number of 64 bits without a tag: one byte for 0 to 15, at most nine. A number that fits
/// into 32 bits looks as `evtag_encode_int` writes it.
///
/// # Safety
/// `evbuf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_encode_int64(evbuf: *mut evbuffer, number: u64) {
    if !evbuf.is_null() {
        // SAFETY: live (caller).
        let _ = unsafe { engine::put(evbuf, codec::Bytes::new().int(number)) };
    }
}

/// Appends a value that is a number of 32 bits.
///
/// # Safety
/// `evbuf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_marshal_int(evbuf: *mut evbuffer, tag: u32, integer: u32) {
    if !evbuf.is_null() {
        // SAFETY: live (caller).
        let _ =
            unsafe { engine::marshal_bytes(evbuf, tag, codec::Bytes::new().int(integer.into())) };
    }
}

/// Appends a value that is a number of 64 bits.
///
/// # Safety
/// `evbuf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_marshal_int64(evbuf: *mut evbuffer, tag: u32, integer: u64) {
    if !evbuf.is_null() {
        // SAFETY: live (caller).
        let _ = unsafe { engine::marshal_bytes(evbuf, tag, codec::Bytes::new().int(integer)) };
    }
}

/// Appends a value that is a string; the NUL at its end is no part of the payload.
///
/// Does nothing with a string of 4 GiB or more, or without memory.
///
/// # Safety
/// `buf` is NULL or live, `string` NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_marshal_string(buf: *mut evbuffer, tag: u32, string: *const c_char) {
    // SAFETY: NULL or a string (caller).
    let Some(text) = (unsafe { bytes(string) }) else { return };
    let Ok(len) = u32::try_from(text.len()) else { return };
    if !buf.is_null() {
        // SAFETY: live (caller); the slice has its length.
        let _ = unsafe { engine::marshal(buf, tag, text.as_ptr(), len) };
    }
}

/// Appends a value that is a time: two numbers, of which 32 bits each are kept.
///
/// # Safety
/// `evbuf` is NULL or live, `tv` NULL or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_marshal_timeval(evbuf: *mut evbuffer, tag: u32, tv: *mut timeval) {
    // SAFETY: live, readable (caller).
    unsafe {
        if let Some(tv) = tv.as_ref()
            && !evbuf.is_null()
        {
            let _ = engine::marshal_bytes(evbuf, tag, engine::timeval_bytes(tv));
        }
    }
}

/// Moves the payload of the next value to the end of `dst`. `ptag`, unless NULL, gets the tag.
///
/// Returns the length of the payload, or -1 as `evtag_unmarshal_header` does, or when `dst` is
/// `src` or frozen. Without memory nothing is consumed.
///
/// # Safety
/// Both are NULL or live, `ptag` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_unmarshal(
    src: *mut evbuffer,
    ptag: *mut u32,
    dst: *mut evbuffer,
) -> c_int {
    if src.is_null() || dst.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe {
        let Some((tag, _)) = engine::peek_tag(src) else { return -1 };
        store(ptag, tag);
        count(engine::unmarshal(src, dst).map(|(_, len)| len))
    }
}

/// Looks at the tag of the next value. `ptag`, unless NULL, gets it.
///
/// Returns how many bytes the tag takes, or -1 when it is malformed or not all there.
///
/// # Safety
/// `evbuf` is NULL or live, `ptag` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_peek(evbuf: *mut evbuffer, ptag: *mut u32) -> c_int {
    if evbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe {
        let Some((tag, size)) = engine::peek_tag(evbuf) else { return -1 };
        store(ptag, tag);
        count(Some(size))
    }
}

/// Looks at the next value: `*plength` gets the length of all of it, tag and length included.
///
/// Returns 0, or -1 when tag or length are malformed or not all there, or when the sum does not fit
/// into 32 bits. The payload need not be there.
///
/// # Safety
/// `evbuf` is NULL or live, `plength` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_peek_length(evbuf: *mut evbuffer, plength: *mut u32) -> c_int {
    if evbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe {
        let Some((_, len, size)) = engine::peek_header(evbuf) else { return -1 };
        let Some(total) = u32::try_from(size).ok().and_then(|n| n.checked_add(len)) else {
            return -1;
        };
        store(plength, total);
        0
    }
}

/// Looks at the next value: `*plength` gets the length of its payload.
///
/// Returns 0, or -1 when tag or length are malformed or not all there. The payload need not be there.
///
/// # Safety
/// `evbuf` is NULL or live, `plength` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_payload_length(evbuf: *mut evbuffer, plength: *mut u32) -> c_int {
    if evbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe {
        let Some((_, len, _)) = engine::peek_header(evbuf) else { return -1 };
        store(plength, len);
        0
    }
}

/// Skips the next value.
///
/// Returns 0, or -1 as `evtag_unmarshal_header` does.
///
/// # Safety
/// `evbuf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_consume(evbuf: *mut evbuffer) -> c_int {
    if evbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe {
        let Some((_, len)) = engine::take_header(evbuf) else { return -1 };
        let _ = buffer::drain(evbuf, len);
        0
    }
}

/// Reads a value that is a number of 32 bits into `*pinteger`.
///
/// Returns how many bytes the number took, or -1 when the tag is not `need_tag`, or the value is
/// malformed or not all there.
///
/// # Safety
/// `evbuf` is NULL or live, `pinteger` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_unmarshal_int(
    evbuf: *mut evbuffer,
    need_tag: u32,
    pinteger: *mut u32,
) -> c_int {
    if evbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe {
        let Some((n, size)) = engine::unmarshal_int(evbuf, need_tag, false) else { return -1 };
        store(pinteger, n as u32);
        count(Some(size))
    }
}

/// Reads a value that is a number of 64 bits into `*pinteger`; else as `evtag_unmarshal_int`.
///
/// # Safety
/// As for `evtag_unmarshal_int`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_unmarshal_int64(
    evbuf: *mut evbuffer,
    need_tag: u32,
    pinteger: *mut u64,
) -> c_int {
    if evbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe {
        let Some((n, size)) = engine::unmarshal_int(evbuf, need_tag, true) else { return -1 };
        store(pinteger, n);
        count(Some(size))
    }
}

/// Reads a value whose payload has exactly `len` bytes into `data`.
///
/// Returns 0, or -1 when the tag is not `need_tag`, the length is another, or the value is malformed
/// or not all there.
///
/// # Safety
/// `src` is NULL or live, `data` has room for `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_unmarshal_fixed(
    src: *mut evbuffer,
    need_tag: u32,
    data: *mut c_void,
    len: size_t,
) -> c_int {
    if src.is_null() || (data.is_null() && len > 0) {
        return -1;
    }
    // SAFETY: live, room for `len` bytes (caller).
    match unsafe { engine::unmarshal_fixed(src, need_tag, data.cast(), len) } {
        Some(()) => 0,
        None => -1,
    }
}

/// Reads a value as a string: `*pstring` gets a copy of the payload with a NUL behind it, which the
/// caller frees with `free()` (or the function given to `event_set_mem_functions`). A NUL within
/// the payload ends the string earlier for most readers.
///
/// Returns 0, or -1 when the tag is not `need_tag`, or the value is malformed or not all there.
/// Without memory nothing is consumed.
///
/// # Safety
/// `evbuf` is NULL or live, `pstring` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_unmarshal_string(
    evbuf: *mut evbuffer,
    need_tag: u32,
    pstring: *mut *mut c_char,
) -> c_int {
    if evbuf.is_null() || pstring.is_null() {
        return -1;
    }
    // SAFETY: live, writable (caller).
    unsafe {
        let Some(text) = engine::unmarshal_string(evbuf, need_tag) else { return -1 };
        pstring.write(text.as_ptr());
        0
    }
}

/// Reads a value that is a time into `*ptv`.
///
/// Returns 0, or -1 when the tag is not `need_tag`, or the value is malformed or not all there; then
/// `*ptv` is as it was.
///
/// # Safety
/// `evbuf` is NULL or live, `ptv` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_unmarshal_timeval(
    evbuf: *mut evbuffer,
    need_tag: u32,
    ptv: *mut timeval,
) -> c_int {
    if evbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe {
        let Some(tv) = engine::unmarshal_timeval(evbuf, need_tag) else { return -1 };
        store(ptv, tv);
        0
    }
}

// Without a declaration in any header, but exported by libevent and called by programs.

/// Appends a tag alone. `evbuf` may be NULL.
///
/// Returns how many bytes the tag takes.
///
/// cbindgen:ignore
///
/// # Safety
/// `evbuf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_encode_tag(evbuf: *mut evbuffer, tag: u32) -> c_int {
    let bytes = codec::Bytes::new().tag(tag);
    if !evbuf.is_null() {
        // SAFETY: live (caller).
        let _ = unsafe { engine::put(evbuf, bytes) };
    }
    count(Some(bytes.as_slice().len()))
}

/// Reads a tag alone. `ptag`, unless NULL, gets it.
///
/// Returns how many bytes the tag took, or -1 when it is malformed or not all there; then nothing is
/// consumed.
///
/// cbindgen:ignore
///
/// # Safety
/// `evbuf` is NULL or live, `ptag` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_decode_tag(ptag: *mut u32, evbuf: *mut evbuffer) -> c_int {
    if evbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe {
        let Some((tag, size)) = engine::take_tag(evbuf) else { return -1 };
        store(ptag, tag);
        count(Some(size))
    }
}

/// Reads a number that `evtag_encode_int` has written.
///
/// Returns 0, or -1 when it is malformed or not all there; then nothing is consumed.
///
/// cbindgen:ignore
///
/// # Safety
/// `evbuf` is NULL or live, `pnumber` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_decode_int(pnumber: *mut u32, evbuf: *mut evbuffer) -> c_int {
    if evbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe {
        let Some(n) = engine::take_int(evbuf) else { return -1 };
        store(pnumber, n);
        0
    }
}

/// Reads a number that `evtag_encode_int64` has written; else as `evtag_decode_int`.
///
/// cbindgen:ignore
///
/// # Safety
/// `evbuf` is NULL or live, `pnumber` NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evtag_decode_int64(pnumber: *mut u64, evbuf: *mut evbuffer) -> c_int {
    if evbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe {
        let Some(n) = engine::take_int64(evbuf) else { return -1 };
        store(pnumber, n);
        0
    }
}
