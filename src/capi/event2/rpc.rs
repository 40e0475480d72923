//! `event2/rpc.h`: RPC over HTTP.
