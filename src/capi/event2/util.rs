//! `event2/util.h`: sockets, addresses, numbers, time.
