//! Positions, search, lines.
//!
//! A position is an offset from the front. `evbuffer_ptr` also carries a hint, the block and the
//! offset in it, and with it the store's age: a hint of another age is ignored and the chain is
//! walked instead, so that a position kept too long leads nowhere worse than to another byte.

use super::block::Block;
use super::callbacks::finish;
use super::edit::drain_in_two;
use super::raw::{evbuffer_eol_style, evbuffer_ptr, evbuffer_ptr_internal};
use super::store::Store;
use super::{NOT_AT_START, block, evbuffer, lock};
use crate::error::{Error, Result};
use crate::util::scan::{memchr, memchr2, memmem};
use crate::{mem, warnx};
use core::ptr::{NonNull, null_mut};
use libc::c_char;

/// Where a byte is; `block` is null behind the last byte.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    pub(super) pos: usize,
    pub(super) block: *mut Block,
    pub(super) skip: usize,
}

/// The hint's offset has the low bits, the age the high ones.
const SKIP_BITS: u32 = 40;
const SKIP_MAX: usize = (1 << SKIP_BITS) - 1;

fn age_of(store: &Store) -> usize {
    (store.age as usize) << SKIP_BITS
}

/// The front.
pub(super) fn start(store: &Store) -> Position {
    Position { pos: 0, block: store.first, skip: 0 }
}

/// What a position of the program means now; `None` if it lies outside.
pub(super) fn resolve(store: &Store, ptr: &evbuffer_ptr) -> Option<Position> {
    let pos = usize::try_from(ptr.pos).ok()?;
    if pos > store.total {
        return None;
    }
    let skip = ptr.internal_.pos_in_chain & SKIP_MAX;
    let block: *mut Block = ptr.internal_.chain.cast();
    if !block.is_null() && ptr.internal_.pos_in_chain & !SKIP_MAX == age_of(store) {
        return Some(Position { pos, block, skip });
    }
    advance(start(store), pos)
}

/// The position `n` bytes further on; `None` if there are not so many.
fn advance(from: Position, n: usize) -> Option<Position> {
    let (mut block, mut skip, mut left) = (from.block, from.skip, n);
    // SAFETY: positions point to live blocks of the chain.
    unsafe {
        while !block.is_null() && left >= (*block).len - skip {
            left -= (*block).len - skip;
            block = (*block).next;
            skip = 0;
        }
    }
    if block.is_null() && left > 0 {
        return None;
    }
    Some(Position { pos: from.pos + n, block, skip: skip + left })
}

fn to_ptr(store: &Store, at: Position) -> evbuffer_ptr {
    let Ok(pos) = isize::try_from(at.pos) else { return NOT_FOUND };
    let hint = if at.skip <= SKIP_MAX { at.block } else { null_mut() };
    evbuffer_ptr {
        pos,
        internal_: evbuffer_ptr_internal {
            chain: hint.cast(),
            pos_in_chain: (at.skip & SKIP_MAX) | age_of(store),
        },
    }
}

const NOT_FOUND: evbuffer_ptr = evbuffer_ptr {
    pos: -1,
    internal_: evbuffer_ptr_internal { chain: null_mut(), pos_in_chain: 0 },
};

/// Sets a position to `n` bytes from the front, or moves it `n` bytes on.
///
/// # Safety
/// `b` is live.
pub unsafe fn ptr_set(b: *mut evbuffer, ptr: &mut evbuffer_ptr, n: usize, add: bool) -> Result<()> {
    // SAFETY: live (caller); short borrows under the lock, no program code runs.
    unsafe {
        let guard = lock(b);
        let store = &(*b).store;
        let from = if add {
            if ptr.pos < 0 || ptr.pos.cast_unsigned().checked_add(n).is_none() {
                return Err(Error::Invalid);
            }
            resolve(store, ptr)
        } else {
            Some(start(store))
        };
        let to = from.and_then(|from| advance(from, n));
        *ptr = to.map_or(NOT_FOUND, |to| to_ptr(store, to));
        drop(guard);
        to.map(|_| ()).ok_or(Error::Invalid)
    }
}

/// The bytes of a block from `skip` on.
///
/// # Safety
/// `block` is live, not empty behind `skip`; the slice is used before the block changes.
unsafe fn bytes<'a>(block: *mut Block, skip: usize) -> Option<&'a [u8]> {
    // SAFETY: `at` has `len` readable bytes once the block is loaded.
    unsafe {
        let n = (*block).len.checked_sub(skip)?;
        if n == 0 {
            return Some(&[]);
        }
        Block::load(block).ok()?;
        Some(core::slice::from_raw_parts((*block).at.add(skip), n))
    }
}

/// Whether the bytes from a position on are these.
///
/// # Safety
/// The position is in a live chain.
unsafe fn matches(at: Position, what: &[u8]) -> bool {
    let (mut block, mut skip, mut left) = (at.block, at.skip, what);
    // SAFETY: the walk sees live blocks.
    unsafe {
        while !left.is_empty() {
            if block.is_null() {
                return false;
            }
            let Some(have) = bytes(block, skip) else { return false };
            let n = have.len().min(left.len());
            if have.get(..n) != left.get(..n) {
                return false;
            }
            left = left.get(n..).unwrap_or_default();
            block = (*block).next;
            skip = 0;
        }
    }
    true
}

/// Where the first byte leads astray this often, a search for the whole is set up.
const ASTRAY_MAX: usize = 16;

/// The first place from `from` on where `what` stands in one block, or may begin at its end: by the
/// first byte as long as that is rare, else by what `memmem` knows, whose time is bounded for any
/// needle.
#[inline]
fn in_block<'n>(
    hay: &[u8],
    from: usize,
    what: &'n [u8],
    first: u8,
    finder: &mut Option<memmem::Finder<'n>>,
) -> Option<usize> {
    let mut from = from;
    if finder.is_none() {
        for _ in 0..ASTRAY_MAX {
            from += memchr(first, hay.get(from..)?)?;
            let rest = hay.get(from..)?;
            if rest.len() < what.len() || rest.starts_with(what) {
                return Some(from);
            }
            from += 1;
        }
    }
    let finder = finder.get_or_insert_with(|| memmem::Finder::new(what));
    if let Some(i) = finder.find(hay.get(from..)?) {
        return Some(from + i);
    }
    let from = from.max(hay.len().saturating_sub(what.len() - 1));
    Some(from + memchr(first, hay.get(from..)?)?)
}

/// The first occurrence of `what` (not empty) that starts at or after `from` and ends at or
/// before `limit`.
///
/// # Safety
/// The position is in a live chain.
unsafe fn find(from: Position, limit: usize, what: &[u8]) -> Option<Position> {
    let first = *what.first()?;
    let mut finder = None;
    let mut at = from;
    // SAFETY: the walk sees live blocks.
    unsafe {
        while !at.block.is_null() {
            if limit.checked_sub(at.pos)? < what.len() {
                return None;
            }
            let hay = bytes(at.block, at.skip)?;
            let mut next = 0;
            while let Some(i) = in_block(hay, next, what, first, &mut finder) {
                let found = Position { pos: at.pos + i, block: at.block, skip: at.skip + i };
                if found.pos + what.len() > limit {
                    return None;
                }
                if hay.len() - i >= what.len() || matches(found, what) {
                    return Some(found);
                }
                next = i + 1;
            }
            at = Position { pos: at.pos + hay.len(), block: (*at.block).next, skip: 0 };
        }
    }
    None
}

/// Searches for bytes; the position is -1 if they are not there. Nothing is found at once.
///
/// # Safety
/// `b` is live.
pub unsafe fn search(b: *mut evbuffer, what: &[u8], from: Option<&evbuffer_ptr>) -> evbuffer_ptr {
    // SAFETY: live (caller).
    unsafe { search_range(b, what, from, None) }
}

/// As [`search`], for what ends before `until`.
///
/// # Safety
/// `b` is live.
pub unsafe fn search_range(
    b: *mut evbuffer,
    what: &[u8],
    from: Option<&evbuffer_ptr>,
    until: Option<&evbuffer_ptr>,
) -> evbuffer_ptr {
    // SAFETY: live (caller); short borrows under the lock, no program code runs.
    unsafe {
        let guard = lock(b);
        let store = &(*b).store;
        let limit = match until {
            Some(ptr) => usize::try_from(ptr.pos).unwrap_or(0).min(store.total),
            None => store.total,
        };
        let from = match from {
            Some(ptr) => resolve(store, ptr),
            None => Some(start(store)),
        };
        let found =
            from.and_then(|at| if what.is_empty() { Some(at) } else { find(at, limit, what) });
        let result = found.map_or(NOT_FOUND, |at| to_ptr(store, at));
        drop(guard);
        result
    }
}

/// Searches for bytes and makes everything up to their end contiguous; null if they are not there.
///
/// # Safety
/// `b` is live.
pub unsafe fn find_pulled_up(b: *mut evbuffer, what: &[u8]) -> *mut u8 {
    // SAFETY: live (caller); the lock keeps the place right until it is pulled up.
    unsafe {
        let guard = lock(b);
        let found = search(b, what, None);
        let mut p = null_mut();
        if let Ok(pos) = usize::try_from(found.pos) {
            p = super::pullup(b, (pos + what.len()).cast_signed());
            if !p.is_null() {
                p = p.add(pos);
            }
        }
        drop(guard);
        p
    }
}

/// The first byte that is one of one or two.
///
/// # Safety
/// The position is in a live chain.
unsafe fn find_byte(from: Position, one: u8, two: u8) -> Option<Position> {
    let mut at = from;
    // SAFETY: the walk sees live blocks.
    unsafe {
        while !at.block.is_null() {
            let hay = bytes(at.block, at.skip)?;
            let hit = if one == two { memchr(one, hay) } else { memchr2(one, two, hay) };
            if let Some(i) = hit {
                return Some(Position { pos: at.pos + i, block: at.block, skip: at.skip + i });
            }
            at = Position { pos: at.pos + hay.len(), block: (*at.block).next, skip: 0 };
        }
    }
    None
}

/// The end of the line from `from` on: where, and how long it is.
///
/// # Safety
/// The position is in the live chain of `store`.
unsafe fn find_eol(
    from: Position,
    limit: usize,
    style: evbuffer_eol_style,
) -> Option<(Position, usize)> {
    // SAFETY: the walks see live blocks.
    unsafe {
        match style {
            evbuffer_eol_style::EVBUFFER_EOL_LF => Some((find_byte(from, b'\n', b'\n')?, 1)),
            evbuffer_eol_style::EVBUFFER_EOL_NUL => Some((find_byte(from, 0, 0)?, 1)),
            evbuffer_eol_style::EVBUFFER_EOL_CRLF_STRICT => Some((find(from, limit, b"\r\n")?, 2)),
            evbuffer_eol_style::EVBUFFER_EOL_ANY => {
                let at = find_byte(from, b'\r', b'\n')?;
                let (mut block, mut skip, mut n) = (at.block, at.skip, 0);
                while !block.is_null() {
                    let have = bytes(block, skip)?;
                    let run = have.iter().take_while(|&&c| c == b'\r' || c == b'\n').count();
                    n += run;
                    if run < have.len() {
                        break;
                    }
                    block = (*block).next;
                    skip = 0;
                }
                Some((at, n))
            }
            evbuffer_eol_style::EVBUFFER_EOL_CRLF => {
                // As `find_byte`, remembering the byte before.
                let mut at = from;
                let mut before: Option<Position> = None;
                while !at.block.is_null() {
                    let hay = bytes(at.block, at.skip)?;
                    let end = memchr(b'\n', hay).unwrap_or(hay.len());
                    let last =
                        |i: usize| Position { pos: at.pos + i, block: at.block, skip: at.skip + i };
                    if let Some(i) = end.checked_sub(1) {
                        before = if hay.get(i) == Some(&b'\r') { Some(last(i)) } else { None };
                    }
                    if end < hay.len() {
                        return Some(before.map_or((last(end), 1), |cr| (cr, 2)));
                    }
                    at = Position { pos: at.pos + hay.len(), block: (*at.block).next, skip: 0 };
                }
                None
            }
        }
    }
}

/// Searches for the end of a line; how long that is comes with it.
///
/// # Safety
/// `b` is live.
pub unsafe fn search_eol(
    b: *mut evbuffer,
    from: Option<&evbuffer_ptr>,
    style: evbuffer_eol_style,
) -> (evbuffer_ptr, usize) {
    // SAFETY: as in `search_range`.
    unsafe {
        let guard = lock(b);
        let store = &(*b).store;
        let from = match from {
            Some(ptr) => resolve(store, ptr),
            None => Some(start(store)),
        };
        let found = from.and_then(|at| find_eol(at, store.total, style));
        let result = found.map_or((NOT_FOUND, 0), |(at, n)| (to_ptr(store, at), n));
        drop(guard);
        result
    }
}

/// The end of a line that lies in the first block whole: its length, and that of what ends it.
#[inline]
fn line_in_first(store: &Store, style: evbuffer_eol_style) -> Option<(usize, usize)> {
    let crlf = match style {
        evbuffer_eol_style::EVBUFFER_EOL_CRLF => true,
        evbuffer_eol_style::EVBUFFER_EOL_LF => false,
        _ => return None,
    };
    if store.first.is_null() {
        return None;
    }
    // SAFETY: a live block of the chain.
    let hay = unsafe { bytes(store.first, 0)? };
    let end = memchr(b'\n', hay)?;
    match end.checked_sub(1) {
        Some(i) if crlf && hay.get(i) == Some(&b'\r') => Some((i, 2)),
        _ => Some((end, 1)),
    }
}

/// Takes a line out of the front, without what ends it: a C string for the caller to free, and
/// its length. `None` if there is no complete line.
///
/// # Safety
/// `b` is live.
pub unsafe fn readln(
    b: *mut evbuffer,
    style: evbuffer_eol_style,
) -> Option<(NonNull<c_char>, usize)> {
    // SAFETY: live (caller); the borrow of the store ends before callbacks run.
    unsafe {
        let guard = lock(b);
        (*b).check_start().ok()?;
        let store = &raw mut (*b).store;
        let (n, extra) = match line_in_first(&*store, style) {
            Some(found) => found,
            None => {
                let (at, extra) = find_eol(start(&*store), (*store).total, style)?;
                (at.pos, extra)
            }
        };
        let Some(line) = mem::alloc(n + 1) else {
            warnx!("evbuffer_readln: out of memory");
            return None;
        };
        if Store::copy_out((*store).first, 0, line.as_ptr(), n).is_err() {
            mem::free(line.as_ptr());
            return None;
        }
        line.as_ptr().add(n).write(0);
        if super::callbacks::is_watched(b) {
            drain_in_two(b, guard, n, extra);
        } else if !((*b).is_quiet(NOT_AT_START) && (*store).drain_first(n + extra)) {
            let mut out = block::Dropped::new();
            let gone = (*store).drain(n + extra, &mut out);
            finish(b, guard, out, 0, gone);
        }
        Some((line.cast(), n))
    }
}
