//! URI references as RFC 3986 defines them: taking apart, checking, escaping. Pure.
//!
//! [`Parts`] borrows from the text; the object that C programs hold is in `uri_object`.

use super::scan;
use crate::util::scan::memchr;
use bitflags::bitflags;

bitflags! {
    /// How tolerant the parser is; the values are those of the C API.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Flags: u32 {
        /// Any byte is welcome in path, query and fragment.
        const NONCONFORMANT = 0x01;
        /// The brackets around an IPv6 host are not part of the host.
        const HOST_STRIP_BRACKETS = 0x04;
        /// `unix:path:` in the place of the host names a socket.
        const UNIX_SOCKET = 0x08;
        /// Others are kept and ignored, as in the reference.
        const _ = !0;
    }
}

const UNRESERVED: u8 = 1;
const SUB_DELIM: u8 = 2;
/// In a path: `:`, `@`, `/`.
const PATH: u8 = 4;
/// In query and fragment also `?`.
const QUERY: u8 = 8;
const COLON: u8 = 16;

/// The character classes of RFC 3986, section 2.
static CLASS: [u8; 256] = {
    let mut t = [0u8; 256];
    let mut i = 0;
    while i < 256 {
        // The loop runs over exactly the 256 values of a byte.
        let b = i as u8;
        #[allow(clippy::indexing_slicing, reason = "checked at compile time: `i` is below 256")]
        {
            t[i] = match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => UNRESERVED,
                b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => {
                    SUB_DELIM
                }
                b':' => PATH | COLON,
                b'@' | b'/' => PATH,
                b'?' => QUERY,
                _ => 0,
            };
        }
        i += 1;
    }
    t
};

fn class(b: u8) -> u8 {
    CLASS.get(usize::from(b)).copied().unwrap_or(0)
}

/// Whether `text` consists of bytes of `classes` and sound percent escapes.
#[inline(never)]
fn consists_of(mut text: &[u8], classes: u8) -> bool {
    loop {
        match text {
            [] => return true,
            [b'%', a, b, rest @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                text = rest
            }
            [b, rest @ ..] if class(*b) & classes != 0 => text = rest,
            _ => return false,
        }
    }
}

/// The components of a URI reference, as they stand in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Before the first colon.
    pub scheme: Option<&'a [u8]>,
    /// Before the `@`.
    pub userinfo: Option<&'a [u8]>,
    /// Present, if only empty, whenever there is an authority.
    pub host: Option<&'a [u8]>,
    /// After the host.
    pub port: Option<u16>,
    /// The path of a Unix socket, with [`Flags::UNIX_SOCKET`].
    pub unix_socket: Option<&'a [u8]>,
    /// Always present in a parsed reference.
    pub path: &'a [u8],
    /// After `?`.
    pub query: Option<&'a [u8]>,
    /// After `#`.
    pub fragment: Option<&'a [u8]>,
}

/// Not a URI reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid;

impl<'a> Parts<'a> {
    /// Takes a URI reference apart.
    pub fn parse(text: &'a [u8], flags: Flags) -> Result<Self, Invalid> {
        let mut parts = Self::default();
        let mut rest = text;
        // Most references begin with their path: a scheme begins with a letter.
        if text.first().is_some_and(u8::is_ascii_alphabetic)
            && let Some((scheme, after)) = split(rest, b':')
            && scheme_is_valid(scheme)
        {
            parts.scheme = Some(scheme);
            rest = after;
        }
        if let Some(after) = rest.strip_prefix(b"//") {
            let end = if flags.contains(Flags::UNIX_SOCKET) && authority_is_unix(after) {
                unix_authority_end(after)
            } else {
                after.iter().position(|b| matches!(b, b'/' | b'?' | b'#'))
            };
            let (authority, path) =
                after.split_at_checked(end.unwrap_or(after.len())).ok_or(Invalid)?;
            parts.authority(authority, flags)?;
            rest = path;
        }
        // Most have a path and nothing behind it, and one search tells.
        if scan::path_end(rest) < rest.len() {
            if let Some((before, fragment)) = split(rest, b'#') {
                parts.fragment = Some(fragment);
                rest = before;
            }
            if let Some((before, query)) = split(rest, b'?') {
                parts.query = Some(query);
                rest = before;
            }
        }
        parts.path = rest;
        // What a tolerant parser refuses in a path was taken for its end just now.
        let tolerant = flags.contains(Flags::NONCONFORMANT);
        if !(tolerant || path_is_valid(parts.path, flags))
            || !parts.query.is_none_or(|q| query_is_valid(q, flags))
            || !parts.fragment.is_none_or(|f| fragment_is_valid(f, flags))
        {
            return Err(Invalid);
        }
        parts.check_path_position()?;
        Ok(parts)
    }

    /// The target of a CONNECT request: host and port.
    pub fn parse_authority(text: &'a [u8]) -> Result<Self, Invalid> {
        let mut parts = Self::default();
        parts.authority(text, Flags::empty())?;
        Ok(parts)
    }

    fn authority(&mut self, text: &'a [u8], flags: Flags) -> Result<(), Invalid> {
        let mut rest = text;
        if let Some((userinfo, after)) = split(rest, b'@') {
            if !userinfo_is_valid(userinfo) {
                return Err(Invalid);
            }
            self.userinfo = Some(userinfo);
            rest = after;
        }
        if flags.contains(Flags::UNIX_SOCKET)
            && let Some(path) = rest.strip_prefix(b"unix:")
        {
            let (path, after) = split(path, b':').ok_or(Invalid)?;
            if !after.is_empty() {
                return Err(Invalid);
            }
            self.unix_socket = Some(path);
            self.host = Some(b"");
            return Ok(());
        }
        // The port is what follows the last colon, if that is digits only.
        let digits = rest.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let (host, port) =
            rest.split_at_checked(rest.len().saturating_sub(digits)).ok_or(Invalid)?;
        if let Some(host) = host.strip_suffix(b":") {
            rest = host;
            if !port.is_empty() {
                self.port = Some(parse_port(port)?);
            }
        }
        if !host_is_valid(rest) {
            return Err(Invalid);
        }
        self.host = Some(bare_host(rest, flags));
        Ok(())
    }

    /// RFC 3986, 3.3: a path must not be mistaken for another component when written out.
    fn check_path_position(&self) -> Result<(), Invalid> {
        let bad = match (self.host, self.scheme, self.path) {
            (Some(_), _, [first, ..]) => *first != b'/',
            (None, _, [b'/', b'/', ..]) => true,
            (None, None, path) => path.iter().take_while(|b| **b != b'/').any(|b| *b == b':'),
            _ => false,
        };
        if bad { Err(Invalid) } else { Ok(()) }
    }
}

fn split(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let i = memchr(at, text)?;
    let (before, after) = text.split_at_checked(i)?;
    Some((before, after.get(1..)?))
}

fn authority_is_unix(text: &[u8]) -> bool {
    let host = match memchr(b'@', text) {
        Some(i) if !text.iter().take(i).any(|b| *b == b'/') => {
            text.get(i..).and_then(|t| t.get(1..))
        }
        _ => Some(text),
    };
    host.is_some_and(|h| h.starts_with(b"unix:"))
}

/// The authority `unix:/some/path:` ends behind its second colon, whatever slashes it holds.
fn unix_authority_end(text: &[u8]) -> Option<usize> {
    let start = text.windows(5).position(|w| w == b"unix:")?.checked_add(5)?;
    let colon = memchr(b':', text.get(start..)?)?;
    start.checked_add(colon)?.checked_add(1)
}

fn parse_port(digits: &[u8]) -> Result<u16, Invalid> {
    digits
        .iter()
        .try_fold(0u16, |n, d| n.checked_mul(10)?.checked_add(u16::from(d & 0x0f)))
        .ok_or(Invalid)
}

/// A letter, then letters, digits, `+`, `-`, `.`.
pub fn scheme_is_valid(text: &[u8]) -> bool {
    matches!(text, [first, rest @ ..] if first.is_ascii_alphabetic()
        && rest.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')))
}

/// What may stand before the `@`.
pub fn userinfo_is_valid(text: &[u8]) -> bool {
    consists_of(text, UNRESERVED | SUB_DELIM | COLON)
}

/// A host without the brackets around it, if the flags say so.
pub fn bare_host(host: &[u8], flags: Flags) -> &[u8] {
    match host {
        [b'[', inner @ .., b']'] if flags.contains(Flags::HOST_STRIP_BRACKETS) => inner,
        _ => host,
    }
}

/// A registered name, an IPv4 address, or a bracketed address.
pub fn host_is_valid(text: &[u8]) -> bool {
    match text {
        [b'[', inner @ .., b']'] => bracketed_is_valid(inner),
        [b'[', ..] => false,
        _ => consists_of(text, UNRESERVED | SUB_DELIM),
    }
}

fn bracketed_is_valid(inner: &[u8]) -> bool {
    if let [b'v' | b'V', future @ ..] = inner {
        return split(future, b'.').is_some_and(|(version, address)| {
            !version.is_empty()
                && version.iter().all(u8::is_ascii_hexdigit)
                && !address.is_empty()
                && address.iter().all(|b| class(*b) & (UNRESERVED | SUB_DELIM | COLON) != 0)
        });
    }
    core::str::from_utf8(inner).is_ok_and(|t| t.parse::<core::net::Ipv6Addr>().is_ok())
}

/// Whether `text` can be the path of a reference; it may not hold `?` or `#` either way.
pub fn path_is_valid(text: &[u8], flags: Flags) -> bool {
    if flags.contains(Flags::NONCONFORMANT) {
        return !text.iter().any(|b| matches!(b, b'?' | b'#'));
    }
    consists_of(text, UNRESERVED | SUB_DELIM | PATH)
}

/// Whether `text` can be a fragment: as a query, but a tolerant parser takes further `#`s.
pub fn fragment_is_valid(text: &[u8], flags: Flags) -> bool {
    flags.contains(Flags::NONCONFORMANT) || query_is_valid(text, flags)
}

/// Whether `text` can be a query, which may not hold `#`.
pub fn query_is_valid(text: &[u8], flags: Flags) -> bool {
    if flags.contains(Flags::NONCONFORMANT) {
        return memchr(b'#', text).is_none();
    }
    consists_of(text, UNRESERVED | SUB_DELIM | PATH | QUERY)
}

/// What [`unescape`] does with `+`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plus {
    /// It stays.
    Keep,
    /// It becomes a blank.
    Blank,
    /// It becomes a blank behind the first `?` (an old API's rule).
    BlankInQuery,
}

/// Decodes percent escapes, calling `put` for each byte. Escapes that are not two hexadecimal
/// digits stay as they are; so does `%00` unless `nul` allows it, because a NUL would silently
/// cut the string that C sees.
pub fn unescape(mut text: &[u8], plus: Plus, nul: bool, mut put: impl FnMut(u8)) {
    let mut blank = plus == Plus::Blank;
    loop {
        let (byte, rest) = match text {
            [] => return,
            [b'%', a, b, rest @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                match (hex_digit(*a) << 4) | hex_digit(*b) {
                    0 if !nul => (b'%', text.get(1..).unwrap_or_default()),
                    byte => (byte, rest),
                }
            }
            [b'+', rest @ ..] if blank => (b' ', rest),
            [byte, rest @ ..] => {
                blank |= *byte == b'?' && plus == Plus::BlankInQuery;
                (*byte, rest)
            }
        };
        put(byte);
        text = rest;
    }
}

/// Whether `text` with its escapes decoded is `plain`.
pub fn decodes_to(text: &[u8], plain: &[u8]) -> bool {
    // Decoding only ever shortens.
    if text.len() < plain.len() || (text.len() == plain.len() && text != plain) {
        return false;
    }
    if memchr(b'%', text).is_none() {
        return text.len() == plain.len();
    }
    let mut rest = Some(plain);
    unescape(text, Plus::Keep, false, |b| {
        rest = match rest {
            Some([first, more @ ..]) if *first == b => Some(more),
            _ => None,
        };
    });
    rest.is_some_and(<[u8]>::is_empty)
}

/// The value of a hexadecimal digit.
fn hex_digit(b: u8) -> u8 {
    match b {
        b'0'..=b'9' => b & 0x0f,
        _ => (b & 0x0f).wrapping_add(9),
    }
}

/// Percent-encodes everything but unreserved characters, calling `put` for each byte.
pub fn escape(text: &[u8], blank_to_plus: bool, mut put: impl FnMut(u8)) {
    for &b in text {
        if class(b) & UNRESERVED != 0 {
            put(b);
        } else if b == b' ' && blank_to_plus {
            put(b'+');
        } else {
            put(b'%');
            put(upper_hex(b >> 4));
            put(upper_hex(b & 0x0f));
        }
    }
}

fn upper_hex(digit: u8) -> u8 {
    if digit < 10 { b'0'.wrapping_add(digit) } else { b'A'.wrapping_sub(10).wrapping_add(digit) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Parts<'_>> {
        Parts::parse(text.as_bytes(), Flags::empty()).ok()
    }

    #[test]
    fn full() {
        let p = parse("http://u:p@host.example:8080/a/b?q=1&r#frag").unwrap();
        assert_eq!(p.scheme, Some(&b"http"[..]));
        assert_eq!(p.userinfo, Some(&b"u:p"[..]));
        assert_eq!(p.host, Some(&b"host.example"[..]));
        assert_eq!(p.port, Some(8080));
        assert_eq!(p.path, b"/a/b");
        assert_eq!(p.query, Some(&b"q=1&r"[..]));
        assert_eq!(p.fragment, Some(&b"frag"[..]));
    }

    #[test]
    fn accepted() {
        assert_eq!(parse(""), Some(Parts::default()));
        assert_eq!(parse("a:b:c").unwrap().scheme, Some(&b"a"[..]));
        assert_eq!(parse("//h:").unwrap().port, None);
        assert_eq!(parse("http://[::1]:80/").unwrap().host, Some(&b"[::1]"[..]));
        assert_eq!(parse("http://[v1a.x:y]").unwrap().host, Some(&b"[v1a.x:y]"[..]));
        assert_eq!(parse("file:///etc/motd").unwrap().host, Some(&b""[..]));
        assert_eq!(parse("/a:b").unwrap().path, b"/a:b");
        assert_eq!(parse("./a:b").unwrap().path, b"./a:b");
        assert_eq!(parse("//h:65535").unwrap().port, Some(65535));
        assert_eq!(parse("//h:00080").unwrap().port, Some(80));
        assert_eq!(parse("?a?b/c").unwrap().query, Some(&b"a?b/c"[..]));
    }

    #[test]
    fn refused() {
        for bad in [
            "a b",
            "%zz",
            "%4",
            "//h:65536/",
            "//h:8a/",
            "a#b#c",
            "//[::1/",
            "//[::g]/",
            "//u@v@h/",
            "//h^/",
            ":a",
            "1a:b",
            "//[v.x]",
            "http://[::1]x/",
            "//h\"/",
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
        assert!(Parts::parse(b"/a b?c d", Flags::NONCONFORMANT).is_ok());
        assert!(Parts::parse(b"//h o/", Flags::NONCONFORMANT).is_err());
        assert_eq!(
            Parts::parse(b"a#b#c", Flags::NONCONFORMANT).unwrap().fragment,
            Some(&b"b#c"[..])
        );
    }

    #[test]
    fn authority_form_and_unix() {
        let p = Parts::parse_authority(b"h:443").unwrap();
        assert_eq!((p.host, p.port), (Some(&b"h"[..]), Some(443)));
        let p = Parts::parse(b"http://unix:/run/x.sock:/path?q", Flags::UNIX_SOCKET).unwrap();
        assert_eq!(p.unix_socket, Some(&b"/run/x.sock"[..]));
        assert_eq!((p.path, p.query), (&b"/path"[..], Some(&b"q"[..])));
        let p = Parts::parse(b"//[::1]/", Flags::HOST_STRIP_BRACKETS).unwrap();
        assert_eq!(p.host, Some(&b"::1"[..]));
    }

    fn decoded(text: &[u8], plus: Plus, nul: bool) -> Vec<u8> {
        let mut out = Vec::new();
        unescape(text, plus, nul, |b| out.push(b));
        out
    }

    #[test]
    fn escapes() {
        assert_eq!(decoded(b"a%20b+c%2", Plus::Keep, false), b"a b+c%2");
        assert_eq!(decoded(b"a+b?c+d?e", Plus::BlankInQuery, false), b"a+b?c d?e");
        assert_eq!(decoded(b"+%2B%4a%4A%zz", Plus::Blank, false), b" +JJ%zz");
        assert_eq!(decoded(b"x%00y", Plus::Keep, false), b"x%00y");
        assert_eq!(decoded(b"x%00y", Plus::Keep, true), b"x\0y");
        assert!(decodes_to(b"/a%2Fb", b"/a/b") && decodes_to(b"/a", b"/a"));
        assert!(!decodes_to(b"/a%2Fb", b"/a/bc") && !decodes_to(b"/a%2Fbc", b"/a/b"));
        assert!(!decodes_to(b"/a%00", b"/a"));
        let mut out = Vec::new();
        escape(b"aZ09-._~ /%\xff", false, |b| out.push(b));
        assert_eq!(out, b"aZ09-._~%20%2F%25%FF");
        out.clear();
        escape(b" +", true, |b| out.push(b));
        assert_eq!(out, b"+%2B");
    }
}
