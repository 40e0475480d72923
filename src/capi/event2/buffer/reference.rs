//! Content that stays where it is: memory of the program, other buffers, files.

use super::pointer;
use crate::buffer as engine;
use crate::buffer::raw::{
    EVBUF_FS_CLOSE_ON_FREE, evbuffer, evbuffer_file_segment, evbuffer_file_segment_cleanup_cb,
    evbuffer_ref_cleanup_cb,
};
use crate::capi::convert::status;
use core::ffi::c_void;
use libc::{c_int, c_uint, off_t, size_t};

/// Appends `datlen` bytes of the program's memory without copying them.
///
/// The memory has to stay as it is until the last buffer is done with it; then `cleanupfn`, unless
/// NULL, is called once, with `data`, `datlen` and `cleanupfn_arg`. That may happen within any
/// operation on a buffer, with the buffer locked. A `datlen` of 0 is allowed.
///
/// Returns 0, or -1 when the end is frozen or without memory; then `cleanupfn` is not called.
///
/// # Safety
/// `outbuf` is NULL or live, `data` has `datlen` bytes that stay.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_add_reference(
    outbuf: *mut evbuffer,
    data: *const c_void,
    datlen: size_t,
    cleanupfn: evbuffer_ref_cleanup_cb,
    cleanupfn_arg: *mut c_void,
) -> c_int {
    if outbuf.is_null() || (data.is_null() && datlen > 0) {
        return -1;
    }
    // SAFETY: live, `datlen` bytes that stay (caller).
    status(unsafe { engine::add_reference(outbuf, data.cast(), datlen, cleanupfn, cleanupfn_arg) })
}

/// As `evbuffer_add_reference`, for the `datlen` bytes from `offset` on: `cleanupfn` gets `data`
/// itself, and the length `offset + datlen`. (Since libevent 2.2.)
///
/// # Safety
/// `outbuf` is NULL or live, `data` has `offset + datlen` bytes that stay.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_add_reference_with_offset(
    outbuf: *mut evbuffer,
    data: *const c_void,
    offset: size_t,
    datlen: size_t,
    cleanupfn: evbuffer_ref_cleanup_cb,
    cleanupfn_arg: *mut c_void,
) -> c_int {
    if outbuf.is_null() || (data.is_null() && datlen > 0) {
        return -1;
    }
    // SAFETY: live, `offset + datlen` bytes that stay (caller).
    status(unsafe {
        engine::add_reference_with_offset(
            outbuf,
            data.cast(),
            offset,
            datlen,
            cleanupfn,
            cleanupfn_arg,
        )
    })
}

/// Appends the content of `inbuf` to `outbuf` by reference: both have it, the memory is shared.
///
/// `inbuf` may be drained, changed and freed independently. Content that was itself added by this
/// function, or is a file, cannot be referenced again.
///
/// Returns 0 (also when `inbuf` is empty), or -1 for such content, when the end of `outbuf` is
/// frozen, when both are the same buffer, and without memory.
///
/// # Safety
/// Both are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_add_buffer_reference(
    outbuf: *mut evbuffer,
    inbuf: *mut evbuffer,
) -> c_int {
    if outbuf.is_null() || inbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { engine::add_buffer_reference(outbuf, inbuf) })
}

/// Appends `length` bytes of file `fd` from `offset` on; -1 for all up to the end of the file.
///
/// The buffer takes over the descriptor and closes it when it is done. A file that ends at `offset`
/// adds nothing, and its descriptor is closed at once.
///
/// Returns 0, or -1 when the end is frozen, when the range is not possible, when the file cannot be
/// read, and without memory; then the descriptor stays the caller's.
///
/// # Safety
/// `outbuf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_add_file(
    outbuf: *mut evbuffer,
    fd: c_int,
    offset: off_t,
    length: off_t,
) -> c_int {
    if outbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { engine::add_file(outbuf, fd, offset, length, EVBUF_FS_CLOSE_ON_FREE) })
}

/// Makes a file segment: `length` bytes of file `fd` from `offset` on, -1 for all up to the end of
/// the file. It can be added to any number of buffers, any number of times.
///
/// `flags` has any of `EVBUF_FS_*`. Without `EVBUF_FS_CLOSE_ON_FREE` the descriptor stays the
/// caller's and has to stay open as long as the segment is used. The bytes are read when somebody
/// wants to see them, or now with `EVBUF_FS_DISABLE_SENDFILE`.
///
/// Returns the segment, to be freed with `evbuffer_file_segment_free`, or NULL when the range is not
/// possible, when the file cannot be read, and without memory.
#[unsafe(no_mangle)]
pub extern "C" fn evbuffer_file_segment_new(
    fd: c_int,
    offset: off_t,
    length: off_t,
    flags: c_uint,
) -> *mut evbuffer_file_segment {
    pointer(engine::segment_new(fd, offset, length, flags))
}

/// Frees a file segment when no buffer uses it any more; NULL is ignored.
///
/// # Safety
/// `seg` is NULL or live, and the program does not use it again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_file_segment_free(seg: *mut evbuffer_file_segment) {
    if !seg.is_null() {
        // SAFETY: live, and the program's count (caller).
        unsafe { engine::segment_free(seg) }
    }
}

/// Sets the function that is called, with the segment's flags and `arg`, when no buffer uses the
/// segment any more and the program has freed it: just before it is gone. NULL takes it away.
///
/// # Safety
/// `seg` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_file_segment_add_cleanup_cb(
    seg: *mut evbuffer_file_segment,
    cb: evbuffer_file_segment_cleanup_cb,
    arg: *mut c_void,
) {
    if !seg.is_null() {
        // SAFETY: live (caller).
        unsafe { engine::segment_set_cleanup(seg, cb, arg) }
    }
}

/// Appends a part of a file segment: `length` bytes from `offset` within the segment on, a negative
/// `length` for the rest of it.
///
/// With `EVBUFFER_FLAG_DRAINS_TO_FD` set on the buffer the bytes go from the file to the descriptor
/// by `sendfile`; else they are mapped, or read where that is not possible.
///
/// Returns 0, or -1 when the end is frozen, when the segment has no such part, when the file cannot
/// be read, and without memory.
///
/// # Safety
/// `buf` and `seg` are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_add_file_segment(
    buf: *mut evbuffer,
    seg: *mut evbuffer_file_segment,
    offset: off_t,
    length: off_t,
) -> c_int {
    if buf.is_null() || seg.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { engine::add_file_segment(buf, seg, offset, length) })
}
