//! DNS: resolver and server port.
//!
//! | file | what it holds |
//! |---|---|
//! | [`raw`], [`types`] | what C sees: structures, constants, callback shapes |
//! | [`wire`] | the message format (pure) |
//! | [`reverse`] | the names under which addresses are looked up (pure) |
//! | [`config`], [`search`] | what configuration files and options say; the search list (pure) |
//! | [`base`] | the resolver: what it holds, how it is made, counted, freed; its options |
//! | [`files`] | `resolv.conf` and the hosts file |
//! | [`server`] | name servers: sockets, up and down |
//! | `tcp` | their connections |
//! | `framed` | messages over TCP, in both directions |
//! | [`request`] | requests: waiting, in flight, done |
//! | `inflight` | those that are out: numbers, deadlines, further attempts |
//! | `reply` | what follows from a server's answer |
//! | [`lookup`], [`cache`] | `getaddrinfo`, and what it need not ask for |
//! | [`port`], [`clients`] | the server's side: queries and answers, clients over TCP |
//! | [`global`] | the one resolver of the functions before 2.0 |
//! | [`log`] | messages |

pub mod base;
pub mod cache;
pub mod clients;
pub mod config;
pub mod files;
pub mod global;
pub mod log;
pub mod lookup;
pub mod port;
pub mod raw;
pub mod request;
pub mod reverse;
pub mod search;
pub mod server;
pub mod types;
pub mod wire;

mod framed;
mod inflight;
mod reply;
mod tcp;

pub use base::evdns_base;
pub use lookup::evdns_getaddrinfo_request;
pub use port::evdns_server_port;
pub use request::evdns_request;

use core::ffi::CStr;
use libc::c_int;

/// The text of a `DNS_ERR_*`.
pub fn error_text(error: c_int) -> &'static CStr {
    match error {
        types::DNS_ERR_NONE => c"no error",
        types::DNS_ERR_FORMAT => c"misformatted query",
        types::DNS_ERR_SERVERFAILED => c"server failed",
        types::DNS_ERR_NOTEXIST => c"name does not exist",
        types::DNS_ERR_NOTIMPL => c"query not implemented",
        types::DNS_ERR_REFUSED => c"refused",
        types::DNS_ERR_TRUNCATED => c"reply truncated or ill-formed",
        types::DNS_ERR_UNKNOWN => c"unknown",
        types::DNS_ERR_TIMEOUT => c"request timed out",
        types::DNS_ERR_SHUTDOWN => c"dns subsystem shut down",
        types::DNS_ERR_CANCEL => c"dns request canceled",
        types::DNS_ERR_NODATA => c"no records in the reply",
        _ => c"[Unknown error code]",
    }
}
