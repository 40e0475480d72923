/* event2/listener.h: listeners: sockets that take connections.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_LISTENER_H_INCLUDED_
#define EVENT2_LISTENER_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <event2/event.h>

#ifdef __cplusplus
extern "C" {
#endif

struct evconnlistener;
struct sockaddr;

/** The accepted sockets stay blocking. */
#define LEV_OPT_LEAVE_SOCKETS_BLOCKING 1u
/** Freeing the listener closes its socket. */
#define LEV_OPT_CLOSE_ON_FREE 2u
/** The sockets do not survive `exec`. */
#define LEV_OPT_CLOSE_ON_EXEC 4u
/** The port can be bound at once after its last owner has closed it. */
#define LEV_OPT_REUSEABLE 8u
/** The listener has a lock. */
#define LEV_OPT_THREADSAFE 16u
/** The listener starts disabled. */
#define LEV_OPT_DISABLED 32u
/** Connections are accepted when their first bytes are there, if the system can. */
#define LEV_OPT_DEFERRED_ACCEPT 64u
/** Several sockets may listen on the port, and share the connections. */
#define LEV_OPT_REUSEABLE_PORT 128u
/** An IPv6 socket takes no IPv4 connections. */
#define LEV_OPT_BIND_IPV6ONLY 256u
/** An IPv6 socket takes IPv4 connections too, whatever the system's default (since 2.2). */
#define LEV_OPT_BIND_IPV4_AND_IPV6 512u

/**
 * Called with every accepted connection: its socket, which is the callback's to close, and its
 * peer's address.
 */
typedef void (*evconnlistener_cb)(struct evconnlistener *listener,
                                  int fd,
                                  struct sockaddr *addr,
                                  int socklen,
                                  void *arg);

/** Called when accepting has failed; `EVUTIL_SOCKET_ERROR()` says why. */
typedef void (*evconnlistener_errorcb)(struct evconnlistener *listener, void *arg);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_LISTENER_H_INCLUDED_ */
