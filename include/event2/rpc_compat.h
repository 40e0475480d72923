/* event2/rpc_compat.h: old names in RPC.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_RPC_COMPAT_H_INCLUDED_
#define EVENT2_RPC_COMPAT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

/* With GNU C the macros for messages take a value with or without its length. */
#if defined(__GNUC__) && !defined(__STRICT_ANSI__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wvariadic-macros"
#undef EVTAG_ASSIGN
#undef EVTAG_GET
#undef EVTAG_ADD
#define EVTAG_ASSIGN(msg, member, args...) (*(msg)->base->member##_assign)((msg), ## args)
#define EVTAG_GET(msg, member, args...) (*(msg)->base->member##_get)((msg), ## args)
#define EVTAG_ADD(msg, member, args...) (*(msg)->base->member##_add)((msg), ## args)
#pragma GCC diagnostic pop
#endif

/* The old name of EVTAG_ARRAY_LEN(). */
#define EVTAG_LEN(msg, member) ((msg)->member##_length)

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_RPC_COMPAT_H_INCLUDED_ */
