//! Header lists: `struct evkeyvalq` as the C API sees it, and where its nodes live.
//!
//! A node's key and value stand side by side (`key\0value\0`), so that the place of the three
//! tells how the node was made, without a private field that nodes of the user would lack:
//!
//! - strings right behind the node: one block of [`crate::mem`];
//! - strings in front of the node: taken from a request's [`super::arena::Arena`], nothing to free;
//! - anything else: three blocks of the user's (old programs link their own nodes in).

use super::arena::Arena;
use super::keyvalq_raw::{evkeyval, evkeyval_links, evkeyvalq};
use super::scan;
use crate::error::{Error, Result};
use crate::mem;
use core::ffi::CStr;
use core::ptr::{addr_of_mut, null_mut};
use libc::c_char;

/// Makes `q` the empty list.
///
/// # Safety
/// `q` is valid for writes.
pub unsafe fn init(q: *mut evkeyvalq) {
    // SAFETY: the caller's `q` is writable; only addresses are taken.
    unsafe {
        (*q).tqh_first = null_mut();
        (*q).tqh_last = addr_of_mut!((*q).tqh_first);
    }
}

/// Walks a list; the next node is read before the current one is handed out.
pub(crate) struct Nodes(*mut evkeyval);

impl Nodes {
    /// # Safety
    /// `q` is a list that stays alive, and only the node handed out last is removed meanwhile.
    pub(crate) unsafe fn of(q: *const evkeyvalq) -> Self {
        // SAFETY: the caller's list.
        Self(unsafe { (*q).tqh_first })
    }
}

impl Iterator for Nodes {
    type Item = *mut evkeyval;

    fn next(&mut self) -> Option<*mut evkeyval> {
        let node = self.0;
        if node.is_null() {
            return None;
        }
        // SAFETY: `of`'s contract keeps the list alive.
        self.0 = unsafe { (*node).next.tqe_next };
        Some(node)
    }
}

/// The bytes of a C string of a node; empty for null.
///
/// # Safety
/// `s` is null or a C string that outlives the result.
pub(crate) unsafe fn text<'a>(s: *const c_char) -> &'a [u8] {
    if s.is_null() {
        return b"";
    }
    // SAFETY: the caller's C string.
    unsafe { CStr::from_ptr(s) }.to_bytes()
}

/// The first node named `key`, whatever its case.
///
/// # Safety
/// `q` is a live list.
pub unsafe fn find(q: *const evkeyvalq, key: &[u8]) -> Option<*mut evkeyval> {
    // SAFETY: the caller's list; its keys are C strings.
    unsafe { Nodes::of(q) }.find(|n| unsafe { text((**n).key) }.eq_ignore_ascii_case(key))
}

/// The value of the first node named `key`.
///
/// # Safety
/// `q` is a live list, unchanged while the result is used.
pub unsafe fn value<'a>(q: *const evkeyvalq, key: &[u8]) -> Option<&'a [u8]> {
    // SAFETY: the caller's list; its values are C strings.
    unsafe { find(q, key).map(|n| text((*n).value)) }
}

/// Links `node` in at the end.
///
/// # Safety
/// `q` is a live list, `node` a live node in no list.
pub(crate) unsafe fn push(q: *mut evkeyvalq, node: *mut evkeyval) {
    // SAFETY: `tqh_last` always points to the link that the next node goes to.
    unsafe {
        (*node).next = evkeyval_links { tqe_next: null_mut(), tqe_prev: (*q).tqh_last };
        *(*q).tqh_last = node;
        (*q).tqh_last = addr_of_mut!((*node).next.tqe_next);
    }
}

/// Takes `node` out of its list.
unsafe fn unlink(q: *mut evkeyvalq, node: *mut evkeyval) {
    // SAFETY: the caller's node stands in the caller's list, so its links are those of `push`.
    unsafe {
        let links = (*node).next;
        if links.tqe_next.is_null() {
            (*q).tqh_last = links.tqe_prev;
        } else {
            (*links.tqe_next).next.tqe_prev = links.tqe_prev;
        }
        *links.tqe_prev = links.tqe_next;
    }
}

/// Frees a node that is in no list any more.
///
/// # Safety
/// `node` was made by [`make`], by an arena that is still alive, or by the user with three blocks.
unsafe fn free_node(node: *mut evkeyval) {
    // SAFETY: the caller's node; its strings are C strings or null.
    unsafe {
        let (key, value) = ((*node).key, (*node).value);
        let side_by_side = !key.is_null() && value == key.add(text(key).len().wrapping_add(1));
        if !side_by_side {
            mem::free(key.cast());
            mem::free(value.cast());
            mem::free(node.cast());
        } else if key == node.add(1).cast::<c_char>() {
            mem::free(node.cast());
        }
        // Else: in an arena.
    }
}

/// How many bytes the strings of a node take, terminators included.
pub(crate) fn strings_len(key: &[u8], value: &[u8]) -> Option<usize> {
    key.len().checked_add(value.len())?.checked_add(2)
}

/// Writes `key\0value\0` to `at` and points `node` to them.
///
/// # Safety
/// `node` is writable, `at` has room for [`strings_len`] bytes and overlaps neither string.
pub(crate) unsafe fn fill(node: *mut evkeyval, at: *mut u8, key: &[u8], value: &[u8]) {
    // SAFETY: the caller's room holds both strings and two terminators.
    unsafe {
        let second = put_string(at, key);
        put_string(second, value);
        (*node).key = at.cast();
        (*node).value = second.cast();
    }
}

/// Writes a C string; returns the place behind its terminator.
///
/// # Safety
/// `at` has room for `s.len() + 1` bytes and does not overlap `s`.
pub(crate) unsafe fn put_string(at: *mut u8, s: &[u8]) -> *mut u8 {
    // SAFETY: the caller's room.
    unsafe {
        at.copy_from_nonoverlapping(s.as_ptr(), s.len());
        at.add(s.len()).write(0);
        at.add(s.len()).add(1)
    }
}

/// A node in a block of its own.
pub(crate) fn make(key: &[u8], value: &[u8]) -> Result<*mut evkeyval> {
    let size = strings_len(key, value)
        .and_then(|n| n.checked_add(size_of::<evkeyval>()))
        .ok_or(Error::NoMemory)?;
    let node = mem::alloc(size).ok_or(Error::NoMemory)?.as_ptr().cast::<evkeyval>();
    // SAFETY: the block holds the node and, right behind it, both strings.
    unsafe { fill(node, node.add(1).cast(), key, value) };
    Ok(node)
}

/// Appends a node without looking at its text.
///
/// # Safety
/// `q` is a live list.
pub unsafe fn append(q: *mut evkeyvalq, key: &[u8], value: &[u8]) -> Result<()> {
    let node = super::arena::output_node(q, key, value).map_or_else(|| make(key, value), Ok)?;
    // SAFETY: a fresh node, the caller's list.
    unsafe { push(q, node) };
    Ok(())
}

/// Appends a header. A CR or LF in either string would let its author write further headers, or
/// a whole reply: refused. So is a NUL, which would end the string.
///
/// # Safety
/// `q` is a live list.
pub unsafe fn add(q: *mut evkeyvalq, key: &[u8], value: &[u8]) -> Result<()> {
    let breaks = |s: &[u8]| scan::line_stop(s, 0) < s.len();
    if breaks(key) || breaks(value) {
        return Err(Error::Invalid);
    }
    // SAFETY: the caller's list.
    unsafe { append(q, key, value) }
}

/// Removes the first header named `key`; false when there is none.
///
/// # Safety
/// `q` is a live list.
pub unsafe fn remove(q: *mut evkeyvalq, key: &[u8]) -> bool {
    // SAFETY: the caller's list; the node found stands in it.
    unsafe {
        let Some(node) = find(q, key) else { return false };
        unlink(q, node);
        free_node(node);
    }
    true
}

/// Removes everything. A list that was only zeroed becomes a proper empty one.
///
/// # Safety
/// `q` is a live list.
pub unsafe fn clear(q: *mut evkeyvalq) {
    // SAFETY: the caller's list; each node is read before it is freed, and the list forgets all.
    unsafe {
        for node in Nodes::of(q) {
            free_node(node);
        }
        init(q);
    }
}

/// [`clear`] for a list most of whose nodes stand in `arena`, which has nothing to free for them.
///
/// # Safety
/// `q` is a live list.
pub(crate) unsafe fn clear_all_but(q: *mut evkeyvalq, arena: *const Arena) {
    // SAFETY: as in `clear`.
    unsafe {
        for node in Nodes::of(q) {
            if !Arena::contains(arena, node.cast()) {
                free_node(node);
            }
        }
        init(q);
    }
}

/// The last node.
///
/// # Safety
/// `q` is a live list.
pub(crate) unsafe fn last(q: *mut evkeyvalq) -> Option<*mut evkeyval> {
    // SAFETY: in a list that is not empty, `tqh_last` is the address of the last node's first
    // field.
    unsafe { (!(*q).tqh_first.is_null()).then(|| (*q).tqh_last.cast::<evkeyval>()) }
}

/// Gives the last node another value. The node is replaced by one with a block of its own.
///
/// # Safety
/// `q` is a live list of nodes made here or in an arena.
pub(crate) unsafe fn replace_last(q: *mut evkeyvalq, value: &[u8]) -> Result<()> {
    // SAFETY: the caller's list and nodes; the old node is freed after its key was copied.
    unsafe {
        let old = last(q).ok_or(Error::Invalid)?;
        let node = make(text((*old).key), value)?;
        unlink(q, old);
        free_node(old);
        push(q, node);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::mem::MaybeUninit;

    #[test]
    fn list() {
        let mut q = MaybeUninit::<evkeyvalq>::uninit();
        let q = q.as_mut_ptr();
        // SAFETY: `q` is a local list throughout; strings are read while their nodes live.
        unsafe {
            init(q);
            clear(q);
            add(q, b"A", b"1").unwrap();
            add(q, b"b", b"").unwrap();
            add(q, b"a", b"2").unwrap();
            assert_eq!(value(q, b"a"), Some(&b"1"[..]));
            assert_eq!(value(q, b"B"), Some(&b""[..]));
            assert_eq!(add(q, b"x\n", b""), Err(Error::Invalid));
            assert_eq!(add(q, b"x", b"a\r\n b"), Err(Error::Invalid));
            replace_last(q, b"2 more").unwrap();
            assert!(remove(q, b"A"));
            assert_eq!(value(q, b"a"), Some(&b"2 more"[..]));
            assert!(!remove(q, b"zz"));
            // A node of the user's own.
            let node = mem::alloc(size_of::<evkeyval>()).unwrap().as_ptr().cast::<evkeyval>();
            (*node).key = mem::c_string(b"U").unwrap().as_ptr();
            (*node).value = mem::c_string(b"v").unwrap().as_ptr();
            push(q, node);
            assert_eq!(value(q, b"u"), Some(&b"v"[..]));
            clear(q);
            clear(q);
            assert!((*q).tqh_first.is_null());
        }
    }
}
