//! How long a message body is: the rules on Content-Length and Transfer-Encoding. Pure.
//!
//! Two HTTP implementations that disagree about where a message ends let one user's bytes pass
//! as another's request. So a head whose framing has more than one reading is refused, even
//! where libevent 2.1.12 picked a reading:
//!
//! - Content-Length beside Transfer-Encoding, or more than one Content-Length;
//! - a length that is not digits only, or does not fit 63 bits;
//! - a request whose last transfer coding is not `chunked`, or that names it twice;
//! - any Transfer-Encoding in an HTTP/1.0 message.

use super::message::{Malformed, Version, is_named, list, trim};

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// There is none.
    None,
    /// That many bytes; never 0.
    Length(i64),
    /// In chunks.
    Chunked,
    /// All bytes until the server closes (replies only).
    UntilClose,
}

/// What the headers of one message said about its body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Framing {
    length: Option<i64>,
    /// Two Content-Length fields of the same value.
    repeated: bool,
    coded: bool,
    /// The last transfer coding so far is `chunked`.
    chunked_last: bool,
    /// `chunked` was followed by another coding, or came twice.
    chunked_inside: bool,
    /// Something that has no meaning at all.
    bad: bool,
}

impl Framing {
    /// Nothing was said yet.
    pub const NEW: Self = Self {
        length: None,
        repeated: false,
        coded: false,
        chunked_last: false,
        chunked_inside: false,
        bad: false,
    };

    /// Takes one header into account; names other than the two that matter are ignored.
    pub fn note(&mut self, name: &[u8], value: &[u8]) {
        match name.len() {
            14 if is_named(name, b"Content-Length") => self.note_length(value),
            17 if is_named(name, b"Transfer-Encoding") => self.note_codings(value),
            _ => {}
        }
    }

    fn note_length(&mut self, value: &[u8]) {
        match (parse_length(trim(value)), self.length) {
            (None, _) => self.bad = true,
            (Some(n), None) => self.length = Some(n),
            (Some(n), Some(old)) => {
                self.repeated = true;
                self.bad |= n != old;
            }
        }
    }

    fn note_codings(&mut self, value: &[u8]) {
        self.coded = true;
        for coding in list(value) {
            self.chunked_inside |= self.chunked_last;
            self.chunked_last = coding.eq_ignore_ascii_case(b"chunked");
        }
    }

    /// The body of a request.
    pub fn request(&self, version: Version) -> Result<Body, Malformed> {
        if self.bad || self.repeated {
            return Err(Malformed);
        }
        if self.coded {
            let sound = self.chunked_last && !self.chunked_inside && self.length.is_none();
            return if sound && version.is_modern() { Ok(Body::Chunked) } else { Err(Malformed) };
        }
        Ok(match self.length {
            None | Some(0) => Body::None,
            Some(n) => Body::Length(n),
        })
    }

    /// The body of a reply with status `code`, to HEAD if `to_head`.
    pub fn reply(&self, version: Version, code: u16, to_head: bool) -> Result<Body, Malformed> {
        if self.bad || (self.coded && (self.length.is_some() || self.chunked_inside)) {
            return Err(Malformed);
        }
        if to_head || !code_allows_body(code) {
            return Ok(Body::None);
        }
        Ok(match self.length {
            _ if self.coded && self.chunked_last => {
                if !version.is_modern() {
                    return Err(Malformed);
                }
                Body::Chunked
            }
            // A last coding other than chunked ends with the connection (RFC 9112, 6.3).
            _ if self.coded => Body::UntilClose,
            None => Body::UntilClose,
            Some(0) => Body::None,
            Some(n) => Body::Length(n),
        })
    }

    /// Whether the reply said how long it is, so that the connection can serve another one.
    pub fn is_delimited(&self) -> bool {
        self.length.is_some() || (self.coded && self.chunked_last)
    }
}

/// Whether replies of this status may have a body at all.
pub fn code_allows_body(code: u16) -> bool {
    !matches!(code, 100..=199 | 204 | 304)
}

/// A decimal length of 63 bits.
fn parse_length(text: &[u8]) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0i64, |n, b| {
        if b.is_ascii_digit() { n.checked_mul(10)?.checked_add(i64::from(b & 0x0f)) } else { None }
    })
}

/// What the `Connection` headers of a message asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Persistence {
    /// `close` was named.
    pub close: bool,
    /// `keep-alive` was named.
    pub keep_alive: bool,
}

impl Persistence {
    /// Takes the value of one `Connection` header into account.
    pub fn note(&mut self, value: &[u8]) {
        for option in list(value) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    /// Whether the connection ends after this message.
    pub fn closes(self, version: Version) -> bool {
        self.close || (!version.is_modern() && !self.keep_alive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V11: Version = Version { major: 1, minor: 1 };
    const V10: Version = Version { major: 1, minor: 0 };

    fn noted(headers: &[(&str, &str)]) -> Framing {
        let mut f = Framing::default();
        for (n, v) in headers {
            f.note(n.as_bytes(), v.as_bytes());
        }
        f
    }

    #[test]
    fn requests() {
        let cl = "content-length";
        let te = "TRANSFER-ENCODING";
        let req = |h: &[(&str, &str)]| noted(h).request(V11);
        assert_eq!(req(&[]), Ok(Body::None));
        assert_eq!(req(&[(cl, "0")]), Ok(Body::None));
        assert_eq!(req(&[(cl, "12")]), Ok(Body::Length(12)));
        assert_eq!(req(&[(te, "chunked")]), Ok(Body::Chunked));
        assert_eq!(req(&[(te, "gzip, Chunked")]), Ok(Body::Chunked));
        assert_eq!(req(&[(te, "gzip"), (te, "chunked")]), Ok(Body::Chunked));
        assert_eq!(noted(&[(te, "chunked")]).request(V10), Err(Malformed));
        for bad in [
            &[(cl, "3"), (cl, "3")][..],
            &[(cl, "3"), (cl, "4")],
            &[(cl, "3, 3")],
            &[(cl, "+3")],
            &[(cl, "-1")],
            &[(cl, "")],
            &[(cl, "0x3")],
            &[(cl, "9223372036854775808")],
            &[(cl, "3"), (te, "chunked")],
            &[(te, "chunked"), (cl, "0")],
            &[(te, "gzip")],
            &[(te, "identity")],
            &[(te, "")],
            &[(te, "chunked, gzip")],
            &[(te, "chunked"), (te, "gzip")],
            &[(te, "chunked, chunked")],
            &[(te, "chunked;q=1")],
            &[(te, "xchunked")],
        ] {
            assert_eq!(req(bad), Err(Malformed), "{bad:?}");
        }
    }

    #[test]
    fn replies() {
        let f = noted(&[("Content-Length", "5")]);
        assert_eq!(f.reply(V11, 200, false), Ok(Body::Length(5)));
        assert_eq!(f.reply(V11, 200, true), Ok(Body::None));
        assert_eq!(f.reply(V11, 304, false), Ok(Body::None));
        assert_eq!(noted(&[]).reply(V11, 200, false), Ok(Body::UntilClose));
        assert_eq!(
            noted(&[("Transfer-Encoding", "gzip")]).reply(V11, 200, false),
            Ok(Body::UntilClose)
        );
        assert!(!noted(&[]).is_delimited() && f.is_delimited());
        let twice = noted(&[("Content-Length", "5"), ("Content-Length", "5")]);
        assert_eq!(twice.reply(V11, 200, false), Ok(Body::Length(5)));
        let both = noted(&[("Content-Length", "5"), ("Transfer-Encoding", "chunked")]);
        assert_eq!(both.reply(V11, 200, false), Err(Malformed));
    }

    #[test]
    fn persistence() {
        let said = |v: &str| {
            let mut p = Persistence::default();
            p.note(v.as_bytes());
            (p.closes(V11), p.closes(V10))
        };
        assert_eq!(said(""), (false, true));
        assert_eq!(said("Keep-Alive"), (false, false));
        assert_eq!(said("TE, close"), (true, true));
    }
}
