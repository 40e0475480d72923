//! The tag codec: what is read is written again and read back.
#![no_main]

use evrs::tag::codec;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some((tag, size)) = codec::tag(data) {
        assert!((1..=codec::TAG_MAX).contains(&size));
        let bytes = codec::Bytes::new().tag(tag);
        assert!(bytes.as_slice().len() <= size);
        assert_eq!(codec::tag(bytes.as_slice()).map(|t| t.0), Some(tag));
    }
    if let Some((n, size)) = codec::int(data) {
        assert!((1..=codec::INT_MAX).contains(&size));
        assert_eq!(codec::int64(data), Some((n.into(), size)));
    }
    if let Some((n, size)) = codec::int64(data) {
        assert!((1..=codec::INT64_MAX).contains(&size));
        let bytes = codec::Bytes::new().int(n);
        assert!(bytes.as_slice().len() <= size);
        assert_eq!(codec::int64(bytes.as_slice()).map(|i| i.0), Some(n));
    }
    if let Some((.., size)) = codec::header(data) {
        assert!(size <= data.len());
    }
});
