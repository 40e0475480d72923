//! Children.

use libc::{c_int, pid_t};

/// A change of state of this child (-1: of any) that nobody has asked for yet: which child, and
/// its status. Never blocks.
pub fn changed(pid: pid_t) -> Option<(pid_t, c_int)> {
    let mut status = 0;
    let flags = libc::WNOHANG | libc::WUNTRACED | libc::WCONTINUED;
    // SAFETY: a live local is written.
    let pid = unsafe { libc::waitpid(pid, &raw mut status, flags) };
    (pid > 0).then_some((pid, status))
}
