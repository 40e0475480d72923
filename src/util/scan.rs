//! Bytes in bytes.
//!
//! One byte is the C library's matter, which knows the processor it runs on. (The memchr crate finds
//! that out only with std; what it does without is as fast for the two things that are left to it.)

pub use memchr::{memchr2, memmem};

/// Where `byte` stands first.
#[inline]
pub fn memchr(byte: u8, hay: &[u8]) -> Option<usize> {
    // C wants a pointer to something, which that of an empty slice is not.
    if hay.is_empty() {
        return None;
    }
    // SAFETY: the slice has its length.
    let at = unsafe { libc::memchr(hay.as_ptr().cast(), i32::from(byte), hay.len()) };
    if at.is_null() { None } else { Some(at.addr() - hay.as_ptr().addr()) }
}

/// Where `byte` stands last.
#[inline]
pub fn memrchr(byte: u8, hay: &[u8]) -> Option<usize> {
    // C wants a pointer to something, which that of an empty slice is not.
    if hay.is_empty() {
        return None;
    }
    // SAFETY: the slice has its length.
    let at = unsafe { libc::memrchr(hay.as_ptr().cast(), i32::from(byte), hay.len()) };
    if at.is_null() { None } else { Some(at.addr() - hay.as_ptr().addr()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_and_last() {
        assert_eq!(memchr(b'a', b"banana"), Some(1));
        assert_eq!(memrchr(b'a', b"banana"), Some(5));
        assert_eq!((memchr(b'x', b"banana"), memrchr(b'x', b"banana")), (None, None));
        assert_eq!((memchr(b'x', b""), memrchr(b'x', b"")), (None, None));
        assert_eq!((memchr(b'b', b"b"), memrchr(b'b', b"b")), (Some(0), Some(0)));
    }
}
