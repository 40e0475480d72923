/* event2/dns.h: a resolver that does not block, and a DNS server.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_DNS_H_INCLUDED_
#define EVENT2_DNS_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct addrinfo;
struct evconnlistener;
struct evdns_base;
struct evdns_getaddrinfo_request;
struct evdns_request;
struct evdns_server_port;
struct evdns_server_request;
struct event_base;
struct in6_addr;
struct in_addr;
struct sockaddr;

/** No error. */
#define DNS_ERR_NONE 0
/** The server could not read the query. */
#define DNS_ERR_FORMAT 1
/** Something went wrong in the server. */
#define DNS_ERR_SERVERFAILED 2
/** There is no such name. */
#define DNS_ERR_NOTEXIST 3
/** The server does not know this kind of query. */
#define DNS_ERR_NOTIMPL 4
/** The server does not want to. */
#define DNS_ERR_REFUSED 5
/** The answer was cut off. */
#define DNS_ERR_TRUNCATED 65
/** Something unknown. */
#define DNS_ERR_UNKNOWN 66
/** No answer in time. */
#define DNS_ERR_TIMEOUT 67
/** The resolver is being shut down. */
#define DNS_ERR_SHUTDOWN 68
/** The request was cancelled. */
#define DNS_ERR_CANCEL 69
/** There is such a name, but no record of this type. */
#define DNS_ERR_NODATA 70
/** The answer has IPv4 addresses (`struct in_addr`). */
#define DNS_IPv4_A 1
/** The answer is a name (`char **`). */
#define DNS_PTR 2
/** The answer has IPv6 addresses (`struct in6_addr`). */
#define DNS_IPv6_AAAA 3
/** The answer is the name that the asked one stands for (`char *`; since 2.2). */
#define DNS_CNAME 4
/** The name is taken as it is: no search list. */
#define DNS_QUERY_NO_SEARCH 1
/** The query goes over TCP (since 2.2). */
#define DNS_QUERY_USEVC 2
/** Truncated answers are taken as they are (since 2.2). */
#define DNS_QUERY_IGNTC 4
/** The callback is called a second time, with the canonical name, when the answer has one (since 2.2). */
#define DNS_CNAME_CALLBACK 128
/** Read `domain`, `search` and the like from the configuration. */
#define DNS_OPTION_SEARCH 1
/** Read the name servers from the configuration. */
#define DNS_OPTION_NAMESERVERS 2
/** Read everything else from the configuration. */
#define DNS_OPTION_MISC 4
/** Read the hosts file. */
#define DNS_OPTION_HOSTSFILE 8
/** All of them. */
#define DNS_OPTIONS_ALL 15
/** Without name servers in the configuration do not ask the local host. */
#define DNS_OPTION_NAMESERVERS_NO_DEFAULT 16
/** The old name of `DNS_QUERY_NO_SEARCH`. */
#define DNS_NO_SEARCH 1
/** `evdns_base_new`: read the system's configuration. */
#define EVDNS_BASE_INITIALIZE_NAMESERVERS 1
/** `evdns_base_new`: keep no descriptor open and do not keep the loop alive while nothing is asked. */
#define EVDNS_BASE_DISABLE_WHEN_INACTIVE 32768
/** `evdns_base_new`: without name servers in the configuration do not ask the local host. */
#define EVDNS_BASE_NAMESERVERS_NO_DEFAULT 65536
/** `evdns_base_new`: `evdns_cache_write` does nothing (since 2.2). */
#define EVDNS_BASE_NO_CACHE 16
/** Reading a configuration file went well (since 2.2). */
#define EVDNS_ERROR_NONE 0
/** It could not be opened (since 2.2). */
#define EVDNS_ERROR_FAILED_TO_OPEN_FILE 1
/** Its size could not be found (since 2.2). */
#define EVDNS_ERROR_FAILED_TO_STAT_FILE 2
/** It is too large (since 2.2). */
#define EVDNS_ERROR_FILE_TOO_LARGE 3
/** Out of memory (since 2.2). */
#define EVDNS_ERROR_OUT_OF_MEMORY 4
/** It could not be read to its end (since 2.2). */
#define EVDNS_ERROR_SHORT_READ_FROM_FILE 5
/** It names no server (since 2.2). */
#define EVDNS_ERROR_NO_NAMESERVERS_CONFIGURED 6
/** The section of answers. */
#define EVDNS_ANSWER_SECTION 0
/** The section of authorities. */
#define EVDNS_AUTHORITY_SECTION 1
/** The section of additional records. */
#define EVDNS_ADDITIONAL_SECTION 2
/** An IPv4 address. */
#define EVDNS_TYPE_A 1
/** A name server. */
#define EVDNS_TYPE_NS 2
/** A canonical name. */
#define EVDNS_TYPE_CNAME 5
/** A start of authority. */
#define EVDNS_TYPE_SOA 6
/** A pointer to a name. */
#define EVDNS_TYPE_PTR 12
/** A mail exchanger. */
#define EVDNS_TYPE_MX 15
/** Text. */
#define EVDNS_TYPE_TXT 16
/** An IPv6 address. */
#define EVDNS_TYPE_AAAA 28
/** A transfer of a whole zone. */
#define EVDNS_QTYPE_AXFR 252
/** Records of all types. */
#define EVDNS_QTYPE_ALL 255
/** The Internet. */
#define EVDNS_CLASS_INET 1
/** `evdns_server_request_set_flags`: the answer is authoritative. */
#define EVDNS_FLAGS_AA 1024
/** `evdns_server_request_set_flags`: recursion was asked for. */
#define EVDNS_FLAGS_RD 128

/** What `evdns_server_port_set_option` sets (since 2.2). */
enum evdns_server_option {
    /** How many TCP clients there may be at a time. */
    EVDNS_SOPT_TCP_MAX_CLIENTS = 0,
    /** After how many seconds an idle TCP client is dropped. */
    EVDNS_SOPT_TCP_IDLE_TIMEOUT = 1
};

/**
 * Called with the result of a request: `DNS_ERR_*`, the kind of answer (`DNS_IPv4_A` ...), how
 * many addresses there are, how many seconds they are good for, and where they are.
 */
typedef void (*evdns_callback_type)(int result,
                                    char type,
                                    int count,
                                    int ttl,
                                    void *addresses,
                                    void *arg);

/** Called with the messages of the resolver. */
typedef void (*evdns_debug_log_fn_type)(int is_warning, const char *msg);

/**
 * Called with a query that has come in to a server port; it is answered with
 * `evdns_server_request_respond`.
 */
typedef void (*evdns_request_callback_fn_type)(struct evdns_server_request *req, void *arg);

/**
 * Called with the result of `evdns_getaddrinfo`: an `EVUTIL_EAI_*` code and a list that
 * `evutil_freeaddrinfo` frees.
 */
typedef void (*evdns_getaddrinfo_cb)(int result, struct addrinfo *res, void *arg);

/**
 * A new resolver.
 *
 * `flags` is a sum of `EVDNS_BASE_*`. With `EVDNS_BASE_INITIALIZE_NAMESERVERS` name servers, options
 * and search domains come from `/etc/resolv.conf`, and the hosts file is read; a file that names
 * no server is no error, and stands for one on this host unless
 * `EVDNS_BASE_NAMESERVERS_NO_DEFAULT` is given. With `EVDNS_BASE_DISABLE_WHEN_INACTIVE` the
 * resolver keeps the loop alive only while it waits for an answer. Other flags give a warning and
 * count as `EVDNS_BASE_INITIALIZE_NAMESERVERS`.
 *
 * Returns NULL without memory and when the configuration cannot be read. `event_base` NULL means
 * the current base.
 */
struct evdns_base *evdns_base_new(struct event_base *event_base,
                                  int flags);

/**
 * Frees a resolver.
 *
 * With `fail_requests` the callbacks of running requests are called with `DNS_ERR_SHUTDOWN`, later,
 * by the loop; else they are not called any more. Requests whose callback is about to run anyway
 * keep their result. `base` NULL means the global resolver of `evdns_init`.
 */
void evdns_base_free(struct evdns_base *base,
                     int fail_requests);

/** The text of a `DNS_ERR_*`. */
const char *evdns_err_to_string(int err);

/**
 * Adds a name server with an IPv4 address, in network byte order as in `in_addr.s_addr`, and port 53.
 *
 * Returns as `evdns_base_nameserver_ip_add`.
 */
int evdns_base_nameserver_add(struct evdns_base *base,
                              unsigned long address);

/** How many name servers a resolver has, up or down. */
int evdns_base_count_nameservers(struct evdns_base *base);

/**
 * Forgets all name servers and has all requests wait, those that were out first.
 *
 * They wait for `evdns_base_resume`, with other servers. Returns 0, or -1 for NULL.
 */
int evdns_base_clear_nameservers_and_suspend(struct evdns_base *base);

/**
 * Sends out the requests that have waited since `evdns_base_clear_nameservers_and_suspend`.
 *
 * Returns 0, or -1 for NULL.
 */
int evdns_base_resume(struct evdns_base *base);

/**
 * Adds a name server: `1.2.3.4`, `1.2.3.4:53`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:53`.
 *
 * The port is 53 if there is none. Requests that wait for a server go out.
 *
 * Returns 0; 1 without a socket, 2 when it cannot be set up, 3 when the resolver knows the server
 * already, 4 for something else than an address, -1 without memory and for NULL.
 */
int evdns_base_nameserver_ip_add(struct evdns_base *base,
                                 const char *ip_as_string);

/**
 * Adds a name server with this address, of `len` bytes. `flags` has to be 0 and is not looked at.
 *
 * Returns as `evdns_base_nameserver_ip_add`.
 */
int evdns_base_nameserver_sockaddr_add(struct evdns_base *base,
                                       const struct sockaddr *sa,
                                       socklen_t len,
                                       unsigned int flags);

/**
 * The address of the name server number `idx`, from 0 on.
 *
 * Returns the length of the address. If that is more than `len`, `sa` is left alone. Returns -1 when
 * there is no such server.
 */
int evdns_base_get_nameserver_addr(struct evdns_base *base,
                                   int idx,
                                   struct sockaddr *sa,
                                   socklen_t len);

/**
 * The descriptor of the socket to the name server number `idx`, from 0 on (since 2.2); -1 when there is
 * no such server.
 */
int evdns_base_get_nameserver_fd(struct evdns_base *base,
                                 int idx);

/**
 * Sets an option of a resolver.
 *
 * | name | value |
 * |---|---|
 * | `ndots` | names with so many dots are tried as they are before the search domains (1) |
 * | `timeout` | seconds that a server has for an answer, with a fraction (5) |
 * | `max-timeouts` | so many timeouts in a row, and a server is taken for down (3; up to 255) |
 * | `max-inflight` | so many queries are out at a time, the others wait (64; up to 65000) |
 * | `attempts` | how often a query is sent (3; up to 255) |
 * | `randomize-case` | not 0: names are asked for in mixed case; 2: and answers have to repeat it (1) |
 * | `bind-to` | the address that queries come from, except those to this host |
 * | `initial-probe-timeout` | seconds until a server that is down is asked again (10) |
 * | `max-probe-timeout` | the most seconds between two such questions (3600; since 2.2) |
 * | `probe-backoff-factor` | how much longer each wait is than the one before (3; since 2.2) |
 * | `getaddrinfo-allow-skew` | seconds that `evdns_getaddrinfo` waits for the second family (3) |
 * | `so-rcvbuf`, `so-sndbuf` | sizes of the buffers of sockets made afterwards |
 * | `tcp-idle-timeout` | seconds until an unused TCP connection is closed (10; since 2.2) |
 * | `edns-udp-size` | the size of answers that servers are told to send over UDP; 512 for none (512; since 2.2) |
 * | `use-vc`, `ignore-tc` | without a value (empty or NULL): all queries go over TCP; truncated answers are not asked for again over TCP (since 2.2) |
 *
 * A colon at the end of the name is fine. Returns 0, also for a name that is not known, or -1 for a
 * value that is no good.
 */
int evdns_base_set_option(struct evdns_base *base,
                          const char *option,
                          const char *val);

/**
 * Reads a file in the format of `resolv.conf`.
 *
 * `flags` is a sum of `DNS_OPTION_*` and says what is used: name servers, search domains, options,
 * the hosts file of the system. Without a file or a server in it, a server on this host is taken,
 * unless `DNS_OPTION_NAMESERVERS_NO_DEFAULT` is among the flags. Lines that make no sense are
 * passed over.
 *
 * Returns 0 or an `EVDNS_ERROR_*`; -1 for a NULL resolver.
 */
int evdns_base_resolv_conf_parse(struct evdns_base *base,
                                 int flags,
                                 const char *filename);

/**
 * Reads a file in the format of `/etc/hosts`, whose names `evdns_getaddrinfo` then knows.
 *
 * What was read before stays. With NULL, `localhost` is made known. Returns 0, or -1 when the file
 * cannot be read (then `localhost` is known at least) or memory is out.
 */
int evdns_base_load_hosts(struct evdns_base *base,
                          const char *hosts_fname);

/** Forgets all that hosts files have said. */
void evdns_base_clear_host_addresses(struct evdns_base *base);

/** Empties the list of search domains, and sets `ndots` to 1. Requests that are running keep theirs. */
void evdns_base_search_clear(struct evdns_base *base);

/** Puts a domain in front of the list of search domains; dots at its start do not count. */
void evdns_base_search_add(struct evdns_base *base, const char *domain);

/** Says how many dots make a name complete: one with so many is tried as it is first. */
void evdns_base_search_ndots_set(struct evdns_base *base, int ndots);

/**
 * Has the messages of all resolvers and server ports go to `fn_`, and not to the callback of
 * `event_set_log_callback`. NULL ends that.
 */
void evdns_set_log_fn(evdns_debug_log_fn_type fn_);

/** Does nothing: numbers of queries come from the kernel's generator. */
void evdns_set_transaction_id_fn(uint16_t (*fn_)(void));

/** Does nothing: random bytes come from the kernel's generator. */
void evdns_set_random_bytes_fn(void (*fn_)(char *bytes, size_t n));

/**
 * Asks for the IPv4 addresses of a name.
 *
 * `flags` is 0 or a sum of `DNS_QUERY_*`. `callback` is called once, from the loop, with `ptr`: with
 * `DNS_ERR_NONE`, `DNS_IPv4_A`, how many addresses there are, for how many seconds they hold, and
 * the addresses (`struct in_addr`), which are gone when it returns; or with another `DNS_ERR_*`.
 * Hosts files are not looked at. Without name servers the request waits for one.
 *
 * Returns the request, which is good for `evdns_cancel_request` until the callback runs; NULL, and the
 * callback is not called, without memory and for a name that no server can know: longer than 255
 * bytes, or with a label that is empty or longer than 63.
 */
struct evdns_request *evdns_base_resolve_ipv4(struct evdns_base *base,
                                              const char *name,
                                              int flags,
                                              evdns_callback_type callback,
                                              void *ptr);

/**
 * Asks for the IPv6 addresses of a name: as `evdns_base_resolve_ipv4`, with `DNS_IPv6_AAAA` and
 * `struct in6_addr`.
 */
struct evdns_request *evdns_base_resolve_ipv6(struct evdns_base *base,
                                              const char *name,
                                              int flags,
                                              evdns_callback_type callback,
                                              void *ptr);

/**
 * Asks for the name of an IPv4 address.
 *
 * As `evdns_base_resolve_ipv4`; the callback gets `DNS_PTR`, 1, and a `char **` that points to the
 * name. Search domains are not used.
 */
struct evdns_request *evdns_base_resolve_reverse(struct evdns_base *base,
                                                 const struct in_addr *in_,
                                                 int flags,
                                                 evdns_callback_type callback,
                                                 void *ptr);

/** Asks for the name of an IPv6 address: as `evdns_base_resolve_reverse`. */
struct evdns_request *evdns_base_resolve_reverse_ipv6(struct evdns_base *base,
                                                      const struct in6_addr *in_,
                                                      int flags,
                                                      evdns_callback_type callback,
                                                      void *ptr);

/**
 * Cancels a request: its callback is called with `DNS_ERR_CANCEL`, later, by the loop.
 *
 * If the callback is about to be called with a result, it still is. `base` is not needed, and may be
 * NULL.
 */
void evdns_cancel_request(struct evdns_base *base,
                          struct evdns_request *req);

/**
 * `evutil_getaddrinfo` without waiting.
 *
 * Asks for both families at once, unless `hints_in` wants one. `cb` is called once with `arg`: with
 * 0 and a list, IPv4 addresses first, that the program frees with `evutil_freeaddrinfo`; or with
 * an `EVUTIL_EAI_*` and NULL. When one answer is there, the other is awaited for the time of the
 * option `getaddrinfo-allow-skew`. Answers that nobody needs to be asked for (numeric addresses,
 * no name at all, the hosts file, what is wrong with the arguments) are given at once, from within
 * this function, which then returns NULL.
 *
 * Returns the lookup, which is good for `evdns_getaddrinfo_cancel` until the callback runs.
 * `dns_base` NULL means the global resolver of `evdns_init`.
 */
struct evdns_getaddrinfo_request *evdns_getaddrinfo(struct evdns_base *dns_base,
                                                    const char *nodename,
                                                    const char *servname,
                                                    const struct evutil_addrinfo *hints_in,
                                                    evdns_getaddrinfo_cb cb,
                                                    void *arg);

/**
 * Cancels a lookup: its callback is called with `EVUTIL_EAI_CANCEL`, later, by the loop. If it is
 * about to be called with a result, it still is.
 */
void evdns_getaddrinfo_cancel(struct evdns_getaddrinfo_request *req);

/**
 * Has `evdns_getaddrinfo` know a name for `ttl` seconds (since 2.2).
 *
 * `res` is a list of its addresses, which is copied; what was known of the name is forgotten, also
 * with a `ttl` of 0 or an empty list. Resolvers made with `EVDNS_BASE_NO_CACHE` keep nothing. Answers
 * from servers are not kept unless the program does that.
 */
void evdns_cache_write(struct evdns_base *dns_base,
                       char *nodename,
                       struct evutil_addrinfo *res,
                       int ttl);

/**
 * Looks up what `evdns_cache_write` has made known (since 2.2).
 *
 * `hints` are as for `evdns_getaddrinfo`; the addresses get `port`. Returns 0 and a list in `*res`,
 * which the program frees with `evutil_freeaddrinfo`, or -1 when nothing (of this family) is known.
 */
int evdns_cache_lookup(struct evdns_base *base,
                       const char *nodename,
                       struct evutil_addrinfo *hints,
                       uint16_t port,
                       struct evutil_addrinfo **res);

/**
 * Starts to serve DNS on a bound UDP socket, which has to be non-blocking and is closed with the port.
 *
 * `callback` is called with each query and `user_data`. It adds records to the answer with
 * `evdns_server_request_add_*` and sends it with `evdns_server_request_respond`, or forgets it with
 * `evdns_server_request_drop`, then or later. Only queries proper come there: others get
 * `DNS_ERR_NOTIMPL`, and what is no query is dropped.
 *
 * `flags` has to be 0. `base` NULL means the current base. Returns NULL on failure; then the socket is
 * still open.
 */
struct evdns_server_port *evdns_add_server_port_with_base(struct event_base *base,
                                                          evutil_socket_t socket,
                                                          int flags,
                                                          evdns_request_callback_fn_type callback,
                                                          void *user_data);

/**
 * Starts to serve DNS over TCP with the connections of a listener (since 2.2), which is the port's from
 * now on and freed with it.
 *
 * As `evdns_add_server_port_with_base`; answers are up to 65535 bytes long. The listener may have been
 * made without a callback; it is switched on.
 *
 * Returns NULL on failure; then the listener is still the caller's.
 */
struct evdns_server_port *evdns_add_server_port_with_listener(struct event_base *base,
                                                              struct evconnlistener *listener,
                                                              int flags,
                                                              evdns_request_callback_fn_type callback,
                                                              void *user_data);

/**
 * Sets a limit of a port that was made with a listener (since 2.2).
 *
 * `EVDNS_SOPT_TCP_MAX_CLIENTS`: so many clients at a time, others are turned away (10).
 * `EVDNS_SOPT_TCP_IDLE_TIMEOUT`: after so many seconds a client that waits for no answer is dropped;
 * 0: never (10). It holds for clients that come later.
 *
 * Returns 0, or -1 for NULL, for a port over UDP, and for another option.
 */
int evdns_server_port_set_option(struct evdns_server_port *port,
                                 enum evdns_server_option option,
                                 size_t value);

/**
 * Closes a port: no query is taken any more. The socket is closed when those that have been taken are
 * answered or dropped.
 */
void evdns_close_server_port(struct evdns_server_port *port);

/** Sets the flags `EVDNS_FLAGS_AA` and `EVDNS_FLAGS_RD` of the answer. */
void evdns_server_request_set_flags(struct evdns_server_request *req, int flags);

/**
 * Adds a record to an answer.
 *
 * `section` is an `EVDNS_*_SECTION`; `name`, `type`, `dns_class` and `ttl` (seconds) go into the
 * record as they are. With `is_name`, `data` is a string, a domain name, and takes part in
 * compression; `datalen` is not looked at. Else it is `datalen` bytes.
 *
 * Returns 0, or -1 when that cannot be: NULL, no memory, another section, too many bytes, or the answer
 * is on its way already.
 */
int evdns_server_request_add_reply(struct evdns_server_request *req,
                                   int section,
                                   const char *name,
                                   int type,
                                   int dns_class,
                                   int ttl,
                                   int datalen,
                                   int is_name,
                                   const char *data);

/**
 * Adds `n` IPv4 addresses (`struct in_addr`) of a name to an answer, a record for each. Returns as
 * `evdns_server_request_add_reply`.
 */
int evdns_server_request_add_a_reply(struct evdns_server_request *req,
                                     const char *name,
                                     int n,
                                     const void *addrs,
                                     int ttl);

/**
 * Adds `n` IPv6 addresses (`struct in6_addr`) of a name to an answer, a record for each. Returns as
 * `evdns_server_request_add_reply`.
 */
int evdns_server_request_add_aaaa_reply(struct evdns_server_request *req,
                                        const char *name,
                                        int n,
                                        const void *addrs,
                                        int ttl);

/**
 * Adds the name of an address to an answer: either of the IPv4 address `in_`, or of `inaddr_name`, a
 * name under `in-addr.arpa` or `ip6.arpa`; the other one is NULL. Returns as
 * `evdns_server_request_add_reply`.
 */
int evdns_server_request_add_ptr_reply(struct evdns_server_request *req,
                                       struct in_addr *in_,
                                       const char *inaddr_name,
                                       const char *hostname,
                                       int ttl);

/** Adds the canonical name of a name to an answer. Returns as `evdns_server_request_add_reply`. */
int evdns_server_request_add_cname_reply(struct evdns_server_request *req,
                                         const char *name,
                                         const char *cname,
                                         int ttl);

/**
 * Sends an answer, with the result code `err` (`DNS_ERR_NONE` to `DNS_ERR_REFUSED`).
 *
 * What is too long for the transport is cut off, and the answer says so.
 *
 * Returns 0 when the answer has been sent, 1 when it waits for the socket; in both cases the query is
 * gone. -1 when there is a name in it that is none, or no memory; then the query is still there.
 */
int evdns_server_request_respond(struct evdns_server_request *req,
                                 int err);

/** Forgets a query without an answer. Returns 0, or -1 for NULL. */
int evdns_server_request_drop(struct evdns_server_request *req);

/**
 * Who has asked: copies the address to `sa`, which has room for `addr_len` bytes.
 *
 * Returns the length of the address, or -1 when it does not fit.
 */
int evdns_server_request_get_requesting_addr(struct evdns_server_request *req,
                                             struct sockaddr *sa,
                                             int addr_len);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_DNS_H_INCLUDED_ */
