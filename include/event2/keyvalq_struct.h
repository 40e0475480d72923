/* event2/keyvalq_struct.h: lists of keys and values: headers and query parameters.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_KEYVALQ_STRUCT_H_INCLUDED_
#define EVENT2_KEYVALQ_STRUCT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

struct evkeyval;
struct evkeyval_links;

/** Links of a pair in its queue. */
struct evkeyval_links {
    /** The next pair, null at the end. */
    struct evkeyval *tqe_next;
    /** The link that points here. */
    struct evkeyval **tqe_prev;
};

/** A header, or a parameter of a query: a key and a value. */
struct evkeyval {
    /** Links in the queue. */
    struct evkeyval_links next;
    /** The key. */
    char *key;
    /** The value. */
    char *value;
};

/** Headers, or the parameters of a query, in order: a TAILQ head. */
struct evkeyvalq {
    /** The first pair, null when there is none. */
    struct evkeyval *tqh_first;
    /** The link that the next pair goes to. */
    struct evkeyval **tqh_last;
};

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_KEYVALQ_STRUCT_H_INCLUDED_ */
