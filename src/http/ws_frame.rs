//! WebSocket frames (RFC 6455): the handshake's key, frame headers, masking. Pure.

/// Longer messages, fragments together, are refused: nothing else would bound what a peer makes us
/// keep.
pub const MAX_MESSAGE: u64 = 10 * 1024 * 1024;

/// The opcodes.
pub mod opcode {
    /// More of the message before.
    pub const CONTINUATION: u8 = 0x0;
    /// Text.
    pub const TEXT: u8 = 0x1;
    /// Bytes.
    pub const BINARY: u8 = 0x2;
    /// The end.
    pub const CLOSE: u8 = 0x8;
    /// To be answered with a pong.
    pub const PING: u8 = 0x9;
    /// The answer to a ping.
    pub const PONG: u8 = 0xa;
}

/// Why a frame is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It breaks the protocol.
    Protocol,
    /// It is too long.
    TooLong,
}

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The last frame of its message.
    pub fin: bool,
    /// See [`opcode`].
    pub opcode: u8,
    /// What the payload is masked with.
    pub mask: [u8; 4],
    /// Bytes of header.
    pub size: usize,
    /// Bytes of payload.
    pub len: usize,
}

impl Header {
    /// Whether the frame is not one of a message.
    pub fn is_control(&self) -> bool {
        self.opcode & 0x08 != 0
    }

    /// The header at the start of `bytes`, as a client sends it; `None` while it is incomplete.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, Refused> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        let (fin, opcode, masked) = (first & 0x80 != 0, first & 0x0f, second & 0x80 != 0);
        let control = opcode & 0x08 != 0;
        let known = matches!(opcode, 0..=2 | 8..=10);
        // Extensions own the reserved bits, and we agree to none; clients have to mask.
        if first & 0x70 != 0 || !known || !masked || (control && !fin) {
            return Err(Refused::Protocol);
        }
        let (len, rest, extended) = match (second & 0x7f, rest) {
            (126, [a, b, rest @ ..]) => (u64::from(u16::from_be_bytes([*a, *b])), rest, 2),
            (127, [a, b, c, d, e, f, g, h, rest @ ..]) => {
                (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), rest, 8)
            }
            (126 | 127, _) if control => return Err(Refused::Protocol),
            (126 | 127, _) => return Ok(None),
            (n, rest) => (u64::from(n), rest, 0),
        };
        // The shortest form is the only one, and the highest bit is none of the length's.
        let least = [0, 126, 65536].get(extended / 2).copied().unwrap_or(65536);
        if len < least || len >> 63 != 0 || (control && len > 125) {
            return Err(Refused::Protocol);
        }
        if len > MAX_MESSAGE {
            return Err(Refused::TooLong);
        }
        let [a, b, c, d, ..] = rest else { return Ok(None) };
        Ok(Some(Self {
            fin,
            opcode,
            mask: [*a, *b, *c, *d],
            size: 6 + extended,
            len: len as usize,
        }))
    }
}

/// Masks or unmasks `data`, which begins `at` bytes behind the start of its payload.
pub fn mask(data: &mut [u8], key: [u8; 4], at: usize) {
    let mut key = key;
    key.rotate_left(at & 3);
    let [a, b, c, d] = key;
    let word = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = data.as_chunks_mut::<8>();
    for bytes in words {
        *bytes = (u64::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
    }
    for (byte, k) in rest.iter_mut().zip(key.iter().cycle()) {
        *byte ^= k;
    }
}

/// What a close frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// No reason.
    Plain,
    /// A reason that may stand in a frame.
    Reason(u16),
    /// It breaks the protocol.
    Malformed,
    /// Its text is not UTF-8.
    BadText,
}

/// Reads the payload of a close frame.
pub fn close(payload: &[u8]) -> Close {
    match payload {
        [] => Close::Plain,
        [a, b, text @ ..] => {
            let code = u16::from_be_bytes([*a, *b]);
            if !is_reason(code) {
                Close::Malformed
            } else if core::str::from_utf8(text).is_err() {
                Close::BadText
            } else {
                Close::Reason(code)
            }
        }
        [_] => Close::Malformed,
    }
}

/// Whether a reason may stand in a frame (RFC 6455, 7.4): 1004 to 1006 and 1015 only mean something
/// inside a program, other numbers below 3000 nothing at all.
pub fn is_reason(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// The header of an unfragmented frame from a server; how much of the array it takes.
pub fn header(opcode: u8, len: usize) -> ([u8; 10], usize) {
    let mut out = [0x80 | opcode, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let [_, second, long @ ..] = &mut out;
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(n), _) if n < 126 => {
            *second = n;
            (out, 2)
        }
        (_, Ok(n)) => {
            *second = 126;
            let [a, b] = n.to_be_bytes();
            let [x, y, ..] = long;
            (*x, *y) = (a, b);
            (out, 4)
        }
        _ => {
            *second = 127;
            *long = (len as u64).to_be_bytes();
            (out, 10)
        }
    }
}

/// Whether a client's key is 16 bytes in Base64.
pub fn is_key(key: &[u8]) -> bool {
    let digit = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    matches!(key, [digits @ .., b'=', b'='] if digits.len() == 22 && digits.iter().all(digit))
}

/// The answer to a client's key: Base64 of the SHA-1 of the key and a fixed text.
pub fn accept_key(key: &[u8]) -> [u8; 28] {
    let mut sha = sha1_smol::Sha1::new();
    sha.update(key);
    sha.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    base64(&sha.digest().bytes())
}

/// 20 bytes in Base64.
fn base64(bytes: &[u8; 20]) -> [u8; 28] {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = [b'='; 28];
    for (three, four) in bytes.chunks(3).zip(out.chunks_mut(4)) {
        let at = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
        let word = (at(0) << 16) | (at(1) << 8) | at(2);
        for (i, place) in four.iter_mut().enumerate().take(three.len() + 1) {
            let digit = (word >> (18 - 6 * i)) & 0x3f;
            *place = DIGITS.get(digit as usize).copied().unwrap_or(b'=');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshake() {
        // The example of RFC 6455, section 1.3.
        assert_eq!(&accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn headers() {
        let parse = Header::parse;
        let plain = Header { fin: true, opcode: 1, mask: [1, 2, 3, 4], size: 6, len: 5 };
        assert_eq!(parse(&[0x81, 0x85, 1, 2, 3, 4]), Ok(Some(plain)));
        assert_eq!(parse(&[0x81, 0x85, 1, 2, 3]), Ok(None));
        let h = parse(&[0x02, 0xfe, 1, 0, 0, 0, 0, 0]).unwrap().unwrap();
        assert_eq!((h.fin, h.opcode, h.size, h.len), (false, 2, 8, 256));
        let h = parse(&[0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap().unwrap();
        assert_eq!((h.size, h.len), (14, 65536));
        assert_eq!(parse(&[0x82, 0xff, 0x40, 0, 0, 0, 0, 1, 0, 0]), Err(Refused::TooLong));
        for bad in [
            &[0x82, 0xff, 0x80, 0, 0, 0, 0, 1, 0, 0][..],
            &[0x82, 0xff, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0],
            &[0x82, 0xfe, 0, 125, 0, 0, 0, 0],
        ] {
            assert_eq!(parse(bad), Err(Refused::Protocol), "{bad:?}");
        }
        for bad in [[0x81, 0x05], [0xc1, 0x85], [0x83, 0x85], [0x09, 0x80], [0x89, 0xfe]] {
            assert_eq!(parse(&bad), Err(Refused::Protocol), "{bad:?}");
        }
        assert_eq!(header(1, 5), ([0x81, 5, 0, 0, 0, 0, 0, 0, 0, 0], 2));
        assert_eq!(header(2, 65535).0[..4], [0x82, 126, 255, 255]);
        assert_eq!(header(2, 65536), ([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0], 10));
    }

    #[test]
    fn masking() {
        let key = [1, 2, 3, 4];
        let plain: Vec<u8> = (0..100).collect();
        for cut in 0..100 {
            let mut data = plain.clone();
            let (first, second) = data.split_at_mut(cut);
            mask(first, key, 0);
            mask(second, key, cut);
            for (i, (masked, plain)) in data.iter().zip(&plain).enumerate() {
                assert_eq!(*masked, plain ^ key[i % 4]);
            }
        }
    }

    #[test]
    fn keys() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        for bad in [
            &b""[..],
            b"==",
            b"dGhlIHNhbXBsZSBub25jZQ=",
            b"dGhlIHNhbXBsZSBub25jZQ===",
            b"dGhlIHNhbXBsZSBub25jZ===",
            b"dGhlIHNhbXBsZSBub25j-Q==",
            b"dGhlIHNhbXBsZSBub25jZQ==, x",
        ] {
            assert!(!is_key(bad), "{bad:?}");
        }
    }

    #[test]
    fn closing() {
        assert_eq!(close(b""), Close::Plain);
        assert_eq!(close(b"\x03"), Close::Malformed);
        assert_eq!(close(b"\x03\xe8"), Close::Reason(1000));
        assert_eq!(close(b"\x03\xe9bye"), Close::Reason(1001));
        assert_eq!(close(b"\x03\xe9\xff"), Close::BadText);
        for code in [0u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
            assert_eq!(close(&code.to_be_bytes()), Close::Malformed, "{code}");
        }
        for code in [1003u16, 1007, 1011, 3000, 4999] {
            assert_eq!(close(&code.to_be_bytes()), Close::Reason(code));
        }
    }
}
