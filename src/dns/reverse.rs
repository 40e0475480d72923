//! The names under which addresses are looked up (pure): `in-addr.arpa` and `ip6.arpa`.

use super::wire::Name;
use core::fmt::{self, Write};

impl Write for Name {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.push(s.as_bytes()).map_err(|_| fmt::Error)
    }
}

/// The name of an IPv4 address (RFC 1035, 3.5).
pub fn v4(address: [u8; 4]) -> Name {
    let [a, b, c, d] = address;
    let mut name = Name::new();
    // At most 28 bytes: it fits.
    let _ = write!(name, "{d}.{c}.{b}.{a}.in-addr.arpa");
    name
}

/// The name of an IPv6 address (RFC 3596, 2.5): its hexadecimal digits, the last one first.
pub fn v6(address: [u8; 16]) -> Name {
    let mut name = Name::new();
    for byte in address.iter().rev() {
        // 4 bytes for each of the 16, and 8: it fits.
        let _ = write!(name, "{:x}.{:x}.", byte & 15, byte >> 4);
    }
    let _ = name.push(b"ip6.arpa");
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(v4([127, 0, 2, 255]).as_bytes(), b"255.2.0.127.in-addr.arpa");
        let mut a = [0; 16];
        a[0] = 0x20;
        a[1] = 0x01;
        a[15] = 0xf4;
        let name = v6(a);
        let text = core::str::from_utf8(name.as_bytes()).unwrap();
        assert!(text.starts_with("4.f.0.0.") && text.ends_with("1.0.0.2.ip6.arpa"), "{text}");
        assert_eq!(text.len(), 72);
    }
}
