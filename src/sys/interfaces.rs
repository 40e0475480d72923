//! The addresses of this host.

use libc::{ifaddrs, sockaddr_in, sockaddr_in6};

/// Whether there are IPv4 and IPv6 addresses that lead anywhere: neither loopback nor link-local.
pub fn families() -> (bool, bool) {
    let mut list: *mut ifaddrs = core::ptr::null_mut();
    // SAFETY: a place of our own for the list.
    if unsafe { libc::getifaddrs(&raw mut list) } != 0 {
        return (false, false);
    }
    let (mut v4, mut v6) = (false, false);
    let mut at = list;
    // SAFETY: the list's entries are alive until it is freed below; an address has the size of its
    // family.
    unsafe {
        while let Some(entry) = at.as_ref() {
            at = entry.ifa_next;
            let Some(address) = entry.ifa_addr.as_ref() else { continue };
            match i32::from(address.sa_family) {
                libc::AF_INET => {
                    let a = entry.ifa_addr.cast::<sockaddr_in>().read_unaligned().sin_addr.s_addr;
                    let [first, second, ..] = a.to_ne_bytes();
                    let nowhere = matches!((first, second), (0 | 127, _) | (169, 254))
                        || first & 0xf0 == 0xe0;
                    v4 |= !nowhere;
                }
                libc::AF_INET6 => {
                    let a = entry.ifa_addr.cast::<sockaddr_in6>().read_unaligned().sin6_addr;
                    let a = u128::from_be_bytes(a.s6_addr);
                    let link_local = a >> 118 == 0xfe80 >> 6;
                    let multicast = a >> 120 == 0xff;
                    v6 |= a > 1 && !link_local && !multicast;
                }
                _ => {}
            }
        }
        libc::freeifaddrs(list);
    }
    (v4, v6)
}
