//! What a buffer's owner, the bufferevent, does to it: frozen ends do not bind it, and its own
//! hook is not told of what it does itself. The program's callbacks are.
//!
//! `held` is the owner's own lock, which it holds. It is the buffer's as well, and then not taken
//! again, unless the program has given a lock to a buffer whose owner has none.

use super::block::Dropped;
use super::callbacks::{finish_own, finish_own_two};
use super::io::{fill, send};
use super::{LOCKED, WATCHED, evbuffer, lock, lock_two};
use crate::error::Result;
use crate::sys::file;
use crate::thread::Guard;
use core::ffi::c_void;
use libc::c_int;

/// Takes the buffer's lock if it is not the one that is held.
///
/// # Safety
/// `b` is live.
#[inline(always)]
unsafe fn lock_unless(b: *mut evbuffer, held: *mut c_void) -> Guard {
    // SAFETY: live (caller).
    unsafe { if (*b).lock.as_ptr() == held { Guard::none() } else { lock(b) } }
}

/// As [`super::len`].
///
/// # Safety
/// `b` is live.
#[inline(always)]
pub unsafe fn len(b: *mut evbuffer, held: *mut c_void) -> usize {
    // SAFETY: live (caller).
    unsafe {
        let guard = lock_unless(b, held);
        let n = (*b).store.total;
        drop(guard);
        n
    }
}

/// As [`super::read_fd`].
///
/// # Safety
/// `b` is live.
#[inline]
pub unsafe fn read(b: *mut evbuffer, held: *mut c_void, fd: c_int, max: usize) -> Result<usize> {
    // SAFETY: live (caller); the borrow of the store ends before `finish_own`.
    unsafe {
        let guard = lock_unless(b, held);
        (*b).store.can_grow(max)?;
        let mut out = Dropped::new();
        let n = fill(&mut (*b).store, fd, max, &mut out)?;
        finish_own(b, guard, out, n, 0);
        Ok(n)
    }
}

/// As [`super::write_fd`], but without `SIGPIPE`; also says what is left.
///
/// # Safety
/// `b` is live.
#[inline]
pub unsafe fn write(
    b: *mut evbuffer,
    held: *mut c_void,
    fd: c_int,
    max: usize,
) -> Result<(usize, usize)> {
    // SAFETY: as in `read`.
    unsafe {
        let guard = lock_unless(b, held);
        let total = (*b).store.total;
        let max = max.min(total);
        if max == 0 {
            return Ok((0, total));
        }
        let n = send(&(*b).store, fd, max, file::sendv)?;
        if (*b).is_quiet(WATCHED) && (*b).store.drain_first(n) {
            return Ok((n, total - n));
        }
        let mut out = Dropped::new();
        let gone = (*b).store.drain(n, &mut out);
        let left = (*b).store.total;
        finish_own(b, guard, out, 0, gone);
        Ok((n, left))
    }
}

/// Takes `n` bytes from the front, which the owner has written itself.
///
/// # Safety
/// `b` is live.
pub unsafe fn drain(b: *mut evbuffer, n: usize) {
    // SAFETY: as in `read`.
    unsafe {
        let guard = lock(b);
        let mut out = Dropped::new();
        let gone = (*b).store.drain(n, &mut out);
        finish_own(b, guard, out, 0, gone);
    }
}

/// Moves up to `n` bytes from the front of `from` to the end of `to`; says how many.
///
/// # Safety
/// Both are live, and different.
#[inline]
pub unsafe fn transfer(from: *mut evbuffer, to: *mut evbuffer, n: usize) -> Result<usize> {
    // SAFETY: live (caller); different objects, so the two borrows do not overlap, and they end
    // before `finish_own_two`.
    unsafe {
        if n >= (*from).store.total
            && (*to).is_quiet(LOCKED | WATCHED)
            && (*from).is_quiet(LOCKED | WATCHED)
        {
            let all = (*from).store.total;
            if (*to).store.link_all(&mut (*from).store) {
                return Ok(all);
            }
        }
        let (guard_to, guard_from) = lock_two(to, from);
        let mut out = Dropped::new();
        let n = n.min((*from).store.total);
        if n == (*from).store.total {
            (*to).store.append_all(&mut (*from).store, &mut out)?;
        } else {
            (*to).store.append_front(&mut (*from).store, n, &mut out)?;
        }
        finish_own_two((from, guard_from, 0, n), (to, guard_to, n, 0), out);
        Ok(n)
    }
}
