//! evbuffer: a queue of bytes in a chain of blocks.
//!
//! | file | what stands there |
//! |---|---|
//! | `block`, `pool` | one block, whose memory it is, spare blocks |
//! | `store` | the chain: pure, without descriptors, callbacks and locks |
//! | `search` | positions, search, lines |
//! | `segment` | file segments |
//! | this file | the object: counts, lock, freezing |
//! | `callbacks`, `deferred` | who is told of changes, at once or from the loop |
//! | `edit`, `transfer`, `format`, `io` | the operations: within one buffer, between two, `printf`, descriptors |
//!
//! # How an operation goes
//!
//! Every operation takes the buffer's lock if it has one, checks what is frozen, changes the
//! [`Store`] under a short borrow, and ends in [`callbacks::finish`] (or `finish_two`), which
//! frees what left the chain, tells the owner and the callbacks, and releases the lock. Whatever
//! runs code of the program happens there, with a count on the buffer and no borrow held: the
//! program may use and free the buffer from within.

mod block;
mod callbacks;
mod deferred;
mod edit;
mod format;
mod io;
pub mod owner;
pub(crate) mod pool;
pub mod raw;
mod search;
mod segment;
mod store;
mod transfer;

#[cfg(test)]
mod tests;

pub use callbacks::{
    Owner, OwnerHook, add_cb, add_cb_obsolete, cb_clear_flags, cb_set_flags, evbuffer_cb,
    evbuffer_cb_entry, remove_all_cbs, remove_cb, remove_cb_entry, set_owner,
};
pub use deferred::defer_callbacks;
pub use edit::{
    add, add_cstr, add_iovec, add_raw, commit, contiguous_len, copyout, copyout_from, drain,
    expand, first_contiguous, peek, prepend, pullup, remove, remove_raw, reserve,
};
pub use format::{add_fmt, add_vprintf};
pub use io::{read_fd, read_limited, write_fd};
pub use pool::clear as clear_pool;
pub use search::{find_pulled_up as find, ptr_set, readln, search, search_eol, search_range};
pub use segment::{
    evbuffer_file_segment, free as segment_free, new as segment_new,
    set_cleanup as segment_set_cleanup,
};
pub use transfer::{
    add_buffer, add_buffer_reference, add_file, add_file_segment, add_reference,
    add_reference_with_offset, prepend_buffer, remove_buffer,
};

use crate::error::{Error, Result};
use crate::mem;
use crate::thread::{Guard, Lock};
use block::Dropped;
use core::ffi::c_void;
use core::mem::size_of;
use core::ptr::NonNull;
use store::Store;

/// A queue of bytes; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evbuffer {
    store: Store,
    /// Counts: the program's, and one for each operation that is running program code.
    refs: u32,
    flags: u32,
    /// How much `evbuffer_read` reads at most.
    max_read: u32,
    lock: Lock,
    callbacks: callbacks::Callbacks,
}

/// Nothing may leave or enter at the front.
const FROZEN_START: u32 = 1;
/// Nothing may be appended.
const FROZEN_END: u32 = 2;
/// The lock was made for this buffer and dies with it.
const OWN_LOCK: u32 = 4;
/// The program only drains to descriptors.
const DRAINS_TO_FD: u32 = 8;

/// There is a lock.
const LOCKED: u32 = 16;
/// There are callbacks of the program.
const WATCHED: u32 = 32;
/// There is an owner hook.
const HOOKED: u32 = 64;
/// What keeps an append from the shortest path: see [`evbuffer::is_quiet`].
const NOT_AT_END: u32 = FROZEN_END | LOCKED | WATCHED | HOOKED;
/// The same for changes at the front.
const NOT_AT_START: u32 = FROZEN_START | LOCKED | WATCHED | HOOKED;

/// The most that one call of `evbuffer_read` reads, unless the program says otherwise.
const MAX_READ_DEFAULT: u32 = 4096;

/// An empty buffer.
pub fn new() -> Result<*mut evbuffer> {
    let mut b: *mut evbuffer = pool::take(pool::class::OBJECT).cast();
    if b.is_null() {
        b = mem::alloc(size_of::<evbuffer>()).ok_or(Error::NoMemory)?.as_ptr().cast();
    }
    // Ages of different buffers start apart, so that a position of one is not taken for another's.
    let age = (b.addr() >> 4) as u32;
    // SAFETY: nobody's, large enough, aligned for any C type.
    unsafe {
        b.write(evbuffer {
            store: Store::new(age),
            refs: 1,
            flags: 0,
            max_read: MAX_READ_DEFAULT,
            lock: Lock::none(),
            callbacks: callbacks::Callbacks::new(),
        });
    }
    Ok(b)
}

/// Takes the buffer's lock, if it has one.
///
/// # Safety
/// `b` is live.
#[inline]
pub unsafe fn lock(b: *mut evbuffer) -> Guard {
    // SAFETY: live (caller).
    unsafe { (*b).lock.guard() }
}

/// Takes the locks of two buffers, always in the same order. A lock that both share is taken once,
/// and is the first one's.
///
/// # Safety
/// Both are live.
#[inline]
pub unsafe fn lock_two(a: *mut evbuffer, b: *mut evbuffer) -> (Guard, Guard) {
    // SAFETY: live (caller).
    unsafe {
        if share_lock(a, b) {
            return (lock(a), Guard::none());
        }
        if (*a).lock.as_ptr() <= (*b).lock.as_ptr() {
            let first = lock(a);
            (first, lock(b))
        } else {
            let second = lock(b);
            (lock(a), second)
        }
    }
}

/// Whether two buffers have the same lock, or both none.
///
/// # Safety
/// Both are live.
#[inline]
unsafe fn share_lock(a: *mut evbuffer, b: *mut evbuffer) -> bool {
    // SAFETY: live (caller).
    unsafe { (*a).lock.as_ptr() == (*b).lock.as_ptr() }
}

/// Takes the lock until [`release`]: for `evbuffer_lock`.
///
/// # Safety
/// `b` is live.
pub unsafe fn acquire(b: *mut evbuffer) {
    // SAFETY: live (caller).
    unsafe { (*b).lock.acquire() }
}

/// Releases the lock that [`acquire`] took.
///
/// # Safety
/// `b` is live and locked by this thread.
pub unsafe fn release(b: *mut evbuffer) {
    // SAFETY: live (caller).
    unsafe { (*b).lock.release() }
}

/// Gives the buffer a lock: the caller's, which has to outlive it, or one of its own. Fails when
/// it has one already, or when threads are not in use and there is nothing to make one with.
///
/// # Safety
/// `b` is live, and no other thread uses it yet.
pub unsafe fn enable_locking(b: *mut evbuffer, lock: Option<NonNull<c_void>>) -> Result<()> {
    // SAFETY: live (caller).
    let b = unsafe { &mut *b };
    if b.lock.is_some() {
        return Err(Error::Invalid);
    }
    match lock {
        Some(p) => b.lock = Lock::adopt(p.as_ptr()),
        None => {
            let own = Lock::new()?;
            if !own.is_some() {
                return Err(Error::Invalid);
            }
            b.lock = own;
            b.flags |= OWN_LOCK;
        }
    }
    b.flags |= LOCKED;
    Ok(())
}

/// As [`enable_locking`] with a lock of the caller's; null takes it away again.
///
/// # Safety
/// `b` is live and unlocked; the lock outlives it.
pub unsafe fn set_lock(b: *mut evbuffer, lock: *mut c_void) {
    // SAFETY: live (caller).
    unsafe {
        (*b).lock = Lock::adopt(lock);
        (*b).flags = if lock.is_null() { (*b).flags & !LOCKED } else { (*b).flags | LOCKED };
    }
}

/// One more count.
///
/// # Safety
/// `b` is live.
pub unsafe fn incref(b: *mut evbuffer) {
    // SAFETY: live (caller); the count is guarded by the lock.
    unsafe {
        let guard = lock(b);
        (*b).refs += 1;
        drop(guard);
    }
}

/// One count less; the last one frees the buffer.
///
/// # Safety
/// The caller owns a count and uses `b` no more. Cleanup functions of the program may run.
pub unsafe fn decref(b: *mut evbuffer) {
    // SAFETY: the caller's count keeps it alive until here.
    unsafe {
        let guard = lock(b);
        decref_locked(b, guard);
    }
}

/// Drops the program's count: no callback runs any more.
///
/// # Safety
/// As [`decref`].
pub unsafe fn free(b: *mut evbuffer) {
    // SAFETY: the caller's count keeps it alive until here.
    unsafe {
        let guard = lock(b);
        callbacks::quit(b);
        decref_locked(b, guard);
    }
}

/// Drops a count and the lock.
///
/// # Safety
/// As [`decref`]; `guard` is this buffer's.
unsafe fn decref_locked(b: *mut evbuffer, guard: Guard) {
    // SAFETY: live until the last count is gone; then nobody else can reach it. The lock is
    // released before it is freed.
    unsafe {
        (*b).refs -= 1;
        if (*b).refs > 0 {
            drop(guard);
            return;
        }
        callbacks::quit(b);
        let mut out = Dropped::new();
        (*b).store.clear(&mut out);
        drop(out);
        drop(guard);
        if (*b).flags & OWN_LOCK != 0 {
            (*b).lock.free();
        }
        callbacks::destroy(b);
        if !pool::put(pool::class::OBJECT, b.cast()) {
            mem::free(b.cast());
        }
    }
}

/// The number of bytes in it.
///
/// # Safety
/// `b` is live.
#[inline]
pub unsafe fn len(b: *mut evbuffer) -> usize {
    // SAFETY: live (caller).
    unsafe {
        if (*b).is_quiet(LOCKED) {
            return (*b).store.total;
        }
        let guard = lock(b);
        let n = (*b).store.total;
        drop(guard);
        n
    }
}

unsafe fn set_flag(b: *mut evbuffer, flag: u32, on: bool) {
    // SAFETY: live (callers).
    unsafe {
        if !(*b).lock.is_some() {
            (*b).flags = if on { (*b).flags | flag } else { (*b).flags & !flag };
        } else {
            set_flag_locked(b, flag, on);
        }
    }
}

#[inline(never)]
unsafe fn set_flag_locked(b: *mut evbuffer, flag: u32, on: bool) {
    // SAFETY: as in `set_flag`.
    unsafe {
        let guard = lock(b);
        if on {
            (*b).flags |= flag;
        } else {
            (*b).flags &= !flag;
        }
        drop(guard);
    }
}

fn end(start: bool) -> u32 {
    if start { FROZEN_START } else { FROZEN_END }
}

/// Refuses all changes at the front, or at the back.
///
/// # Safety
/// `b` is live.
pub unsafe fn freeze(b: *mut evbuffer, start: bool) {
    // SAFETY: live (caller).
    unsafe { set_flag(b, end(start), true) }
}

/// Allows them again.
///
/// # Safety
/// `b` is live.
pub unsafe fn unfreeze(b: *mut evbuffer, start: bool) {
    // SAFETY: live (caller).
    unsafe { set_flag(b, end(start), false) }
}

/// Says whether the program only drains to descriptors, so that files may stay in the kernel.
///
/// # Safety
/// `b` is live.
pub unsafe fn set_drains_to_fd(b: *mut evbuffer, on: bool) {
    // SAFETY: live (caller).
    unsafe { set_flag(b, DRAINS_TO_FD, on) }
}

/// Limits what one `evbuffer_read` reads.
///
/// # Safety
/// `b` is live.
pub unsafe fn set_max_read(b: *mut evbuffer, max: usize) -> Result<()> {
    let max = i32::try_from(max).map_err(|_| Error::Invalid)?;
    // SAFETY: live (caller).
    unsafe {
        let guard = lock(b);
        (*b).max_read = max.cast_unsigned();
        drop(guard);
    }
    Ok(())
}

/// What one `evbuffer_read` reads at most.
///
/// # Safety
/// `b` is live.
pub unsafe fn max_read(b: *mut evbuffer) -> usize {
    // SAFETY: live (caller).
    unsafe {
        let guard = lock(b);
        let max = (*b).max_read as usize;
        drop(guard);
        max
    }
}

impl evbuffer {
    /// Whether nothing stands in the way of the short path of an operation: nothing frozen, no
    /// lock to take, nobody to tell. One test in place of four.
    #[inline]
    fn is_quiet(&self, not: u32) -> bool {
        self.flags & not == 0
    }

    #[inline]
    fn check_start(&self) -> Result<()> {
        if self.flags & FROZEN_START != 0 { Err(Error::Frozen) } else { Ok(()) }
    }

    #[inline]
    fn check_end(&self) -> Result<()> {
        if self.flags & FROZEN_END != 0 { Err(Error::Frozen) } else { Ok(()) }
    }
}

// Two of them stand in every bufferevent.
const _: () = assert!(size_of::<evbuffer>() <= 88);
