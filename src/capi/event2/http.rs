//! `event2/http.h`: HTTP server and client.

pub mod connection;
pub mod request;
pub mod server;
pub mod uri;
