//! The lines of an HTTP/1 message head: request line, status line, header line. Pure.
//!
//! Lines come in without their terminator ([`line`] finds it). What is accepted is what
//! libevent accepts, minus everything that two HTTP implementations could understand in
//! different ways: NUL, a bare CR, blanks in or after a field name.

use super::scan;
use crate::util::scan::{memchr, memrchr};

/// Why a message head is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// A line at the start of `bytes`: its content without CRLF or LF, and how many bytes it takes.
/// `None` when the terminator is not there yet; the search starts at `from`.
pub fn line(bytes: &[u8], from: usize) -> Option<(&[u8], usize)> {
    let stop = scan::line_stop(bytes, from);
    let lf = match bytes.get(stop..)? {
        [b'\n', ..] => stop,
        [b'\r', b'\n', ..] => stop.checked_add(1)?,
        rest => memchr(b'\n', rest)?.checked_add(stop)?,
    };
    let content = bytes.get(..lf)?;
    Some((content.strip_suffix(b"\r").unwrap_or(content), lf.checked_add(1)?))
}

/// Whether a line holds a byte that no line of a message head may hold.
fn has_forbidden(line: &[u8]) -> bool {
    scan::line_stop(line, 0) < line.len()
}

/// `HTTP/` and two single digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The digit before the dot.
    pub major: u8,
    /// The digit after it.
    pub minor: u8,
}

impl Version {
    /// The version at the start of `text`, and what follows.
    fn read(text: &[u8]) -> Option<(Self, &[u8])> {
        match text.strip_prefix(b"HTTP/")? {
            [major, b'.', minor, rest @ ..] if major.is_ascii_digit() && minor.is_ascii_digit() => {
                Some((Self { major: major & 0x0f, minor: minor & 0x0f }, rest))
            }
            _ => None,
        }
    }

    /// 1.1 or a later 1.x: connections persist by default and chunked bodies are understood.
    pub fn is_modern(self) -> bool {
        self.major == 1 && self.minor >= 1
    }
}

/// A request line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestLine<'a> {
    /// The method as sent.
    pub method: &'a [u8],
    /// Everything between the first and the last blank, so it may hold blanks itself.
    pub target: &'a [u8],
    /// The version; the major number is always 1.
    pub version: Version,
}

impl<'a> RequestLine<'a> {
    /// Takes a line apart. Blanks at its end are no part of it.
    pub fn parse(line: &'a [u8]) -> Result<Self, Malformed> {
        if has_forbidden(line) {
            return Err(Malformed);
        }
        let blanks = line.iter().rev().take_while(|b| **b == b' ').count();
        let line = line.get(..line.len().saturating_sub(blanks)).ok_or(Malformed)?;
        // A method ends like the name of a field, unless it is an odd one.
        let end = scan::name_end(line, 0);
        let first = match line.get(end) {
            Some(b' ') => end,
            _ => memchr(b' ', line).ok_or(Malformed)?,
        };
        // No blank stands in a version, which is eight bytes long.
        let last = match line.split_last_chunk() {
            Some((before, [b' ', b'H', b'T', b'T', b'P', b'/', _, b'.', minor]))
                if *minor != b' ' =>
            {
                before.len()
            }
            _ => memrchr(b' ', line).ok_or(Malformed)?,
        };
        let (method, rest) = line.split_at_checked(first).ok_or(Malformed)?;
        // A single blank means that there is no version (HTTP/0.9).
        let target_len = last.checked_sub(first).and_then(|n| n.checked_sub(1)).ok_or(Malformed)?;
        let target = rest.get(1..).and_then(|r| r.get(..target_len)).ok_or(Malformed)?;
        let tail = line.get(last..).and_then(|t| t.get(1..)).ok_or(Malformed)?;
        match Version::read(tail) {
            Some((version @ Version { major: 1, .. }, [])) if !method.is_empty() => {
                Ok(Self { method, target, version })
            }
            _ => Err(Malformed),
        }
    }
}

/// A status line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusLine<'a> {
    /// The version of the server.
    pub version: Version,
    /// 1 to 999.
    pub code: u16,
    /// The reason phrase, often empty.
    pub reason: &'a [u8],
}

impl<'a> StatusLine<'a> {
    /// Takes a line apart.
    pub fn parse(line: &'a [u8]) -> Result<Self, Malformed> {
        if has_forbidden(line) {
            return Err(Malformed);
        }
        let (version, rest) = Version::read(line).ok_or(Malformed)?;
        if version.major != 1 {
            return Err(Malformed);
        }
        let rest = rest.strip_prefix(b" ").ok_or(Malformed)?;
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let (number, rest) = rest.split_at_checked(digits).ok_or(Malformed)?;
        if digits == 0 || digits > 3 {
            return Err(Malformed);
        }
        let code = number
            .iter()
            .fold(0u16, |n, d| n.saturating_mul(10).saturating_add(u16::from(d & 0x0f)));
        let reason = match rest {
            [] => rest,
            [b' ', reason @ ..] => reason,
            _ => return Err(Malformed),
        };
        if code == 0 { Err(Malformed) } else { Ok(Self { version, code, reason }) }
    }
}

/// A header line, or a piece of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderLine<'a> {
    /// The empty line that ends the head.
    End,
    /// A new field; the value is trimmed of blanks on both sides.
    Field(&'a [u8], &'a [u8]),
    /// More of the previous field's value (obsolete line folding), trimmed.
    Fold(&'a [u8]),
}

/// A whole header line in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// As sent.
    pub name: &'a [u8],
    /// Trimmed of blanks on both sides.
    pub value: &'a [u8],
    /// How many bytes the line has without its terminator.
    pub len: usize,
    /// Where the next line begins.
    pub end: usize,
}

/// The header line that begins at `from`, looked at once. `None` for whatever is not a whole sound
/// line with a name and a value: [`line`] and [`HeaderLine::parse`] say what it is.
pub fn field(bytes: &[u8], from: usize) -> Option<Field<'_>> {
    let colon = scan::name_end(bytes, from);
    let name = bytes.get(from..colon).filter(|n| !n.is_empty())?;
    if *bytes.get(colon)? != b':' {
        return None;
    }
    let stop = scan::line_stop(bytes, colon);
    let end = match bytes.get(stop..)? {
        [b'\r', b'\n', ..] => stop.checked_add(2)?,
        [b'\n', ..] => stop.checked_add(1)?,
        _ => return None,
    };
    // Mostly one blank stands in front, and none behind.
    let value = match bytes.get(colon..stop)?.get(1..)? {
        [b' ', value @ ..] => value,
        value => value,
    };
    let value = match value {
        [b' ' | b'\t', ..] | [.., b' ' | b'\t'] => trim(value),
        _ => value,
    };
    Some(Field { name, value, len: stop.checked_sub(from)?, end })
}

impl<'a> HeaderLine<'a> {
    /// Takes a line apart.
    pub fn parse(line: &'a [u8]) -> Result<Self, Malformed> {
        let Some(&first) = line.first() else { return Ok(Self::End) };
        if first == b' ' || first == b'\t' {
            return if has_forbidden(line) { Err(Malformed) } else { Ok(Self::Fold(trim(line))) };
        }
        // A blank before the colon has been understood in two ways too often (RFC 9112, 5.1), and
        // no control character belongs into a name. Other odd bytes are passed on as they are.
        let name_len = scan::name_end(line, 0);
        match line.split_at_checked(name_len) {
            Some((name, [b':', value @ ..])) if name_len > 0 && !has_forbidden(value) => {
                Ok(Self::Field(name, trim(value)))
            }
            _ => Err(Malformed),
        }
    }
}

/// Whether `name` is the field name `known`. Most are written as in the standards, and a comparison
/// of so many bytes is a few instructions; one that knows of cases is a loop.
#[inline(always)]
pub fn is_named<const N: usize>(name: &[u8], known: &[u8; N]) -> bool {
    name.len() == N && (name == known || name.eq_ignore_ascii_case(known))
}

/// `text` without blanks and tabs on either side.
pub fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// The elements of a comma-separated header value, trimmed; empty ones are left out.
pub fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|b| *b == b',').map(trim).filter(|e| !e.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        assert_eq!(line(b"abc\r\nrest", 0), Some((&b"abc"[..], 5)));
        assert_eq!(line(b"abc\nrest", 2), Some((&b"abc"[..], 4)));
        assert_eq!(line(b"\r\n", 0), Some((&b""[..], 2)));
        assert_eq!(line(b"abc\r", 0), None);
        assert_eq!(line(b"abc", 9), None);
        assert_eq!(line(b"a\0b\rc\r\r\nrest", 0), Some((&b"a\0b\rc\r"[..], 8)));
    }

    #[test]
    fn fields_as_lines() {
        for text in [
            &b"Host: a\r\n"[..],
            b"X:\t v v \t\nrest",
            b"X:\r\n",
            b"\r\n",
            b"",
            b" fold\r\n",
            b"a b: c\n",
            b"nocolon\r\n",
            b":v\r\n",
            b"X: a\0b\n",
            b"X: a\rb\n",
            b"X: a\r\r\n",
            b"X: not whole",
            b"X: not whole\r",
            b"X",
            b"A-Header-Of-Some-Length: with a value that is longer than thirty-two bytes\r\nB: c\r\n",
        ] {
            let slow = line(text, 0).and_then(|(content, end)| match HeaderLine::parse(content) {
                Ok(HeaderLine::Field(name, value)) => {
                    Some(Field { name, value, len: content.len(), end })
                }
                _ => None,
            });
            assert_eq!(field(text, 0), slow, "{text:?}");
        }
        assert_eq!(field(b"A: b\r\nC: d\r\n", 6).map(|f| (f.name, f.end)), Some((&b"C"[..], 12)));
    }

    fn request(text: &str) -> Option<(&str, &str, u8)> {
        let r = RequestLine::parse(text.as_bytes()).ok()?;
        Some((
            core::str::from_utf8(r.method).unwrap(),
            core::str::from_utf8(r.target).unwrap(),
            r.version.minor,
        ))
    }

    #[test]
    fn request_lines() {
        assert_eq!(request("GET / HTTP/1.1"), Some(("GET", "/", 1)));
        assert_eq!(request("GET /a b HTTP/1.0"), Some(("GET", "/a b", 0)));
        assert_eq!(request("get x HTTP/1.2"), Some(("get", "x", 2)));
        assert_eq!(request("GET / HTTP/1.1  "), Some(("GET", "/", 1)));
        for bad in [
            "",
            "GET",
            "GET /",
            "GET / HTTP/2.0",
            "GET / HTTP/1.1 x",
            "GET / HTTP/1.1x",
            "GET / http/1.1",
            "GET / HTTP/4294967295.255",
            "GET / HTTP/1.",
            "GET / HTTP/01.1",
            " / HTTP/1.1",
            "GET HTTP/1.1",
            "GET /\0 HTTP/1.1",
            "GET /\r HTTP/1.1",
            "GET / HTTP/0.9",
            "GET / HTTP/1.1\t",
            "GET /  ",
        ] {
            assert_eq!(request(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn status_lines() {
        let code = |t: &str| StatusLine::parse(t.as_bytes()).ok().map(|s| (s.code, s.reason.len()));
        assert_eq!(code("HTTP/1.1 200 OK"), Some((200, 2)));
        assert_eq!(code("HTTP/1.0 404"), Some((404, 0)));
        assert_eq!(code("HTTP/1.1 200 "), Some((200, 0)));
        for bad in [
            "HTTP/1.1 0 x",
            "HTTP/1.1 2000 x",
            "HTTP/1.1  200",
            "HTTP/2.0 200 OK",
            "ICY 200 OK",
            "HTTP/1.1 20x",
        ] {
            assert_eq!(code(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn header_lines() {
        use HeaderLine::{End, Field, Fold};
        assert_eq!(HeaderLine::parse(b""), Ok(End));
        assert_eq!(HeaderLine::parse(b"Host: a"), Ok(Field(b"Host", b"a")));
        assert_eq!(HeaderLine::parse(b"X:\t value \t"), Ok(Field(b"X", b"value")));
        assert_eq!(HeaderLine::parse(b"X:"), Ok(Field(b"X", b"")));
        assert_eq!(HeaderLine::parse(b"  more"), Ok(Fold(b"more")));
        for bad in
            [&b"nocolon"[..], b":v", b"X : v", b"X: a\0b", b"X: a\rb", b"X\x7f: v", b"A B: v"]
        {
            assert_eq!(HeaderLine::parse(bad), Err(Malformed), "{bad:?}");
        }
        assert_eq!(list(b" a , ,b,").collect::<Vec<_>>(), [b"a", b"b"]);
    }
}
