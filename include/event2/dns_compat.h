/* event2/dns_compat.h: functions of the resolver before 2.0, which work on one global resolver.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_DNS_COMPAT_H_INCLUDED_
#define EVENT2_DNS_COMPAT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <sys/types.h>
#include <sys/time.h>
#include <event2/util.h>
#include <event2/dns.h>

#endif /* EVENT2_DNS_COMPAT_H_INCLUDED_ */
