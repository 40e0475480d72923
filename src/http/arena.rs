//! Storage for the headers of one request: a bump allocator inside the request's own block.
//!
//! What does not fit goes to the heap, so nothing grows with what a peer sends but the heap, and
//! limits on header size bound that. Nothing is freed piece by piece; the whole is reset when the
//! request is.

use super::headers;
use super::keyvalq_raw::{evkeyval, evkeyvalq};
use crate::sys::thread::with_local;
use core::mem::MaybeUninit;
use core::ptr::null_mut;

/// Enough for a browser's request with its usual dozen headers and for a typical reply's.
pub const SIZE: usize = 2400;

const ALIGN: usize = align_of::<evkeyval>();

/// The storage.
#[repr(C, align(8))]
#[derive(Debug)]
pub struct Arena {
    used: usize,
    bytes: MaybeUninit<[u8; SIZE]>,
}

impl Arena {
    /// Makes all of it free. Nothing that was taken may be used any more.
    ///
    /// # Safety
    /// `arena` is valid for writes.
    pub unsafe fn reset(arena: *mut Self) {
        // SAFETY: the caller's arena.
        unsafe { (*arena).used = 0 };
    }

    /// `n` bytes at a multiple of [`ALIGN`], or `None` when they do not fit.
    ///
    /// # Safety
    /// `arena` is live.
    pub unsafe fn take(arena: *mut Self, n: usize) -> Option<*mut u8> {
        // SAFETY: the caller's arena; `used` never exceeds SIZE, so the sum stays inside the block.
        unsafe {
            let used = (*arena).used;
            let end = used.checked_add(n)?.checked_next_multiple_of(ALIGN)?;
            if end > SIZE {
                return None;
            }
            (*arena).used = end;
            Some((&raw mut (*arena).bytes).cast::<u8>().add(used))
        }
    }

    /// Whether `p` points into the storage.
    pub fn contains(arena: *const Self, p: *const u8) -> bool {
        let start = arena.addr();
        (start..start.wrapping_add(size_of::<Self>())).contains(&p.addr())
    }

    /// A header node, strings first (see `headers`).
    ///
    /// # Safety
    /// `arena` is live.
    pub unsafe fn node(arena: *mut Self, key: &[u8], value: &[u8]) -> Option<*mut evkeyval> {
        let strings = headers::strings_len(key, value)?.checked_next_multiple_of(ALIGN)?;
        // SAFETY: the caller's arena; the block holds the strings, padding, and the node at an
        // aligned place.
        unsafe {
            let at = Self::take(arena, strings.checked_add(size_of::<evkeyval>())?)?;
            let node = at.add(strings).cast::<evkeyval>();
            headers::fill(node, at, key, value);
            Some(node)
        }
    }
}

// A thread may have one arena open, and the list of output headers that grows in it. That is while
// a server's request callback runs, since `evhttp_add_header` gets only a list.

/// A node for `list` from its arena, if it has one that is open and has room.
pub(crate) fn output_node(list: *mut evkeyvalq, key: &[u8], value: &[u8]) -> Option<*mut evkeyval> {
    let arena = with_local(|l| (l.headers.get() == list.cast()).then(|| l.arena.get()))?;
    if list.is_null() {
        return None;
    }
    // SAFETY: an open arena is live: `close` comes before its request is freed.
    unsafe { Arena::node(arena.cast(), key, value) }
}

/// Lets headers that are added to `list` on this thread grow in `arena`, until [`close`].
pub(crate) fn open(list: *mut evkeyvalq, arena: *mut Arena) {
    with_local(|l| {
        l.headers.set(list.cast());
        l.arena.set(arena.cast());
    });
}

/// Ends what [`open`] began, if `list` is the one; its nodes stay where they are.
pub(crate) fn close(list: *mut evkeyvalq) {
    with_local(|l| {
        if l.headers.get() == list.cast() {
            l.headers.set(null_mut());
            l.arena.set(null_mut());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_and_overflow() {
        let mut arena = Arena { used: 0, bytes: MaybeUninit::uninit() };
        let arena = &raw mut arena;
        let mut q = evkeyvalq { tqh_first: null_mut(), tqh_last: null_mut() };
        let q = &raw mut q;
        // SAFETY: both are locals that outlive the list's use.
        unsafe {
            headers::init(q);
            open(q, arena);
            for _ in 0..100 {
                headers::add(q, b"Name", b"some value of a header").unwrap();
            }
            close(q);
            let first = (*q).tqh_first;
            assert!(Arena::contains(arena, first.cast()));
            assert_eq!(headers::Nodes::of(q).count(), 100);
            assert!(headers::Nodes::of(q).any(|n| !Arena::contains(arena, n.cast())));
            headers::replace_last(q, b"x").unwrap();
            assert!(headers::remove(q, b"name"));
            headers::clear(q);
            Arena::reset(arena);
            assert!(Arena::take(arena, SIZE + 1).is_none());
            assert!(Arena::take(arena, SIZE).is_some());
        }
    }
}
