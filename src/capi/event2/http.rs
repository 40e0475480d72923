//! `event2/http.h`: HTTP server and client.
