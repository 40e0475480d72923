//! The decoder of chunked bodies: a state machine over bytes. Pure.
//!
//! It is strict: sizes are hexadecimal digits and nothing else, lines end with CRLF (a bare LF
//! has been used to smuggle requests), extensions are skipped and bounded, trailer fields are
//! skipped too, since merging them into the headers would let a body forge headers.

use super::message::Malformed;

/// Bytes of chunk extensions that one body may hold in all. No known peer sends any; without a
/// bound each byte of body could cost kilobytes of extension.
const MAX_EXTENSIONS: usize = 16 * 1024;
/// Sizes have at most this many digits, leading zeros included.
const MAX_DIGITS: u8 = 16;

/// What to do with the bytes at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Drop that many bytes and wait for more.
    More(usize),
    /// Drop `skip` bytes; after them, up to `len` bytes of body follow (in this buffer or later
    /// ones). Tell [`Decoder::taken`] how many were taken.
    Data {
        /// Bytes of framing.
        skip: usize,
        /// Bytes of body still to come in this chunk.
        len: i64,
    },
    /// Drop that many bytes; the body is complete.
    End(usize),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// In the digits of a size.
    #[default]
    Size,
    /// In blanks after the size.
    Blank,
    /// In an extension.
    Extension,
    /// After the CR of a size line.
    SizeLf,
    /// In the data.
    Data,
    /// After the data: CR.
    DataCr,
    /// After the data: LF.
    DataLf,
    /// At the start of a trailer line.
    Trailer,
    /// In a trailer field.
    Field,
    /// After the CR of a trailer field.
    FieldLf,
    /// After the CR of the empty line.
    EndLf,
    Done,
}

/// Decoder of one body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decoder {
    state: State,
    digits: u8,
    left: i64,
    extensions: usize,
    trailer: usize,
}

impl Decoder {
    /// At the start of a body.
    pub const NEW: Self =
        Self { state: State::Size, digits: 0, left: 0, extensions: 0, trailer: 0 };

    /// Reads framing from `bytes`. `max_trailer` bounds the trailer section.
    pub fn next(&mut self, bytes: &[u8], max_trailer: usize) -> Result<Piece, Malformed> {
        if self.state == State::Data && self.left > 0 {
            return Ok(Piece::Data { skip: 0, len: self.left });
        }
        for (i, &b) in bytes.iter().enumerate() {
            let used = i.saturating_add(1);
            self.state = self.step(b, max_trailer)?;
            match self.state {
                State::Data => return Ok(Piece::Data { skip: used, len: self.left }),
                State::Done => return Ok(Piece::End(used)),
                _ => {}
            }
        }
        Ok(Piece::More(bytes.len()))
    }

    /// `n` bytes of the data that [`Piece::Data`] announced were taken.
    pub fn taken(&mut self, n: i64) {
        self.left = self.left.saturating_sub(n);
        if self.state == State::Data && self.left <= 0 {
            self.state = State::DataCr;
        }
    }

    fn step(&mut self, b: u8, max_trailer: usize) -> Result<State, Malformed> {
        Ok(match (self.state, b) {
            (State::Size, _) if b.is_ascii_hexdigit() => {
                let digit = i64::from(char::from(b).to_digit(16).ok_or(Malformed)?);
                self.digits = self.digits.saturating_add(1);
                self.left = self
                    .left
                    .checked_mul(16)
                    .and_then(|n| n.checked_add(digit))
                    .ok_or(Malformed)?;
                if self.digits > MAX_DIGITS {
                    return Err(Malformed);
                }
                State::Size
            }
            (State::Size, _) if self.digits == 0 => return Err(Malformed),
            (State::Size | State::Blank | State::Extension, b'\r') => State::SizeLf,
            // Some servers pad sizes with blanks.
            (State::Size | State::Blank, b' ' | b'\t') => self.extension(State::Blank)?,
            (State::Size | State::Blank, b';') => self.extension(State::Extension)?,
            (State::Extension, b'\n' | 0) => return Err(Malformed),
            (State::Extension, _) => self.extension(State::Extension)?,
            (State::SizeLf, b'\n') if self.left == 0 => State::Trailer,
            (State::SizeLf, b'\n') => State::Data,
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => {
                self.digits = 0;
                self.left = 0;
                State::Size
            }
            (State::Trailer, b'\r') => State::EndLf,
            (State::Field, b'\r') => State::FieldLf,
            (State::Trailer | State::Field, b'\n' | 0) => return Err(Malformed),
            (State::Trailer | State::Field, _) => {
                self.trailer = self.trailer.saturating_add(1);
                if self.trailer > max_trailer {
                    return Err(Malformed);
                }
                State::Field
            }
            (State::FieldLf, b'\n') => State::Trailer,
            (State::EndLf, b'\n') => State::Done,
            _ => return Err(Malformed),
        })
    }

    fn extension(&mut self, next: State) -> Result<State, Malformed> {
        self.extensions = self.extensions.saturating_add(1);
        if self.extensions > MAX_EXTENSIONS { Err(Malformed) } else { Ok(next) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes `text` in steps of `step` bytes: the body, and how many bytes were left over.
    fn decode(text: &[u8], step: usize) -> Result<Option<(Vec<u8>, usize)>, Malformed> {
        let mut d = Decoder::default();
        let mut body = Vec::new();
        let mut have = 0;
        let mut at = 0;
        loop {
            match d.next(&text[at..have], 100)? {
                Piece::More(n) => {
                    at += n;
                    if have == text.len() {
                        return Ok(None);
                    }
                    have = (have + step).min(text.len());
                }
                Piece::Data { skip, len } => {
                    at += skip;
                    let n = (have - at).min(len as usize);
                    if n == 0 {
                        if have == text.len() {
                            return Ok(None);
                        }
                        have = (have + step).min(text.len());
                        continue;
                    }
                    body.extend_from_slice(&text[at..at + n]);
                    at += n;
                    d.taken(n as i64);
                }
                Piece::End(n) => return Ok(Some((body, text.len() - at - n))),
            }
        }
    }

    #[test]
    fn bodies_in_any_split() {
        for text in [
            &b"5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n"[..],
            b"05;x=y\r\nhello\r\n3 \r\nabc\r\n0;last\r\nA: b\r\nC: d\r\n\r\n",
            b"8\r\nhelloabc\r\n000\r\n\r\n",
        ] {
            for step in 1..text.len() + 1 {
                assert_eq!(
                    decode(text, step),
                    Ok(Some((b"helloabc".to_vec(), 0))),
                    "{text:?} {step}"
                );
                let mut more = text.to_vec();
                more.extend_from_slice(b"GET");
                assert_eq!(decode(&more, 99).unwrap().unwrap().1, 3);
            }
            assert_eq!(decode(&text[..text.len() - 1], 7), Ok(None));
        }
    }

    #[test]
    fn refused() {
        for text in [
            "0x5\r\nhello\r\n",
            "+5\r\nhello\r\n",
            "-0\r\n\r\n",
            " 5\r\nhello\r\n",
            "\r\n",
            "g\r\n",
            ";x\r\n",
            "5\nhello\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "5\r\nhello!\r\n",
            "5\r\nhelloX\r\n",
            "5 5\r\n",
            "5\rX",
            "0\r\n\n",
            "0\r\nA: b\n\r\n",
            "8000000000000000\r\n",
            "00000000000000005\r\nhello\r\n",
            "5;a\nb\r\n",
        ] {
            assert_eq!(decode(text.as_bytes(), 3), Err(Malformed), "{text:?}");
        }
        let long = format!("0\r\n{}\r\n\r\n", "t".repeat(101));
        assert_eq!(decode(long.as_bytes(), 50), Err(Malformed));
        let many = "1;xxxxxxxx\r\na\r\n".repeat(3000);
        assert_eq!(decode(many.as_bytes(), 50), Err(Malformed));
    }
}
