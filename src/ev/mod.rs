//! libev's loop and its thirteen watchers, on the shared reactor.
//!
//! | file | what it keeps |
//! |---|---|
//! | [`raw`] | the watcher structures, as C has them |
//! | [`flags`] | the numbers of `ev.h` |
//! | [`state`] | the loop: parts, birth, death, fork |
//! | [`turn`] | a pass, step by step |
//! | [`control`] | what programs ask and tell a loop |
//! | `pending` | callbacks that are due, by priority |
//! | [`io`] | I/O watchers |
//! | [`timer`], [`periodic`] | the two clocks' watchers; `deadlines` is the queue of both |
//! | [`signals`] | signals and asyncs |
//! | [`child`] | children |
//! | [`stat`] | attributes of paths |
//! | [`lists`] | idle, prepare, check, fork, cleanup |
//! | [`embed`], [`once`] | loops inside loops, callbacks without watchers |
//! | [`verify`] | checking and walking all watchers |
//! | [`fault`] | usage errors, no memory, failed system calls |
//!
//! # Loops and borrows
//!
//! Everything takes a loop as `*mut ev_loop`. [`state`] gives the state behind it for a moment;
//! that borrow ends before any function of the user's is called. Watchers belong to the caller,
//! who keeps them alive while they are active or pending, and are reached through raw pointers.
//!
//! What a caller does wrong (a negative descriptor, say) ends the process with a message, as the
//! reference's documentation announces.

mod callback;
pub mod child;
mod clock;
pub mod control;
mod deadlines;
pub mod embed;
pub mod fault;
pub mod flags;
pub mod io;
pub mod lists;
pub mod once;
mod pending;
pub mod periodic;
pub mod raw;
pub mod signals;
pub mod stat;
pub mod state;
pub mod timer;
pub mod turn;
pub mod verify;

pub use callback::{LoopFn, OnceFn};
