//! Operations within one buffer: append, prepend, take out, look at.

use super::block::{Block, Dropped, UNLOADED};
use super::callbacks::{finish, tell, tell_hook};
use super::raw::evbuffer_ptr;
use super::store::Store;
use super::{HOOKED, LOCKED, NOT_AT_END, NOT_AT_START, decref_locked, evbuffer, lock, search};
use crate::error::{Error, Result};
use core::ffi::CStr;
use core::ptr::null_mut;
use libc::iovec;

/// Appends bytes.
///
/// # Safety
/// `b` is live.
#[inline]
pub unsafe fn add(b: *mut evbuffer, data: &[u8]) -> Result<()> {
    // SAFETY: live (caller); the slice has its length.
    unsafe { add_raw(b, data.as_ptr(), data.len()) }
}

/// As [`add`], for bytes that may lie in the buffer itself.
///
/// # Safety
/// `b` is live, `data` has `n` bytes.
#[inline(always)]
pub unsafe fn add_raw(b: *mut evbuffer, data: *const u8, n: usize) -> Result<()> {
    // SAFETY: live, `n` bytes (caller).
    unsafe {
        if (*b).is_quiet(NOT_AT_END & !HOOKED)
            && ((*b).store.add_in_place(data, n) || (*b).store.add_first(data, n))
        {
            tell_hook(b, n, 0);
            return Ok(());
        }
        add_slowly(b, data, n)
    }
}

#[inline(never)]
unsafe fn add_slowly(b: *mut evbuffer, data: *const u8, n: usize) -> Result<()> {
    // SAFETY: live, `n` bytes (caller). The borrow of the store ends before `finish`.
    unsafe {
        if (*b).is_quiet(NOT_AT_END & !HOOKED) && (*b).store.add_growing(data, n) {
            tell_hook(b, n, 0);
            return Ok(());
        }
        let guard = lock(b);
        (*b).check_end()?;
        let mut out = Dropped::new();
        (*b).store.add(data, n, &mut out)?;
        finish(b, guard, out, n, 0);
    }
    Ok(())
}

/// Appends a C string without its 0.
///
/// # Safety
/// `b` is live.
pub unsafe fn add_cstr(b: *mut evbuffer, text: &CStr) -> Result<()> {
    // SAFETY: live (caller).
    unsafe { add(b, text.to_bytes()) }
}

/// Appends all pieces; says how many bytes that were. What a failure leaves out is not counted.
///
/// # Safety
/// `b` is live, each piece is readable memory.
pub unsafe fn add_iovec(b: *mut evbuffer, pieces: &[iovec]) -> usize {
    let mut total = 0_usize;
    for piece in pieces {
        match total.checked_add(piece.iov_len) {
            Some(t) => total = t,
            None => return 0,
        }
    }
    // SAFETY: live (caller), and kept so by the count while callbacks run.
    unsafe {
        let guard = lock(b);
        (*b).refs += 1;
        let mut out = Dropped::new();
        let mut done = 0;
        if (*b).store.can_grow(total).is_ok()
            && (*b).store.expand_spread(total, 2, &mut out).is_ok()
        {
            drop(out);
            for piece in pieces {
                if add_raw(b, piece.iov_base.cast(), piece.iov_len).is_err() {
                    break;
                }
                done += piece.iov_len;
            }
        }
        decref_locked(b, guard);
        done
    }
}

/// Puts bytes before the first one.
///
/// # Safety
/// `b` is live, `data` has `n` bytes.
#[inline(always)]
pub unsafe fn prepend(b: *mut evbuffer, data: *const u8, n: usize) -> Result<()> {
    if n == 0 {
        return Ok(());
    }
    // SAFETY: live, `n` bytes (caller).
    unsafe {
        if (*b).is_quiet(NOT_AT_START) && (*b).store.prepend_first(data, n) {
            return Ok(());
        }
        prepend_slowly(b, data, n)
    }
}

#[inline(never)]
unsafe fn prepend_slowly(b: *mut evbuffer, data: *const u8, n: usize) -> Result<()> {
    // SAFETY: as in `add_slowly`.
    unsafe {
        let guard = lock(b);
        (*b).check_start()?;
        let mut out = Dropped::new();
        (*b).store.prepend(data, n, &mut out)?;
        finish(b, guard, out, n, 0);
    }
    Ok(())
}

/// Removes up to `n` bytes from the front.
///
/// # Safety
/// `b` is live.
#[inline]
pub unsafe fn drain(b: *mut evbuffer, n: usize) -> Result<()> {
    // SAFETY: live (caller).
    unsafe {
        if (*b).is_quiet(NOT_AT_START) && (*b).store.drain_first(n) {
            return Ok(());
        }
        drain_slowly(b, n)
    }
}

#[inline(never)]
unsafe fn drain_slowly(b: *mut evbuffer, n: usize) -> Result<()> {
    // SAFETY: as in `add_slowly`.
    unsafe {
        let guard = lock(b);
        if (*b).store.total == 0 {
            return Ok(());
        }
        (*b).check_start()?;
        let mut out = Dropped::new();
        let gone = (*b).store.drain(n, &mut out);
        finish(b, guard, out, 0, gone);
    }
    Ok(())
}

/// Takes up to `n` bytes out of the front; says how many.
///
/// # Safety
/// `b` is live, `to` has room for `n` bytes.
pub unsafe fn remove_raw(b: *mut evbuffer, to: *mut u8, n: usize) -> Result<usize> {
    // SAFETY: as in `add_slowly`.
    unsafe {
        let guard = lock(b);
        let n = n.min((*b).store.total);
        if n == 0 {
            return Ok(0);
        }
        (*b).check_start()?;
        Store::copy_out((*b).store.first, 0, to, n)?;
        let mut out = Dropped::new();
        let gone = (*b).store.drain(n, &mut out);
        finish(b, guard, out, 0, gone);
        Ok(n)
    }
}

/// Takes bytes out of the front until `to` is full or the buffer empty; says how many.
///
/// # Safety
/// `b` is live.
pub unsafe fn remove(b: *mut evbuffer, to: &mut [u8]) -> Result<usize> {
    // SAFETY: live (caller); the slice has its length.
    unsafe { remove_raw(b, to.as_mut_ptr(), to.len()) }
}

/// As [`remove`], but the bytes stay.
///
/// # Safety
/// `b` is live.
pub unsafe fn copyout(b: *mut evbuffer, to: &mut [u8]) -> Result<usize> {
    // SAFETY: live (caller); the slice has its length.
    unsafe { copyout_from(b, None, to.as_mut_ptr(), to.len()) }
}

/// Copies up to `n` bytes from a position on, the front by default; says how many.
///
/// # Safety
/// `b` is live, `to` has room for `n` bytes.
pub unsafe fn copyout_from(
    b: *mut evbuffer,
    from: Option<&evbuffer_ptr>,
    to: *mut u8,
    n: usize,
) -> Result<usize> {
    // SAFETY: live (caller); the position is checked against the chain.
    unsafe {
        let guard = lock(b);
        let at = match from {
            Some(ptr) => search::resolve(&(*b).store, ptr).ok_or(Error::Invalid)?,
            None => search::start(&(*b).store),
        };
        let n = n.min((*b).store.total - at.pos);
        if n == 0 {
            return Ok(0);
        }
        (*b).check_start()?;
        let done = Store::copy_out(at.block, at.skip, to, n);
        drop(guard);
        done
    }
}

/// Makes the first `n` bytes contiguous, all of them for a negative `n`; null if there are none,
/// or less than `n`.
///
/// # Safety
/// `b` is live.
pub unsafe fn pullup(b: *mut evbuffer, n: isize) -> *mut u8 {
    // SAFETY: as in `add_slowly`.
    unsafe {
        let guard = lock(b);
        let n = usize::try_from(n).unwrap_or((*b).store.total);
        let mut out = Dropped::new();
        let Ok(p) = (*b).store.pull_up(n, &mut out) else { return null_mut() };
        finish(b, guard, out, 0, 0);
        p
    }
}

/// The first piece of data that lies in one place.
///
/// # Safety
/// `b` is live. The bytes are valid until the buffer changes.
pub unsafe fn first_contiguous(b: *mut evbuffer) -> (*mut u8, usize) {
    // SAFETY: live (caller).
    unsafe {
        let guard = lock(b);
        let mut block = (*b).store.first;
        while !block.is_null() && (*block).len == 0 {
            block = (*block).next;
        }
        let found = if block.is_null() || Block::load(block).is_err() {
            (null_mut(), 0)
        } else {
            ((*block).at, (*block).len)
        };
        drop(guard);
        found
    }
}

/// How many bytes at the front lie in one piece.
///
/// # Safety
/// `b` is live.
pub unsafe fn contiguous_len(b: *mut evbuffer) -> usize {
    // SAFETY: live (caller).
    unsafe {
        let guard = lock(b);
        let mut block = (*b).store.first;
        while !block.is_null() && (*block).len == 0 {
            block = (*block).next;
        }
        let n = if block.is_null() { 0 } else { (*block).len };
        drop(guard);
        n
    }
}

/// Makes room for `n` contiguous bytes at the end.
///
/// # Safety
/// `b` is live.
pub unsafe fn expand(b: *mut evbuffer, n: usize) -> Result<()> {
    // SAFETY: as in `add_slowly`.
    unsafe {
        let guard = lock(b);
        (*b).store.can_grow(n)?;
        let mut out = Dropped::new();
        (*b).store.expand(n, &mut out)?;
        finish(b, guard, out, 0, 0);
    }
    Ok(())
}

/// Offers room for at least `n` bytes in the pieces that the caller gives; says how many pieces
/// it takes. With one piece the room is contiguous.
///
/// # Safety
/// `b` is live.
#[inline(always)]
pub unsafe fn reserve(b: *mut evbuffer, n: usize, pieces: &mut [iovec]) -> Result<usize> {
    // SAFETY: live (caller); the room is unused memory of the buffer.
    unsafe {
        if let ([piece, ..], true) = (&mut *pieces, n > 0 && (*b).is_quiet(NOT_AT_END))
            && (*b).store.can_grow(n).is_ok()
            && let Some((at, len)) = (*b).store.simple_room(n)
        {
            piece.iov_base = at.cast();
            piece.iov_len = len;
            return Ok(1);
        }
        reserve_slowly(b, n, pieces)
    }
}

#[inline(never)]
unsafe fn reserve_slowly(b: *mut evbuffer, n: usize, pieces: &mut [iovec]) -> Result<usize> {
    // SAFETY: as in `add_slowly`.
    unsafe {
        let guard = lock(b);
        (*b).check_end()?;
        (*b).store.can_grow(n)?;
        let mut out = Dropped::new();
        let mut used = 0;
        match pieces {
            [] => return Err(Error::Invalid),
            [one] => {
                let block = (*b).store.expand(n, &mut out)?;
                one.iov_base = (*block).space_at().cast();
                one.iov_len = (*block).space();
                used = 1;
            }
            many => {
                (*b).store.expand_spread(n, many.len(), &mut out)?;
                (*b).store.each_space(n, false, |at, len| {
                    let Some(piece) = many.get_mut(used) else { return false };
                    piece.iov_base = at.cast();
                    piece.iov_len = len;
                    used += 1;
                    true
                });
            }
        }
        finish(b, guard, out, 0, 0);
        Ok(used)
    }
}

/// Appends what the program has written into the reserved pieces.
///
/// # Safety
/// `b` is live.
#[inline]
pub unsafe fn commit(b: *mut evbuffer, pieces: &[iovec]) -> Result<()> {
    // SAFETY: live (caller). Room of the last block is committed as in `commit_slowly`.
    unsafe {
        let last = (*b).store.last;
        if let [one] = pieces
            && (*b).is_quiet(NOT_AT_END)
            && !last.is_null()
            && one.iov_base == (*last).space_at().cast()
            && one.iov_len <= (*last).space()
        {
            (*b).store.commit_to(last, one.iov_len);
            return Ok(());
        }
        commit_slowly(b, pieces)
    }
}

#[inline(never)]
unsafe fn commit_slowly(b: *mut evbuffer, pieces: &[iovec]) -> Result<()> {
    // SAFETY: live (caller). Pieces are compared with the room as it is now, so that only room of
    // this buffer is committed.
    unsafe {
        let guard = lock(b);
        (*b).check_end()?;
        let last = (*b).store.last;
        let added = match pieces {
            [] => return Ok(()),
            [one] if !last.is_null() && one.iov_base == (*last).space_at().cast() => {
                if one.iov_len > (*last).space() {
                    return Err(Error::Invalid);
                }
                (*b).store.commit_to(last, one.iov_len);
                one.iov_len
            }
            many => {
                let mut matching = 0;
                let mut right = true;
                (*b).store.each_space(usize::MAX, false, |at, len| {
                    let Some(piece) = many.get(matching) else { return false };
                    right &= piece.iov_base == at.cast() && piece.iov_len <= len;
                    matching += 1;
                    right
                });
                if !right || matching < many.len() {
                    return Err(Error::Invalid);
                }
                (*b).store.commit(many.iter().map(|piece| piece.iov_len))
            }
        };
        finish(b, guard, Dropped::new(), added, 0);
    }
    Ok(())
}

/// Shows the data from a position on, without moving it: fills `pieces` until they are full or,
/// with `n` given, `n` bytes are shown. Says how many pieces that takes or, with `n` given or no
/// pieces, would take.
///
/// # Safety
/// `b` is live. The bytes are valid until the buffer changes.
#[inline]
pub unsafe fn peek(
    b: *mut evbuffer,
    n: Option<usize>,
    from: Option<&evbuffer_ptr>,
    pieces: &mut [iovec],
) -> usize {
    // SAFETY: live (caller).
    unsafe {
        if let (None, None, [_, ..], true) = (n, from, &mut *pieces, (*b).is_quiet(LOCKED))
            && let Some(used) = show_all((*b).store.first, pieces)
        {
            return used;
        }
        peek_slowly(b, n, from, pieces)
    }
}

/// [`show`] from the front until the pieces are full, unless bytes have to be loaded from a file:
/// with no call in its loop it needs no registers saved.
///
/// # Safety
/// As [`show`].
#[inline(always)]
unsafe fn show_all(block: *mut Block, pieces: &mut [iovec]) -> Option<usize> {
    let (mut block, mut used) = (block, 0);
    // SAFETY: the walk sees live blocks.
    unsafe {
        while !block.is_null() {
            let len = (*block).len;
            if len > 0 {
                let Some(piece) = pieces.get_mut(used) else { break };
                if (*block).flags & UNLOADED != 0 {
                    return None;
                }
                piece.iov_base = (*block).at.cast();
                piece.iov_len = len;
                used += 1;
            }
            block = (*block).next;
        }
    }
    Some(used)
}

#[inline(never)]
unsafe fn peek_slowly(
    b: *mut evbuffer,
    n: Option<usize>,
    from: Option<&evbuffer_ptr>,
    pieces: &mut [iovec],
) -> usize {
    // SAFETY: live (caller).
    unsafe {
        let guard = lock(b);
        let at = match from {
            Some(ptr) => search::resolve(&(*b).store, ptr),
            None => Some(search::start(&(*b).store)),
        };
        let used = at.map_or(0, |at| show(at.block, at.skip, n, pieces));
        drop(guard);
        used
    }
}

/// [`peek`] from a byte of a block on.
///
/// # Safety
/// `block` is null or a live block of a chain that does not change meanwhile.
unsafe fn show(block: *mut Block, skip: usize, n: Option<usize>, pieces: &mut [iovec]) -> usize {
    let count_all = n.is_some() || pieces.is_empty();
    let n = n.unwrap_or(usize::MAX);
    let (mut block, mut skip) = (block, skip);
    let (mut used, mut so_far) = (0, 0_usize);
    // SAFETY: the walk sees live blocks.
    unsafe {
        while !block.is_null() && so_far < n {
            let len = (*block).len - skip;
            if len > 0 {
                match pieces.get_mut(used) {
                    Some(piece) => {
                        if Block::load(block).is_err() {
                            break;
                        }
                        piece.iov_base = (*block).at.add(skip).cast();
                        piece.iov_len = len;
                    }
                    None if !count_all => break,
                    None => {}
                }
                used += 1;
                so_far = so_far.saturating_add(len);
            }
            skip = 0;
            block = (*block).next;
        }
    }
    used
}

/// Removes `n` bytes and tells it in two steps, `first` and the rest, as reading a line does.
///
/// # Safety
/// `b` is live and locked by `guard`; no borrow is held.
pub(super) unsafe fn drain_in_two(
    b: *mut evbuffer,
    guard: crate::thread::Guard,
    first: usize,
    rest: usize,
) {
    // SAFETY: as in `add_slowly`; the count keeps the buffer alive between the steps.
    unsafe {
        (*b).refs += 1;
        for n in [first, rest] {
            if n > 0 {
                let mut out = Dropped::new();
                let gone = (*b).store.drain(n, &mut out);
                drop(out);
                tell(b, 0, gone);
            }
        }
        decref_locked(b, guard);
    }
}
