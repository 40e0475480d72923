//! evutil: sockets, addresses, names, strings, random numbers, dates.

pub mod types;
