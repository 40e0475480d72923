//! `event2/buffer.h`: evbuffer.
