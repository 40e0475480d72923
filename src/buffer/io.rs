//! Reading from and writing to descriptors.

use super::block::{Block, Dropped, READ_MAX, UNLOADED};
use super::callbacks::finish;
use super::segment::evbuffer_file_segment;
use super::store::Store;
use super::{block, evbuffer, lock};
use crate::error::{Error, Result};
use crate::sys::{Errno, file};
use core::mem::MaybeUninit;
use core::ptr::null_mut;
use libc::{c_int, iovec};

/// Room at the end that one read uses besides a new block.
const ROOM_PIECES: usize = 3;
/// `evbuffer_read` allocates no more than this at once.
const SMALL_READ: usize = 4096;

/// Stack for so many pieces is nothing; more of it has to be probed page by page.
const FEW: usize = 32;

const NO_PIECE: iovec = iovec { iov_base: null_mut(), iov_len: 0 };

/// Reads what there is, up to `max` bytes, with one system call; 0 is the end of the file.
///
/// # Safety
/// `b` is live.
pub unsafe fn read_fd(b: *mut evbuffer, fd: c_int, max: usize) -> Result<usize> {
    // SAFETY: live (caller); the borrow of the store ends before `finish`.
    unsafe {
        let guard = lock(b);
        (*b).check_end()?;
        (*b).store.can_grow(max)?;
        let mut out = Dropped::new();
        let n = fill(&mut (*b).store, fd, max, &mut out)?;
        finish(b, guard, out, n, 0);
        Ok(n)
    }
}

/// As [`read_fd`], with the buffer's own limit: what `evbuffer_read` does.
///
/// # Safety
/// `b` is live.
pub unsafe fn read_limited(b: *mut evbuffer, fd: c_int, howmuch: Option<usize>) -> Result<usize> {
    // SAFETY: live (caller).
    unsafe {
        let limit = super::max_read(b);
        read_fd(b, fd, howmuch.map_or(limit, |n| n.min(limit)))
    }
}

/// Reads into the room at the end and, for what may not fit there, into a spare block. That block
/// is linked if it came out well filled; else its bytes move to one of their size, so that a
/// connection that got 20 bytes does not sit on 16 KiB.
#[inline]
pub(super) fn fill(store: &mut Store, fd: c_int, max: usize, out: &mut Dropped) -> Result<usize> {
    if max == 0 {
        return Err(Error::Invalid);
    }
    if store.first.is_null() && max > SMALL_READ && max <= READ_MAX {
        return fill_empty(store, fd, max);
    }
    fill_room(store, fd, max, out)
}

/// [`fill`] of an empty chain by a bufferevent: all goes to the spare block.
#[inline]
fn fill_empty(store: &mut Store, fd: c_int, max: usize) -> Result<usize> {
    let spare = Block::for_read()?;
    // SAFETY: the spare block is ours, has room for `max` bytes, and leaves us by one of the ways.
    unsafe {
        let got = file::readv(fd, &[iovec { iov_base: (*spare).base.cast(), iov_len: max }]);
        let n = *got.as_ref().unwrap_or(&0);
        if n >= (*spare).cap / 2 {
            (*spare).len = n;
            store.begin(spare, n);
            return Ok(n);
        }
        // A failure to shrink is none: the bytes are read and have to stay.
        if n > 0 && !store.add_first((*spare).base, n) {
            let mut keep = spare;
            if let Ok(small) = Block::new(n) {
                Block::append(small, (*spare).base, n);
                keep = small;
            } else {
                (*spare).len = n;
            }
            store.begin(keep, n);
            if keep == spare {
                return Ok(n);
            }
        }
        Block::free_plain(spare);
        Ok(got?)
    }
}

fn fill_room(store: &mut Store, fd: c_int, max: usize, out: &mut Dropped) -> Result<usize> {
    let mut pieces = [NO_PIECE; ROOM_PIECES + 1];
    let (mut used, mut room) = (0, 0);
    store.each_space(max, true, |at, len| {
        if used == ROOM_PIECES {
            return false;
        }
        if let Some(piece) = pieces.get_mut(used) {
            *piece = iovec { iov_base: at.cast(), iov_len: len };
            used += 1;
            room += len;
        }
        true
    });
    let mut spare: *mut Block = null_mut();
    if room < max {
        let rest = max - room;
        spare = if rest > SMALL_READ && rest <= READ_MAX {
            Block::for_read()?
        } else {
            Block::new(rest)?
        };
        if let Some(piece) = pieces.get_mut(used) {
            // SAFETY: a new block of ours.
            let at = unsafe { (*spare).space_at() };
            *piece = iovec { iov_base: at.cast(), iov_len: rest };
            used += 1;
        }
    }
    // SAFETY: the pieces are unused room of this buffer and of the spare block.
    let got = unsafe { file::readv(fd, pieces.get(..used).unwrap_or_default()) };
    let n = *got.as_ref().unwrap_or(&0);
    let beyond = n.saturating_sub(room);
    if n > 0 {
        let mut left = n - beyond;
        store.commit(pieces.iter().take(ROOM_PIECES).map(|piece| {
            let k = left.min(piece.iov_len);
            left -= k;
            k
        }));
    }
    // SAFETY: the spare block is ours until it is linked; `beyond` of its bytes were read.
    unsafe {
        if beyond > 0 {
            let mut keep = spare;
            // A failure to shrink is none: the bytes are read and have to stay.
            if !(*spare).fits_exactly(beyond)
                && beyond < (*spare).cap / 2
                && let Ok(small) = Block::new(beyond)
            {
                Block::append(small, (*spare).at, beyond);
                keep = small;
            } else {
                (*spare).len = beyond;
                spare = null_mut();
            }
            store.append_block(keep, out);
        }
        if !spare.is_null() {
            Block::release(spare);
        }
    }
    Ok(got?)
}

/// Writes up to `max` bytes (all for a negative `max`) with one system call and removes what was
/// written; says how much that is. An empty buffer writes 0.
///
/// # Safety
/// `b` is live.
pub unsafe fn write_fd(b: *mut evbuffer, fd: c_int, max: isize) -> Result<usize> {
    // SAFETY: as in `read_fd`.
    unsafe {
        let guard = lock(b);
        (*b).check_start()?;
        let total = (*b).store.total;
        let max = usize::try_from(max).unwrap_or(total).min(total);
        if max == 0 {
            return Ok(0);
        }
        let n = send(&(*b).store, fd, max, file::writev)?;
        let mut out = Dropped::new();
        let gone = (*b).store.drain(n, &mut out);
        finish(b, guard, out, 0, gone);
        Ok(n)
    }
}

/// How pieces are written: [`file::writev`] or [`file::sendv`].
pub(super) type Writer = unsafe fn(c_int, &[iovec]) -> core::result::Result<usize, Errno>;

#[inline]
pub(super) fn send(store: &Store, fd: c_int, max: usize, write: Writer) -> Result<usize> {
    // SAFETY: the walk sees live blocks.
    unsafe {
        let mut b = store.first;
        while !b.is_null() && (*b).len == 0 {
            b = (*b).next;
        }
        if !b.is_null() && (*b).flags & UNLOADED != 0 {
            match send_file(b, fd, max) {
                // The target cannot take a file: write the bytes.
                Err(Error::Os(Errno(libc::EINVAL | libc::ENOSYS))) => Block::load(b)?,
                result => return result,
            }
        }
        let mut pieces = [const { MaybeUninit::uninit() }; FEW];
        match gather(b, max, &mut pieces) {
            Some(pieces) => Ok(write(fd, pieces)?),
            None => send_many(b, fd, max, write),
        }
    }
}

/// # Safety
/// As [`gather`].
#[inline(never)]
unsafe fn send_many(b: *mut Block, fd: c_int, max: usize, write: Writer) -> Result<usize> {
    let mut pieces = [const { MaybeUninit::uninit() }; file::IOV_MAX];
    // SAFETY: live (caller); the pieces are data.
    unsafe {
        let pieces = match gather(b, max, &mut pieces) {
            Some(pieces) => pieces,
            // Full: the rest has to wait.
            None => core::slice::from_raw_parts(pieces.as_ptr().cast(), file::IOV_MAX),
        };
        Ok(write(fd, pieces)?)
    }
}

/// The bytes from block `b` on, up to `max` of them and up to what is in a file still. `None` when
/// there are more pieces than room for them, which is full then.
///
/// # Safety
/// `b` is null or a live block of a chain.
#[inline]
unsafe fn gather(b: *mut Block, max: usize, pieces: &mut [MaybeUninit<iovec>]) -> Option<&[iovec]> {
    let (mut b, mut used, mut left) = (b, 0, max);
    // SAFETY: the walk sees live blocks; the first `used` pieces are written.
    unsafe {
        while !b.is_null() && left > 0 && (*b).flags & UNLOADED == 0 {
            let k = (*b).len.min(left);
            if k > 0 {
                let piece = pieces.get_mut(used)?;
                piece.write(iovec { iov_base: (*b).at.cast(), iov_len: k });
                used += 1;
                left -= k;
            }
            b = (*b).next;
        }
        Some(core::slice::from_raw_parts(pieces.as_ptr().cast(), used))
    }
}

/// # Safety
/// `b` is a live block whose bytes are in a file.
unsafe fn send_file(b: *mut Block, fd: c_int, max: usize) -> Result<usize> {
    // SAFETY: live (caller); its segment is live as long as the block counts on it.
    unsafe {
        let Some(&block::Owner::File(segment)) = Block::owner(b) else {
            return Err(Error::Invalid);
        };
        let from = evbuffer_file_segment::fd(segment);
        Ok(file::sendfile(fd, from, (*b).at.addr(), (*b).len.min(max))?)
    }
}
