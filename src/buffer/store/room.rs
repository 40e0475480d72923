//! Room at the end of the chain: made, offered to the program, and made content.

use super::super::block::{Block, Dropped, IMMUTABLE, MAX};
use super::Store;
use crate::error::Result;

/// A block's data is copied into a larger block rather than wasting an eighth of its memory, but
/// not more than this much of it.
const COPY_MAX: usize = 4096;

impl Store {
    /// One block with room for `n` bytes at the end of the data.
    pub(in crate::buffer) fn expand(&mut self, n: usize, out: &mut Dropped) -> Result<*mut Block> {
        let b = self.first_with_space();
        // SAFETY: blocks of the chain are live; the replacement is linked in the old one's place
        // before that is given up.
        unsafe {
            if b.is_null() || (*b).flags & IMMUTABLE != 0 {
                return self.expand_new(n, out);
            }
            let room = (*b).space();
            if room >= n {
                return Ok(b);
            }
            if (*b).len == 0 {
                return self.expand_new(n, out);
            }
            if (*b).worth_realigning(n) {
                Block::realign(b);
                return Ok(b);
            }
            if room < (*b).cap / 8 || (*b).len > COPY_MAX || n >= MAX - (*b).len {
                let next = (*b).next;
                if !next.is_null() && (*next).space() >= n {
                    return Ok(next);
                }
                return self.expand_new(n, out);
            }
            let new = Block::new((*b).len + n)?;
            Block::append(new, (*b).at, (*b).len);
            (*new).next = (*b).next;
            if self.first == b {
                self.first = new;
            } else {
                let mut before = self.first;
                while (*before).next != b {
                    before = (*before).next;
                }
                (*before).next = new;
            }
            if self.last == b {
                self.last = new;
            }
            if self.tail == b {
                self.tail = new;
            }
            self.age = self.age.wrapping_add(1);
            out.take(b);
            Ok(new)
        }
    }

    fn expand_new(&mut self, n: usize, out: &mut Dropped) -> Result<*mut Block> {
        let new = Block::new(n)?;
        self.append_block(new, out);
        Ok(new)
    }

    /// Room for `n` bytes where that is simple, in the last block with data or the first of all: its
    /// start and how much it is. `None` where it is not, or no spare block is at hand.
    #[inline]
    pub(in crate::buffer) fn simple_room(&mut self, n: usize) -> Option<(*mut u8, usize)> {
        // SAFETY: `tail` is live if not null, and so is a new block.
        unsafe {
            if self.has_room(n) {
                return Some(((*self.tail).space_at(), (*self.tail).space()));
            }
            if !self.first.is_null() {
                return None;
            }
            let new = Block::get_spare(n);
            if new.is_null() {
                return None;
            }
            self.first = new;
            self.last = new;
            Some(((*new).base, (*new).cap))
        }
    }

    /// Room for `n` bytes in at most `blocks` (two or more) blocks at the end.
    pub(in crate::buffer) fn expand_spread(
        &mut self,
        n: usize,
        blocks: usize,
        out: &mut Dropped,
    ) -> Result<()> {
        // SAFETY: blocks of the chain are live. Those after `tail` are empty and mutable (what is
        // immutable and empty has no space and is counted as none).
        unsafe {
            if self.last.is_null() || (*self.last).flags & IMMUTABLE != 0 {
                let new = Block::new(n)?;
                self.append_block(new, out);
                return Ok(());
            }
            let (mut used, mut room) = (0, 0_usize);
            let mut b = self.anchor();
            while !b.is_null() {
                if (*b).len == 0 && (*b).flags & IMMUTABLE == 0 {
                    (*b).at = (*b).base;
                }
                let space = (*b).space();
                if space > 0 {
                    used += 1;
                    room = room.saturating_add(space);
                }
                if room >= n {
                    return Ok(());
                }
                if used == blocks {
                    break;
                }
                b = (*b).next;
            }
            if used < blocks {
                let new = Block::new(n - room)?;
                self.append_room(new);
                return Ok(());
            }
            // All the empty blocks together are too small: one in their place.
            let kept = if self.tail.is_null() { 0 } else { (*self.tail).space() };
            let new = Block::new(n.saturating_sub(kept))?;
            self.append_block(new, out);
            Ok(())
        }
    }

    /// The room at the end, in order, up to `n` bytes in all (exactly, or to the end of the
    /// block): calls `each(start, length)` until it says no.
    pub(in crate::buffer) fn each_space(
        &self,
        n: usize,
        exact: bool,
        mut each: impl FnMut(*mut u8, usize) -> bool,
    ) {
        let mut b = self.first_with_space();
        let mut so_far = 0_usize;
        // SAFETY: blocks of the chain are live.
        unsafe {
            while !b.is_null() && so_far < n {
                let space = (*b).space();
                let k = if exact { space.min(n - so_far) } else { space };
                if !each((*b).space_at(), k) {
                    return;
                }
                so_far = so_far.saturating_add(k);
                b = (*b).next;
            }
        }
    }

    /// Makes the first bytes of the room part of the content: `lengths[i]` of the i-th piece, as
    /// `each_space` showed them. The caller has checked the lengths.
    pub(in crate::buffer) fn commit(&mut self, lengths: impl Iterator<Item = usize>) -> usize {
        let mut b = self.first_with_space();
        let mut added = 0;
        for n in lengths {
            if b.is_null() {
                break;
            }
            // SAFETY: a live block of the chain with at least `n` bytes of space (caller).
            unsafe {
                if n > 0 {
                    (*b).len += n;
                    self.filled(b);
                    added += n;
                }
                b = (*b).next;
            }
        }
        self.total += added;
        added
    }

    /// Makes `n` bytes of block `b`'s space part of the content. Blocks between the tail and `b`
    /// stay empty.
    pub(in crate::buffer) fn commit_to(&mut self, b: *mut Block, n: usize) {
        if n == 0 {
            return;
        }
        // SAFETY: `b` is a block at or behind `tail`, and has the space (caller).
        unsafe { (*b).len += n };
        self.filled(b);
        self.total += n;
    }
}
