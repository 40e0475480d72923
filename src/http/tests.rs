//! Seeded runs of the properties.

use crate::http;

#[path = "properties.rs"]
mod properties;

/// Pieces that random bytes would hardly make.
const WORDS: [&[u8]; 24] = [
    b"GET / HTTP/1.1",
    b"\r\n",
    b"\n",
    b"\r",
    b"Content-Length: 3",
    b"Transfer-Encoding: chunked",
    b": ",
    b" ",
    b"HTTP/1.1 200 OK",
    b"3\r\nabc\r\n",
    b"0\r\n\r\n",
    b"a",
    b";x=y",
    b"http://",
    b"user@",
    b"[::1]",
    b":80",
    b"/p%41",
    b"?q=1",
    b"&",
    b"#f",
    b"%",
    b"unix:/x:",
    b"+",
];

#[test]
fn properties_hold_for_random_input() {
    let rounds = if cfg!(miri) { 60 } else { 20_000 };
    // A fixed start: the test is the same each time.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut text = Vec::new();
    for _ in 0..rounds {
        text.clear();
        for _ in 0..random() % 12 {
            let r = random();
            match r % 3 {
                0 => text.push((r >> 8) as u8),
                _ => text.extend_from_slice(WORDS[(r >> 8) as usize % WORDS.len()]),
            }
        }
        properties::all(&text);
    }
}
