//! Strict decimal numbers (pure): digits and nothing else, overflow refused.

use core::ops::RangeInclusive;

/// A non-negative decimal number within `range`; no sign, no blanks, no empty string.
pub fn decimal(text: &[u8], range: RangeInclusive<u64>) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    let mut value: u64 = 0;
    for &byte in text {
        let digit = byte.checked_sub(b'0').filter(|d| *d <= 9)?;
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    range.contains(&value).then_some(value)
}

/// A decimal number with an optional minus sign.
pub fn signed_decimal(text: &[u8]) -> Option<i64> {
    match text.split_first() {
        Some((b'-', digits)) => {
            let magnitude = decimal(digits, 0..=1 << 63)?;
            0_i64.checked_sub_unsigned(magnitude)
        }
        _ => i64::try_from(decimal(text, 0..=u64::MAX)?).ok(),
    }
}

/// A TCP or UDP port, 1 to 65535.
pub fn port(text: &[u8]) -> Option<u16> {
    decimal(text, 1..=65535).and_then(|p| u16::try_from(p).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_numbers_only() {
        assert_eq!(decimal(b"0", 0..=5), Some(0));
        assert_eq!(decimal(b"6", 0..=5), None);
        for bad in [&b""[..], b"+1", b" 1", b"1 ", b"0x1", b"18446744073709551616"] {
            assert_eq!(decimal(bad, 0..=u64::MAX), None);
        }
        assert_eq!(decimal(b"18446744073709551615", 0..=u64::MAX), Some(u64::MAX));
        assert_eq!(signed_decimal(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(signed_decimal(b"-9223372036854775809"), None);
        assert_eq!(signed_decimal(b"9223372036854775807"), Some(i64::MAX));
        assert_eq!(port(b"0"), None);
        assert_eq!(port(b"65535"), Some(65535));
        assert_eq!(port(b"65536"), None);
    }
}
