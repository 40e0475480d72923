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
struct evdns_server_request;

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
/** The answer is the name that the asked one stands for (since 2.2). */
#define DNS_CNAME 4
/** The name is taken as it is: no search list. */
#define DNS_QUERY_NO_SEARCH 1
/** The query goes over TCP (since 2.2). */
#define DNS_QUERY_USEVC 2
/** Truncated answers are taken as they are (since 2.2). */
#define DNS_QUERY_IGNTC 4
/** The callback is called with the canonical name too (since 2.2). */
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
/** `evdns_base_new`: remember no answers (since 2.2). */
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

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_DNS_H_INCLUDED_ */
