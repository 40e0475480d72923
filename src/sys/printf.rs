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

/// What a `va_list` points to: on the ABIs we build for a plain structure of at most 32 bytes, so
/// that a copy of it is a `va_copy`, for text that may have to be formatted twice.
#[repr(C, align(8))]
#[derive(Clone, Copy, Debug)]
pub struct Arguments([u64; if cfg!(target_arch = "x86_64") { 3 } else { 4 }]);

impl Arguments {
    /// A copy of the caller's list, which stays as it is.
    ///
    /// # Safety
    /// `args` is a C `va_list` as a parameter of a function.
    pub unsafe fn copy(args: *mut c_void) -> Self {
        // SAFETY: on x86-64 and AArch64 such a parameter is the address of the structure.
        unsafe { args.cast::<Self>().read() }
    }

    /// The list as an argument of a C function, which uses it up.
    pub fn as_ptr(&mut self) -> *mut c_void {
        (&raw mut *self).cast()
    }
}
