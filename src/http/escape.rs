//! Strings made for C to keep: escaped, unescaped, and lists made of query strings.

use super::headers;
use super::keyvalq_raw::evkeyvalq;
use super::query::{self, pairs};
use super::uri::{self, Plus};
use crate::error::{Error, Result};
use crate::mem;
use core::ptr::NonNull;
use libc::c_char;

/// A C string in the making, of a size known in advance.
struct Maker {
    start: NonNull<u8>,
    room: usize,
    len: usize,
}

impl Maker {
    fn new(room: usize) -> Result<Self> {
        let size = room.checked_add(1).ok_or(Error::NoMemory)?;
        Ok(Self { start: mem::alloc(size).ok_or(Error::NoMemory)?, room, len: 0 })
    }

    /// Appends a byte; bytes beyond the announced size are dropped.
    fn put(&mut self, b: u8) {
        if self.len < self.room {
            // SAFETY: the block has `room + 1` bytes.
            unsafe { self.start.as_ptr().add(self.len).write(b) };
            self.len = self.len.saturating_add(1);
        }
    }

    /// The string, and its length.
    fn finish(self) -> (NonNull<c_char>, usize) {
        // SAFETY: `len <= room` and the block has `room + 1` bytes.
        unsafe { self.start.as_ptr().add(self.len).write(0) };
        (self.start.cast(), self.len)
    }
}

/// `text` with everything but unreserved characters percent-encoded.
pub fn encode(text: &[u8], blank_to_plus: bool) -> Result<NonNull<c_char>> {
    let mut size = 0usize;
    uri::escape(text, blank_to_plus, |_| size = size.saturating_add(1));
    let mut out = Maker::new(size)?;
    uri::escape(text, blank_to_plus, |b| out.put(b));
    Ok(out.finish().0)
}

/// `text` decoded, and its length; with `nul` also `%00` is.
pub fn decode(text: &[u8], plus: Plus, nul: bool) -> Result<(NonNull<c_char>, usize)> {
    let mut out = Maker::new(text.len())?;
    uri::unescape(text, plus, nul, |b| out.put(b));
    Ok(out.finish())
}

/// `text` with the characters that mean something to HTML replaced.
pub fn html(text: &[u8]) -> Result<NonNull<c_char>> {
    let mut out = Maker::new(query::html_len(text).ok_or(Error::NoMemory)?)?;
    for &b in text {
        match query::html_entity(b) {
            Some(entity) => entity.iter().for_each(|b| out.put(*b)),
            None => out.put(b),
        }
    }
    Ok(out.finish().0)
}

/// How [`parse_query`] treats what standards do not allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueryRules {
    /// Keys without a value are fine.
    pub lenient: bool,
    /// Of several values of a key only the last is kept.
    pub last_value: bool,
}

/// Makes `list` (whatever it held) the list of the query's pairs, values decoded. On an error it
/// is empty.
///
/// # Safety
/// `list` is valid for writes.
pub unsafe fn parse_query(text: &[u8], list: *mut evkeyvalq, rules: QueryRules) -> Result<()> {
    // SAFETY: the caller's list; it is a proper one from `init` on.
    unsafe {
        headers::init(list);
        let done = fill_list(text, list, rules);
        if done.is_err() {
            headers::clear(list);
        }
        done
    }
}

/// As [`parse_query`] with the query of a URI, which has to be a sound one.
///
/// # Safety
/// `list` is valid for writes.
pub unsafe fn parse_uri_query(text: &[u8], list: *mut evkeyvalq) -> Result<()> {
    // SAFETY: the caller's list.
    unsafe {
        headers::init(list);
        let parts = uri::Parts::parse(text, uri::Flags::empty()).map_err(|_| Error::Invalid)?;
        parse_query(parts.query.unwrap_or_default(), list, QueryRules::default())
    }
}

unsafe fn fill_list(text: &[u8], list: *mut evkeyvalq, rules: QueryRules) -> Result<()> {
    let mut value = mem::Vec::new_in(mem::Heap);
    for pair in pairs(text, rules.lenient) {
        let pair = pair.map_err(|_| Error::Invalid)?;
        value.clear();
        value.try_reserve(pair.value.len()).map_err(|_| Error::NoMemory)?;
        // Decoding never makes a value longer, so this does not allocate.
        pair.decode(|b| value.push(b));
        // SAFETY: `parse_query` made it a proper list.
        unsafe {
            if rules.last_value {
                headers::remove(list, pair.key);
            }
            headers::append(list, pair.key, &value)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::ffi::CStr;
    use core::mem::MaybeUninit;

    fn take(p: NonNull<c_char>) -> Vec<u8> {
        // SAFETY: `p` is one of our strings, freed once here.
        unsafe {
            let v = CStr::from_ptr(p.as_ptr()).to_bytes().to_vec();
            mem::free(p.as_ptr().cast());
            v
        }
    }

    #[test]
    fn strings() {
        assert_eq!(take(encode(b"a b\0c", false).unwrap()), b"a%20b%00c");
        let (p, n) = decode(b"a%00b", Plus::Keep, true).unwrap();
        assert_eq!((take(p), n), (b"a".to_vec(), 3));
        assert_eq!(take(html(b"<&>'\"x").unwrap()), b"&lt;&amp;&gt;&#039;&quot;x");
        assert_eq!(take(html(b"").unwrap()), b"");
    }

    #[test]
    fn queries() {
        let mut q = MaybeUninit::<evkeyvalq>::uninit();
        let q = q.as_mut_ptr();
        // SAFETY: `q` is a local list.
        unsafe {
            parse_query(b"a=1&a=2%20&b=", q, QueryRules::default()).unwrap();
            assert_eq!(headers::value(q, b"a"), Some(&b"1"[..]));
            headers::clear(q);
            let last = QueryRules { last_value: true, lenient: true };
            parse_query(b"a=1&a=2&k", q, last).unwrap();
            assert_eq!(headers::value(q, b"a"), Some(&b"2"[..]));
            assert_eq!(headers::value(q, b"k"), Some(&b""[..]));
            headers::clear(q);
            assert!(parse_query(b"a=1&b", q, QueryRules::default()).is_err());
            assert!((*q).tqh_first.is_null());
        }
    }
}
