//! `event2/buffer_compat.h`: names of evbuffer's functions before 2.0.
