//! `event2/thread.h`: locks and conditions.
