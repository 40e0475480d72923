//! Random bytes that nobody can guess.
//!
//! The kernel's generator is the source; a buffer in front of it saves a system call for each of
//! the small requests that are usual (DNS ids, hash seeds). The buffer lives in a page that the
//! kernel zeroes in a forked child, lock word included: a child can neither repeat its parent's
//! bytes nor inherit a held lock. Bytes are erased from the buffer as they are handed out.

use crate::log;
use crate::sys::{self, Errno};
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// How many bytes one system call fetches: up to 256, `getrandom` is neither interrupted by
/// signals nor cut short.
const BUFFERED: usize = 256;

/// The page's content. Zeroes mean: unlocked, nothing buffered.
#[repr(C)]
struct Pool {
    locked: AtomicU32,
    /// How many bytes at the end of `bytes` are left. Touched by the lock's holder only.
    left: usize,
    bytes: [u8; BUFFERED],
}

static POOL: AtomicPtr<Pool> = AtomicPtr::new(null_mut());

fn pool() -> Option<NonNull<Pool>> {
    let p = POOL.load(Ordering::Acquire);
    if let Some(p) = NonNull::new(p) {
        return Some(p);
    }
    if cfg!(miri) {
        return None;
    }
    let new = sys::socket::page_wiped_on_fork(size_of::<Pool>())?.cast::<Pool>();
    match POOL.compare_exchange(null_mut(), new.as_ptr(), Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => Some(new),
        Err(other) => {
            // SAFETY: our own mapping, which nobody has seen.
            unsafe { libc::munmap(new.as_ptr().cast(), size_of::<Pool>()) };
            NonNull::new(other)
        }
    }
}

/// Fills `out` straight from the kernel.
fn from_kernel(out: &mut [u8]) -> Result<(), Errno> {
    let mut rest = out;
    while !rest.is_empty() {
        match sys::socket::getrandom(rest) {
            Ok(n) => rest = rest.get_mut(n..).unwrap_or_default(),
            Err(Errno(libc::EINTR)) => {}
            Err(_) => return from_device(rest),
        }
    }
    Ok(())
}

/// The way in where a sandbox forbids the system call.
fn from_device(out: &mut [u8]) -> Result<(), Errno> {
    // SAFETY: the path is NUL-terminated.
    let fd = sys::check(unsafe {
        libc::open(c"/dev/urandom".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC)
    })?;
    let mut rest = out;
    let mut result = Ok(());
    while !rest.is_empty() {
        // SAFETY: the kernel writes at most `len` bytes into the slice.
        let n = unsafe { libc::read(fd, rest.as_mut_ptr().cast(), rest.len()) };
        match sys::check_size(n) {
            Ok(0) => {
                result = Err(Errno(libc::EIO));
                break;
            }
            Ok(n) => rest = rest.get_mut(n..).unwrap_or_default(),
            Err(Errno(libc::EINTR)) => {}
            Err(e) => {
                result = Err(e);
                break;
            }
        }
    }
    let _ = sys::socket::close(fd);
    result
}

/// Takes `out.len()` bytes out of the pool; false when the pool is busy or cannot be filled.
fn from_pool(out: &mut [u8]) -> bool {
    let Some(pool) = pool() else { return false };
    // SAFETY: the mapping lives forever, and the lock word is only touched as an atomic.
    let locked = unsafe { &(*pool.as_ptr()).locked };
    // Somebody else (or, in a signal handler, the interrupted code) has it: do not wait.
    if locked.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
        return false;
    }
    // SAFETY: the lock is held, so nobody else touches these two fields.
    let (left, bytes) = unsafe { (&mut (*pool.as_ptr()).left, &mut (*pool.as_ptr()).bytes) };
    let filled = *left >= out.len() || {
        let ok = from_kernel(bytes).is_ok();
        *left = if ok { BUFFERED } else { 0 };
        ok
    };
    let taken = if filled { out.len() } else { 0 };
    let start = BUFFERED - (*left).min(BUFFERED);
    if let Some(source) = bytes.get_mut(start..start + taken) {
        for (to, from) in out.iter_mut().zip(source) {
            *to = core::mem::take(from);
        }
        *left = left.saturating_sub(taken);
    }
    locked.store(0, Ordering::Release);
    filled
}

/// Whether random bytes can be had at all.
pub fn available() -> bool {
    let mut probe = [0; 1];
    try_bytes(&mut probe).is_ok()
}

fn try_bytes(out: &mut [u8]) -> Result<(), Errno> {
    if out.len() <= BUFFERED / 2 && from_pool(out) {
        return Ok(());
    }
    from_kernel(out)
}

/// Fills `out` with bytes that nobody can guess. Where the system gives none at all (no system
/// call, no device), the process ends: going on would be the worse answer.
pub fn secure_rng_bytes(out: &mut [u8]) {
    if let Err(e) = try_bytes(out) {
        log::message_errno(log::Severity::Err, e, format_args!("no source of random bytes"));
        log::fatal(1);
    }
}

/// A random number.
pub fn secure_u32() -> u32 {
    let mut bytes = [0; 4];
    secure_rng_bytes(&mut bytes);
    u32::from_ne_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_differ() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..200 {
            let mut bytes = [0; 16];
            secure_rng_bytes(&mut bytes);
            assert!(seen.insert(bytes));
        }
        let mut big = [0; 1000];
        secure_rng_bytes(&mut big);
        assert!(big.iter().filter(|b| **b == 0).count() < 100);
    }
}
