//! What libev does when it cannot go on: it says why on stderr and aborts. Its documentation
//! promises this for usage errors, for lack of memory, and for failed system calls unless a
//! callback of the user's repairs them.

use crate::error::Error;
use crate::sys::Errno;
use core::ffi::{CStr, c_char};
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What `ev_set_syserr_cb` takes.
pub type SysErrFn = unsafe extern "C" fn(*const c_char);

static SYSERR: AtomicUsize = AtomicUsize::new(0);

/// Installs the callback for failed system calls; `None` restores the message and abort.
pub fn set_syserr(f: Option<SysErrFn>) {
    SYSERR.store(f.map_or(0, |f| f as usize), Relaxed);
}

fn say(text: &CStr) {
    for part in [c"libev: ", text, c"\n"] {
        // SAFETY: the bytes of a C string are read. There is nowhere to report a failure to.
        unsafe { libc::write(2, part.as_ptr().cast(), part.count_bytes()) };
    }
}

#[cold]
#[inline(never)]
fn die(text: &CStr) -> ! {
    say(text);
    // SAFETY: abort has no precondition.
    unsafe { libc::abort() }
}

/// A rule of the API that a caller must keep; if not, says which and aborts.
#[inline]
pub(super) fn rule(kept: bool, text: &CStr) {
    if !kept {
        die(text);
    }
}

/// A system call failed that the loop cannot do without: tells the user's callback, which has to
/// repair the cause, else says so and aborts. No borrow of a loop may live.
#[cold]
pub(super) fn syserr(text: &CStr, errno: Errno) {
    errno.set();
    let f = SYSERR.load(Relaxed);
    if f == 0 {
        // SAFETY: a C string is read.
        unsafe { libc::perror(text.as_ptr()) };
        // SAFETY: abort has no precondition.
        unsafe { libc::abort() }
    }
    // SAFETY: `set_syserr` stored the address of a function of this type; the text is static.
    unsafe { core::mem::transmute::<usize, SysErrFn>(f)(text.as_ptr()) }
}

/// Unwraps what can only fail for lack of memory.
#[inline]
pub(super) fn memory<T>(result: Result<T, Error>) -> T {
    match result {
        Ok(value) => value,
        Err(_) => die(c"cannot allocate memory, aborting."),
    }
}
