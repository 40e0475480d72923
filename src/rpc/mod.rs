//! RPC over HTTP: messages of tagged values as the bodies of POST requests to `/.rpc.NAME`.
//!
//! | file | what |
//! |---|---|
//! | `hooks` | what servers and pools have in common: hooks, what they note down, paused calls |
//! | `server` | procedures, and the calls that come in |
//! | `pool` | connections to servers, and the calls that go out |
//! | `raw`, `types` | the C structures and constants |
//!
//! # Lifetimes
//!
//! Every step of a call runs code of the program: hooks, the generated message code, the callback.
//! All of it may free anything. Servers and pools therefore count who is inside ([`hooks::Owner`]);
//! a server also counts its calls, as does each procedure, so that what a call needs is there until
//! the program has answered it. Calls hold their HTTP request: one that the HTTP layer has freed
//! meanwhile is still there to be looked at, and is known to be gone.

pub(crate) mod hooks;
pub(crate) mod pool;
pub mod raw;
pub(crate) mod server;
pub mod types;

pub use hooks::evrpc_hook_meta;
pub use pool::{evrpc_pool, evrpc_request_wrapper};
pub use server::evrpc_base;

use crate::error::{Error, Result};
use crate::mem;

/// Where procedure `name` is found.
fn path(name: &[u8]) -> Result<mem::Vec<u8>> {
    const PREFIX: &[u8] = b"/.rpc.";
    let size = name.len().checked_add(PREFIX.len()).ok_or(Error::NoMemory)?;
    let mut path = mem::Vec::new_in(mem::Heap);
    path.try_reserve_exact(size).map_err(|_| Error::NoMemory)?;
    path.extend_from_slice(PREFIX);
    path.extend_from_slice(name);
    Ok(path)
}
