//! `struct evkeyval` and `struct evkeyvalq`, which programs walk as a TAILQ.
#![allow(non_camel_case_types, clippy::use_self, reason = "C names")]

use core::mem::{align_of, offset_of, size_of};
use libc::c_char;

/// Links of a pair in its queue.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evkeyval_links {
    /// The next pair, null at the end.
    pub tqe_next: *mut evkeyval,
    /// The link that points here.
    pub tqe_prev: *mut *mut evkeyval,
}

/// A header, or a parameter of a query: a key and a value.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evkeyval {
    /// Links in the queue.
    pub next: evkeyval_links,
    /// The key.
    pub key: *mut c_char,
    /// The value.
    pub value: *mut c_char,
}

/// Headers, or the parameters of a query, in order: a TAILQ head.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct evkeyvalq {
    /// The first pair, null when there is none.
    pub tqh_first: *mut evkeyval,
    /// The link that the next pair goes to.
    pub tqh_last: *mut *mut evkeyval,
}

const _: () = {
    assert!(size_of::<evkeyval>() == 32 && align_of::<evkeyval>() == 8);
    assert!(offset_of!(evkeyval, next) == 0);
    assert!(offset_of!(evkeyval_links, tqe_next) == 0 && offset_of!(evkeyval_links, tqe_prev) == 8);
    assert!(offset_of!(evkeyval, key) == 16 && offset_of!(evkeyval, value) == 24);
    assert!(size_of::<evkeyvalq>() == 16 && align_of::<evkeyvalq>() == 8);
    assert!(offset_of!(evkeyvalq, tqh_first) == 0 && offset_of!(evkeyvalq, tqh_last) == 8);
};
