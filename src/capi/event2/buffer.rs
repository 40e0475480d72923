//! `event2/buffer.h`: evbuffer.
//!
//! An evbuffer is a queue of bytes: appended at the end, taken out at the front. The bytes lie in
//! a chain of blocks, so that large amounts are moved between buffers, and from memory and files
//! of the program into a buffer, without being copied.
//!
//! What holds for every function:
//!
//! - A NULL buffer is a failure, not a crash.
//! - What fails has changed nothing.
//! - After `evbuffer_enable_locking` a buffer may be used from several threads; its callbacks run
//!   with the lock held. Without it, one thread at a time.
//! - Functions may be called from within the buffer's own callbacks.
//! - Pointers into a buffer are valid until the buffer changes.
//!
//! | file | what stands there |
//! |---|---|
//! | this one | making, locking, freezing; append, prepend, take out, move between buffers |
//! | `buffer/direct.rs` | pull up, reserve and commit, peek |
//! | `buffer/reference.rs` | memory, buffers and files by reference |
//! | `buffer/search.rs` | positions, search, lines |
//! | `buffer/io.rs` | reading and writing descriptors |
//! | `buffer/callbacks.rs` | who is told of changes |

mod callbacks;
mod direct;
mod io;
mod reference;
pub(super) mod search;

use crate::buffer::raw::{EVBUFFER_FLAG_DRAINS_TO_FD, evbuffer, evbuffer_iovec};
use crate::buffer::{self as engine};
use crate::capi::convert::{set_errno, status};
use crate::error::{Error, Result};
use crate::util::types::va_list;
use core::ffi::c_void;
use core::ptr::{NonNull, null_mut};
use libc::{c_char, c_int, size_t, ssize_t};

/// A count of bytes as C's `int`, or -1 with the reason in `errno`.
fn count(result: Result<usize>) -> c_int {
    match result {
        Ok(n) => c_int::try_from(n).unwrap_or(c_int::MAX),
        Err(e) => {
            set_errno(e);
            -1
        }
    }
}

/// A count of bytes as C's `ssize_t`, or -1 with the reason in `errno`.
fn long_count(result: Result<usize>) -> ssize_t {
    match result {
        Ok(n) => n.cast_signed(),
        Err(e) => {
            set_errno(e);
            -1
        }
    }
}

/// The pieces that C describes by a pointer and a number.
///
/// # Safety
/// `vec` is NULL or has `n` elements that are ours for the length of the call.
unsafe fn pieces<'a>(vec: *mut evbuffer_iovec, n: c_int) -> &'a mut [evbuffer_iovec] {
    if n <= 0 || vec.is_null() {
        return &mut [];
    }
    // SAFETY: `n` elements (caller).
    unsafe { core::slice::from_raw_parts_mut(vec, n.cast_unsigned() as usize) }
}

/// The most that a function with an `int` result reports.
const INT_MAX: usize = c_int::MAX as usize;

/// Makes an empty evbuffer.
///
/// Returns it, to be freed with `evbuffer_free`, or NULL without memory.
#[unsafe(no_mangle)]
pub extern "C" fn evbuffer_new() -> *mut evbuffer {
    engine::new().unwrap_or(null_mut())
}

/// Frees an evbuffer and what is in it; NULL is ignored.
///
/// Cleanup functions of references that are in use nowhere else are called now. Callbacks are not
/// called any more, not even deferred ones. A buffer may be freed from within its own callbacks.
///
/// # Safety
/// `buf` is NULL or live, and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_free(buf: *mut evbuffer) {
    if !buf.is_null() {
        // SAFETY: live, and the program's count (caller).
        unsafe { engine::free(buf) }
    }
}

/// Lets several threads use the evbuffer at once.
///
/// `lock` is a recursive lock made by the program's lock functions, which has to outlive the
/// buffer, or NULL to have one made. The lock is held while callbacks run.
///
/// Returns 0, or -1 when the buffer has a lock already or none can be made: `evthread_use_pthreads`
/// or `evthread_set_lock_callbacks` come first.
///
/// # Safety
/// `buf` is NULL or live and used by no other thread yet; `lock` is NULL or such a lock.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_enable_locking(buf: *mut evbuffer, lock: *mut c_void) -> c_int {
    if buf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { engine::enable_locking(buf, NonNull::new(lock)) })
}

/// Takes the evbuffer's lock, for several operations that belong together. Does nothing when
/// locking is not enabled. The lock is recursive.
///
/// # Safety
/// `buf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_lock(buf: *mut evbuffer) {
    if !buf.is_null() {
        // SAFETY: live (caller).
        unsafe { engine::acquire(buf) }
    }
}

/// Releases the lock that `evbuffer_lock` took.
///
/// # Safety
/// `buf` is NULL, or live and locked by this thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_unlock(buf: *mut evbuffer) {
    if !buf.is_null() {
        // SAFETY: live and locked (caller).
        unsafe { engine::release(buf) }
    }
}

/// Sets flags of an evbuffer: `EVBUFFER_FLAG_DRAINS_TO_FD` promises that data leaves the buffer
/// only by being written to a descriptor, so that files added to it need not be read. Other bits
/// are ignored.
///
/// Returns 0, or -1 for NULL.
///
/// # Safety
/// `buf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_set_flags(buf: *mut evbuffer, flags: u64) -> c_int {
    if buf.is_null() {
        return -1;
    }
    if flags & EVBUFFER_FLAG_DRAINS_TO_FD != 0 {
        // SAFETY: live (caller).
        unsafe { engine::set_drains_to_fd(buf, true) }
    }
    0
}

/// Clears flags that `evbuffer_set_flags` has set.
///
/// Returns 0, or -1 for NULL.
///
/// # Safety
/// `buf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_clear_flags(buf: *mut evbuffer, flags: u64) -> c_int {
    if buf.is_null() {
        return -1;
    }
    if flags & EVBUFFER_FLAG_DRAINS_TO_FD != 0 {
        // SAFETY: live (caller).
        unsafe { engine::set_drains_to_fd(buf, false) }
    }
    0
}

/// The number of bytes in an evbuffer; 0 for NULL.
///
/// # Safety
/// `buf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_get_length(buf: *const evbuffer) -> size_t {
    if buf.is_null() {
        return 0;
    }
    // SAFETY: live (caller); nothing is changed but the lock's state.
    unsafe { engine::len(buf.cast_mut()) }
}

/// How many bytes at the front lie in one piece: so many can be looked at with `evbuffer_pullup`
/// without a copy. 0 for an empty buffer.
///
/// # Safety
/// `buf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_get_contiguous_space(buf: *const evbuffer) -> size_t {
    if buf.is_null() {
        return 0;
    }
    // SAFETY: live (caller); nothing of the content is changed.
    unsafe { engine::contiguous_len(buf.cast_mut()) }
}

/// Refuses changes at one end: at the front (`at_front` not 0) `evbuffer_drain`, `_remove`,
/// `_prepend`, `_write` and the like fail, at the back everything that appends.
///
/// Returns 0, or -1 for NULL.
///
/// # Safety
/// `buf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_freeze(buf: *mut evbuffer, at_front: c_int) -> c_int {
    if buf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { engine::freeze(buf, at_front != 0) }
    0
}

/// Allows changes at one end again.
///
/// Returns 0, or -1 for NULL.
///
/// # Safety
/// `buf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_unfreeze(buf: *mut evbuffer, at_front: c_int) -> c_int {
    if buf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { engine::unfreeze(buf, at_front != 0) }
    0
}

/// Appends a copy of `datlen` bytes, which may be bytes of the buffer itself.
///
/// Returns 0, or -1 when the end is frozen, without memory, or when the length is not possible.
///
/// # Safety
/// `buf` is NULL or live, `data` has `datlen` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_add(
    buf: *mut evbuffer,
    data: *const c_void,
    datlen: size_t,
) -> c_int {
    if buf.is_null() || (data.is_null() && datlen > 0) {
        return -1;
    }
    // SAFETY: live, `datlen` bytes (caller).
    status(unsafe { engine::add_raw(buf, data.cast(), datlen) })
}

/// Appends copies of all pieces.
///
/// Returns the number of bytes appended: less than all, down to 0, when the end is frozen or
/// without memory.
///
/// # Safety
/// `buffer` is NULL or live, `vec` has `n_vec` pieces of readable memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_add_iovec(
    buffer: *mut evbuffer,
    vec: *mut evbuffer_iovec,
    n_vec: c_int,
) -> size_t {
    if buffer.is_null() {
        return 0;
    }
    // SAFETY: live, `n_vec` pieces (caller).
    unsafe { engine::add_iovec(buffer, pieces(vec, n_vec)) }
}

/// Appends text formatted as by `printf`, without a final NUL.
///
/// Returns its length, or -1 as `evbuffer_add` and when the format is wrong.
///
/// cbindgen:postfix=EVRS_PRINTF(2,3)
#[cfg(evrs_header)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_add_printf(
    buf: *mut evbuffer,
    fmt: *const c_char,
    args: ...
) -> c_int {
}

/// As `evbuffer_add_printf`, with the arguments in a `va_list`, which is only copied from.
///
/// cbindgen:postfix=EVRS_PRINTF(2,0)
///
/// # Safety
/// `buf` is NULL or live; `fmt` is a string, and `ap` has the arguments it names.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_add_vprintf(
    buf: *mut evbuffer,
    fmt: *const c_char,
    ap: va_list,
) -> c_int {
    if buf.is_null() || fmt.is_null() {
        return -1;
    }
    // SAFETY: live, matching arguments (caller).
    count(unsafe { engine::add_vprintf(buf, fmt, ap.0) })
}

/// Puts a copy of `size` bytes before the first byte.
///
/// Returns 0, or -1 when the front is frozen, without memory, or when the length is not possible.
///
/// # Safety
/// `buf` is NULL or live, `data` has `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_prepend(
    buf: *mut evbuffer,
    data: *const c_void,
    size: size_t,
) -> c_int {
    if buf.is_null() {
        return -1;
    }
    if size == 0 {
        return 0;
    }
    if data.is_null() {
        return -1;
    }
    // SAFETY: live, `size` bytes (caller).
    status(unsafe { engine::prepend(buf, data.cast(), size) })
}

/// Removes `len` bytes from the front, or all if there are fewer.
///
/// Returns 0, or -1 when the front is frozen (of an empty buffer too there is nothing to remove: 0).
///
/// # Safety
/// `buf` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_drain(buf: *mut evbuffer, len: size_t) -> c_int {
    if buf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { engine::drain(buf, len) })
}

/// Takes up to `datlen` bytes out of the front.
///
/// Returns how many it were (0 for an empty buffer), or -1 when the front is frozen.
///
/// # Safety
/// `buf` is NULL or live, `data` has room for `datlen` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_remove(
    buf: *mut evbuffer,
    data: *mut c_void,
    datlen: size_t,
) -> c_int {
    if buf.is_null() || (data.is_null() && datlen > 0) {
        return -1;
    }
    // SAFETY: live, room for `datlen` bytes (caller).
    count(unsafe { engine::remove_raw(buf, data.cast(), datlen.min(INT_MAX)) })
}

/// Moves up to `datlen` bytes from the front of `src` to the end of `dst`, whole blocks without
/// a copy.
///
/// Callbacks of `dst` are called before those of `src`, unless all of `src` is moved.
///
/// Returns how many bytes it were (0 when both are the same buffer), or -1 when the front of `src`
/// or the end of `dst` is frozen.
///
/// # Safety
/// Both are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_remove_buffer(
    src: *mut evbuffer,
    dst: *mut evbuffer,
    datlen: size_t,
) -> c_int {
    if src.is_null() || dst.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    count(unsafe { engine::remove_buffer(src, dst, datlen) })
}

/// Moves everything from `inbuf` to the end of `outbuf` without a copy.
///
/// Callbacks of `inbuf` are called before those of `outbuf`. Moving a buffer to itself, or an empty
/// one, changes nothing.
///
/// Returns 0, or -1 when the front of `inbuf` or the end of `outbuf` is frozen.
///
/// # Safety
/// Both are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_add_buffer(outbuf: *mut evbuffer, inbuf: *mut evbuffer) -> c_int {
    if outbuf.is_null() || inbuf.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { engine::add_buffer(outbuf, inbuf) })
}

/// Moves everything from `src` to the front of `dst` without a copy. The rest is as for
/// `evbuffer_add_buffer`, with both fronts in the place of front and end.
///
/// # Safety
/// Both are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn evbuffer_prepend_buffer(dst: *mut evbuffer, src: *mut evbuffer) -> c_int {
    if dst.is_null() || src.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { engine::prepend_buffer(dst, src) })
}

/// The result of a pointer that a function could not make: NULL, with the reason in `errno`.
fn pointer<T>(result: Result<*mut T>) -> *mut T {
    result.unwrap_or_else(|e: Error| {
        set_errno(e);
        null_mut()
    })
}
