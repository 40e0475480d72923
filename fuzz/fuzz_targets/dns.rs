//! The DNS message format: names, replies, configuration files. What is read stays in its bounds,
//! and a name that was read is written and read back.
#![no_main]

use evrs::dns::{config, wire};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut reader = wire::Reader::new(data);
    if let Ok(name) = reader.name() {
        let text = name.as_bytes();
        assert!(text.len() <= wire::MAX_NAME);
        let mut out = [0; wire::MAX_QUERY];
        let n = wire::write_query(&mut out, 7, text, wire::TYPE_A, 0).unwrap();
        let mut again = wire::Reader::new(&out[wire::HEADER..n]);
        assert_eq!(again.name().unwrap().as_bytes(), text);
        assert_eq!(again.left(), 4);
    }
    let mut query = [0; wire::MAX_QUERY];
    let n = wire::write_query(&mut query, 7, b"www.example.com", wire::TYPE_A, 1232).unwrap();
    for kind in [wire::TYPE_A, wire::TYPE_AAAA, wire::TYPE_PTR] {
        let mut reader = wire::Reader::new(data);
        let Ok(header) = wire::Header::read(&mut reader) else { break };
        let mut addresses = [0; 16 * wire::MAX_ADDRESSES];
        let mut reply = wire::Reply::new(&mut addresses);
        let read = reply.read(&mut reader, &header, &query[..n], kind, false);
        assert!(reply.filled <= 16 * wire::MAX_ADDRESSES);
        assert!(read.is_err() || reader.left() <= data.len());
    }
    for line in config::lines(data) {
        let _ = config::hosts_line(line).map(|(_, names)| names.count());
        if let config::Line::Options(options) = config::Line::parse(line) {
            for option in config::words(options) {
                let _ = config::setting(option, config::option_value(option));
            }
        }
    }
});
