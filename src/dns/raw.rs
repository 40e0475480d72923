//! What a DNS server's callback gets to see.
#![allow(non_camel_case_types, reason = "C names")]

use core::mem::{align_of, offset_of, size_of};
use libc::{c_char, c_int};

/// A query that came in to a server port.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evdns_server_request {
    /// The flags of the query's header.
    pub flags: c_int,
    /// The number of questions.
    pub nquestions: c_int,
    /// The questions.
    pub questions: *mut *mut evdns_server_question,
}

/// One question of a query.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evdns_server_question {
    /// The type of the records asked for: `EVDNS_TYPE_*`.
    pub r#type: c_int,
    /// Their class: `EVDNS_CLASS_INET`. In C the field can be called `class` as well.
    pub dns_question_class: c_int,
    /// The name, which goes on past the end of the structure.
    pub name: [c_char; 1],
}

const _: () = {
    assert!(size_of::<evdns_server_request>() == 16 && align_of::<evdns_server_request>() == 8);
    assert!(offset_of!(evdns_server_request, nquestions) == 4);
    assert!(offset_of!(evdns_server_request, questions) == 8);
    assert!(size_of::<evdns_server_question>() == 12 && align_of::<evdns_server_question>() == 4);
    assert!(offset_of!(evdns_server_question, dns_question_class) == 4);
    assert!(offset_of!(evdns_server_question, name) == 8);
};
