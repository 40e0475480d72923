//! Addresses as text and back (pure, but for interface names).

use super::number;
use super::scan::memchr;
use crate::error::{Error, Result};
use core::cmp::Ordering;
use core::fmt::{self, Write};
use core::mem::MaybeUninit;
use libc::{
    c_int, in_addr, in6_addr, sockaddr, sockaddr_in, sockaddr_in6, sockaddr_storage, socklen_t,
};

/// A socket address of any family, held by value.
#[derive(Clone, Copy)]
pub struct SockAddr {
    storage: sockaddr_storage,
    len: socklen_t,
}

impl fmt::Debug for SockAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buf = [0; 128];
        f.write_str(format_sockaddr(&mut buf, self))
    }
}

impl SockAddr {
    /// All bytes zero: no family, no length.
    pub fn unspecified() -> Self {
        // SAFETY: all-zero bytes are a valid sockaddr_storage.
        Self { storage: unsafe { MaybeUninit::zeroed().assume_init() }, len: 0 }
    }

    /// What the kernel filled in.
    pub fn from_storage(storage: sockaddr_storage, len: socklen_t) -> Self {
        Self { storage, len: len.min(size_of::<sockaddr_storage>() as socklen_t) }
    }

    /// A copy of a caller's address; longer ones than any family has are refused.
    ///
    /// # Safety
    /// `addr` is null or points to `len` readable bytes.
    pub unsafe fn from_raw(addr: *const sockaddr, len: socklen_t) -> Option<Self> {
        let bytes = usize::try_from(len).ok()?;
        if addr.is_null() || bytes > size_of::<sockaddr_storage>() {
            return None;
        }
        let mut new = Self::unspecified();
        // SAFETY: `len` bytes are readable (caller) and fit into the storage (checked above).
        unsafe {
            addr.cast::<u8>().copy_to_nonoverlapping((&raw mut new.storage).cast(), bytes);
        }
        new.len = len;
        Some(new)
    }

    /// An IPv4 address and port.
    pub fn v4(address: [u8; 4], port: u16) -> Self {
        let mut new = Self::unspecified();
        let sin = sockaddr_in {
            sin_family: libc::AF_INET as libc::sa_family_t,
            sin_port: port.to_be(),
            sin_addr: in_addr { s_addr: u32::from_ne_bytes(address) },
            sin_zero: [0; 8],
        };
        // SAFETY: sockaddr_storage is made to hold and align any socket address.
        unsafe { (&raw mut new.storage).cast::<sockaddr_in>().write(sin) };
        new.len = size_of::<sockaddr_in>() as socklen_t;
        new
    }

    /// An IPv6 address, port and scope (interface index, 0 for none).
    pub fn v6(address: [u8; 16], port: u16, scope: u32) -> Self {
        let mut new = Self::unspecified();
        let sin6 = sockaddr_in6 {
            sin6_family: libc::AF_INET6 as libc::sa_family_t,
            sin6_port: port.to_be(),
            sin6_flowinfo: 0,
            sin6_addr: in6_addr { s6_addr: address },
            sin6_scope_id: scope,
        };
        // SAFETY: sockaddr_storage is made to hold and align any socket address.
        unsafe { (&raw mut new.storage).cast::<sockaddr_in6>().write(sin6) };
        new.len = size_of::<sockaddr_in6>() as socklen_t;
        new
    }

    /// The address for a system call; valid as long as `self`.
    pub fn as_ptr(&self) -> *const sockaddr {
        (&raw const self.storage).cast()
    }

    /// Its length.
    pub fn len(&self) -> socklen_t {
        self.len
    }

    /// Whether there is no address at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The family, `AF_UNSPEC` for an empty address.
    pub fn family(&self) -> c_int {
        if self.len < size_of::<libc::sa_family_t>() as socklen_t {
            return libc::AF_UNSPEC;
        }
        c_int::from(self.storage.ss_family)
    }

    /// The IPv4 view, if it is one.
    pub(crate) fn as_v4(&self) -> Option<sockaddr_in> {
        if self.family() != libc::AF_INET || (self.len as usize) < size_of::<sockaddr_in>() {
            return None;
        }
        // SAFETY: the storage holds an address of this family and length (checked).
        Some(unsafe { (&raw const self.storage).cast::<sockaddr_in>().read() })
    }

    /// The IPv6 view, if it is one.
    pub(crate) fn as_v6(&self) -> Option<sockaddr_in6> {
        if self.family() != libc::AF_INET6 || (self.len as usize) < size_of::<sockaddr_in6>() {
            return None;
        }
        // SAFETY: the storage holds an address of this family and length (checked).
        Some(unsafe { (&raw const self.storage).cast::<sockaddr_in6>().read() })
    }

    /// The port in host order; 0 for families without ports.
    pub fn port(&self) -> u16 {
        let v4 = self.as_v4().map(|a| a.sin_port);
        u16::from_be(v4.or_else(|| self.as_v6().map(|a| a.sin6_port)).unwrap_or(0))
    }

    /// The same address with another port.
    pub fn with_port(self, port: u16) -> Self {
        if let Some(a) = self.as_v4() {
            return Self::v4(a.sin_addr.s_addr.to_ne_bytes(), port);
        }
        if let Some(a) = self.as_v6() {
            return Self::v6(a.sin6_addr.s6_addr, port, a.sin6_scope_id);
        }
        self
    }

    /// Compares family, address bytes and, on request, ports. Other families than IPv4 and IPv6
    /// are never equal, as in the reference.
    pub fn compare(&self, other: &Self, include_port: bool) -> Ordering {
        let family = self.family().cmp(&other.family());
        if family != Ordering::Equal {
            return family;
        }
        let ports = |a: u16, b: u16| if include_port { a.cmp(&b) } else { Ordering::Equal };
        if let (Some(a), Some(b)) = (self.as_v4(), other.as_v4()) {
            let order = a.sin_addr.s_addr.to_ne_bytes().cmp(&b.sin_addr.s_addr.to_ne_bytes());
            // Ports compare as they lie in memory, as in the reference.
            return order.then(ports(a.sin_port, b.sin_port));
        }
        if let (Some(a), Some(b)) = (self.as_v6(), other.as_v6()) {
            return a
                .sin6_addr
                .s6_addr
                .cmp(&b.sin6_addr.s6_addr)
                .then(ports(a.sin6_port, b.sin6_port));
        }
        Ordering::Greater
    }
}

/// One part of a dotted address: at most 255. Leading blanks, a plus sign and leading zeros are
/// accepted as the reference accepts them.
fn dotted_part(text: &[u8]) -> Option<u8> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b"+").unwrap_or(text);
    u8::try_from(number::decimal(text, 0..=255)?).ok()
}

/// An IPv4 address of exactly four parts.
pub fn parse_ipv4(text: &[u8]) -> Option<[u8; 4]> {
    let mut out = [0; 4];
    let mut parts = text.split(|b| *b == b'.');
    for byte in &mut out {
        *byte = dotted_part(parts.next()?)?;
    }
    parts.next().is_none().then_some(out)
}

/// An IPv4 address as it is usually written: four numbers without signs, blanks or leading zeros,
/// which every parser understands alike.
pub fn parse_plain_ipv4(text: &[u8]) -> Option<[u8; 4]> {
    let mut out = [0u8; 4];
    let mut parts = out.iter_mut();
    let mut part = parts.next()?;
    let mut digits = 0;
    for &b in text {
        if b == b'.' {
            if digits == 0 {
                return None;
            }
            part = parts.next()?;
            digits = 0;
        } else {
            let digit = b.checked_sub(b'0').filter(|d| *d <= 9)?;
            if digits > 0 && *part == 0 {
                return None;
            }
            *part = part.checked_mul(10)?.checked_add(digit)?;
            digits += 1;
        }
    }
    (digits > 0 && parts.next().is_none()).then_some(out)
}

/// One group of an IPv6 address: one to four hexadecimal digits.
fn group(text: &[u8]) -> Option<u16> {
    if text.is_empty() || text.len() > 4 {
        return None;
    }
    let mut value: u16 = 0;
    for byte in text {
        let digit = char::from(*byte).to_digit(16)?;
        value = value << 4 | u16::try_from(digit).ok()?;
    }
    Some(value)
}

/// Groups separated by colons, the last two of which may be a dotted address; returns how many
/// were written to `out`.
fn groups(text: &[u8], out: &mut [u16; 8], dotted: bool) -> Option<usize> {
    if text.is_empty() {
        return Some(0);
    }
    let mut n = 0;
    let mut parts = text.split(|b| *b == b':').peekable();
    while let Some(part) = parts.next() {
        if dotted && parts.peek().is_none() && memchr(b'.', part).is_some() {
            let [a, b, c, d] = parse_ipv4(part)?;
            *out.get_mut(n)? = u16::from_be_bytes([a, b]);
            *out.get_mut(n + 1)? = u16::from_be_bytes([c, d]);
            return Some(n + 2);
        }
        *out.get_mut(n)? = group(part)?;
        n += 1;
    }
    Some(n)
}

/// An IPv6 address without scope.
pub fn parse_ipv6(text: &[u8]) -> Option<[u8; 16]> {
    let mut words = [0_u16; 8];
    if let Some(gap) = text.windows(2).position(|w| w == b"::") {
        let (before, after) = (text.get(..gap)?, text.get(gap + 2..)?);
        let head = groups(before, &mut words, false)?;
        let mut tail = [0; 8];
        let n = groups(after, &mut tail, true)?;
        // The gap stands for at least one group.
        if head + n > 7 {
            return None;
        }
        words.get_mut(8 - n..)?.copy_from_slice(tail.get(..n)?);
    } else if groups(text, &mut words, true)? != 8 {
        return None;
    }
    let mut out = [0; 16];
    for (bytes, word) in out.chunks_exact_mut(2).zip(words) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    Some(out)
}

/// An IPv6 address with an optional `%interface` (a name, or its number); the scope is 0 without.
pub fn parse_ipv6_scoped(text: &[u8]) -> Option<([u8; 16], u32)> {
    let Some(percent) = memchr(b'%', text) else {
        return Some((parse_ipv6(text)?, 0));
    };
    let (address, zone) = (text.get(..percent)?, text.get(percent + 1..)?);
    let address = parse_ipv6(address)?;
    let scope = match interface_index(zone) {
        0 if zone.is_empty() => 0,
        0 => u32::try_from(number::decimal(zone, 0..=u64::from(u32::MAX))?).ok()?,
        index => index,
    };
    Some((address, scope))
}

/// The number of a network interface, 0 if there is none of this name.
fn interface_index(name: &[u8]) -> u32 {
    let mut buf = [0_u8; libc::IF_NAMESIZE];
    // The last byte stays 0; a longer name is nobody's.
    match buf.get_mut(..name.len()) {
        Some(to) if name.len() < libc::IF_NAMESIZE && !name.is_empty() => to.copy_from_slice(name),
        _ => return 0,
    }
    if cfg!(miri) {
        return 0;
    }
    // SAFETY: the buffer is NUL-terminated.
    unsafe { libc::if_nametoindex(buf.as_ptr().cast()) }
}

/// A number as `atoi` reads it: blanks, sign, digits, and whatever follows is ignored.
fn lax_port(text: &[u8]) -> Option<u16> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b"+").unwrap_or(text);
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    number::port(text.get(..end)?)
}

/// Reads `address`, `v4:port`, `[v6]` or `[v6]:port`; without a port it is 0, and a port of 0 is
/// refused.
pub fn parse_sockaddr_port(text: &[u8]) -> Result<SockAddr> {
    parse(text).ok_or(Error::Invalid)
}

fn parse(text: &[u8]) -> Option<SockAddr> {
    let bracketed = text.strip_prefix(b"[");
    let (address, port, v6) = if let Some(inner) = bracketed {
        let close = memchr(b']', inner)?;
        let rest = inner.get(close + 1..)?;
        // Other text than a colon after the bracket is ignored, as in the reference.
        (inner.get(..close)?, rest.strip_prefix(b":"), true)
    } else {
        match memchr(b':', text) {
            None => (text, None, false),
            Some(colon) => {
                let rest = text.get(colon + 1..)?;
                if memchr(b':', rest).is_some() {
                    (text, None, true)
                } else {
                    (text.get(..colon)?, Some(rest), false)
                }
            }
        }
    };
    let port = match port {
        None => 0,
        Some(text) => lax_port(text)?,
    };
    if v6 {
        let (address, scope) = parse_ipv6_scoped(address)?;
        Some(SockAddr::v6(address, port, scope))
    } else {
        Some(SockAddr::v4(parse_ipv4(address)?, port))
    }
}

/// The longest text of an IPv6 address, with its NUL.
pub const ADDRESS_TEXT: usize = 46;

/// Text in a fixed buffer; what does not fit makes the whole text fail.
struct Fixed<'a> {
    out: &'a mut [u8],
    len: usize,
}

impl Write for Fixed<'_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let end = self.len + s.len();
        self.out.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(s.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// Writes with `f` into `out`; `None` if it does not fit.
fn fixed(out: &mut [u8], f: impl FnOnce(&mut Fixed<'_>) -> fmt::Result) -> Option<&str> {
    let mut text = Fixed { out, len: 0 };
    f(&mut text).ok()?;
    let len = text.len;
    core::str::from_utf8(out.get(..len)?).ok()
}

/// An IPv4 address as text. Each connection that is accepted comes by here: core's formatting takes
/// ten times as long.
pub fn format_ipv4(out: &mut [u8], address: [u8; 4]) -> Option<&str> {
    let mut text = [0; 15];
    let mut places = text.iter_mut();
    let mut len = 0;
    let mut put = |byte: u8| {
        if let Some(place) = places.next() {
            *place = byte;
            len += 1;
        }
    };
    for (i, part) in address.into_iter().enumerate() {
        if i > 0 {
            put(b'.');
        }
        if part >= 100 {
            put(b'0' + part / 100);
        }
        if part >= 10 {
            put(b'0' + part / 10 % 10);
        }
        put(b'0' + part % 10);
    }
    let place = out.get_mut(..len)?;
    place.copy_from_slice(text.get(..len)?);
    core::str::from_utf8(place).ok()
}

/// An IP address without its port as text; empty for other families.
pub fn format_host<'a>(out: &'a mut [u8], address: &SockAddr) -> &'a str {
    let text = if let Some(a) = address.as_v4() {
        format_ipv4(out, a.sin_addr.s_addr.to_ne_bytes())
    } else if let Some(a) = address.as_v6() {
        format_ipv6(out, a.sin6_addr.s6_addr)
    } else {
        None
    };
    text.unwrap_or_default()
}

/// An IPv6 address as text: lower case, the longest run of two or more zero groups shortened,
/// IPv4-mapped and -compatible ones with a dotted end.
pub fn format_ipv6(out: &mut [u8], address: [u8; 16]) -> Option<&str> {
    let mut words = [0_u16; 8];
    for (word, bytes) in words.iter_mut().zip(address.chunks_exact(2)) {
        *word = bytes.iter().fold(0, |w, b| w << 8 | u16::from(*b));
    }
    let [w0, w1, w2, w3, w4, w5, w6, w7] = words;
    let mapped = w5 == 0xffff;
    if [w0, w1, w2, w3, w4] == [0; 5] && (mapped || (w5 == 0 && w6 != 0 && w7 != 0)) {
        let ([a, b], [c, d]) = (w6.to_be_bytes(), w7.to_be_bytes());
        let prefix = if mapped { "::ffff:" } else { "::" };
        return fixed(out, |w| write!(w, "{prefix}{a}.{b}.{c}.{d}"));
    }
    let (gap, gap_len) = longest_gap(&words);
    fixed(out, |w| {
        for (i, word) in words.iter().enumerate() {
            if gap_len > 1 && (gap..gap + gap_len).contains(&i) {
                if i == gap {
                    w.write_str("::")?;
                }
                continue;
            }
            if i > 0 && (gap_len < 2 || i != gap + gap_len) {
                w.write_str(":")?;
            }
            write!(w, "{word:x}")?;
        }
        Ok(())
    })
}

/// Where the first of the longest runs of zero groups begins, and its length.
fn longest_gap(words: &[u16; 8]) -> (usize, usize) {
    let mut best = (0, 0);
    let mut run = 0;
    for (i, word) in words.iter().enumerate() {
        run = if *word == 0 { run + 1 } else { 0 };
        if run > best.1 {
            best = (i + 1 - run, run);
        }
    }
    best
}

/// `1.2.3.4:80` or `[::1]:80`; other families as `<addr with socktype N>`, the reference's text.
pub fn format_sockaddr<'a>(out: &'a mut [u8; 128], address: &SockAddr) -> &'a str {
    let mut host = [0; ADDRESS_TEXT];
    let text = if let Some(a) = address.as_v4() {
        let host = format_ipv4(&mut host, a.sin_addr.s_addr.to_ne_bytes()).unwrap_or("?");
        fixed(out, |w| write!(w, "{host}:{}", address.port()))
    } else if let Some(a) = address.as_v6() {
        let host = format_ipv6(&mut host, a.sin6_addr.s6_addr).unwrap_or("?");
        fixed(out, |w| write!(w, "[{host}]:{}", address.port()))
    } else {
        fixed(out, |w| write!(w, "<addr with socktype {}>", address.family()))
    };
    text.unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text6(address: [u8; 16]) -> String {
        let mut out = [0; ADDRESS_TEXT];
        format_ipv6(&mut out, address).unwrap().into()
    }

    #[test]
    fn ipv4() {
        assert_eq!(parse_ipv4(b"1.2.3.04"), Some([1, 2, 3, 4]));
        for bad in
            [&b"1.2.3"[..], b"1.2.3.256", b"1.2.3.4.5", b"", b"1.2.3.", b"a.b.c.d", b"1.2.3.4 "]
        {
            assert_eq!(parse_ipv4(bad), None);
            assert_eq!(parse_plain_ipv4(bad), None);
        }
        assert_eq!(parse_plain_ipv4(b"0.10.200.255"), Some([0, 10, 200, 255]));
        for odd in [&b"1.2.3.04"[..], b"1.2.3.00", b"+1.2.3.4", b" 1.2.3.4", b"..", b"1..2.3"] {
            assert_eq!(parse_plain_ipv4(odd), None);
        }
    }

    #[test]
    fn ipv4_text() {
        let mut out = [0; 64];
        for (address, text) in [
            ([0, 0, 0, 0], "0.0.0.0"),
            ([1, 9, 10, 99], "1.9.10.99"),
            ([100, 109, 200, 255], "100.109.200.255"),
        ] {
            assert_eq!(format_ipv4(&mut out, address), Some(text));
            assert_eq!(format_ipv4(&mut out[..text.len() - 1], address), None);
            assert_eq!(format_host(&mut out, &SockAddr::v4(address, 80)), text);
        }
        assert_eq!(format_host(&mut out, &SockAddr::v6([0; 16], 80, 0)), "::");
        assert_eq!(format_host(&mut out, &SockAddr::unspecified()), "");
    }

    #[test]
    fn ipv6_round_trip() {
        for (text, canonical) in [
            ("::", "::"),
            ("::1", "::1"),
            ("1::", "1::"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("ffff::FFFE", "ffff::fffe"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
            ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
            ("0:0:0:0:0:ffff:102:304", "::ffff:1.2.3.4"),
            ("::1.2.3.4", "::1.2.3.4"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4"),
        ] {
            let address = parse_ipv6(text.as_bytes()).expect(text);
            assert_eq!(text6(address), canonical);
        }
        for bad in [
            "",
            ":",
            ":::",
            "1:2",
            "1::2::3",
            "1:2:3:4:5:6:7:8:9",
            "12345::",
            "g::",
            "1:2:3:4:5:6:7:8::",
            "1.2.3.4",
            "::1.2.3",
            "1:2:3:4:5:6:7:1.2.3.4",
            ":1::2",
            "1:2:3:4:5:6:7:",
            "::1.2.3.4:5",
        ] {
            assert_eq!(parse_ipv6(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn sockaddrs() {
        let mut buf = [0; 128];
        for (text, out) in [
            ("1.2.3.4", "1.2.3.4:0"),
            ("1.2.3.4:80", "1.2.3.4:80"),
            ("[::1]:80", "[::1]:80"),
            ("[::1]", "[::1]:0"),
            ("[::1]80", "[::1]:0"),
            ("::1", "[::1]:0"),
            ("1.2.3.4:80x", "1.2.3.4:80"),
        ] {
            let address = parse_sockaddr_port(text.as_bytes()).expect(text);
            assert_eq!(format_sockaddr(&mut buf, &address), out);
        }
        for bad in
            ["1.2.3.4:0", "1.2.3.4:65536", "[::1", "[1.2.3.4]", "[::1]:", "1.2.3.4:", "", ":80"]
        {
            assert!(parse_sockaddr_port(bad.as_bytes()).is_err(), "{bad}");
        }
        let a = parse_sockaddr_port(b"1.2.3.4:80").unwrap();
        let b = parse_sockaddr_port(b"1.2.3.4:81").unwrap();
        assert_eq!(a.compare(&b, false), Ordering::Equal);
        assert_ne!(a.compare(&b, true), Ordering::Equal);
        assert_eq!(a.with_port(81).compare(&b, true), Ordering::Equal);
    }
}
