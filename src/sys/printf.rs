//! C's formatted output, for the functions that take a `va_list` from C.

use core::ffi::c_void;
use libc::{c_char, c_int};

mod c {
    use super::{c_char, c_int, c_void};
    unsafe extern "C" {
        pub(super) fn vsnprintf(
            buf: *mut c_char,
            len: usize,
            format: *const c_char,
            args: *mut c_void,
        ) -> c_int;
    }
}

/// Formats into `len` bytes at `buf`; the result is the length of the whole text, negative on error.
/// `args` is a C `va_list`, which both ABIs we build for pass as one pointer.
///
/// # Safety
/// `buf` has room for `len` bytes (it may be null for 0), `format` is NUL-terminated, and `args`
/// holds the arguments the format names.
pub unsafe fn vsnprintf(
    buf: *mut c_char,
    len: usize,
    format: *const c_char,
    args: *mut c_void,
) -> c_int {
    // SAFETY: the caller's promises are those of the C function.
    unsafe { c::vsnprintf(buf, len, format, args) }
}
