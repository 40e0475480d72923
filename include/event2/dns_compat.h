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

#ifdef __cplusplus
extern "C" {
#endif

struct evdns_base;
struct evdns_server_port;
struct in6_addr;
struct in_addr;

/**
 * Makes the global resolver from `/etc/resolv.conf` and the hosts file, on the current event base.
 * Returns 0 or -1.
 */
int evdns_init(void);

/** The global resolver, or NULL. */
struct evdns_base *evdns_get_global_base(void);

/**
 * Frees the global resolver as `evdns_base_free` does, and forgets the callback of
 * `evdns_set_log_fn`.
 */
void evdns_shutdown(int fail_requests);

/** `evdns_base_nameserver_add` on the global resolver, which is made if there is none. */
int evdns_nameserver_add(unsigned long address);

/** `evdns_base_count_nameservers` on the global resolver. */
int evdns_count_nameservers(void);

/** `evdns_base_clear_nameservers_and_suspend` on the global resolver. */
int evdns_clear_nameservers_and_suspend(void);

/** `evdns_base_resume` on the global resolver. */
int evdns_resume(void);

/** `evdns_base_nameserver_ip_add` on the global resolver, which is made if there is none. */
int evdns_nameserver_ip_add(const char *ip_as_string);

/** `evdns_base_resolve_ipv4` on the global resolver. Returns 0 or -1. */
int evdns_resolve_ipv4(const char *name, int flags, evdns_callback_type callback, void *ptr);

/** `evdns_base_resolve_ipv6` on the global resolver. Returns 0 or -1. */
int evdns_resolve_ipv6(const char *name, int flags, evdns_callback_type callback, void *ptr);

/** `evdns_base_resolve_reverse` on the global resolver. Returns 0 or -1. */
int evdns_resolve_reverse(const struct in_addr *in_,
                          int flags,
                          evdns_callback_type callback,
                          void *ptr);

/** `evdns_base_resolve_reverse_ipv6` on the global resolver. Returns 0 or -1. */
int evdns_resolve_reverse_ipv6(const struct in6_addr *in_,
                               int flags,
                               evdns_callback_type callback,
                               void *ptr);

/**
 * `evdns_base_set_option` on the global resolver, which is made if there is none, as far as `flags`
 * (`DNS_OPTION_*`) let the option be set.
 */
int evdns_set_option(const char *option,
                     const char *val,
                     int flags);

/** `evdns_base_resolv_conf_parse` on the global resolver, which is made if there is none. */
int evdns_resolv_conf_parse(int flags, const char *filename);

/** `evdns_base_search_clear` on the global resolver. */
void evdns_search_clear(void);

/** `evdns_base_search_add` on the global resolver. */
void evdns_search_add(const char *domain);

/** `evdns_base_search_ndots_set` on the global resolver, which is made if there is none. */
void evdns_search_ndots_set(int ndots);

/** `evdns_add_server_port_with_base` on the current event base. */
struct evdns_server_port *evdns_add_server_port(evutil_socket_t socket,
                                                int flags,
                                                evdns_request_callback_fn_type callback,
                                                void *user_data);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_DNS_COMPAT_H_INCLUDED_ */
