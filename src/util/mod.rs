//! evutil: sockets, addresses, names, strings, numbers, random bytes, dates, clocks.
//!
//! `address`, `ascii`, `date` and `number` are pure: bytes and values in, values out.

pub mod address;
pub mod ascii;
pub mod date;
pub mod monotonic;
pub mod number;
pub mod random;
pub mod resolve;
pub mod socket;
pub mod types;

pub use address::{SockAddr, format_sockaddr, parse_sockaddr_port};
pub use ascii::{ascii_strcasecmp, ascii_strncasecmp};
pub use date::date_rfc1123;
pub use random::secure_rng_bytes;
pub use socket::{accept4, close, make_closeonexec, make_nonblocking, make_reuseable, socketpair};

use core::ffi::CStr;
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// The value of an environment variable; `None` in a process that runs with more rights than its
/// caller has (set-uid, set-gid, file capabilities), whose environment is not to be trusted.
pub fn env(name: &CStr) -> Option<&'static CStr> {
    if is_privileged() {
        return None;
    }
    // SAFETY: `name` is NUL-terminated.
    let value = unsafe { libc::getenv(name.as_ptr()) };
    if value.is_null() {
        return None;
    }
    // SAFETY: an environment string is NUL-terminated; it lives until somebody changes the
    // environment, and callers look at it at once.
    Some(unsafe { CStr::from_ptr(value) })
}

/// Whether the kernel marked this process as one that must not trust its caller. Asked once:
/// the answer is fixed at exec.
fn is_privileged() -> bool {
    const UNKNOWN: u8 = 0;
    const NO: u8 = 1;
    const YES: u8 = 2;
    static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);
    match STATE.load(Relaxed) {
        NO => false,
        YES => true,
        _ => {
            // SAFETY: no precondition.
            let secure = unsafe { libc::getauxval(libc::AT_SECURE) } != 0;
            STATE.store(if secure { YES } else { NO }, Relaxed);
            secure
        }
    }
}
