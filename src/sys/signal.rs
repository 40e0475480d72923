//! Signal dispositions.

use super::{Errno, check};
use libc::{c_int, sigaction};

/// One more than the largest signal number.
pub const NSIG: c_int = 65;

/// Installs `handler` with `SA_RESTART` and every signal blocked meanwhile; returns what was there.
pub fn install(signum: c_int, handler: extern "C" fn(c_int)) -> Result<sigaction, Errno> {
    // SAFETY: sigaction is plain data, for which all zeros is a valid value.
    let (mut new, mut old): (sigaction, sigaction) = unsafe { core::mem::zeroed() };
    new.sa_sigaction = handler as usize;
    new.sa_flags = libc::SA_RESTART;
    // SAFETY: both structures are live locals.
    unsafe {
        libc::sigfillset(&raw mut new.sa_mask);
        check(sigaction(signum, &raw const new, &raw mut old))?;
    }
    Ok(old)
}

/// Puts a disposition back.
pub fn restore(signum: c_int, old: &sigaction) {
    // SAFETY: the structure is live; a number that `install` accepted is accepted again.
    unsafe { sigaction(signum, old, core::ptr::null_mut()) };
}

/// Sets the default disposition.
pub fn set_default(signum: c_int) {
    // SAFETY: no pointers are passed.
    unsafe { libc::signal(signum, libc::SIG_DFL) };
}
