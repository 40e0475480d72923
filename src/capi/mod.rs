//! The `extern "C"` layer: one file (or folder) for each public header, the same names.
//!
//! Functions stand here; the structures, constants and callback shapes of a header stand in
//! `raw.rs` and `types.rs` (`event/flags.rs`) of the floor that owns them. What Rust cannot say,
//! function-like macros above all, stands beside the file in C: `NAME.head.h` before the types,
//! `NAME.mid.h` between types and functions, `NAME.tail.h` at the end. `tools/headers` puts them
//! together (`cargo run -p evrs-headers`).

mod convert;
pub mod ev;
mod ev_event;
pub mod event;
pub mod event2;
pub mod tls;
#[cfg(not(miri))]
pub mod variadic;
