/* event2/bufferevent_compat.h: functions of bufferevents before 2.0.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_BUFFEREVENT_COMPAT_H_INCLUDED_
#define EVENT2_BUFFEREVENT_COMPAT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <event2/bufferevent.h>

/* Old names of the callbacks. */
#define evbuffercb bufferevent_data_cb
#define everrorcb bufferevent_event_cb

#ifdef __cplusplus
extern "C" {
#endif

struct bufferevent;

/**
 * A bufferevent over `fd` on the current base, with its callbacks. The descriptor is not closed
 * when it is freed. NULL on failure.
 *
 * Deprecated: use `bufferevent_socket_new` and `bufferevent_setcb`, which name the base.
 */
struct bufferevent *bufferevent_new(evutil_socket_t fd,
                                    bufferevent_data_cb readcb,
                                    bufferevent_data_cb writecb,
                                    bufferevent_event_cb errorcb,
                                    void *cbarg);

/**
 * Sets the timeouts in seconds; 0 for none.
 *
 * Deprecated: use `bufferevent_set_timeouts`.
 */
void bufferevent_settimeout(struct bufferevent *bufev, int timeout_read, int timeout_write);

/* Old names of what an event callback is told. */
#define EVBUFFER_READ BEV_EVENT_READING
#define EVBUFFER_WRITE BEV_EVENT_WRITING
#define EVBUFFER_EOF BEV_EVENT_EOF
#define EVBUFFER_ERROR BEV_EVENT_ERROR
#define EVBUFFER_TIMEOUT BEV_EVENT_TIMEOUT

/* The buffers of a bufferevent. */
#define EVBUFFER_INPUT(x) bufferevent_get_input(x)
#define EVBUFFER_OUTPUT(x) bufferevent_get_output(x)

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFEREVENT_COMPAT_H_INCLUDED_ */
