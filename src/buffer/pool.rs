//! Spare blocks, so that a buffer that is filled and emptied over and over does not go to `malloc`
//! each time.
//!
//! While the process has one thread, taking a spare block is a few instructions, a tenth of a
//! `malloc` and `free`. With more threads the lists are in shards, each behind a flag that is
//! tried and never waited for; `malloc` serves when it is taken. The smallest sizes are then left to
//! `malloc` altogether: glibc keeps those for each thread.
//!
//! - Only libc's own blocks enter and leave: with `event_set_mem_functions` in force the pool is
//!   out of the way, so that the user's functions see each block come and go.
//! - A shard keeps a few hundred KiB at most. [`clear`] gives everything back
//!   (`libevent_global_shutdown`).

use super::block::Block;
use crate::mem;
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Relaxed, Release},
};

/// Lists, by what is in them.
pub(crate) mod class {
    /// The smallest block, 1 KiB. Those of 2, 4, 8, 16 and 32 KiB follow.
    pub(in crate::buffer) const SMALL: u8 = 0;
    /// A header and an owner.
    pub(in crate::buffer) const OUTSIDE: u8 = 6;
    /// The memory of an `evbuffer`.
    pub(in crate::buffer) const OBJECT: u8 = 7;
    /// The block of a bufferevent's read.
    pub(in crate::buffer) const READ: u8 = 8;
    /// The memory of a bufferevent over a socket.
    pub(crate) const SOCKET: u8 = 9;
    /// The memory of one end of a bufferevent pair.
    pub(crate) const PAIR_END: u8 = 10;
    /// The memory of an HTTP request.
    pub(crate) const REQUEST: u8 = 11;
    /// The memory of a DNS query.
    pub(crate) const QUERY: u8 = 12;
    /// None of these: nothing is kept.
    pub(crate) const NONE: u8 = 13;
}

/// A power of two, so that a mask keeps an index inside.
const CLASSES: usize = 16;
const SHARDS: usize = 8;

#[derive(Clone, Copy)]
struct List {
    top: *mut Block,
    room: u32,
}

/// A shard has its cache lines to itself.
#[repr(align(128))]
struct Shard {
    busy: AtomicBool,
    lists: UnsafeCell<[List; CLASSES]>,
}

// SAFETY: `lists` is touched only by the thread that has set `busy`, or by the only thread there
// is; the blocks in it belong to nobody else.
unsafe impl Sync for Shard {}

/// An empty list that keeps this many.
const fn keep(room: u32) -> List {
    List { top: null_mut(), room }
}

/// The lists of a shard, in the order of the classes.
const EMPTY: [List; CLASSES] = [
    keep(64),
    keep(16),
    keep(20),
    keep(12),
    keep(2),
    keep(2),
    keep(256),
    keep(256),
    keep(4),
    keep(64),
    keep(128),
    keep(64),
    keep(64),
    keep(0),
    keep(0),
    keep(0),
];

static POOL: [Shard; SHARDS] =
    [const { Shard { busy: AtomicBool::new(false), lists: UnsafeCell::new(EMPTY) } }; SHARDS];

/// The largest block of a power of two that is kept.
pub(super) const POOLED_TOTAL: usize = 32768;

/// The smallest block of a power of two that is kept.
pub(super) const LEAST_TOTAL: usize = 1024;

/// Which list keeps the smallest blocks of a power of two with `total` bytes or more, as many as
/// [`POOLED_TOTAL`] at most.
#[inline(always)]
pub(super) fn class_of(total: usize) -> u8 {
    let over = (total.wrapping_sub(1) | (LEAST_TOTAL - 1)).leading_zeros();
    ((LEAST_TOTAL - 1).leading_zeros() - over) as u8
}

/// How large the blocks of such a list are.
#[inline]
pub(super) fn total_of(class: u8) -> usize {
    LEAST_TOTAL << class
}

/// Whether threads leave this class to `malloc`.
fn is_malloc_better(class: u8) -> bool {
    matches!(class, class::SMALL | class::OUTSIDE | class::OBJECT)
}

#[inline(never)]
fn shard() -> Option<&'static Shard> {
    // SAFETY: no precondition.
    let thread = unsafe { libc::pthread_self() } as usize;
    // Thread stacks are megabytes apart; the low bits say nothing.
    POOL.get(((thread >> 12) ^ (thread >> 20)) % SHARDS)
}

/// The list of a class.
#[inline(always)]
fn list(shard: &Shard, class: u8) -> *mut List {
    let lists: *mut List = shard.lists.get().cast();
    // SAFETY: the mask keeps it inside the array.
    unsafe { lists.add(usize::from(class) & (CLASSES - 1)) }
}

/// # Safety
/// Nobody else is at the lists.
#[inline(always)]
unsafe fn pop(shard: &Shard, class: u8) -> *mut Block {
    // SAFETY: ours alone (caller); what is in the lists is unused and ours.
    unsafe {
        let list = list(shard, class);
        let block = (*list).top;
        if !block.is_null() {
            (*list).top = (*block).next;
            (*list).room += 1;
        }
        block
    }
}

/// # Safety
/// As [`pop`]; the block is unused.
#[inline(always)]
unsafe fn push(shard: &Shard, class: u8, block: *mut Block) -> bool {
    // SAFETY: ours alone (caller).
    unsafe {
        let list = list(shard, class);
        if (*list).room == 0 {
            return false;
        }
        (*block).next = (*list).top;
        (*list).top = block;
        (*list).room -= 1;
        true
    }
}

/// [`take`] as long as that is simple: null in a process with threads, too. Short paths that are
/// without any call use it.
#[inline(always)]
pub(super) fn take_alone(class: u8) -> *mut Block {
    if !mem::lone() {
        return null_mut();
    }
    // SAFETY: no other thread exists.
    unsafe { pop(lone_shard(), class) }
}

/// The one that a process without threads uses.
#[inline(always)]
fn lone_shard() -> &'static Shard {
    let [shard, ..] = &POOL;
    shard
}

/// A spare block of this class, or null.
#[inline]
pub(super) fn take(class: u8) -> *mut Block {
    if !mem::lone() {
        return take_shared(class);
    }
    // SAFETY: no other thread exists.
    unsafe { pop(lone_shard(), class) }
}

#[inline(never)]
fn take_shared(class: u8) -> *mut Block {
    mem::watch_threads();
    if is_malloc_better(class) || mem::hooked() {
        return null_mut();
    }
    let Some(shard) = shard() else { return null_mut() };
    if shard.busy.swap(true, Acquire) {
        return null_mut();
    }
    // SAFETY: `busy` was free, so this thread alone is at the lists.
    let found = unsafe { pop(shard, class) };
    shard.busy.store(false, Release);
    found
}

/// Keeps a block for later, if there is room; `false` leaves it to the caller.
///
/// # Safety
/// `block` is memory of this class from libc's allocator that nobody uses any more; its first word
/// becomes the list's.
#[inline]
pub(super) unsafe fn put(class: u8, block: *mut Block) -> bool {
    // SAFETY: as the caller says; when it is lone no other thread exists.
    unsafe { if mem::lone() { push(lone_shard(), class, block) } else { put_shared(class, block) } }
}

/// [`put`] as long as that is simple, see [`take_alone`].
///
/// # Safety
/// As [`put`].
#[inline(always)]
pub(super) unsafe fn put_alone(class: u8, block: *mut Block) -> bool {
    if !mem::lone() {
        return false;
    }
    // SAFETY: no other thread exists; unused (caller).
    unsafe { push(lone_shard(), class, block) }
}

/// [`put_alone`] after `mem::lone()` has been found true.
///
/// # Safety
/// As [`put`], and no program code has run since.
#[inline(always)]
pub(super) unsafe fn put_lone(class: u8, block: *mut Block) -> bool {
    // SAFETY: no other thread exists; unused (caller).
    unsafe { push(lone_shard(), class, block) }
}

/// # Safety
/// As [`put`].
#[inline(never)]
unsafe fn put_shared(class: u8, block: *mut Block) -> bool {
    if is_malloc_better(class) || mem::hooked() {
        return false;
    }
    let Some(shard) = shard() else { return false };
    if shard.busy.load(Relaxed) || shard.busy.swap(true, Acquire) {
        return false;
    }
    // SAFETY: as in `take_shared`; unused (caller).
    let kept = unsafe { push(shard, class, block) };
    shard.busy.store(false, Release);
    kept
}

/// Spare memory for an object of this class, or null.
pub(crate) fn take_object(class: u8) -> *mut u8 {
    take(class).cast()
}

/// Keeps the memory of an object for later, if there is room; `false` leaves it to the caller.
///
/// # Safety
/// As [`put`].
pub(crate) unsafe fn put_object(class: u8, object: *mut u8) -> bool {
    // SAFETY: as the caller says; objects are larger than a word, and aligned for any type.
    unsafe { put(class, object.cast()) }
}

/// Gives every spare block back to libc.
pub fn clear() {
    for shard in &POOL {
        if shard.busy.swap(true, Acquire) {
            continue;
        }
        // SAFETY: as in `take_shared`, and when there is one thread it is this one. The blocks
        // came from libc's malloc: `put` takes no others.
        unsafe {
            for list in &mut *shard.lists.get() {
                while !list.top.is_null() {
                    let block = list.top;
                    list.top = (*block).next;
                    list.room += 1;
                    libc::free(block.cast());
                }
            }
        }
        shard.busy.store(false, Release);
    }
}
