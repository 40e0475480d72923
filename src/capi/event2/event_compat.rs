//! `event2/event_compat.h`: the functions without a base.
