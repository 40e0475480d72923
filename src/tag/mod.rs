//! Tagged values in evbuffers: tag, length of the payload, payload.
//!
//! | file | what |
//! |---|---|
//! | `codec` | tags and numbers as bytes (pure) |
//! | this file | reading them from buffers and writing them |
//!
//! Readers look at copies of the first few bytes: a number that is spread over the blocks of the
//! chain is read without rearranging it, and no byte behind the longest number is ever looked at.
//! How much a reader consumes when it fails is what the reference consumes: the parts that were in
//! order, up to the one that was not. Writers write all of a value or nothing.

pub mod codec;

use crate::buffer::{self, evbuffer};
use crate::error::{Error, Result};
use crate::mem;
use codec::Bytes;
use core::ptr::NonNull;
use libc::{c_char, iovec, timeval};

/// A copy of the first bytes of `b`, as many as fit and are there.
unsafe fn front<const N: usize>(b: *mut evbuffer, room: &mut [u8; N]) -> &[u8] {
    // SAFETY: live (caller).
    let n = unsafe { buffer::copyout(b, room) }.unwrap_or(0);
    room.get(..n).unwrap_or_default()
}

/// Appends bytes that were encoded.
///
/// # Safety
/// `b` is live.
pub unsafe fn put(b: *mut evbuffer, bytes: Bytes) -> Result<()> {
    // SAFETY: live (caller).
    unsafe { buffer::add(b, bytes.as_slice()) }
}

/// Appends a tagged value of `n` bytes.
///
/// # Safety
/// `b` is live, `data` has `n` bytes.
pub unsafe fn marshal(b: *mut evbuffer, tag: u32, data: *const u8, n: u32) -> Result<()> {
    let head = Bytes::new().tag(tag).int(n.into());
    let head = head.as_slice();
    let pieces = [
        iovec { iov_base: head.as_ptr().cast_mut().cast(), iov_len: head.len() },
        iovec { iov_base: data.cast_mut().cast(), iov_len: n as usize },
    ];
    let total = head.len().checked_add(n as usize).ok_or(Error::NoMemory)?;
    // SAFETY: live (caller); the pieces are only read, and have their lengths.
    let added = unsafe { buffer::add_iovec(b, &pieces) };
    if added == total { Ok(()) } else { Err(Error::NoMemory) }
}

/// Appends a tagged value of bytes that were encoded.
///
/// # Safety
/// `b` is live.
pub unsafe fn marshal_bytes(b: *mut evbuffer, tag: u32, bytes: Bytes) -> Result<()> {
    let data = bytes.as_slice();
    // SAFETY: live (caller); the slice has its length, which is a few bytes.
    unsafe { marshal(b, tag, data.as_ptr(), data.len() as u32) }
}

/// Appends a tagged value that is the content of `data`, which is moved and not copied.
///
/// # Safety
/// Both are live.
pub unsafe fn marshal_buffer(b: *mut evbuffer, tag: u32, data: *mut evbuffer) -> Result<()> {
    if b == data {
        return Err(Error::Invalid);
    }
    // SAFETY: live (caller).
    unsafe {
        let n = u32::try_from(buffer::len(data)).map_err(|_| Error::Invalid)?;
        put(b, Bytes::new().tag(tag).int(n.into()))?;
        buffer::add_buffer(b, data)
    }
}

/// A timeval's payload: two numbers of 32 bits.
pub fn timeval_bytes(tv: &timeval) -> Bytes {
    let short = |n: i64| u64::from(n as u32);
    Bytes::new().int(short(tv.tv_sec)).int(short(tv.tv_usec))
}

/// Looks at a tag; says how many bytes it takes.
///
/// # Safety
/// `b` is live.
pub unsafe fn peek_tag(b: *mut evbuffer) -> Option<(u32, usize)> {
    let mut room = [0; codec::TAG_MAX];
    // SAFETY: live (caller).
    codec::tag(unsafe { front(b, &mut room) })
}

/// Takes a tag.
///
/// # Safety
/// `b` is live.
pub unsafe fn take_tag(b: *mut evbuffer) -> Option<(u32, usize)> {
    // SAFETY: live (caller).
    unsafe {
        let found = peek_tag(b)?;
        buffer::drain(b, found.1).ok()?;
        Some(found)
    }
}

/// Takes a number of 32 bits.
///
/// # Safety
/// `b` is live.
pub unsafe fn take_int(b: *mut evbuffer) -> Option<u32> {
    let mut room = [0; codec::INT_MAX];
    // SAFETY: live (caller).
    unsafe {
        let (n, size) = codec::int(front(b, &mut room))?;
        buffer::drain(b, size).ok()?;
        Some(n)
    }
}

/// Takes a number of 64 bits.
///
/// # Safety
/// `b` is live.
pub unsafe fn take_int64(b: *mut evbuffer) -> Option<u64> {
    let mut room = [0; codec::INT64_MAX];
    // SAFETY: live (caller).
    unsafe {
        let (n, size) = codec::int64(front(b, &mut room))?;
        buffer::drain(b, size).ok()?;
        Some(n)
    }
}

/// Looks at tag and length; says how many bytes the two take. The payload need not be there.
///
/// # Safety
/// `b` is live.
pub unsafe fn peek_header(b: *mut evbuffer) -> Option<(u32, u32, usize)> {
    let mut room = [0; codec::TAG_MAX + codec::INT_MAX];
    // SAFETY: live (caller).
    codec::header(unsafe { front(b, &mut room) })
}

/// Takes tag and length, whose payload is there and not longer than `INT_MAX`.
///
/// # Safety
/// `b` is live.
pub unsafe fn take_header(b: *mut evbuffer) -> Option<(u32, usize)> {
    // SAFETY: live (caller).
    unsafe {
        let (tag, _) = take_tag(b)?;
        let len = take_int(b)? as usize;
        (len <= i32::MAX as usize && len <= buffer::len(b)).then_some((tag, len))
    }
}

/// Moves the payload of a value to the end of `to`; says its tag and length.
///
/// # Safety
/// Both are live.
pub unsafe fn unmarshal(b: *mut evbuffer, to: *mut evbuffer) -> Option<(u32, usize)> {
    if b == to {
        return None;
    }
    // SAFETY: live (caller).
    unsafe {
        let (tag, len) = take_header(b)?;
        match buffer::remove_buffer(b, to, len) {
            Ok(n) if n == len => Some((tag, len)),
            Err(Error::NoMemory) => {
                // Back to where it was. The room that the header had is still there.
                let head = Bytes::new().tag(tag).int(len as u64);
                let head = head.as_slice();
                let _ = buffer::prepend(b, head.as_ptr(), head.len());
                None
            }
            _ => None,
        }
    }
}

/// Takes a value with `tag` that is a number, of 64 bits if `long`; says what it is and how many
/// bytes it took in the payload. A payload that is too long is skipped to its end.
///
/// # Safety
/// `b` is live.
pub unsafe fn unmarshal_int(b: *mut evbuffer, tag: u32, long: bool) -> Option<(u64, usize)> {
    let mut room = [0; codec::INT64_MAX];
    // SAFETY: live (caller).
    unsafe {
        if take_tag(b)?.0 != tag {
            return None;
        }
        let len = take_int(b)? as usize;
        if len > buffer::len(b) {
            return None;
        }
        let bytes = front(b, &mut room);
        let bytes = bytes.get(..len.min(bytes.len()))?;
        let found = if long {
            codec::int64(bytes)
        } else {
            codec::int(bytes).map(|(n, size)| (n.into(), size))
        };
        buffer::drain(b, len).ok()?;
        found
    }
}

/// Takes a value with `tag` of exactly `n` bytes.
///
/// # Safety
/// `b` is live, `to` has room for `n` bytes.
pub unsafe fn unmarshal_fixed(b: *mut evbuffer, tag: u32, to: *mut u8, n: usize) -> Option<()> {
    // SAFETY: live, room for `n` bytes (caller).
    unsafe {
        let (found, len) = take_header(b)?;
        if found != tag || len != n {
            return None;
        }
        (buffer::remove_raw(b, to, n).ok()? == n).then_some(())
    }
}

/// Takes a value with `tag` as a string for C to keep.
///
/// # Safety
/// `b` is live.
pub unsafe fn unmarshal_string(b: *mut evbuffer, tag: u32) -> Option<NonNull<c_char>> {
    // SAFETY: live (caller). The block has room for the payload and the NUL.
    unsafe {
        // Before anything is consumed: want of memory changes nothing.
        let expected = match peek_header(b) {
            Some((found, len, size))
                if found == tag
                    && len <= i32::MAX as u32
                    && len as usize <= buffer::len(b).saturating_sub(size) =>
            {
                Some(mem::alloc((len as usize).checked_add(1)?)?)
            }
            _ => None,
        };
        let taken = take_header(b);
        let text = expected?;
        let done = taken.is_some_and(|(_, len)| {
            text.as_ptr().add(len).write(0);
            buffer::remove_raw(b, text.as_ptr(), len) == Ok(len)
        });
        if done {
            Some(text.cast())
        } else {
            mem::free(text.as_ptr());
            None
        }
    }
}

/// Takes a value with `tag` that is a time.
///
/// # Safety
/// `b` is live.
pub unsafe fn unmarshal_timeval(b: *mut evbuffer, tag: u32) -> Option<timeval> {
    let mut room = [0; codec::INT_MAX * 2];
    // SAFETY: live (caller).
    unsafe {
        let (found, len) = take_header(b)?;
        let bytes = front(b, &mut room);
        let bytes = bytes.get(..len.min(bytes.len()))?;
        let parts = codec::int(bytes)
            .filter(|_| found == tag)
            .and_then(|(sec, size)| codec::int(bytes.get(size..)?).map(|(usec, _)| (sec, usec)));
        // Other than the rest the reference skips a payload that it does not take.
        buffer::drain(b, len).ok()?;
        let (sec, usec) = parts?;
        Some(timeval { tv_sec: sec.into(), tv_usec: usec.into() })
    }
}
