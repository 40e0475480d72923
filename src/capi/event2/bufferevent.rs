//! `event2/bufferevent.h`: bufferevents.
