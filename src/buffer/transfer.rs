//! Operations that bring in data without copying it: from another buffer, from the program's
//! memory, from a file.

use super::block::{Block, Dropped, MAX, NO_MULTICAST, Owner, UNLOADED, offset_pointer};
use super::callbacks::{finish, finish_two, tell_hook};
use super::raw::evbuffer_ref_cleanup_cb;
use super::segment::evbuffer_file_segment;
use super::{DRAINS_TO_FD, HOOKED, NOT_AT_END, NOT_AT_START, evbuffer, lock, lock_two};
use crate::error::{Error, Result};
use core::ffi::c_void;
use core::ptr::null_mut;
use libc::{c_int, c_uint, off_t};

/// Moves everything from `from` to the end of `to`.
///
/// # Safety
/// Both are live.
#[inline]
pub unsafe fn add_buffer(to: *mut evbuffer, from: *mut evbuffer) -> Result<()> {
    // SAFETY: live (caller); different objects, so the two borrows do not overlap, and they end
    // before `finish_two`.
    unsafe {
        if to != from
            && (*to).is_quiet(NOT_AT_END)
            && (*from).is_quiet(NOT_AT_START)
            && (*to).store.link_all(&mut (*from).store)
        {
            return Ok(());
        }
        add_hooked(to, from)
    }
}

/// [`add_buffer`] from or to the buffer of a bufferevent.
#[inline(never)]
unsafe fn add_hooked(to: *mut evbuffer, from: *mut evbuffer) -> Result<()> {
    // SAFETY: as in `add_buffer`.
    unsafe {
        let n = (*from).store.total;
        if to != from
            && (*to).is_quiet(NOT_AT_END & !HOOKED)
            && (*from).is_quiet(NOT_AT_START & !HOOKED)
            && (*to).store.link_all(&mut (*from).store)
        {
            tell_hook(from, 0, n);
            tell_hook(to, n, 0);
            return Ok(());
        }
        move_all(to, from, false)
    }
}

/// Moves everything from `from` to the front of `to`.
///
/// # Safety
/// Both are live.
pub unsafe fn prepend_buffer(to: *mut evbuffer, from: *mut evbuffer) -> Result<()> {
    // SAFETY: as in `add_buffer`.
    unsafe { move_all(to, from, true) }
}

#[inline(never)]
unsafe fn move_all(to: *mut evbuffer, from: *mut evbuffer, front: bool) -> Result<()> {
    if to == from {
        return Ok(());
    }
    // SAFETY: as in `add_buffer`.
    unsafe {
        let (guard_to, guard_from) = lock_two(to, from);
        let n = (*from).store.total;
        if n == 0 {
            return Ok(());
        }
        (*from).check_start()?;
        let mut out = Dropped::new();
        if front {
            (*to).check_start()?;
            (*to).store.prepend_all(&mut (*from).store, &mut out)?;
        } else {
            (*to).check_end()?;
            (*to).store.append_all(&mut (*from).store, &mut out)?;
        }
        finish_two((from, guard_from, 0, n), (to, guard_to, n, 0), out);
    }
    Ok(())
}

/// Moves up to `n` bytes from the front of `from` to the end of `to`; says how many.
///
/// # Safety
/// Both are live.
pub unsafe fn remove_buffer(from: *mut evbuffer, to: *mut evbuffer, n: usize) -> Result<usize> {
    if n == 0 || from == to {
        return Ok(0);
    }
    // SAFETY: as in `add_buffer`.
    unsafe {
        let (guard_to, guard_from) = lock_two(to, from);
        (*to).check_end()?;
        (*from).check_start()?;
        let mut out = Dropped::new();
        let total = (*from).store.total;
        if n >= total {
            if total > 0 {
                (*to).store.append_all(&mut (*from).store, &mut out)?;
                finish_two((from, guard_from, 0, total), (to, guard_to, total, 0), out);
            }
            return Ok(total);
        }
        (*to).store.append_front(&mut (*from).store, n, &mut out)?;
        finish_two((to, guard_to, n, 0), (from, guard_from, 0, n), out);
        Ok(n)
    }
}

/// Appends `from`'s content to `to` by reference; `from` keeps it. Content that is itself such a
/// reference, or a file, is refused.
///
/// # Safety
/// Both are live.
pub unsafe fn add_buffer_reference(to: *mut evbuffer, from: *mut evbuffer) -> Result<()> {
    // SAFETY: as in `add_buffer`.
    unsafe {
        if to == from {
            let guard = lock(to);
            let empty = (*to).store.total == 0;
            drop(guard);
            return if empty { Ok(()) } else { Err(Error::Invalid) };
        }
        let (guard_to, guard_from) = lock_two(to, from);
        let n = (*from).store.total;
        if n == 0 {
            return Ok(());
        }
        (*to).check_end()?;
        let mut out = Dropped::new();
        (*to).store.append_shared(&(*from).store, &mut out)?;
        drop(guard_from);
        finish(to, guard_to, out, n, 0);
    }
    Ok(())
}

/// Appends `n` bytes of the program's memory by reference. The cleanup function, if any, gets
/// `data` and `n` when they are not used any more; on failure it is not called.
///
/// # Safety
/// `b` is live, `data` has `n` bytes until cleanup.
#[inline(always)]
pub unsafe fn add_reference(
    b: *mut evbuffer,
    data: *const u8,
    n: usize,
    cleanup: evbuffer_ref_cleanup_cb,
    arg: *mut c_void,
) -> Result<()> {
    // SAFETY: as below.
    unsafe { add_reference_with_offset(b, data, 0, n, cleanup, arg) }
}

/// As [`add_reference`], for `n` bytes from `offset` on; cleanup gets `data` and `offset + n`.
///
/// # Safety
/// `b` is live, `data` has `offset + n` bytes until cleanup.
#[inline(always)]
pub unsafe fn add_reference_with_offset(
    b: *mut evbuffer,
    data: *const u8,
    offset: usize,
    n: usize,
    cleanup: evbuffer_ref_cleanup_cb,
    arg: *mut c_void,
) -> Result<()> {
    let cap = offset.checked_add(n).filter(|&cap| cap <= MAX).ok_or(Error::Invalid)?;
    // SAFETY: live (caller). The block is immutable, so the constant memory is only read; it is
    // linked by one of the two ways.
    unsafe {
        if (*b).is_quiet(NOT_AT_END)
            && let Some(total) = (*b).store.total_with_block(n)
        {
            let block = Block::reference_spare(data.cast_mut(), cap, offset, n, cleanup, arg);
            if !block.is_null() {
                (*b).store.link(block, total);
                return Ok(());
            }
        }
        add_reference_slowly(b, (data.cast_mut(), cap), (offset, n), cleanup, arg)
    }
}

/// # Safety
/// As [`add_reference_with_offset`].
#[inline(never)]
unsafe fn add_reference_slowly(
    b: *mut evbuffer,
    (data, cap): (*mut u8, usize),
    (offset, n): (usize, usize),
    cleanup: evbuffer_ref_cleanup_cb,
    arg: *mut c_void,
) -> Result<()> {
    // SAFETY: as the caller promises.
    unsafe {
        let guard = lock(b);
        (*b).check_end()?;
        (*b).store.can_grow(n)?;
        let block = Block::outside(data, cap, offset, n, 0, Owner::Program(cleanup, arg))?;
        let mut out = Dropped::new();
        (*b).store.append_block(block, &mut out);
        finish(b, guard, out, n, 0);
    }
    Ok(())
}

/// Appends a part of a file segment: `length` bytes from `offset` within the segment on, a
/// negative length for all the rest. The buffer counts on the segment; on failure it does not.
///
/// # Safety
/// `b` and `segment` are live.
pub unsafe fn add_file_segment(
    b: *mut evbuffer,
    segment: *mut evbuffer_file_segment,
    offset: off_t,
    length: off_t,
) -> Result<()> {
    let offset = usize::try_from(offset).map_err(|_| Error::Invalid)?;
    // SAFETY: live (caller).
    unsafe {
        let guard = lock(b);
        (*b).check_end()?;
        let rest = evbuffer_file_segment::len(segment).checked_sub(offset).ok_or(Error::Invalid)?;
        let n = usize::try_from(length).unwrap_or(rest);
        if n > rest {
            return Err(Error::Invalid);
        }
        if n == 0 {
            return Ok(());
        }
        (*b).store.can_grow(n)?;
        let stays = (*b).flags & DRAINS_TO_FD != 0 && evbuffer_file_segment::sendable(segment);
        let owner = Owner::File(segment);
        let block = if stays {
            let at = offset_pointer(evbuffer_file_segment::start(segment) + offset);
            let block = Block::outside(null_mut(), 0, 0, n, NO_MULTICAST | UNLOADED, owner)?;
            (*block).at = at;
            block
        } else {
            let (base, len) = evbuffer_file_segment::content(segment)?;
            Block::outside(base, len, offset, n, NO_MULTICAST, owner)?
        };
        evbuffer_file_segment::incref(segment);
        let mut out = Dropped::new();
        (*b).store.append_block(block, &mut out);
        finish(b, guard, out, n, 0);
    }
    Ok(())
}

/// Appends a part of a file by a segment of its own, which takes over the descriptor on success
/// (with `EVBUF_FS_CLOSE_ON_FREE`). Nothing at all is a success, too.
///
/// # Safety
/// `b` is live.
pub unsafe fn add_file(
    b: *mut evbuffer,
    fd: c_int,
    offset: off_t,
    length: off_t,
    flags: c_uint,
) -> Result<()> {
    let segment = super::segment_new(fd, offset, length, flags)?;
    // SAFETY: live (caller); the segment is ours until it is added, then the buffer's.
    unsafe {
        let added = add_file_segment(b, segment, 0, -1);
        if added.is_err() {
            evbuffer_file_segment::keep_open(segment);
        }
        evbuffer_file_segment::decref(segment);
        added
    }
}
