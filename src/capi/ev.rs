//! `ev.h`: libev.
