//! Comparison without regard to case, in ASCII whatever the locale says (pure).

use core::cmp::Ordering;

/// Compares two strings; bytes beyond ASCII compare by value.
pub fn ascii_strcasecmp(a: &[u8], b: &[u8]) -> Ordering {
    let mut left = a.iter().map(u8::to_ascii_lowercase);
    let mut right = b.iter().map(u8::to_ascii_lowercase);
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            // C chars are signed on x86-64 and the reference compares chars.
            (Some(x), Some(y)) if x != y => return x.cast_signed().cmp(&y.cast_signed()),
            _ => {}
        }
    }
}

/// Compares at most the first `n` bytes.
pub fn ascii_strncasecmp(a: &[u8], b: &[u8], n: usize) -> Ordering {
    let cut = |s: &[u8]| s.len().min(n);
    ascii_strcasecmp(a.get(..cut(a)).unwrap_or(a), b.get(..cut(b)).unwrap_or(b))
}

/// Where `needle` begins in `hay`, without regard to case; an empty needle is found at once.
pub fn ascii_strcasestr(hay: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return Some(0);
    }
    hay.windows(needle.len()).position(|w| w.eq_ignore_ascii_case(needle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_like_ascii() {
        assert_eq!(ascii_strcasecmp(b"Host", b"hOST"), Ordering::Equal);
        assert_eq!(ascii_strcasecmp(b"abc", b"abcd"), Ordering::Less);
        assert_eq!(ascii_strcasecmp(b"b", b"A"), Ordering::Greater);
        assert_eq!(ascii_strncasecmp(b"abcX", b"ABCy", 3), Ordering::Equal);
        assert_eq!(ascii_strncasecmp(b"abcX", b"ABCy", 4), Ordering::Less);
        assert_eq!(ascii_strncasecmp(b"x", b"y", 0), Ordering::Equal);
    }

    #[test]
    fn finds() {
        assert_eq!(ascii_strcasestr(b"keep-Alive, x", b"aLIVE"), Some(5));
        assert_eq!(ascii_strcasestr(b"abc", b"abcd"), None);
        assert_eq!(ascii_strcasestr(b"", b""), Some(0));
    }
}
