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
struct event_base;
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

/**
 * A new listener on a socket that is bound already.
 *
 * `cb` is called with each connection and `ptr`; with NULL the listener waits until it is given one.
 * `flags` are `LEV_OPT_*`. `backlog` is the length of the queue of connections, negative for a
 * reasonable one, 0 if the socket listens already. The socket is made non-blocking. It is closed
 * with the listener if `LEV_OPT_CLOSE_ON_FREE` is among the flags.
 *
 * Returns NULL, with `errno`, when the socket cannot listen or there is no memory; then `fd` is still open.
 */
struct evconnlistener *evconnlistener_new(struct event_base *base,
                                          evconnlistener_cb cb,
                                          void *ptr,
                                          unsigned int flags,
                                          int backlog,
                                          evutil_socket_t fd);

/**
 * A new listener on a new socket, bound to an address.
 *
 * As `evconnlistener_new`; in addition, the flags for options of the socket take effect
 * (`LEV_OPT_REUSEABLE`, `LEV_OPT_REUSEABLE_PORT`, `LEV_OPT_DEFERRED_ACCEPT`,
 * `LEV_OPT_BIND_IPV6ONLY`, `LEV_OPT_BIND_IPV4_AND_IPV6`), and `LEV_OPT_CLOSE_ON_EXEC` holds for
 * the listening socket as well. Keep-alive is switched on. A `backlog` of 0 is refused.
 *
 * Returns NULL, with `errno`, when any of it fails; then nothing is left open.
 */
struct evconnlistener *evconnlistener_new_bind(struct event_base *base,
                                               evconnlistener_cb cb,
                                               void *ptr,
                                               unsigned int flags,
                                               int backlog,
                                               const struct sockaddr *sa,
                                               int socklen);

/**
 * Frees a listener; NULL is fine.
 *
 * No callback begins after this. Called from inside a callback it takes effect when that
 * returns; so it does when another thread is inside one.
 */
void evconnlistener_free(struct evconnlistener *lev);

/** Has a listener take connections again. Returns 0 or -1. */
int evconnlistener_enable(struct evconnlistener *lev);

/**
 * Has a listener take no more connections for now: new ones wait in the kernel's queue.
 *
 * From inside the callback, it is the last one. From another thread than the loop's, this waits for a
 * callback that is running. Returns 0 or -1.
 */
int evconnlistener_disable(struct evconnlistener *lev);

/** The base of a listener. */
struct event_base *evconnlistener_get_base(struct evconnlistener *lev);

/** The socket of a listener, -1 for NULL. */
evutil_socket_t evconnlistener_get_fd(struct evconnlistener *lev);

/**
 * Replaces the callback of a listener and its argument.
 *
 * With NULL, connections are accepted and closed at once.
 */
void evconnlistener_set_cb(struct evconnlistener *lev, evconnlistener_cb cb, void *arg);

/**
 * Sets who hears when accepting fails, with the reason in `EVUTIL_SOCKET_ERROR()`.
 *
 * When the process is out of descriptors, the listener pauses for a moment and tries again; the callback is called
 * each time. Without a callback a warning is logged.
 */
void evconnlistener_set_error_cb(struct evconnlistener *lev,
                                 evconnlistener_errorcb errorcb);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_LISTENER_H_INCLUDED_ */
