//! `event2/listener.h`: listeners.
