//! C's own `printf` formatting, for the functions that take a `va_list`.

use core::ffi::c_void;
use libc::{c_char, c_int};

mod c {
    use super::{c_char, c_int, c_void};
    unsafe extern "C" {
        /// `libc` has no binding for it, Rust having no `va_list`.
        pub(super) fn vsnprintf(
            to: *mut c_char,
            n: usize,
            fmt: *const c_char,
            ap: *mut c_void,
        ) -> c_int;
    }
}

/// What a `va_list` points to. On the ABIs we build for it is a plain structure of at most 32
/// bytes, so that a copy of it is a `va_copy`.
#[repr(C, align(8))]
#[derive(Clone, Copy, Debug)]
pub struct Arguments(
    #[cfg(target_arch = "x86_64")] [u64; 3],
    #[cfg(not(target_arch = "x86_64"))] [u64; 4],
);

impl Arguments {
    /// A copy of the caller's list, which stays as it is.
    ///
    /// # Safety
    /// `ap` is a C `va_list` as a parameter of a function.
    pub unsafe fn copy(ap: *mut c_void) -> Self {
        // SAFETY: on x86-64 and AArch64 such a parameter is the address of the structure.
        unsafe { ap.cast::<Self>().read() }
    }
}

/// Formats into `n` bytes at `to`, the final 0 included; says how long the whole text is. A
/// negative result is C's "cannot be formatted".
///
/// # Safety
/// `to` has `n` writable bytes, `fmt` is a format that the arguments match.
pub unsafe fn vsnprintf(to: *mut u8, n: usize, fmt: *const c_char, mut args: Arguments) -> c_int {
    // SAFETY: as above; the list is our own copy.
    unsafe { c::vsnprintf(to.cast(), n, fmt, (&raw mut args).cast()) }
}
