/* event2/http_compat.h: functions of HTTP before 2.0.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_HTTP_COMPAT_H_INCLUDED_
#define EVENT2_HTTP_COMPAT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <sys/types.h>
#include <sys/time.h>
#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct event_base;
struct evhttp;
struct evhttp_connection;

/**
 * Makes a server on the current base that listens on an address and a port.
 *
 * `evhttp_new` and `evhttp_bind_socket` say what may go wrong. NULL on failure.
 */
struct evhttp *evhttp_start(const char *address, unsigned short port);

/** Makes a client connection on the current base. `evhttp_connection_base_new` is better. */
struct evhttp_connection *evhttp_connection_new(const char *address, unsigned short port);

/** Lets another base run a connection that is not connected yet. */
void evhttp_connection_set_base(struct evhttp_connection *evcon, struct event_base *base);

/* The old name of evhttp_request_get_uri(). */
#define evhttp_request_uri evhttp_request_get_uri

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_HTTP_COMPAT_H_INCLUDED_ */
