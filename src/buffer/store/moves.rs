//! Blocks that change hands: into the chain, and from one chain to another.

use super::super::block::{Block, Dropped, MAX, NO_MULTICAST, UNLOADED};
use super::{GROW_MAX, Store};
use crate::error::{Error, Result};
use core::ptr::null_mut;

/// From here on a part of a block is moved by sharing its memory instead of copying.
const SHARE_MIN: usize = 8192;

impl Store {
    /// Whether no room is reserved behind the data.
    #[inline]
    fn ends_in_data(&self) -> bool {
        self.last == self.tail
    }

    /// The length with a block of `n` bytes at the end, if [`Self::link`] can put it there: the
    /// common case of [`Self::append_block`].
    #[inline(always)]
    pub(in crate::buffer) fn total_with_block(&self, n: usize) -> Option<usize> {
        // Neither is more than `MAX`, so the sum does not wrap and says by its sign whether it is.
        let total = self.total.wrapping_add(n);
        (n > 0 && n <= MAX && total <= MAX && self.ends_in_data()).then_some(total)
    }

    /// Links a block with data, for which [`Self::total_with_block`] has said `total`.
    ///
    /// # Safety
    /// The block is live, in no chain, and has that much data.
    #[inline(always)]
    pub(in crate::buffer) unsafe fn link(&mut self, b: *mut Block, total: usize) {
        // SAFETY: live (caller), `last` is in our chain.
        unsafe {
            (*b).next = null_mut();
            if self.last.is_null() {
                self.first = b;
            } else {
                (*self.last).next = b;
            }
        }
        self.last = b;
        self.tail = b;
        self.total = total;
    }

    /// [`Self::append_all`], if nothing has to make way.
    #[inline]
    pub(in crate::buffer) fn link_all(&mut self, from: &mut Self) -> bool {
        if !self.ends_in_data() || !from.ends_in_data() {
            return false;
        }
        if from.total == 0 || from.total > MAX - self.total {
            return false;
        }
        // One load for both: two would become one of 16 bytes, which waits until the two stores of
        // whatever has just filled `from` have left the processor.
        let last = from.last;
        if self.last.is_null() {
            self.first = from.first;
        } else {
            // SAFETY: `last` is in our chain; `from`'s first block comes behind it.
            unsafe { (*self.last).next = from.first };
        }
        self.last = last;
        self.tail = last;
        self.total += from.total;
        from.forget();
        true
    }

    /// Moves everything from `from` to the end of `self`.
    pub(in crate::buffer) fn append_all(
        &mut self,
        from: &mut Self,
        out: &mut Dropped,
    ) -> Result<()> {
        if from.total == 0 {
            return Ok(());
        }
        self.can_grow(from.total)?;
        self.drop_empty_end(out);
        // SAFETY: both chains are live; `from`'s first block is linked behind our last.
        unsafe {
            if self.last.is_null() {
                self.first = from.first;
            } else {
                (*self.last).next = from.first;
            }
        }
        self.last = from.last;
        self.tail = from.tail;
        self.total += from.total;
        from.forget();
        Ok(())
    }

    /// Moves everything from `from` to the front of `self`.
    pub(in crate::buffer) fn prepend_all(
        &mut self,
        from: &mut Self,
        out: &mut Dropped,
    ) -> Result<()> {
        if from.total == 0 {
            return Ok(());
        }
        if self.total == 0 {
            return self.append_all(from, out);
        }
        self.can_grow(from.total)?;
        from.drop_empty_end(out);
        self.age = self.age.wrapping_add(1);
        // SAFETY: both chains are live and not empty.
        unsafe { (*from.last).next = self.first };
        self.first = from.first;
        self.total += from.total;
        from.forget();
        Ok(())
    }

    /// The chain has gone elsewhere.
    #[inline]
    fn forget(&mut self) {
        self.first = null_mut();
        self.last = null_mut();
        self.tail = null_mut();
        self.total = 0;
        self.age = self.age.wrapping_add(1);
    }

    /// Moves the first `n` bytes, less than all, from `from` to the end of `self`. Whole blocks
    /// change hands; of the block in the middle a part is copied, or shared if it is large.
    pub(in crate::buffer) fn append_front(
        &mut self,
        from: &mut Self,
        n: usize,
        out: &mut Dropped,
    ) -> Result<()> {
        if n == 0 {
            return Ok(());
        }
        self.can_grow(n)?;
        // SAFETY: `from` has more than `n` bytes, so the walk ends at a live block `b` with more
        // than `left` bytes. Everything that can fail is done before either chain changes.
        unsafe {
            let (mut b, mut before, mut left) = (from.first, null_mut(), n);
            let mut moved_tail = null_mut();
            while left >= (*b).len {
                left -= (*b).len;
                if (*b).len > 0 {
                    moved_tail = b;
                }
                before = b;
                b = (*b).next;
            }
            let mut part = null_mut();
            let target = if moved_tail.is_null() { self.tail } else { moved_tail };
            let fits = !target.is_null() && (*target).space() >= left;
            if left >= SHARE_MIN || (*b).flags & UNLOADED != 0 {
                part = Block::share(b, left, 0)?;
            } else if left > 0 && !(fits && target == moved_tail) {
                // Not into the chain's own end: `add` below could fail after the move.
                if moved_tail.is_null() {
                    self.add((*b).at, left, out)?;
                } else {
                    let size = if (*target).cap <= GROW_MAX { (*target).cap * 2 } else { left };
                    part = Block::new(size.max(left))?;
                    Block::append(part, (*b).at, left);
                }
            }
            if !before.is_null() {
                let first = from.first;
                from.first = b;
                self.drop_empty_end(out);
                if self.last.is_null() {
                    self.first = first;
                } else {
                    (*self.last).next = first;
                }
                (*before).next = null_mut();
                self.last = before;
                if !moved_tail.is_null() {
                    self.tail = moved_tail;
                }
                self.total += n - left;
            }
            if !part.is_null() {
                self.append_block(part, out);
            } else if left > 0 && !moved_tail.is_null() {
                Block::append(moved_tail, (*b).at, left);
                self.total += left;
            }
            (*b).at = (*b).at.wrapping_add(left);
            (*b).len -= left;
            from.total -= n;
            from.age = from.age.wrapping_add(1);
        }
        Ok(())
    }

    /// Appends references to all of `from`'s blocks, which become immutable. Blocks that are
    /// references of this kind themselves, or files, are refused.
    pub(in crate::buffer) fn append_shared(
        &mut self,
        from: &Self,
        out: &mut Dropped,
    ) -> Result<()> {
        self.can_grow(from.total)?;
        let mut list = Self::new(0);
        // SAFETY: blocks of `from` are live; the new ones are ours until they are linked.
        unsafe {
            let mut b = from.first;
            while !b.is_null() {
                if (*b).flags & NO_MULTICAST != 0 {
                    return Err(Error::Invalid);
                }
                b = (*b).next;
            }
            b = from.first;
            while !b.is_null() {
                if (*b).len > 0 {
                    match Block::share(b, (*b).len, NO_MULTICAST) {
                        Ok(new) => list.append_block(new, out),
                        Err(e) => {
                            list.clear(out);
                            return Err(e);
                        }
                    }
                }
                b = (*b).next;
            }
        }
        self.append_all(&mut list, out)
    }
}
