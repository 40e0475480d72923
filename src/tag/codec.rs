//! The numbers of the tagged format, as bytes.
//!
//! A **tag** stands in groups of seven bits, the lowest first; the top bit of a byte says that
//! another follows. A **number** stands in half bytes: the first is how many follow, less one;
//! then come those of the number, the lowest first, the upper half of a byte before the lower one
//! (so that the count and the first half byte share a byte). Both take as few bytes as they can
//! when written; readers also take longer forms of the same value.

/// The most bytes that a tag takes.
pub const TAG_MAX: usize = 5;
/// The most bytes that a number of 32 bits takes.
pub const INT_MAX: usize = 5;
/// The most bytes that a number of 64 bits takes.
pub const INT64_MAX: usize = 9;

/// Half bytes in a number of 32 bits.
const NIBBLES: usize = 8;
/// Half bytes in a number of 64 bits.
const NIBBLES64: usize = 16;

/// A few bytes, as many as tag and number need together with another number.
#[derive(Clone, Copy, Debug)]
pub struct Bytes {
    bytes: [u8; Self::ROOM],
    len: usize,
}

impl Bytes {
    const ROOM: usize = 24;

    /// None.
    pub const fn new() -> Self {
        Self { bytes: [0; Self::ROOM], len: 0 }
    }

    /// What is there.
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn push(&mut self, byte: u8) {
        if let Some(at) = self.bytes.get_mut(self.len) {
            *at = byte;
            self.len = self.len.saturating_add(1);
        }
    }

    /// Appends a tag.
    #[inline(never)]
    pub fn tag(mut self, tag: u32) -> Self {
        let mut rest = tag;
        while rest > 0x7f {
            self.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.push(rest as u8);
        self
    }

    /// Appends a number.
    pub fn int(mut self, number: u64) -> Self {
        // Zero has one half byte, too.
        let digits = (u64::BITS.saturating_sub(number.leading_zeros())).div_ceil(4).max(1) as usize;
        let mut upper = (digits.saturating_sub(1) as u8) << 4;
        let mut rest = number;
        // `upper` holds the half byte that waits for its lower half.
        for i in 0..digits {
            let digit = (rest & 0xf) as u8;
            rest >>= 4;
            if i % 2 == 0 {
                self.push(upper | digit);
            } else {
                upper = digit << 4;
            }
        }
        if digits.is_multiple_of(2) {
            self.push(upper);
        }
        self
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Self::new()
    }
}

/// The tag at the front of `bytes`, and how many bytes it takes. `None` when it is cut off or does
/// not fit into 32 bits.
pub fn tag(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut tag = 0u32;
    for (i, &byte) in bytes.iter().take(TAG_MAX).enumerate() {
        let bits = u32::from(byte & 0x7f);
        let shift = (i as u32).saturating_mul(7);
        // Only four bits of the fifth group are left.
        if bits.leading_zeros() < shift {
            return None;
        }
        tag |= bits << shift;
        if byte & 0x80 == 0 {
            return Some((tag, i.saturating_add(1)));
        }
    }
    None
}

fn number(bytes: &[u8], most: usize) -> Option<(u64, usize)> {
    let digits = usize::from(bytes.first()? >> 4).saturating_add(1);
    let size = (digits / 2).saturating_add(1);
    if digits > most {
        return None;
    }
    let body = bytes.get(..size)?;
    let mut value = 0u64;
    // From the highest half byte down; half byte `i` of the whole stands in byte `i / 2`.
    for i in (1..=digits).rev() {
        let byte = *body.get(i / 2)?;
        let digit = if i % 2 == 0 { byte >> 4 } else { byte & 0xf };
        value = value << 4 | u64::from(digit);
    }
    Some((value, size))
}

/// The number of at most 32 bits at the front of `bytes`, and how many bytes it takes.
pub fn int(bytes: &[u8]) -> Option<(u32, usize)> {
    number(bytes, NIBBLES).map(|(n, size)| (n as u32, size))
}

/// The number of at most 64 bits at the front of `bytes`, and how many bytes it takes.
pub fn int64(bytes: &[u8]) -> Option<(u64, usize)> {
    number(bytes, NIBBLES64)
}

/// Tag and payload length at the front of `bytes`, and how many bytes both take.
pub fn header(bytes: &[u8]) -> Option<(u32, u32, usize)> {
    let (tag, a) = tag(bytes)?;
    let (len, b) = int(bytes.get(a..)?)?;
    Some((tag, len, a.saturating_add(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(number: u64) -> Bytes {
        Bytes::new().int(number)
    }

    #[test]
    fn known_bytes() {
        assert_eq!(encoded(0).as_slice(), [0x00]);
        assert_eq!(encoded(15).as_slice(), [0x0f]);
        assert_eq!(encoded(16).as_slice(), [0x10, 0x10]);
        assert_eq!(
            Bytes::new().tag(200).int(3).int(0x12345).as_slice(),
            [0xc8, 0x01, 0x03, 0x45, 0x43, 0x21]
        );
        assert_eq!(
            encoded(u64::MAX).as_slice(),
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0]
        );
    }

    #[test]
    fn round_trip() {
        for bit in 0..64u32 {
            for n in [1u64 << bit, (1u64 << bit) - 1, u64::MAX >> bit] {
                let e = encoded(n);
                assert!(e.as_slice().len() <= INT64_MAX);
                assert_eq!(int64(e.as_slice()), Some((n, e.as_slice().len())));
                let short = int(e.as_slice());
                match u32::try_from(n) {
                    Ok(n) => assert_eq!(short, Some((n, e.as_slice().len()))),
                    Err(_) => assert_eq!(short, None),
                }
                for cut in 0..e.as_slice().len() {
                    assert_eq!(int64(&e.as_slice()[..cut]), None);
                }
                let t = Bytes::new().tag(n as u32);
                assert!(t.as_slice().len() <= TAG_MAX);
                assert_eq!(tag(t.as_slice()), Some((n as u32, t.as_slice().len())));
                for cut in 0..t.as_slice().len() {
                    assert_eq!(tag(&t.as_slice()[..cut]), None);
                }
            }
        }
    }

    #[test]
    fn tags_that_do_not_fit() {
        assert_eq!(tag(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Some((u32::MAX, 5)));
        assert_eq!(tag(&[0x80, 0x80, 0x80, 0x80, 0x10]), None);
        assert_eq!(tag(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x00]), None);
        assert_eq!(tag(&[0x80; 6]), None);
        // Longer than need be, but a value.
        assert_eq!(tag(&[0x81, 0x80, 0x00]), Some((1, 3)));
    }

    #[test]
    fn longer_numbers_than_need_be() {
        assert_eq!(int(&[0x71, 0, 0, 0, 0]), Some((1, 5)));
        assert_eq!(int(&[0x81, 0, 0, 0, 0, 0]), None);
        assert_eq!(int64(&[0x81, 0, 0, 0, 0, 0]), Some((1, 5)));
    }
}
