//! The pure modules of HTTP on the fuzzer's bytes: what has to hold is in `src/http/properties.rs`.
#![no_main]

use evrs::http;

#[path = "../../src/http/properties.rs"]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| properties::all(data));
