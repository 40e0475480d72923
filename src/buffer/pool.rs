//! A few spare blocks of the sizes that glibc's thread cache does not hold (above 1 KiB).
//!
//! A buffer that is filled and emptied over and over allocates the same few blocks each time, and
//! `malloc` answers sizes above 1032 bytes from its shared bins, at about 40 ns a pair. The pool
//! answers in about 12.
//!
//! - Only libc's own blocks enter and leave: with `event_set_mem_functions` in force the pool is
//!   out of the way, so that the user's functions see each block come and go.
//! - Each shard belongs to some threads by their address; a shard that is busy is not waited for,
//!   `malloc` and `free` serve instead.
//! - [`clear`] gives everything back (`libevent_global_shutdown`).

use super::block::Block;
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

/// How many blocks of each class ([`class_of`]) a shard keeps: about 200 KiB in all.
const KEEP: [u32; 4] = [8, 16, 10, 4];
const SHARDS: usize = 8;

#[derive(Clone, Copy)]
struct List {
    top: *mut Block,
    count: u32,
}

/// A shard has its cache lines to itself.
#[repr(align(128))]
struct Shard {
    busy: AtomicBool,
    lists: UnsafeCell<[List; 4]>,
}

// SAFETY: `lists` is touched only by the thread that has set `busy`; the blocks in it belong to
// nobody else.
unsafe impl Sync for Shard {}

static POOL: [Shard; SHARDS] = [const {
    Shard {
        busy: AtomicBool::new(false),
        lists: UnsafeCell::new([List { top: null_mut(), count: 0 }; 4]),
    }
}; SHARDS];

/// Which list keeps blocks of `total` bytes.
#[inline]
pub(super) fn class_of(total: usize) -> Option<u8> {
    match total {
        2048 => Some(0),
        4096 => Some(1),
        8192 => Some(2),
        super::block::READ_TOTAL => Some(3),
        _ => None,
    }
}

#[inline]
fn shard() -> Option<&'static Shard> {
    // SAFETY: no precondition.
    let thread = unsafe { libc::pthread_self() } as usize;
    // Thread stacks are megabytes apart; the low bits say nothing.
    POOL.get(((thread >> 12) ^ (thread >> 20)) % SHARDS)
}

/// A spare block of this class.
#[inline]
pub(super) fn take(class: u8) -> Option<*mut Block> {
    if crate::mem::hooked() {
        return None;
    }
    let shard = shard()?;
    if shard.busy.swap(true, Acquire) {
        return None;
    }
    // SAFETY: `busy` was free, so this thread alone is at the lists; what is in them is unused.
    let found = unsafe {
        match (*shard.lists.get()).get_mut(usize::from(class)) {
            Some(list) if !list.top.is_null() => {
                let block = list.top;
                list.top = (*block).next;
                list.count -= 1;
                Some(block)
            }
            _ => None,
        }
    };
    shard.busy.store(false, Release);
    found
}

/// Keeps a block for later, if there is room; `false` leaves it to the caller.
///
/// # Safety
/// `block` is a block of this class from libc's allocator that nobody uses any more.
#[inline]
pub(super) unsafe fn put(class: u8, block: *mut Block) -> bool {
    if crate::mem::hooked() {
        return false;
    }
    let Some(shard) = shard() else { return false };
    if shard.busy.load(Relaxed) || shard.busy.swap(true, Acquire) {
        return false;
    }
    let limit = KEEP.get(usize::from(class)).copied().unwrap_or(0);
    // SAFETY: as in `take`; the block is ours to link (caller).
    let kept = unsafe {
        match (*shard.lists.get()).get_mut(usize::from(class)) {
            Some(list) if list.count < limit => {
                (*block).next = list.top;
                list.top = block;
                list.count += 1;
                true
            }
            _ => false,
        }
    };
    shard.busy.store(false, Release);
    kept
}

/// Gives every spare block back to libc.
pub fn clear() {
    for shard in &POOL {
        if shard.busy.swap(true, Acquire) {
            continue;
        }
        // SAFETY: as in `take`. The blocks came from libc's malloc: `put` takes no others.
        unsafe {
            for list in &mut *shard.lists.get() {
                while !list.top.is_null() {
                    let block = list.top;
                    list.top = (*block).next;
                    libc::free(block.cast());
                }
                list.count = 0;
            }
        }
        shard.busy.store(false, Release);
    }
}
