//! The content of an evbuffer: a chain of blocks and its length. Bytes in, bytes out; no
//! descriptors, no callbacks, no locks.
//!
//! # The chain
//!
//! `tail` is the last block that has data, null while none has. Blocks after it are empty: room
//! that was reserved (`expand`, `reserve`). Whatever appends a block frees those first.
//!
//! Methods that take blocks out of the chain put them into a [`Dropped`], which the caller drops
//! when its borrow of the store has ended: freeing foreign memory runs code of the program.
//!
//! Every method either does all it says or fails and has changed nothing.

mod moves;
mod room;

use super::block::{Block, Dropped, IMMUTABLE, MAX, SMALL_CAP, copy};
use crate::error::{Error, Result};
use core::ptr::null_mut;

/// A new block may be twice the last one up to here, ...
const GROW_MAX: usize = 2048;
/// ... and an add to the largest blocks does not allocate more than this at once.
const GROW_CAP: usize = 16384;

/// The chain.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) first: *mut Block,
    pub(super) last: *mut Block,
    pub(super) tail: *mut Block,
    pub(super) total: usize,
    /// Changes when positions or the blocks they point to become invalid.
    pub(super) age: u32,
}

impl Store {
    /// Nothing.
    pub(super) const fn new(age: u32) -> Self {
        Self { first: null_mut(), last: null_mut(), tail: null_mut(), total: 0, age }
    }

    /// The first block whose space an append may use.
    #[inline]
    fn anchor(&self) -> *mut Block {
        if self.tail.is_null() { self.first } else { self.tail }
    }

    /// The first block with room at its end: the anchor, else the one after it; may be null.
    fn first_with_space(&self) -> *mut Block {
        let b = self.anchor();
        // SAFETY: blocks of the chain are live.
        unsafe { if !b.is_null() && (*b).space() == 0 { (*b).next } else { b } }
    }

    /// Makes `b` the last block with data.
    #[inline]
    fn filled(&mut self, b: *mut Block) {
        self.tail = b;
    }

    /// Frees the empty blocks at the end.
    fn drop_empty_end(&mut self, out: &mut Dropped) {
        let empty;
        if self.tail.is_null() {
            empty = self.first;
            self.first = null_mut();
            self.last = null_mut();
        } else {
            // SAFETY: `tail` is a live block of the chain.
            unsafe {
                empty = (*self.tail).next;
                (*self.tail).next = null_mut();
            }
            self.last = self.tail;
        }
        if !empty.is_null() {
            // SAFETY: these blocks have just left the chain.
            unsafe { out.take_list(empty) };
        }
    }

    /// Appends a block of the caller's; room reserved at the end is given up.
    pub(super) fn append_block(&mut self, b: *mut Block, out: &mut Dropped) {
        self.drop_empty_end(out);
        // SAFETY: `b` is live and in no chain (caller), `last` is in ours.
        unsafe {
            (*b).next = null_mut();
            if self.last.is_null() {
                self.first = b;
            } else {
                (*self.last).next = b;
            }
            self.last = b;
            if (*b).len > 0 {
                self.tail = b;
                self.total += (*b).len;
            }
        }
    }

    /// Makes a block with `n` bytes the whole content of an empty chain.
    #[inline]
    pub(super) fn begin(&mut self, b: *mut Block, n: usize) {
        self.first = b;
        self.last = b;
        self.tail = b;
        self.total = n;
    }

    /// Links an empty block behind the last one.
    fn append_room(&mut self, b: *mut Block) {
        // SAFETY: `b` is live and new, `last` is in the chain.
        unsafe {
            if self.last.is_null() {
                self.first = b;
            } else {
                (*self.last).next = b;
            }
        }
        self.last = b;
    }

    /// Whether `n` more bytes keep the length representable.
    #[inline]
    pub(super) fn can_grow(&self, n: usize) -> Result<()> {
        if n > MAX - self.total { Err(Error::NoMemory) } else { Ok(()) }
    }

    /// Whether the last block with data has room for `n` more.
    #[inline]
    pub(super) fn has_room(&self, n: usize) -> bool {
        // SAFETY: `tail` is live if not null.
        unsafe { !self.tail.is_null() && (*self.tail).space() >= n }
    }

    /// Appends `n` bytes if the last block has room for them: the common case of [`Self::add`].
    ///
    /// # Safety
    /// `data` has `n` bytes.
    #[inline]
    pub(super) unsafe fn add_in_place(&mut self, data: *const u8, n: usize) -> bool {
        let b = self.tail;
        // SAFETY: `tail` is live if not null; the space is checked before the copy.
        unsafe {
            if b.is_null() || (*b).space() < n {
                return false;
            }
            Block::append(b, data, n);
        }
        self.total += n;
        true
    }

    /// Appends `n` bytes to a chain without blocks, if one of the smallest size is enough.
    ///
    /// # Safety
    /// `data` has `n` bytes.
    #[inline]
    pub(super) unsafe fn add_first(&mut self, data: *const u8, n: usize) -> bool {
        if !self.first.is_null() || n > SMALL_CAP || n == 0 {
            return false;
        }
        let new = Block::get_spare(n);
        if new.is_null() {
            return false;
        }
        // SAFETY: a new block of ours with room for what fits the smallest one.
        unsafe {
            (*new).len = n;
            copy(data, (*new).base, n);
        }
        self.begin(new, n);
        true
    }

    /// Appends `n` bytes, of which the last block takes what it has room for and a spare one the
    /// rest: the case of [`Self::add`] that a chain grows by.
    ///
    /// # Safety
    /// `data` has `n` bytes, and the last block less room than that.
    #[inline]
    pub(super) unsafe fn add_growing(&mut self, data: *const u8, n: usize) -> bool {
        let b = self.tail;
        if b.is_null() || b != self.last || n > MAX - self.total {
            return false;
        }
        // SAFETY: `tail` is live; the new block is ours, and has room for all.
        unsafe {
            if (*b).worth_realigning(n) {
                return false;
            }
            let new = Block::get_spare(Self::growth((*b).cap).max(n));
            if new.is_null() {
                return false;
            }
            let room = (*b).space();
            let (rest, more) = (data.add(room), n - room);
            if room > 0 {
                Block::append(b, data, room);
            }
            Block::aim(new, rest);
            (*new).len = more;
            copy(rest, (*new).base, more);
            (*b).next = new;
            self.last = new;
            self.tail = new;
        }
        self.total += n;
        true
    }

    /// What a block holds at least that follows one of `cap` bytes.
    fn growth(cap: usize) -> usize {
        (if cap <= GROW_MAX { cap * 2 } else { cap }).min(GROW_CAP)
    }

    /// Removes up to `n` bytes if that frees at most the first block; the
    /// common cases of [`Self::drain`].
    #[inline(always)]
    pub(super) fn drain_first(&mut self, n: usize) -> bool {
        if self.total == 0 {
            return true;
        }
        let b = self.first;
        // SAFETY: blocks of the chain are live, and where there is data there is a first one.
        unsafe {
            if n < (*b).len {
                (*b).at = (*b).at.wrapping_add(n);
                (*b).len -= n;
                self.total -= n;
            } else if !Block::is_free(b) {
                return false;
            } else if n < self.total {
                let (next, rest) = ((*b).next, n - (*b).len);
                if rest >= (*next).len || !Block::pool_plain(b) {
                    return false;
                }
                (*next).at = (*next).at.wrapping_add(rest);
                (*next).len -= rest;
                self.first = next;
                self.total -= n;
            } else if !(*b).next.is_null() || !Block::pool_plain(b) {
                return false;
            } else {
                self.first = null_mut();
                self.last = null_mut();
                self.tail = null_mut();
                self.total = 0;
            }
        }
        self.age = self.age.wrapping_add(1);
        true
    }

    /// Appends `n` bytes.
    ///
    /// # Safety
    /// `data` has `n` bytes. They may lie in this buffer.
    pub(super) unsafe fn add(
        &mut self,
        data: *const u8,
        n: usize,
        out: &mut Dropped,
    ) -> Result<()> {
        if n == 0 {
            return Ok(());
        }
        self.can_grow(n)?;
        let b = self.anchor();
        // SAFETY: blocks of the chain are live; each copy goes into space that was checked or
        // made for it. New blocks are in nobody else's hands until they are linked.
        unsafe {
            if b.is_null() {
                let new = Block::new(n)?;
                Block::aim(new, data);
                Block::append(new, data, n);
                self.begin(new, n);
                return Ok(());
            }
            let room = (*b).space();
            if room >= n {
                Block::append(b, data, n);
                self.filled(b);
                self.total += n;
                return Ok(());
            }
            // Moving the block's data would pull it away from under `data` if that lies in it.
            if (*b).worth_realigning(n) && !(*b).holds(data) {
                Block::realign(b);
                Block::append(b, data, n);
                self.filled(b);
                self.total += n;
                return Ok(());
            }
            // Room that `expand` has made is used, as it promised.
            let next = (*b).next;
            if !next.is_null() && (*b).len > 0 && (*next).space() >= n - room {
                Block::append(b, data, room);
                Block::append(next, data.add(room), n - room);
                self.filled(next);
                self.total += n;
                return Ok(());
            }
            let new = Block::new(Self::growth((*b).cap).max(n))?;
            Block::aim(new, data.add(room));
            Block::append(new, data.add(room), n - room);
            if room > 0 {
                Block::append(b, data, room);
                self.filled(b);
                self.total += room;
            }
            self.append_block(new, out);
        }
        Ok(())
    }

    /// Puts `n` bytes before the first one, if there is room in front of it or none at all and a
    /// block of the smallest size is enough; the common cases of [`Self::prepend`].
    ///
    /// # Safety
    /// `data` has `n` bytes, one or more.
    #[inline]
    pub(super) unsafe fn prepend_first(&mut self, data: *const u8, n: usize) -> bool {
        let b = self.first;
        if self.total == 0 || n > SMALL_CAP || n > MAX - self.total {
            return false;
        }
        // SAFETY: there is data, so there is a first block; the memory before its data is unused.
        unsafe {
            if (*b).len == 0 {
                return false;
            }
            let lead = if (*b).flags & IMMUTABLE == 0 { (*b).lead() } else { 0 };
            let to = if lead >= n {
                (*b).at = (*b).at.sub(n);
                (*b).len += n;
                b
            } else if lead > 0 {
                return false;
            } else {
                let new = Block::get_spare(n);
                if new.is_null() {
                    return false;
                }
                (*new).at = (*new).base.add((*new).cap - n);
                (*new).len = n;
                (*new).next = b;
                self.first = new;
                new
            };
            copy(data, (*to).at, n);
        }
        self.total += n;
        self.age = self.age.wrapping_add(1);
        true
    }

    /// Puts `n` bytes before the first one.
    ///
    /// # Safety
    /// `data` has `n` bytes.
    pub(super) unsafe fn prepend(
        &mut self,
        data: *const u8,
        n: usize,
        out: &mut Dropped,
    ) -> Result<()> {
        if n == 0 {
            return Ok(());
        }
        self.can_grow(n)?;
        self.age = self.age.wrapping_add(1);
        let b = self.first;
        // SAFETY: as in `add`; the memory before the data is unused.
        unsafe {
            let mut lead = 0;
            if !b.is_null() && (*b).flags & IMMUTABLE == 0 {
                // An empty block is empty at its front.
                lead = if (*b).len == 0 { (*b).cap } else { (*b).lead() };
            }
            if lead >= n {
                if (*b).len == 0 {
                    (*b).at = (*b).base.add((*b).cap);
                }
                (*b).at = (*b).at.sub(n);
                (*b).at.copy_from_nonoverlapping(data, n);
                (*b).len += n;
                if self.tail.is_null() {
                    self.tail = b;
                }
                self.total += n;
                return Ok(());
            }
            let rest = n - lead;
            let new = Block::new(if b.is_null() { n } else { rest })?;
            (*new).at = (*new).base.add((*new).cap - rest);
            (*new).at.copy_from_nonoverlapping(data, rest);
            (*new).len = rest;
            if lead > 0 {
                if (*b).len == 0 {
                    (*b).at = (*b).base.add((*b).cap);
                }
                (*b).at = (*b).base;
                (*b).at.copy_from_nonoverlapping(data.add(rest), lead);
                (*b).len += lead;
                if self.tail.is_null() {
                    self.tail = b;
                }
            }
            if b.is_null() {
                self.total += lead;
                self.append_block(new, out);
                return Ok(());
            }
            (*new).next = b;
            self.first = new;
            if self.tail.is_null() {
                self.tail = new;
            }
            self.total += n;
        }
        Ok(())
    }

    /// Takes all blocks out.
    #[inline]
    pub(super) fn clear(&mut self, out: &mut Dropped) {
        let list = self.first;
        self.first = null_mut();
        self.last = null_mut();
        self.tail = null_mut();
        self.total = 0;
        self.age = self.age.wrapping_add(1);
        if !list.is_null() {
            // SAFETY: the blocks have just left the chain.
            unsafe { out.take_list(list) };
        }
    }

    /// Removes up to `n` bytes from the front; says how many.
    #[inline]
    pub(super) fn drain(&mut self, n: usize, out: &mut Dropped) -> usize {
        if n >= self.total {
            let all = self.total;
            if all > 0 {
                self.clear(out);
            }
            return all;
        }
        self.age = self.age.wrapping_add(1);
        self.total -= n;
        let mut left = n;
        // SAFETY: there are more than `n` bytes, so the walk ends at a live block with data left.
        unsafe {
            let mut b = self.first;
            while left >= (*b).len {
                left -= (*b).len;
                let next = (*b).next;
                out.take(b);
                b = next;
            }
            self.first = b;
            (*b).at = (*b).at.wrapping_add(left);
            (*b).len -= left;
        }
        n
    }

    /// Copies up to `n` bytes from block `from` and its offset `skip` on; says how many.
    ///
    /// # Safety
    /// `to` has room for `n` bytes; `from` is a block of the chain, or null.
    pub(super) unsafe fn copy_out(
        from: *mut Block,
        skip: usize,
        to: *mut u8,
        n: usize,
    ) -> Result<usize> {
        let (mut b, mut skip, mut done) = (from, skip, 0);
        // SAFETY: the walk visits live blocks of the chain, and copies at most `n` bytes in all.
        unsafe {
            while done < n && !b.is_null() {
                let k = (*b).len.saturating_sub(skip).min(n - done);
                if k > 0 {
                    Block::load(b)?;
                    to.add(done).copy_from_nonoverlapping((*b).at.add(skip), k);
                }
                done += k;
                skip = 0;
                b = (*b).next;
            }
        }
        Ok(done)
    }

    /// Makes the first `n` bytes (at most all) contiguous; where they are.
    pub(super) fn pull_up(&mut self, n: usize, out: &mut Dropped) -> Result<*mut u8> {
        if n == 0 || n > self.total {
            return Err(Error::Invalid);
        }
        // SAFETY: there are `n` bytes, so the walks stay in the chain. All blocks are loaded
        // before anything changes.
        unsafe {
            let first = self.first;
            if (*first).len >= n {
                Block::load(first)?;
                return Ok((*first).at);
            }
            let mut b = first;
            let mut left = n;
            while left > 0 {
                Block::load(b)?;
                left = left.saturating_sub((*b).len);
                b = (*b).next;
            }
            let (target, mut b);
            if (*first).flags & IMMUTABLE == 0 && (*first).cap - (*first).lead() >= n {
                target = first;
                b = (*first).next;
                left = n - (*first).len;
            } else {
                target = Block::new(n)?;
                Block::aim(target, (*first).at);
                b = first;
                left = n;
            }
            self.age = self.age.wrapping_add(1);
            let mut ate_tail = false;
            while !b.is_null() && left >= (*b).len {
                let next = (*b).next;
                Block::append(target, (*b).at, (*b).len);
                left -= (*b).len;
                ate_tail |= b == self.tail;
                out.take(b);
                b = next;
            }
            if left > 0 {
                Block::append(target, (*b).at, left);
                (*b).at = (*b).at.add(left);
                (*b).len -= left;
            }
            (*target).next = b;
            self.first = target;
            if b.is_null() {
                self.last = target;
            }
            if ate_tail {
                self.tail = target;
            }
            Ok((*target).at)
        }
    }
}
