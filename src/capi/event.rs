//! `event.h`: everything of `event2/` that programs of libevent 1.4 saw.
