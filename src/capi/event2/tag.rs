//! `event2/tag.h`: tagged values in evbuffers.
