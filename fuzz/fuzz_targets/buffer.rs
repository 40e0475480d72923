//! Operations on evbuffers against plain byte vectors, chosen by the fuzzer: the model test of
//! `src/buffer/tests.rs` with the input as its source of decisions.
#![no_main]

use evrs::buffer;

#[path = "../../src/buffer/model.rs"]
mod model;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    model::run(&mut model::Bytes(data), usize::MAX);
});
