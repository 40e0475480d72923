//! What holds for every input of the pure modules: driven by random bytes in the unit tests and by
//! the fuzzer in `fuzz/`.

use super::http::chunked::{Decoder, Piece};
use super::http::framing::{Framing, Persistence};
use super::http::message::{HeaderLine, Malformed, RequestLine, StatusLine, Version, line};
use super::http::query::{html_len, pairs};
use super::http::uri::{Flags, Parts, Plus, decodes_to, escape, unescape};
use super::http::ws_frame;

/// The body of a chunked message that arrives in pieces of `step` bytes, and what was left over.
fn decode(text: &[u8], step: usize) -> Result<Option<(Vec<u8>, usize)>, Malformed> {
    let mut decoder = Decoder::NEW;
    let mut body = Vec::new();
    let (mut at, mut have) = (0, 0);
    loop {
        match decoder.next(&text[at..have], 1000)? {
            Piece::End(n) => return Ok(Some((body, text.len() - at - n))),
            Piece::Data { skip, len } => {
                at += skip;
                let n = usize::try_from(len).unwrap_or(usize::MAX).min(have - at);
                body.extend_from_slice(&text[at..at + n]);
                at += n;
                decoder.taken(n as i64);
                if n > 0 {
                    continue;
                }
            }
            Piece::More(n) => at += n,
        }
        if have == text.len() {
            return Ok(None);
        }
        have = (have + step).min(text.len());
    }
}

/// However the bytes of a chunked body arrive, they mean the same.
pub fn chunks(text: &[u8]) {
    let whole = decode(text, text.len().max(1));
    for step in [1, 2, 7] {
        assert_eq!(whole, decode(text, step));
    }
}

/// Lines of a head never hold what no line may hold, and framing always has one answer.
pub fn heads(text: &[u8]) {
    let mut rest = text;
    let mut framing = Framing::NEW;
    let mut persistence = Persistence::default();
    while let Some((content, len)) = line(rest, 0) {
        assert!(len > content.len() && !content.contains(&b'\n'));
        if let Ok(l) = RequestLine::parse(content) {
            assert!(!l.method.is_empty() && l.version.major == 1);
            assert!(!l.target.contains(&0) && !l.target.contains(&b'\r'));
        }
        if let Ok(s) = StatusLine::parse(content) {
            assert!((1..1000).contains(&s.code));
        }
        if let Ok(HeaderLine::Field(name, value)) = HeaderLine::parse(content) {
            assert!(!name.is_empty() && !name.contains(&b' ') && !value.contains(&0));
            framing.note(name, value);
            framing.note(b"Content-Length", value);
            persistence.note(value);
        }
        rest = &rest[len..];
    }
    for minor in 0..2 {
        let version = Version { major: 1, minor };
        let _ = framing.request(version);
        for code in [100, 200, 204, 304] {
            let _ = framing.reply(version, code, minor == 0);
        }
        let _ = persistence.closes(version);
    }
}

/// Escaping and unescaping are each other's inverse; parts are pieces of their text.
pub fn uris(text: &[u8]) {
    let (mut escaped, mut back) = (Vec::new(), Vec::new());
    escape(text, false, |b| escaped.push(b));
    unescape(&escaped, Plus::Keep, true, |b| back.push(b));
    assert_eq!(back, text);
    assert_eq!(decodes_to(&escaped, text), !text.contains(&0));
    let mut decoded = Vec::new();
    unescape(text, Plus::BlankInQuery, false, |b| decoded.push(b));
    assert!(decoded.len() <= text.len());
    let _ = html_len(text);
    for lenient in [false, true] {
        for p in pairs(text, lenient).map_while(Result::ok) {
            assert!(!p.key.is_empty() && p.key.len() + p.value.len() <= text.len());
        }
    }
    for bits in [0, 1, 4, 8, 13] {
        let flags = Flags::from_bits_retain(bits);
        let Ok(p) = Parts::parse(text, flags) else { continue };
        let pieces =
            [p.scheme, p.userinfo, p.host, p.unix_socket, Some(p.path), p.query, p.fragment];
        assert!(pieces.iter().flatten().map(|s| s.len()).sum::<usize>() <= text.len());
        // A path alone is the whole text.
        if pieces.iter().flatten().count() == 1 && p.port.is_none() {
            assert_eq!(p.path, text);
        }
    }
    let _ = Parts::parse_authority(text);
}

/// A frame's header is what its bytes say, however many others follow; ours are the shortest.
pub fn frames(text: &[u8]) {
    use ws_frame::{Header, accept_key, close, header, is_key, mask};
    let whole = Header::parse(text);
    for n in 0..text.len().min(15) {
        match Header::parse(&text[..n]) {
            Ok(None) => {}
            early => assert_eq!(early, whole),
        }
    }
    if let Ok(Some(h)) = whole {
        assert!(h.size <= 14 && h.size <= text.len() && h.len as u64 <= ws_frame::MAX_MESSAGE);
        assert!(!h.is_control() || (h.fin && h.len <= 125));
        let (ours, n) = header(h.opcode, h.len);
        assert_eq!(n + 4, h.size);
        let mut theirs = ours[..n].to_vec();
        theirs[1] |= 0x80;
        theirs.extend_from_slice(&h.mask);
        assert_eq!(Header::parse(&theirs), Ok(Some(Header { fin: true, ..h })));
        let mut payload = text[h.size..].to_vec();
        mask(&mut payload, h.mask, 3);
        mask(&mut payload, h.mask, 7);
        assert_eq!(payload, text[h.size..]);
    }
    let _ = close(text);
    if is_key(text) {
        assert_eq!(text.len(), 24);
    }
    let _ = accept_key(text);
}

/// All of them, one after the other.
pub fn all(text: &[u8]) {
    chunks(text);
    heads(text);
    uris(text);
    frames(text);
}
