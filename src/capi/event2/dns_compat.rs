//! `event2/dns_compat.h`: the resolver's functions without a base.
