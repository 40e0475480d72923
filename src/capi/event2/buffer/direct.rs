//! Looking at and writing into a buffer's own memory.

use super::pieces;
use crate::buffer as engine;
use crate::buffer::raw::{evbuffer, evbuffer_iovec, evbuffer_ptr};
use crate::capi::convert::status;
use core::ptr::null_mut;
use libc::{c_int, c_uchar, size_t, ssize_t};

/// Makes the first `size` bytes contiguous, or all for a negative `size`.
///
/// Bytes that lie in one piece already are not copied; what was added by reference is copied when
/// it has to be joined with something.
///
/// Returns where they are, or NULL when there are fewer than `size`, for a `size` of 0, for an empty
/// buffer, and without memory.
///
/// # Safety
/// `buf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_pullup(buf: *mut evbuffer, size: ssize_t) -> *mut c_uchar {
    if buf.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    unsafe { engine::pullup(buf, size) }
}

/// Makes room for `datlen` bytes in one piece at the end, so that appending so many needs no
/// memory. Works on a frozen buffer as well.
///
/// Returns 0, or -1 without memory or when the length is not possible.
///
/// # Safety
/// `buf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_expand(buf: *mut evbuffer, datlen: size_t) -> c_int {
    if buf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { engine::expand(buf, datlen) })
}

/// Offers room at the end for the program to write into, `size` bytes or more.
///
/// `vec` gets up to `n_vec` pieces; one is contiguous, two or more save memory. What is written
/// there becomes content with `evbuffer_commit_space`. Nothing else may be done with the buffer in
/// between; asking again offers the same room.
///
/// Returns the number of pieces used, or -1 when the end is frozen, for an `n_vec` below 1, a
/// negative `size`, and without memory.
///
/// # Safety
/// `buf` is NULL or live, `vec` has room for `n_vec` pieces.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_reserve_space(
    buf: *mut evbuffer,
    size: ssize_t,
    vec: *mut evbuffer_iovec,
    n_vec: c_int,
) -> c_int {
    let Ok(size) = usize::try_from(size) else { return -1 };
    if buf.is_null() {
        return -1;
    }
    // SAFETY: live, room for `n_vec` pieces (caller).
    super::count(unsafe { engine::reserve(buf, size, pieces(vec, n_vec)) })
}

/// Appends what the program has written into reserved room.
///
/// `vec` has the pieces of `evbuffer_reserve_space`, in order, with `iov_len` set to what was
/// written; pieces at the end may be left out.
///
/// Returns 0, or -1 when the end is frozen or the pieces are not the buffer's room.
///
/// # Safety
/// `buf` is NULL or live, `vec` has `n_vecs` pieces.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_commit_space(
    buf: *mut evbuffer,
    vec: *mut evbuffer_iovec,
    n_vecs: c_int,
) -> c_int {
    if buf.is_null() || n_vecs < 0 || (vec.is_null() && n_vecs > 0) {
        return -1;
    }
    // SAFETY: live, `n_vecs` pieces (caller).
    status(unsafe { engine::commit(buf, pieces(vec, n_vecs)) })
}

/// Shows the content without copying or moving it.
///
/// `vec_out` gets pieces from `start_at` (NULL: the front) on, until `len` bytes are shown, all
/// `n_vec` pieces are used, or the content ends. The last piece may go beyond `len`. With a negative
/// `len`, as much as fits is shown.
///
/// Returns the number of pieces: those used, or, with `len` given or with `n_vec` 0, those that
/// would be needed, which may be more than `n_vec`.
///
/// # Safety
/// `buffer` is NULL or live, `start_at` NULL or a position, `vec_out` has room for `n_vec` pieces.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_peek(
    buffer: *mut evbuffer,
    len: ssize_t,
    start_at: *mut evbuffer_ptr,
    vec_out: *mut evbuffer_iovec,
    n_vec: c_int,
) -> c_int {
    if buffer.is_null() {
        return 0;
    }
    // SAFETY: live; a position or NULL; room for `n_vec` pieces (caller).
    let n = unsafe {
        let len = usize::try_from(len).ok();
        engine::peek(buffer, len, start_at.as_ref(), pieces(vec_out, n_vec))
    };
    c_int::try_from(n).unwrap_or(c_int::MAX)
}
