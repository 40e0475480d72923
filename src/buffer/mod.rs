//! evbuffer: chains, references, files, search, callbacks.

pub mod raw;

/// A queue of bytes; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evbuffer {
    _private: (),
}

/// A registered callback; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evbuffer_cb_entry {
    _private: (),
}

/// A piece of a file; opaque to C.
#[derive(Debug)]
#[allow(non_camel_case_types, reason = "C name")]
pub struct evbuffer_file_segment {
    _private: (),
}
