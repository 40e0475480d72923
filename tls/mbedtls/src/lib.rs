//! libevrs_mbedtls: the functions of `event2/bufferevent_ssl.h` for mbedTLS (2.28, and 3).
//!
//! A library of its own, so that libevrs does not depend on mbedTLS. It has no state: bufferevents
//! and everything about them live in libevrs, which it is linked with (never a second copy of it).
//!
//! It is built without std: it allocates nothing by itself, and std would be thirty times its size.
//! That it links is a proof that it cannot panic, see `Cargo.toml`.
//!
//! | file | what stands there |
//! |---|---|
//! | `capi` | the exported functions, of which the header is made |
//! | `session` | what libevrs calls: the interface's table of functions over an `mbedtls_ssl_context` |
//! | `wire` | what mbedTLS calls: the functions under a context, over a descriptor or a bufferevent |
//! | `ffi` | the functions of mbedTLS that are used |
//! | `shape.c` | what only mbedTLS's headers know: sizes, fields, numbers |
//! | `evrs`, `io` | libevrs, and moving bytes: the same for every TLS library |
//! | `interface` | what libevrs and this library say to each other (shared with libevrs) |

#![cfg_attr(not(test), no_std)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::panic_in_result_fn,
    clippy::unreachable,
    clippy::todo,
    clippy::unimplemented,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::exit,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::dbg_macro
)]

pub mod capi;
#[path = "../../common/evrs.rs"]
mod evrs;
mod ffi;
#[path = "../../../src/bufferevent/tls/interface.rs"]
#[allow(dead_code, reason = "shared with libevrs, each side uses its part")]
mod interface;
#[path = "../../common/io.rs"]
mod io;
mod session;
mod wire;
