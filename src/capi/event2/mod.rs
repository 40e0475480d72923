//! One file for each header in `event2/`.

pub mod buffer;
pub mod buffer_compat;
pub mod bufferevent;
pub mod bufferevent_compat;
pub mod bufferevent_ssl;
pub mod dns;
pub mod dns_compat;
pub mod event;
pub mod event_compat;
pub mod http;
pub mod http_compat;
pub mod listener;
pub mod rpc;
pub mod tag;
pub mod thread;
pub mod util;
pub mod watch;
pub mod ws;
