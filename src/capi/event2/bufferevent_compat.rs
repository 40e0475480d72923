//! `event2/bufferevent_compat.h`: names of bufferevents' functions before 2.0.
