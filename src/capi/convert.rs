//! From C and back: the few conversions that all of `capi` uses.

use crate::error::{Error, Result};
use crate::sys::Errno;
use core::ffi::CStr;
use libc::{c_char, c_int};

/// The bytes of a C string, without the NUL; `None` for NULL.
///
/// # Safety
/// `text` is NULL or a NUL-terminated string that nobody changes while the bytes are in use.
pub(super) unsafe fn bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not NULL, and NUL-terminated (caller).
    Some(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// 0, or -1 with the reason in `errno`.
#[inline]
pub(super) fn status(result: Result<()>) -> c_int {
    match result {
        Ok(()) => 0,
        Err(e) => {
            set_errno(e);
            -1
        }
    }
}

/// The reason of a failure where C looks for it.
#[cold]
#[inline(never)]
pub(super) fn set_errno(e: Error) {
    Errno(e.errno()).set();
}
