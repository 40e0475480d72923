//! The constants of `event2/util.h` and the types its functions need.
#![allow(non_camel_case_types, reason = "C names")]

use core::ffi::c_void;
use libc::c_int;

/// The socket type of these APIs; a macro in C.
pub type evutil_socket_t = c_int;

/// The system's `struct addrinfo`, whose tag is a macro in C.
pub type evutil_addrinfo = libc::addrinfo;

/// A C `va_list` as a parameter: on every ABI we build for it is passed as one pointer.
#[repr(transparent)]
#[derive(Clone, Copy, Debug)]
pub struct va_list(pub *mut c_void);

/// Use the most precise monotonic clock, even if it costs more.
pub const EV_MONOT_PRECISE: c_int = 1;
/// Use the fallback for systems without a monotonic clock.
pub const EV_MONOT_FALLBACK: c_int = 2;
