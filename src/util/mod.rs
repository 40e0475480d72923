//! evutil: sockets, addresses, names, strings, numbers, random bytes, dates, clocks.
//!
//! `address`, `ascii`, `date`, `number` and `scan` are pure: bytes and values in, values out.

pub mod address;
pub mod ascii;
pub mod date;
pub mod monotonic;
pub mod number;
pub mod random;
pub mod resolve;
pub mod scan;
pub mod socket;
pub mod types;

pub use address::{SockAddr, format_sockaddr, parse_sockaddr_port};
pub use ascii::{ascii_strcasecmp, ascii_strncasecmp};
pub use date::date_rfc1123;
pub use random::secure_rng_bytes;
pub use socket::{accept4, close, make_closeonexec, make_nonblocking, make_reuseable, socketpair};

use core::ffi::CStr;

/// The value of an environment variable; `None` in a process that runs with more rights than its
/// caller has (set-uid, set-gid, file capabilities), whose environment is not to be trusted.
pub fn env(name: &CStr) -> Option<&'static CStr> {
    let value = crate::sys::secure_getenv(name);
    // SAFETY: an environment string is NUL-terminated; it lives until somebody changes the
    // environment, and callers look at it at once.
    (!value.is_null()).then(|| unsafe { CStr::from_ptr(value) })
}
