//! The constants of `event2/rpc.h`.
#![allow(non_camel_case_types, reason = "C names")]

use libc::{c_int, c_uint};

/// When a hook is called.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EVRPC_HOOK_TYPE {
    /// When a message has come in.
    EVRPC_INPUT = 0,
    /// Before a message goes out.
    EVRPC_OUTPUT = 1,
}

/// An `enum EVRPC_HOOK_TYPE` as C hands it over: any value.
pub type EVRPC_HOOK_TYPE_raw = c_uint;

/// What a hook decides.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EVRPC_HOOK_RESULT {
    /// The call is given up.
    EVRPC_TERMINATE = -1,
    /// The call goes on.
    EVRPC_CONTINUE = 0,
    /// The call waits for `evrpc_resume_request`.
    EVRPC_PAUSE = 1,
}

/// An `enum EVRPC_HOOK_RESULT` as C hands it over: any value.
pub type EVRPC_HOOK_RESULT_raw = c_int;
