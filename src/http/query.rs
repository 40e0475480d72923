//! Query strings and HTML escaping. Pure.

use super::uri::{Plus, unescape};
use crate::util::scan::memchr;

/// One `key=value` of a query, both as they stand in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair<'a> {
    /// Before the `=`; never decoded.
    pub key: &'a [u8],
    /// Behind it, still encoded.
    pub value: &'a [u8],
}

impl Pair<'_> {
    /// The decoded value, byte by byte. `%00` stays encoded: C would see a cut string.
    pub fn decode(&self, put: impl FnMut(u8)) {
        unescape(self.value, Plus::Blank, false, put);
    }
}

/// A pair without `=`, or without a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadPair;

/// The pairs of `query`, in order. With `lenient` pairs that make no sense are passed over or
/// get an empty value; else they are errors. A trailing `&` is fine either way.
pub fn pairs(query: &[u8], lenient: bool) -> impl Iterator<Item = Result<Pair<'_>, BadPair>> {
    let mut rest = (!query.is_empty()).then_some(query);
    core::iter::from_fn(move || {
        loop {
            let text = rest.take()?;
            let pair = match memchr(b'&', text) {
                Some(i) => {
                    rest = text.get(i..).and_then(|t| t.get(1..)).filter(|t| !t.is_empty());
                    text.get(..i).unwrap_or_default()
                }
                None => text,
            };
            let (key, value) = match memchr(b'=', pair) {
                Some(i) => (
                    pair.get(..i).unwrap_or_default(),
                    pair.get(i..).and_then(|t| t.get(1..)).unwrap_or_default(),
                ),
                None if lenient => (pair, Default::default()),
                None => return Some(Err(BadPair)),
            };
            if !key.is_empty() {
                return Some(Ok(Pair { key, value }));
            }
            if !lenient {
                return Some(Err(BadPair));
            }
        }
    })
}

/// The entity that stands for a byte in HTML text, if it needs one.
pub fn html_entity(b: u8) -> Option<&'static [u8]> {
    Some(match b {
        b'<' => b"&lt;",
        b'>' => b"&gt;",
        b'"' => b"&quot;",
        b'\'' => b"&#039;",
        b'&' => b"&amp;",
        _ => return None,
    })
}

/// How long `text` is once escaped for HTML; `None` when no size can say it.
pub fn html_len(text: &[u8]) -> Option<usize> {
    text.iter().try_fold(0usize, |n, b| n.checked_add(html_entity(*b).map_or(1, <[u8]>::len)))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

    fn all(query: &str, lenient: bool) -> Result<Pairs, BadPair> {
        pairs(query.as_bytes(), lenient)
            .map(|p| {
                let p = p?;
                let mut value = Vec::new();
                p.decode(|b| value.push(b));
                Ok((p.key.to_vec(), value))
            })
            .collect()
    }

    #[test]
    fn strict() {
        assert_eq!(all("", false), Ok(Vec::new()));
        assert_eq!(
            all("q=test&s=some+thing&%61=%62&", false),
            Ok(vec![
                (b"q".to_vec(), b"test".to_vec()),
                (b"s".to_vec(), b"some thing".to_vec()),
                (b"%61".to_vec(), b"b".to_vec())
            ])
        );
        assert_eq!(all("a=b=c", false).unwrap()[0].1, b"b=c");
        assert_eq!(all("a=%00", false).unwrap()[0].1, b"%00");
        for bad in ["a", "=v", "a=b&&c=d", "&a=b", "a=b&c"] {
            assert_eq!(all(bad, false), Err(BadPair), "{bad:?}");
        }
    }

    #[test]
    fn lenient() {
        let keys = |q: &str| all(q, true).unwrap().into_iter().map(|p| p.0).collect::<Vec<_>>();
        assert_eq!(keys("a=b&&c=d&=v&k"), [b"a", b"c", b"k"]);
    }

    #[test]
    fn html() {
        assert_eq!(html_len(b"<a href=\"x\">&'"), Some(14 - 6 + 4 + 6 + 6 + 4 + 5 + 6));
        assert_eq!(html_entity(b'\''), Some(&b"&#039;"[..]));
    }
}
