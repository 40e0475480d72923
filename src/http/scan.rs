//! Finding the ends of names, lines and paths in a message head. Pure.
//!
//! Names and values are a dozen bytes mostly: too short for `memchr`, whose way in costs more than
//! the search, and long enough for a loop over bytes to be the dearest part of reading a request.
//! Sixteen bytes are looked at at a time where the processor is known to be able to, and each byte
//! of a header line is looked at once.

/// Where a field name that begins at `from` ends: at the colon, or at a byte that no name may hold
/// (a blank, a control character). The length when there is no such byte.
pub(super) fn name_end(bytes: &[u8], from: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_mm_cmpeq_epi8, _mm_min_epu8, _mm_or_si128, _mm_set1_epi8};
        find(bytes, from, ends_name, |v| {
            // SAFETY: SSE2 is part of every x86-64 processor.
            unsafe {
                let low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x20)), v);
                let colon = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x3a));
                let delete = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f));
                _mm_or_si128(_mm_or_si128(low, colon), delete)
            }
        })
    }
    #[cfg(not(target_arch = "x86_64"))]
    find(bytes, from, ends_name)
}

/// Where the first NUL, CR or LF at or behind `from` is; the length when there is none.
pub(super) fn line_stop(bytes: &[u8], from: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_mm_cmpeq_epi8, _mm_or_si128, _mm_set1_epi8, _mm_setzero_si128};
        find(bytes, from, stops_line, |v| {
            // SAFETY: as above.
            unsafe {
                let nul = _mm_cmpeq_epi8(v, _mm_setzero_si128());
                let cr = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x0d));
                let lf = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x0a));
                _mm_or_si128(_mm_or_si128(nul, cr), lf)
            }
        })
    }
    #[cfg(not(target_arch = "x86_64"))]
    find(bytes, from, stops_line)
}

/// Where the path that `bytes` begins with ends: at a question mark or a hash; else the length.
pub(super) fn path_end(bytes: &[u8]) -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_mm_cmpeq_epi8, _mm_or_si128, _mm_set1_epi8};
        find(bytes, 0, ends_path, |v| {
            // SAFETY: as above.
            unsafe {
                let query = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x3f));
                let fragment = _mm_cmpeq_epi8(v, _mm_set1_epi8(0x23));
                _mm_or_si128(query, fragment)
            }
        })
    }
    #[cfg(not(target_arch = "x86_64"))]
    find(bytes, 0, ends_path)
}

fn ends_path(b: u8) -> bool {
    matches!(b, b'?' | b'#')
}

fn ends_name(b: u8) -> bool {
    b <= b' ' || b == b':' || b == 0x7f
}

fn stops_line(b: u8) -> bool {
    matches!(b, 0 | b'\r' | b'\n')
}

/// The first byte at or behind `from` that is one of those, by sixteens: `marks` sets the bytes of a
/// vector that are.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn find(
    bytes: &[u8],
    from: usize,
    is_one: impl Fn(u8) -> bool,
    marks: impl Fn(core::arch::x86_64::__m128i) -> core::arch::x86_64::__m128i,
) -> usize {
    use core::arch::x86_64::{_mm_loadu_si128, _mm_movemask_epi8};
    let len = bytes.len();
    // SAFETY: callers pass an `at` with `at + 16 <= len`; SSE2 is part of every x86-64 processor.
    let bits =
        |at| unsafe { _mm_movemask_epi8(marks(_mm_loadu_si128(bytes.as_ptr().add(at).cast()))) };
    let mut at = from;
    while len.saturating_sub(at) >= 16 {
        let found = bits(at);
        if found != 0 {
            return at.wrapping_add(found.trailing_zeros() as usize);
        }
        at = at.wrapping_add(16);
    }
    if at >= len {
        return len;
    }
    match len.checked_sub(16) {
        // The last sixteen once more, without those that were looked at.
        Some(last) => {
            let found = bits(last) >> at.wrapping_sub(last);
            if found == 0 { len } else { at.wrapping_add(found.trailing_zeros() as usize) }
        }
        None => by_bytes(bytes, at, is_one),
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn find(bytes: &[u8], from: usize, is_one: impl Fn(u8) -> bool) -> usize {
    by_bytes(bytes, from, is_one)
}

fn by_bytes(bytes: &[u8], from: usize, is_one: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().position(|b| is_one(*b)).map_or(bytes.len(), |i| from.wrapping_add(i))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_a_loop_over_bytes() {
        let mut text = [b'x'; 45];
        // Miri needs its time.
        let (lens, places) = if cfg!(miri) { (11, 7) } else { (1, 1) };
        for len in (0..text.len()).step_by(lens) {
            for at in (0..=len).step_by(places) {
                for odd in [0u8, 9, 10, 13, 31, 32, 33, b'#', b':', b'?', 0x7f, 0x80, 0xff] {
                    if at < len {
                        text[at] = odd;
                    }
                    let bytes = &text[..len];
                    for from in [0, 1, at.saturating_sub(1), at, at + 1, 15, 16, 17, 60] {
                        assert_eq!(name_end(bytes, from), by_bytes(bytes, from, ends_name));
                        assert_eq!(line_stop(bytes, from), by_bytes(bytes, from, stops_line));
                    }
                    assert_eq!(path_end(bytes), by_bytes(bytes, 0, ends_path));
                    text[at.min(44)] = b'x';
                }
            }
        }
    }
}
