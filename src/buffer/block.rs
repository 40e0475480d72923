//! One block of an evbuffer's chain: a header of 48 bytes, and either the memory after it or
//! memory of somebody else.
//!
//! The header has the size of the reference's, and blocks grow by its rules, so that programs see
//! the same lengths from `evbuffer_get_contiguous_space`, `evbuffer_reserve_space` and
//! `evbuffer_peek`. A block that refers to foreign memory is a header and an [`Owner`], nothing
//! more.

use super::pool::{self, POOLED_TOTAL, class};
use super::raw::evbuffer_ref_cleanup_cb;
use super::segment::evbuffer_file_segment;
use crate::error::{Error, Result};
use crate::mem;
use core::ffi::c_void;
use core::mem::size_of;
use core::ptr::{null_mut, without_provenance_mut};
use core::sync::atomic::{AtomicU32, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed};

/// The smallest block, header included.
const MIN_TOTAL: usize = pool::LEAST_TOTAL;
/// The longest content of a buffer, and of a block: what a signed size can say.
pub(super) const MAX: usize = isize::MAX as usize;
/// The largest read of a bufferevent.
pub(super) const READ_MAX: usize = 16384;
/// A block that takes one whole [`READ_MAX`].
pub(super) const READ_TOTAL: usize = READ_MAX + 64;
/// The header's size.
pub(super) const HEADER: usize = size_of::<Block>();
/// What the smallest block holds.
pub(super) const SMALL_CAP: usize = MIN_TOTAL - HEADER;
/// Blocks of this size and larger have [`SLACK`].
const SLACK_MIN: usize = 4096;
/// So many bytes more than their size says: see [`Block::aim`].
const SLACK: usize = 16;
/// Moving more than this to the front of a block to make room does not pay.
const REALIGN_MAX: usize = 2048;

/// Nobody may write into this block's memory.
pub(super) const IMMUTABLE: u16 = 1;
/// An [`Outside`] block: the memory is not ours.
pub(super) const OUTSIDE: u16 = 2;
/// The bytes are still in a file: `at` is a file offset, `base` is null.
pub(super) const UNLOADED: u16 = 4;
/// Such a block must not be referenced by `evbuffer_add_buffer_reference`.
pub(super) const NO_MULTICAST: u16 = 8;

/// The header.
#[repr(C)]
#[derive(Debug)]
pub(super) struct Block {
    /// The next block of the chain.
    pub next: *mut Self,
    /// The first byte of data.
    pub at: *mut u8,
    /// Bytes of data.
    pub len: usize,
    /// The start of the memory.
    pub base: *mut u8,
    /// Bytes of memory.
    pub cap: usize,
    /// Chains and references that use this block; more than one makes it immutable.
    pub refs: AtomicU32,
    /// `IMMUTABLE` and so on.
    pub flags: u16,
    /// The pool's list.
    pub class: u8,
}

const _: () = assert!(size_of::<Block>() == 48);

/// To whom the memory of an [`OUTSIDE`] block belongs.
#[derive(Debug)]
pub(super) enum Owner {
    /// To the program; the function tells it when we are done.
    Program(evbuffer_ref_cleanup_cb, *mut c_void),
    /// To another block, on which this one holds a count.
    Block(*mut Block),
    /// To a file segment, on which this block holds a count.
    File(*mut evbuffer_file_segment),
}

/// A header whose memory is elsewhere.
#[repr(C)]
#[derive(Debug)]
pub(super) struct Outside {
    block: Block,
    owner: Owner,
}

impl Block {
    /// The size of a new block for `size` bytes of data, header included.
    fn total_for(size: usize) -> Result<usize> {
        // With the slack it has to be a length still.
        if size > MAX - HEADER - SLACK {
            return Err(Error::NoMemory);
        }
        let total = size + HEADER;
        if total >= MAX / 2 {
            return Ok(total);
        }
        Ok(total.max(MIN_TOTAL).next_power_of_two())
    }

    /// An empty block with room for `size` bytes.
    #[inline(always)]
    pub(super) fn new(size: usize) -> Result<*mut Self> {
        // The result of a plain pointer comes in a register; that of `Result` through memory.
        let block = Self::get(size);
        if block.is_null() { Err(Error::NoMemory) } else { Ok(block) }
    }

    #[inline(never)]
    fn get(size: usize) -> *mut Self {
        if size > POOLED_TOTAL - HEADER {
            let Ok(total) = Self::total_for(size) else { return null_mut() };
            return Self::make(total, class::NONE).unwrap_or_default();
        }
        let class = pool::class_of(size + HEADER);
        let spare = Self::spare(class);
        if !spare.is_null() {
            return spare;
        }
        Self::make(pool::total_of(class), class).unwrap_or_default()
    }

    /// An empty block with room for `size` bytes, if a spare one is there for the taking; else null.
    #[inline(always)]
    pub(super) fn get_spare(size: usize) -> *mut Self {
        let class = match size {
            // A constant where the caller has compared the size already.
            ..=SMALL_CAP => class::SMALL,
            _ if size > POOLED_TOTAL - HEADER => return null_mut(),
            _ => pool::class_of(size + HEADER),
        };
        let spare = pool::take_alone(class);
        if !spare.is_null() {
            // SAFETY: as in `spare`.
            unsafe { Self::renew(spare) };
        }
        spare
    }

    /// An empty block for a whole read of a bufferevent.
    pub(super) fn for_read() -> Result<*mut Self> {
        let spare = Self::spare(class::READ);
        if spare.is_null() { Self::make(READ_TOTAL, class::READ) } else { Ok(spare) }
    }

    /// Whether `new(size)` makes a block of exactly this one's size.
    pub(super) fn fits_exactly(&self, size: usize) -> bool {
        Self::total_for(size).is_ok_and(|t| t == self.cap + HEADER)
    }

    #[inline]
    fn spare(class: u8) -> *mut Self {
        let spare = pool::take(class);
        if !spare.is_null() {
            // SAFETY: out of a pool of such blocks.
            unsafe { Self::renew(spare) };
        }
        spare
    }

    /// Makes a spare block an empty one: what `make` has written about its memory still holds, and
    /// so does the count of one.
    #[inline(always)]
    unsafe fn renew(spare: *mut Self) {
        // SAFETY: a block that is nobody's (callers).
        unsafe {
            let b = &mut *spare;
            b.next = null_mut();
            b.at = b.base;
            b.len = 0;
            b.flags = 0;
        }
    }

    #[inline(never)]
    fn make(total: usize, class: u8) -> Result<*mut Self> {
        let slack = if total >= SLACK_MIN { SLACK } else { 0 };
        let size = total.checked_add(slack).ok_or(Error::NoMemory)?;
        let block: *mut Self = mem::alloc(size).ok_or(Error::NoMemory)?.as_ptr().cast();
        // SAFETY: `block` has `total` writable bytes, more than a header, and is aligned for any
        // C type; nobody else knows it.
        unsafe {
            let base = block.cast::<u8>().add(HEADER);
            block.write(Self {
                next: null_mut(),
                at: base,
                len: 0,
                base,
                cap: total - HEADER,
                refs: AtomicU32::new(1),
                flags: 0,
                class,
            });
        }
        Ok(block)
    }

    /// A block that refers to `cap` bytes at `base`, of which the data is `len` bytes from `skip`.
    #[inline(never)]
    pub(super) fn outside(
        base: *mut u8,
        cap: usize,
        skip: usize,
        len: usize,
        flags: u16,
        owner: Owner,
    ) -> Result<*mut Self> {
        let mut p: *mut Outside = pool::take(class::OUTSIDE).cast();
        if p.is_null() {
            p = mem::alloc(size_of::<Outside>()).ok_or(Error::NoMemory)?.as_ptr().cast();
        }
        // SAFETY: nobody's, large enough, aligned for any C type.
        unsafe {
            p.write(Outside {
                block: Self {
                    next: null_mut(),
                    at: base.wrapping_add(skip),
                    len,
                    base,
                    cap,
                    refs: AtomicU32::new(1),
                    flags: flags | OUTSIDE | IMMUTABLE,
                    class: class::OUTSIDE,
                },
                owner,
            });
        }
        Ok(p.cast())
    }

    /// A block over memory of the program, if a spare one is there for the taking; else null.
    #[inline(always)]
    pub(super) fn reference_spare(
        base: *mut u8,
        cap: usize,
        skip: usize,
        len: usize,
        cleanup: evbuffer_ref_cleanup_cb,
        arg: *mut c_void,
    ) -> *mut Self {
        let spare = pool::take_alone(class::OUTSIDE);
        if spare.is_null() {
            return spare;
        }
        let owner = Owner::Program(cleanup, arg);
        // SAFETY: a spare header with an owner that nobody uses; class and count still hold.
        unsafe {
            let b = &mut *spare;
            b.at = base.wrapping_add(skip);
            b.len = len;
            b.base = base;
            b.cap = cap;
            b.flags = OUTSIDE | IMMUTABLE;
            (&raw mut (*spare.cast::<Outside>()).owner).write(owner);
        }
        spare
    }

    /// The owner of this block's memory, if that is not the block itself.
    ///
    /// # Safety
    /// `block` is live.
    pub(super) unsafe fn owner<'a>(block: *mut Self) -> Option<&'a Owner> {
        // SAFETY: a block with `OUTSIDE` was made by `outside`, as the first field of an
        // `Outside`, through a pointer to the whole of it.
        unsafe {
            if (*block).flags & OUTSIDE == 0 {
                return None;
            }
            Some(&(*block.cast::<Outside>()).owner)
        }
    }

    /// Bytes of memory before the data.
    #[inline]
    pub(super) fn lead(&self) -> usize {
        self.at.addr().wrapping_sub(self.base.addr())
    }

    /// Bytes that can be written after the data.
    #[inline]
    pub(super) fn space(&self) -> usize {
        if self.flags & IMMUTABLE != 0 { 0 } else { self.cap - self.lead() - self.len }
    }

    /// Where they start.
    #[inline]
    pub(super) fn space_at(&self) -> *mut u8 {
        self.at.wrapping_add(self.len)
    }

    /// Whether moving the data to the front makes room for `n` bytes, and cheaply.
    pub(super) fn worth_realigning(&self, n: usize) -> bool {
        self.flags & IMMUTABLE == 0
            && self.cap - self.len >= n
            && self.len < self.cap / 2
            && self.len <= REALIGN_MAX
    }

    /// Lays the memory of an empty block so that bytes from `from` come to lie against 32 bytes as
    /// they do there. A copy of some KiB takes up to a fifth longer otherwise, and twice as long
    /// where processors that copy by `rep movsb` find the target 16 bytes past the source but for
    /// whole pages.
    ///
    /// # Safety
    /// The block is new or fresh out of the pool, and has no data.
    #[inline(always)]
    pub(super) unsafe fn aim(block: *mut Self, from: *const u8) {
        // SAFETY: ours (caller). Moved by the slack, the memory is still inside the allocation.
        unsafe {
            let b = &mut *block;
            if b.cap >= SLACK_MIN - HEADER {
                let base = block.cast::<u8>().add(HEADER);
                b.base = base.add(from.addr().wrapping_sub(base.addr()) & SLACK);
                b.at = b.base;
            }
        }
    }

    /// Whether `p` points into this block's memory.
    pub(super) fn holds(&self, p: *const u8) -> bool {
        p.addr().wrapping_sub(self.base.addr()) < self.cap
    }

    /// Moves the data to the front of the memory.
    ///
    /// # Safety
    /// The block is live, mutable, and in memory.
    pub(super) unsafe fn realign(block: *mut Self) {
        // SAFETY: data and target lie in this block's own memory (caller).
        unsafe {
            let b = &mut *block;
            b.base.copy_from(b.at, b.len);
            b.at = b.base;
        }
    }

    /// Copies `n` bytes behind the data.
    ///
    /// # Safety
    /// The block is live, `n` is at most its [`Self::space`], and `from` has `n` bytes.
    #[inline]
    pub(super) unsafe fn append(block: *mut Self, from: *const u8, n: usize) {
        // SAFETY: the space is unused memory of the block; `from` lies elsewhere, or in used
        // memory of this same block, so the two do not overlap.
        unsafe {
            copy(from, (*block).space_at(), n);
            (*block).len += n;
        }
    }

    /// Makes the bytes of the block readable at `at`.
    ///
    /// # Safety
    /// The block is live.
    #[inline]
    pub(super) unsafe fn load(block: *mut Self) -> Result<()> {
        // SAFETY: live (caller).
        unsafe { if (*block).flags & UNLOADED == 0 { Ok(()) } else { Self::load_file(block) } }
    }

    /// # Safety
    /// The block is live and [`UNLOADED`].
    #[cold]
    #[inline(never)]
    unsafe fn load_file(block: *mut Self) -> Result<()> {
        // SAFETY: live (caller); unloaded blocks are `OUTSIDE` blocks of a file.
        unsafe {
            let Some(&Owner::File(segment)) = Self::owner(block) else {
                return Err(Error::Invalid);
            };
            let (base, len) = evbuffer_file_segment::content(segment)?;
            let skip = (*block).at.addr().wrapping_sub(evbuffer_file_segment::start(segment));
            if skip > len || (*block).len > len - skip {
                return Err(Error::Invalid);
            }
            (*block).base = base;
            (*block).cap = len;
            (*block).at = base.add(skip);
            (*block).flags &= !UNLOADED;
        }
        Ok(())
    }

    /// A second block over the first `n` bytes of this one's data; the memory is shared.
    ///
    /// # Safety
    /// The block is live and `n` is at most its length.
    pub(super) unsafe fn share(block: *mut Self, n: usize, flags: u16) -> Result<*mut Self> {
        // SAFETY: live (caller); a `File` owner is live as long as the block that counts on it.
        unsafe {
            let b = &*block;
            if let Some(&Owner::File(segment)) = Self::owner(block) {
                let new = Self::outside(
                    b.base,
                    b.cap,
                    b.lead(),
                    n,
                    b.flags & (UNLOADED | NO_MULTICAST) | flags,
                    Owner::File(segment),
                )?;
                evbuffer_file_segment::incref(segment);
                return Ok(new);
            }
            let new = Self::outside(b.base, b.cap, b.lead(), n, flags, Owner::Block(block))?;
            (*block).refs.fetch_add(1, Relaxed);
            (*block).flags |= IMMUTABLE;
            Ok(new)
        }
    }

    /// Whether dropping this block may run code of the program.
    #[inline]
    pub(super) fn has_owner(&self) -> bool {
        self.flags & OUTSIDE != 0 || self.refs.load(Relaxed) != 1
    }

    /// [`Self::free_plain`], if the pool has room and it is simple.
    ///
    /// # Safety
    /// As [`Self::free_plain`]; on `false` the block is untouched.
    #[inline(always)]
    pub(super) unsafe fn pool_plain(block: *mut Self) -> bool {
        // SAFETY: nobody's any more (caller).
        unsafe { pool::put_alone((*block).class, block) }
    }

    /// Frees a block that has no owner: program code does not run.
    ///
    /// # Safety
    /// The block is live, not `has_owner`, and nobody uses it any more.
    #[inline]
    pub(super) unsafe fn free_plain(block: *mut Self) {
        // SAFETY: nobody's any more (caller).
        unsafe {
            let class = (*block).class;
            if !pool::put(class, block) {
                mem::free(block.cast());
            }
        }
    }

    /// Drops one count; the last one frees the block and tells the owner of its memory.
    ///
    /// # Safety
    /// The caller owns one count and uses the block no more. Program code may run: no borrow of
    /// shared state may be held.
    pub(super) unsafe fn release(block: *mut Self) {
        let mut block = block;
        loop {
            // SAFETY: the caller's count (or the one the freed block below held) keeps it alive.
            unsafe {
                // A count of one is ours alone: nobody can raise it behind our back.
                if (*block).refs.load(Acquire) != 1 {
                    if (*block).refs.fetch_sub(1, AcqRel) != 1 {
                        return;
                    }
                    (*block).refs.store(1, Relaxed);
                }
                if (*block).flags & OUTSIDE == 0 {
                    Self::free_plain(block);
                    return;
                }
                let (base, cap) = ((*block).base, (*block).cap);
                let owner = (&raw const (*block.cast::<Outside>()).owner).read();
                Self::free_plain(block);
                match owner {
                    Owner::Program(Some(cleanup), arg) => {
                        cleanup(base.cast_const().cast(), cap, arg);
                        return;
                    }
                    Owner::Program(None, _) => return,
                    Owner::File(segment) => {
                        evbuffer_file_segment::decref(segment);
                        return;
                    }
                    Owner::Block(parent) => block = parent,
                }
            }
        }
    }

    /// Whether the block is nobody else's and dropping it tells nobody.
    ///
    /// # Safety
    /// The block is live.
    #[inline]
    pub(super) unsafe fn is_free(block: *mut Self) -> bool {
        // SAFETY: live (caller).
        unsafe { !(*block).has_owner() || Self::is_silent(block) }
    }

    /// Whether dropping an [`OUTSIDE`] block that is nobody else's tells nobody.
    #[inline]
    unsafe fn is_silent(block: *mut Self) -> bool {
        // SAFETY: live (caller).
        unsafe {
            matches!(Self::owner(block), Some(Owner::Program(None, _)))
                && (*block).refs.load(Relaxed) == 1
        }
    }
}

/// Copies `n` bytes. Up to 64, as most are, take a few loads and stores in place of a call.
///
/// # Safety
/// As [`core::ptr::copy_nonoverlapping`].
#[inline(always)]
pub(super) unsafe fn copy(from: *const u8, to: *mut u8, n: usize) {
    type Quarter = [u64; 2];
    // SAFETY: by contract. What is read and written lies within the `n` bytes: the later pieces end
    // with them, and may overlap the earlier ones.
    unsafe {
        if !(16..=64).contains(&n) {
            return to.copy_from_nonoverlapping(from, n);
        }
        let read = |at: usize| from.add(at).cast::<Quarter>().read_unaligned();
        let write = |at: usize, q: Quarter| to.add(at).cast::<Quarter>().write_unaligned(q);
        if n > 32 {
            let (a, b, c, d) = (read(0), read(16), read(n - 32), read(n - 16));
            write(0, a);
            write(16, b);
            write(n - 32, c);
            write(n - 16, d);
        } else {
            let (a, d) = (read(0), read(n - 16));
            write(0, a);
            write(n - 16, d);
        }
    }
}

/// A pointer that carries nothing but a file offset, for `UNLOADED` blocks.
pub(super) fn offset_pointer(offset: usize) -> *mut u8 {
    without_provenance_mut(offset)
}

/// Blocks that have left a chain. Whatever frees them may run code of the program, so it happens
/// when this is dropped: after the change is complete, with no borrow of the buffer held.
#[derive(Debug)]
#[must_use]
pub(super) struct Dropped {
    first: *mut Block,
    last: *mut Block,
}

impl Dropped {
    /// Nothing yet.
    #[inline]
    pub(super) const fn new() -> Self {
        Self { first: null_mut(), last: null_mut() }
    }

    /// Whether there is nothing to free.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_null()
    }

    /// Takes a block; plain memory is freed at once.
    ///
    /// # Safety
    /// The block is live, in no chain, and the caller hands over its count.
    #[inline(always)]
    pub(super) unsafe fn take(&mut self, block: *mut Block) {
        // SAFETY: ours now (caller).
        unsafe {
            if Block::is_free(block) {
                Block::free_plain(block);
            } else {
                self.keep(block);
            }
        }
    }

    /// # Safety
    /// As [`Self::take`].
    #[cold]
    unsafe fn keep(&mut self, block: *mut Block) {
        // SAFETY: ours (caller); `last` is a block kept earlier.
        unsafe {
            (*block).next = null_mut();
            if self.last.is_null() {
                self.first = block;
            } else {
                (*self.last).next = block;
            }
        }
        self.last = block;
    }

    /// Takes all blocks from `block` on.
    ///
    /// # Safety
    /// As [`Self::take`], for each block of the list.
    pub(super) unsafe fn take_list(&mut self, block: *mut Block) {
        let mut next = block;
        // It stays so: no code of the program runs here.
        let lone = mem::lone();
        while !next.is_null() {
            let b = next;
            // SAFETY: a live block of the list (caller); its link is read before it is given up.
            unsafe {
                next = (*b).next;
                if !(lone && Block::is_free(b) && pool::put_lone((*b).class, b)) {
                    self.take(b);
                }
            }
        }
    }
}

impl Drop for Dropped {
    #[inline]
    fn drop(&mut self) {
        while !self.first.is_null() {
            let block = self.first;
            // SAFETY: a kept block: live, and its count is ours.
            unsafe {
                self.first = (*block).next;
                Block::release(block);
            }
        }
    }
}
