//! `event2/event.h`: bases and events.

pub mod log;
