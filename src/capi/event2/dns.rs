//! `event2/dns.h`: resolver and DNS server.
