//! `printf` into a buffer.
//!
//! C's `vsnprintf` is slow where its target ends too early: it goes on to count what it cannot
//! store, 64 bytes at a time, for 250,000 instructions in the case of an 8 KiB string. So the text
//! is made in a scratch area that nearly every text fits, and copied. Where the buffer has room for the
//! longest text seen so far it is made in the buffer itself.

use super::block::Dropped;
use super::callbacks::finish;
use super::{NOT_AT_END, evbuffer, lock};
use crate::error::{Error, Result};
use crate::mem;
use crate::sys::printf::{Arguments, vsnprintf};
use core::ffi::c_void;
use core::fmt::{self, Write};
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use libc::c_char;

/// Stack for the text. The pages are touched only as far as the text goes.
const SCRATCH: usize = 16384;
/// The room that the reference makes before it formats.
const LEAST_ROOM: usize = 64;

/// The room that texts need, as far as they have been seen: less in the buffer, and the next one is
/// made in the scratch area. It only grows, at least twofold each time, so that few texts of a
/// process are made in a room that turns out too small.
static ENOUGH: AtomicUsize = AtomicUsize::new(LEAST_ROOM);

/// Appends C-formatted text; says how long it is.
///
/// # Safety
/// `b` is live; `ap` is a C `va_list` parameter that matches `fmt`.
pub unsafe fn add_vprintf(b: *mut evbuffer, fmt: *const c_char, ap: *mut c_void) -> Result<usize> {
    // SAFETY: live, matching arguments (caller). The room is unused memory of the last block.
    unsafe {
        if (*b).is_quiet(NOT_AT_END) && (*b).store.has_room(ENOUGH.load(Relaxed)) {
            let (tail, mut args) = ((*b).store.tail, Arguments::copy(ap));
            let room = (*tail).space();
            let n = vsnprintf((*tail).space_at().cast(), room, fmt, args.as_ptr());
            let n = usize::try_from(n).map_err(|_| Error::Invalid)?;
            if n < room {
                (*b).store.can_grow(n)?;
                (*b).store.commit_to(tail, n);
                return Ok(n);
            }
            ENOUGH.fetch_max(n.saturating_add(1).next_power_of_two(), Relaxed);
        }
        add_from_scratch(b, fmt, ap)
    }
}

/// # Safety
/// As [`add_vprintf`].
#[inline(never)]
unsafe fn add_from_scratch(b: *mut evbuffer, fmt: *const c_char, ap: *mut c_void) -> Result<usize> {
    // SAFETY: live, matching arguments (caller).
    unsafe {
        let guard = lock(b);
        (*b).check_end()?;
        let mut scratch = [const { MaybeUninit::<u8>::uninit() }; SCRATCH];
        let mut args = Arguments::copy(ap);
        let n = vsnprintf(scratch.as_mut_ptr().cast(), SCRATCH, fmt, args.as_ptr());
        let n = usize::try_from(n).map_err(|_| Error::Invalid)?;
        let mut out = Dropped::new();
        if n < SCRATCH {
            put(b, scratch.as_ptr().cast(), n, &mut out)?;
        } else {
            // `vsnprintf` wants a place for its final 0.
            (*b).store.can_grow(n + 1)?;
            let block = (*b).store.expand(n + 1, &mut out)?;
            let mut args = Arguments::copy(ap);
            vsnprintf((*block).space_at().cast(), n + 1, fmt, args.as_ptr());
            (*b).store.commit_to(block, n);
        }
        finish(b, guard, out, n, 0);
        Ok(n)
    }
}

/// Appends `n` bytes in one piece, in the place where the reference would have put them, with the 0
/// that its formatting leaves behind the text: programs that only ever print into a buffer take what
/// `evbuffer_pullup` returns for a C string.
///
/// # Safety
/// `b` is live and locked, `text` has `n` bytes and a 0, and lies elsewhere.
unsafe fn put(b: *mut evbuffer, text: *const u8, n: usize, out: &mut Dropped) -> Result<()> {
    // SAFETY: live (caller); the space is made before the copy.
    unsafe {
        let room = LEAST_ROOM.max(n + 1);
        (*b).store.can_grow(room)?;
        let block = if (*b).store.has_room(room) {
            (*b).store.tail
        } else {
            (*b).store.expand(room, out)?
        };
        (*block).space_at().copy_from_nonoverlapping(text, n + 1);
        (*b).store.commit_to(block, n);
    }
    Ok(())
}

/// Text on its way into a buffer: a scratch area, and a block of memory once that is full.
struct Text {
    stack: [MaybeUninit<u8>; 512],
    heap: mem::Vec<u8>,
    len: usize,
}

impl Write for Text {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let bytes = s.as_bytes();
        if self.heap.is_empty()
            && let Some(room) = self.stack.get_mut(self.len..self.len + bytes.len())
        {
            for (to, from) in room.iter_mut().zip(bytes) {
                to.write(*from);
            }
            self.len += bytes.len();
            return Ok(());
        }
        let first = self.heap.is_empty();
        let more = bytes.len() + if first { self.len } else { 0 };
        self.heap.try_reserve(more).map_err(|_| fmt::Error)?;
        if first {
            // SAFETY: the first `len` bytes of the stack area are written.
            self.heap.extend_from_slice(unsafe {
                core::slice::from_raw_parts(self.stack.as_ptr().cast(), self.len)
            });
        }
        self.heap.extend_from_slice(bytes);
        self.len = self.heap.len();
        Ok(())
    }
}

/// Appends Rust-formatted text; says how long it is.
///
/// # Safety
/// `b` is live.
pub unsafe fn add_fmt(b: *mut evbuffer, args: fmt::Arguments<'_>) -> Result<usize> {
    let mut text = Text {
        stack: [const { MaybeUninit::uninit() }; 512],
        heap: mem::Vec::new_in(mem::Heap),
        len: 0,
    };
    text.write_fmt(args).map_err(|_| Error::NoMemory)?;
    let p = if text.heap.is_empty() { text.stack.as_ptr().cast() } else { text.heap.as_ptr() };
    // SAFETY: live (caller); `len` bytes at `p` are written.
    unsafe { super::add_raw(b, p, text.len)? };
    Ok(text.len)
}
