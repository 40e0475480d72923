/* event2/dns_struct.h: what the callback of a DNS server reads.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_DNS_STRUCT_H_INCLUDED_
#define EVENT2_DNS_STRUCT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <sys/types.h>
#include <sys/time.h>
#include <event2/util.h>

/* The class of a question; C++ knows only the longer name. */
#ifndef __cplusplus
#define dns_question_class class
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct evdns_server_question;

/** A query that came in to a server port. */
struct evdns_server_request {
    /** The flags of the query's header. */
    int flags;
    /** The number of questions. */
    int nquestions;
    /** The questions. */
    struct evdns_server_question **questions;
};

/** One question of a query. */
struct evdns_server_question {
    /** The type of the records asked for: `EVDNS_TYPE_*`. */
    int type;
    /** Their class: `EVDNS_CLASS_INET`. In C the field can be called `class` as well. */
    int dns_question_class;
    /** The name, which goes on past the end of the structure. */
    char name[1];
};

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_DNS_STRUCT_H_INCLUDED_ */
