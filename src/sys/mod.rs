//! The only floor that talks to the kernel: thin wrappers over libc, one file per subject.
//!
//! Each wrapper is a safe function where every argument is safe for the kernel, returns
//! `Result<_, Errno>` and does nothing besides the call.

pub mod aio;
pub mod child;
pub mod clock;
pub mod epoll;
pub mod eventfd;
pub mod file;
pub mod file_status;
pub mod inotify;
pub mod interfaces;
pub mod linkage;
pub mod mutex;
pub mod poll;
pub mod printf;
pub mod signal;
pub mod signalfd;
pub mod socket;
pub mod thread;
pub mod timerfd;
pub mod uring;

/// An `errno` value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

impl Errno {
    /// The calling thread's current `errno`.
    pub fn last() -> Self {
        // SAFETY: glibc's `__errno_location` returns the valid address of this thread's errno.
        Self(unsafe { *libc::__errno_location() })
    }

    /// Makes this the calling thread's `errno`, as C callers read it.
    pub fn set(self) {
        // SAFETY: as in `last`; an int of our own thread is written.
        unsafe { *libc::__errno_location() = self.0 }
    }

    /// Whether the call should simply be repeated later (`EAGAIN`, `EWOULDBLOCK`, `EINTR`).
    pub fn is_retriable(self) -> bool {
        matches!(self.0, libc::EAGAIN | libc::EINTR)
    }
}

/// Turns the usual `-1 and errno` convention into a `Result`.
pub fn check(ret: i32) -> Result<i32, Errno> {
    if ret < 0 { Err(Errno::last()) } else { Ok(ret) }
}

/// As [`check`], for calls that return a size.
pub fn check_size(ret: isize) -> Result<usize, Errno> {
    usize::try_from(ret).map_err(|_| Errno::last())
}

/// Whether this number is an open descriptor.
pub fn is_open(fd: i32) -> bool {
    // SAFETY: F_GETFD takes no pointer.
    unsafe { libc::fcntl(fd, libc::F_GETFD) >= 0 }
}

/// The value of an environment variable, null if it is not set or the kernel has marked the
/// process as one that must not trust its caller (`AT_SECURE`). No system call.
pub fn secure_getenv(name: &core::ffi::CStr) -> *const libc::c_char {
    mod c {
        unsafe extern "C" {
            pub(super) fn secure_getenv(name: *const libc::c_char) -> *mut libc::c_char;
        }
    }
    // SAFETY: the name is NUL-terminated.
    unsafe { c::secure_getenv(name.as_ptr()) }
}
