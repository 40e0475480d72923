//! evrs: the event libraries libevent 2.1 and libev 4.33 as one Rust library behind their C API.
//!
//! # The map
//!
//! Each floor knows only the floors above it in this list.
//!
//! | folder | what lives there |
//! |---|---|
//! | [`sys`] | the only floor that talks to the kernel: thin wrappers over libc |
//! | [`mem`] | allocation: the user's hooks, fallible boxes and vectors |
//! | [`error`], [`log`] | the one error type; the log and fatal callbacks |
//! | [`thread`] | the user's lock callbacks, locks, conditions |
//! | [`util`] | evutil: sockets, addresses, names, strings, random numbers, dates |
//! | [`reactor`] | the engine of both APIs: interest table, backends, timer queue, signal hub, clock, wake-up |
//! | [`event`] | libevent's core: bases, events, priorities, once, watchers, dump |
//! | [`buffer`] | evbuffer: chains, references, files, search, callbacks |
//! | [`bufferevent`] | socket, pair, filter, rate limiting, TLS (the TLS libraries' packages stand in `tls/`) |
//! | [`listener`] | evconnlistener |
//! | [`http`] | parser and framing (pure), server, client connection, uri, query |
//! | [`dns`] | resolver and server port |
//! | [`tag`] | tagged values in evbuffers |
//! | [`rpc`] | RPC over HTTP |
//! | [`ev`] | libev's loop and its thirteen watchers |
//! | [`capi`] | the `extern "C"` layer, one file (or folder) for each public header |
//!
//! A C structure that callers allocate or read is declared in the `raw.rs` of the floor that owns
//! it (`event/raw.rs` holds `struct event`); `tools/headers` makes the public headers out of those
//! files and of `capi`.
//!
//! # The rules of the boundary
//!
//! 1. A function in `capi` checks pointers, converts, calls one method, converts the result. It
//!    carries the public documentation.
//! 2. **No Rust reference to shared state lives across a user callback.** State is reached through
//!    raw pointers and short borrows; a callback and its arguments are copied out, the borrow
//!    ends, the callback runs, and state is read afresh.
//! 3. Objects that C holds are counted. A running or deferred callback holds a count; `*_free`
//!    from within a callback only marks, and the last count frees.
//! 4. An fd may be closed and reused behind our back: the interest table has generations.
//! 5. Locks have one order: a bufferevent's callback lock, the bufferevent's (which is its
//!    evbuffers'), the base's. The base's lock is never held while user code runs; an evbuffer's is
//!    during its callbacks, as the API promises. While the process has one thread a base's lock is
//!    not taken ([`thread::alone`]).
//! 6. Nothing prints, exits or aborts, except where the reference documents that it does.
//! 7. Sizes from outside meet checked arithmetic and fallible allocation.
//!
//! # The order of values
//!
//! Right, then compatible, then safe against hostile input without exception, then fast, then
//! small. When two wishes collide, this order decides.

//!
//! # Without std
//!
//! The library uses core and libc, nothing else: all memory comes from the program's functions,
//! all threads are the program's, and std is larger than half of what is here. Tests may use it.
//! What a library that ends in a C program needs in its place stands in `runtime`.
//!
//! What is called in many places and seldom run is `#[inline(never)]`: the shipped library is
//! optimised as a whole, and would have a copy of it in each.

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
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests may panic"
    )
)]

pub mod error;
pub mod log;
pub mod mem;
pub mod reactor;
pub mod sys;
pub mod thread;
pub mod util;

pub mod event;

pub mod buffer;

pub mod bufferevent;

pub mod listener;

pub mod http;

pub mod dns;

pub mod tag;

pub mod rpc;

pub mod ev;

pub mod capi;

#[cfg(evrs_shipped)]
mod runtime;
