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

use super::block::{Block, Dropped, MAX, NO_MULTICAST, SMALL_CAP};
use crate::error::{Error, Result};
use core::ptr::null_mut;

/// A new block may be twice the last one up to here, ...
const GROW_MAX: usize = 2048;
/// ... and an add to the largest blocks does not allocate more than this at once.
const GROW_CAP: usize = 16384;
/// A block's data is copied into a larger block rather than wasting an eighth of its memory, but
/// not more than this much of it.
const COPY_MAX: usize = 4096;
/// From here on a part of a block is moved by sharing its memory instead of copying.
const SHARE_MIN: usize = 8192;

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
    fn begin(&mut self, b: *mut Block, n: usize) {
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
        let new = Block::small();
        if new.is_null() {
            return false;
        }
        // SAFETY: a new block of ours with room for what fits the smallest one.
        unsafe {
            (*new).len = n;
            (*new).base.copy_from_nonoverlapping(data, n);
        }
        self.begin(new, n);
        true
    }

    /// Removes up to `n` bytes if that frees at most the first block; the
    /// common cases of [`Self::drain`].
    #[inline(always)]
    pub(super) fn drain_first(&mut self, n: usize) -> bool {
        let b = self.first;
        if b.is_null() || self.total == 0 {
            return true;
        }
        // SAFETY: blocks of the chain are live.
        unsafe {
            if n < (*b).len {
                (*b).at = (*b).at.wrapping_add(n);
                (*b).len -= n;
                self.total -= n;
            } else if !Block::is_free(b) {
                return false;
            } else if n < self.total {
                let (next, rest) = ((*b).next, n - (*b).len);
                if rest >= (*next).len {
                    return false;
                }
                (*next).at = (*next).at.wrapping_add(rest);
                (*next).len -= rest;
                self.first = next;
                self.total -= n;
                Block::free_plain(b);
            } else if !(*b).next.is_null() {
                return false;
            } else {
                self.first = null_mut();
                self.last = null_mut();
                self.tail = null_mut();
                self.total = 0;
                Block::free_plain(b);
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
            let mut size = (*b).cap;
            if size <= GROW_MAX {
                size *= 2;
            }
            let new = Block::new(size.min(GROW_CAP).max(n))?;
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
            let lead = if (*b).flags & super::block::IMMUTABLE == 0 { (*b).lead() } else { 0 };
            let to = if lead >= n {
                (*b).at = (*b).at.sub(n);
                (*b).len += n;
                b
            } else if lead > 0 {
                return false;
            } else {
                let new = Block::small();
                if new.is_null() {
                    return false;
                }
                (*new).at = (*new).base.add((*new).cap - n);
                (*new).len = n;
                (*new).next = b;
                self.first = new;
                new
            };
            (*to).at.copy_from_nonoverlapping(data, n);
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
            if !b.is_null() && (*b).flags & super::block::IMMUTABLE == 0 {
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
            if (*first).flags & super::block::IMMUTABLE == 0 && (*first).cap - (*first).lead() >= n
            {
                target = first;
                b = (*first).next;
                left = n - (*first).len;
            } else {
                target = Block::new(n)?;
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

    /// One block with room for `n` bytes at the end of the data.
    pub(super) fn expand(&mut self, n: usize, out: &mut Dropped) -> Result<*mut Block> {
        let b = self.first_with_space();
        // SAFETY: blocks of the chain are live; the replacement is linked in the old one's place
        // before that is given up.
        unsafe {
            if b.is_null() || (*b).flags & super::block::IMMUTABLE != 0 {
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

    /// A block with room for `n` bytes where that is simple: the last one with data, or the first of
    /// all. Null where it is not, or without memory.
    #[inline]
    pub(super) fn simple_room(&mut self, n: usize) -> *mut Block {
        if self.has_room(n) {
            return self.tail;
        }
        if !self.first.is_null() {
            return null_mut();
        }
        let new = Block::new(n).unwrap_or_default();
        self.first = new;
        self.last = new;
        new
    }

    /// Room for `n` bytes in at most `blocks` (two or more) blocks at the end.
    pub(super) fn expand_spread(
        &mut self,
        n: usize,
        blocks: usize,
        out: &mut Dropped,
    ) -> Result<()> {
        // SAFETY: blocks of the chain are live. Those after `tail` are empty and mutable (what is
        // immutable and empty has no space and is counted as none).
        unsafe {
            if self.last.is_null() || (*self.last).flags & super::block::IMMUTABLE != 0 {
                let new = Block::new(n)?;
                self.append_block(new, out);
                return Ok(());
            }
            let (mut used, mut room) = (0, 0_usize);
            let mut b = self.anchor();
            while !b.is_null() {
                if (*b).len == 0 && (*b).flags & super::block::IMMUTABLE == 0 {
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
    pub(super) fn each_space(
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
    pub(super) fn commit(&mut self, lengths: impl Iterator<Item = usize>) -> usize {
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
    pub(super) fn commit_to(&mut self, b: *mut Block, n: usize) {
        if n == 0 {
            return;
        }
        // SAFETY: `b` is a block at or behind `tail`, and has the space (caller).
        unsafe { (*b).len += n };
        self.filled(b);
        self.total += n;
    }

    /// Whether no room is reserved behind the data.
    #[inline]
    fn ends_in_data(&self) -> bool {
        self.last == self.tail
    }

    /// Links a block with data of the caller's, if nothing has to make way for it; the common case
    /// of [`Self::append_block`].
    ///
    /// # Safety
    /// The block is live, in no chain, and has data.
    #[inline]
    pub(super) unsafe fn link(&mut self, b: *mut Block) -> bool {
        if !self.ends_in_data() {
            return false;
        }
        // SAFETY: live (caller), `last` is in our chain.
        unsafe {
            (*b).next = null_mut();
            if self.last.is_null() {
                self.first = b;
            } else {
                (*self.last).next = b;
            }
            self.total += (*b).len;
        }
        self.last = b;
        self.tail = b;
        true
    }

    /// [`Self::append_all`], if nothing has to make way.
    #[inline]
    pub(super) fn link_all(&mut self, from: &mut Self) -> bool {
        if !self.ends_in_data() || from.total == 0 || from.total > MAX - self.total {
            return false;
        }
        if self.last.is_null() {
            self.first = from.first;
        } else {
            // SAFETY: `last` is in our chain; `from`'s first block comes behind it.
            unsafe { (*self.last).next = from.first };
        }
        self.last = from.last;
        self.tail = from.tail;
        self.total += from.total;
        from.forget();
        true
    }

    /// Moves everything from `from` to the end of `self`.
    pub(super) fn append_all(&mut self, from: &mut Self, out: &mut Dropped) -> Result<()> {
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
    pub(super) fn prepend_all(&mut self, from: &mut Self, out: &mut Dropped) -> Result<()> {
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
    pub(super) fn append_front(
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
            if left >= SHARE_MIN || (*b).flags & super::block::UNLOADED != 0 {
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
    pub(super) fn append_shared(&mut self, from: &Self, out: &mut Dropped) -> Result<()> {
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
