//! `event2/http_compat.h`: names of HTTP functions before 2.0.
