/* event2/bufferevent.h: bufferevents: transports with an input and an output buffer.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_BUFFEREVENT_H_INCLUDED_
#define EVENT2_BUFFEREVENT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <sys/types.h>
#include <sys/time.h>
#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bufferevent;
struct bufferevent_rate_limit_group;
struct ev_token_bucket_cfg;
struct evbuffer;
struct evdns_base;
struct event_base;
struct sockaddr;
struct timeval;

/** The event concerns reading. */
#define BEV_EVENT_READING 1
/** The event concerns writing. */
#define BEV_EVENT_WRITING 2
/** The other side has closed. */
#define BEV_EVENT_EOF 16
/** An error that the bufferevent cannot recover from. */
#define BEV_EVENT_ERROR 32
/** A timeout of `bufferevent_set_timeouts` has passed. */
#define BEV_EVENT_TIMEOUT 64
/** A connection asked for by `bufferevent_socket_connect` stands. */
#define BEV_EVENT_CONNECTED 128

/** What a bufferevent does besides moving bytes; bits of an `int`. */
enum bufferevent_options {
    /** Freeing the bufferevent closes the descriptor (or frees the underlying bufferevent). */
    BEV_OPT_CLOSE_ON_FREE = 1,
    /** The bufferevent has a lock; needs `evthread_use_pthreads` before. */
    BEV_OPT_THREADSAFE = 2,
    /** Callbacks run from the event loop, never from inside another call. */
    BEV_OPT_DEFER_CALLBACKS = 4,
    /** Callbacks run without the bufferevent's lock; needs `BEV_OPT_DEFER_CALLBACKS`. */
    BEV_OPT_UNLOCK_CALLBACKS = 8
};

/** How much `bufferevent_flush` presses out. */
enum bufferevent_flush_mode {
    /** As much as makes sense. */
    BEV_NORMAL = 0,
    /** Everything there is. */
    BEV_FLUSH = 1,
    /** Everything, and there will be no more. */
    BEV_FINISHED = 2
};

/** How `bufferevent_trigger` calls the callbacks; bits of an `int`. */
enum bufferevent_trigger_options {
    /** Whatever the watermarks say. */
    BEV_TRIG_IGNORE_WATERMARKS = 65536,
    /** From the event loop, even if the bufferevent does not defer its callbacks. */
    BEV_TRIG_DEFER_CALLBACKS = 4
};

/** What a filter has achieved. */
enum bufferevent_filter_result {
    /** Something was written. */
    BEV_OK = 0,
    /** Nothing can be written before more input is there. */
    BEV_NEED_MORE = 1,
    /** The data cannot be processed. */
    BEV_ERROR = 2
};

/** Called when there is input to read, or when the output has been written. */
typedef void (*bufferevent_data_cb)(struct bufferevent *bev, void *ctx);

/**
 * Called at the end of the stream, on an error, on a timeout and when a connection stands;
 * `what` is made of `BEV_EVENT_*`.
 */
typedef void (*bufferevent_event_cb)(struct bufferevent *bev, short what, void *ctx);

/**
 * Moves data from `src` to `dst` through a filter; no more than `dst_limit` bytes unless that
 * is negative.
 */
typedef enum bufferevent_filter_result (*bufferevent_filter_cb)(struct evbuffer *src,
                                                                struct evbuffer *dst,
                                                                ssize_t dst_limit,
                                                                enum bufferevent_flush_mode mode,
                                                                void *ctx);

/** The base a bufferevent runs on. */
struct event_base *bufferevent_get_base(struct bufferevent *bev);

/**
 * Frees a bufferevent.
 *
 * None of its callbacks starts any more. Called from a thread that is not inside a bufferevent's
 * callback, it waits for a callback of `bufev` that is running in another one. The memory goes, and
 * the descriptor or the bufferevent below is closed if `BEV_OPT_CLOSE_ON_FREE` was given, when the
 * event loop next runs. Output that has not been written is dropped. NULL is ignored.
 */
void bufferevent_free(struct bufferevent *bufev);

/**
 * Sets the callbacks and their common argument; NULL for those that are not wanted.
 *
 * `readcb` runs when something was read and the input has at least the low read watermark;
 * `writecb` when something was written and the output has at most the low write watermark;
 * `eventcb` at the end of the stream, on errors and timeouts, and when a connection stands.
 */
void bufferevent_setcb(struct bufferevent *bufev,
                       bufferevent_data_cb readcb,
                       bufferevent_data_cb writecb,
                       bufferevent_event_cb eventcb,
                       void *cbarg);

/** Gives the callbacks and their argument; each pointer may be NULL. */
void bufferevent_getcb(struct bufferevent *bufev,
                       bufferevent_data_cb *readcb_ptr,
                       bufferevent_data_cb *writecb_ptr,
                       bufferevent_event_cb *eventcb_ptr,
                       void **cbarg_ptr);

/**
 * Appends `size` bytes to the output. They leave at the end of the loop's turn, or when the
 * descriptor takes them.
 *
 * Returns 0, or -1 without memory or for a size no buffer can have; the output is unchanged then.
 * Errors of the transport come through the event callback.
 */
int bufferevent_write(struct bufferevent *bufev,
                      const void *data,
                      size_t size);

/** Moves all of `buf` to the output, without copying. 0, or -1 on failure. */
int bufferevent_write_buffer(struct bufferevent *bufev, struct evbuffer *buf);

/** Takes up to `size` bytes out of the input; returns how many. */
size_t bufferevent_read(struct bufferevent *bufev, void *data, size_t size);

/** Moves all of the input to `buf`, without copying. 0, or -1 on failure. */
int bufferevent_read_buffer(struct bufferevent *bufev, struct evbuffer *buf);

/** The input buffer: drain it, but do not add to it. It belongs to the bufferevent. */
struct evbuffer *bufferevent_get_input(struct bufferevent *bufev);

/** The output buffer: add to it, but do not drain it. It belongs to the bufferevent. */
struct evbuffer *bufferevent_get_output(struct bufferevent *bufev);

/**
 * Starts reading (`EV_READ`), writing (`EV_WRITE`) or both. A new bufferevent has writing enabled.
 *
 * Enabling writing while the output is empty gives one write callback as soon as the transport
 * can be written to. 0, or -1 on failure.
 */
int bufferevent_enable(struct bufferevent *bufev,
                       short event);

/** Stops reading, writing or both; what is in the buffers stays. 0, or -1 on failure. */
int bufferevent_disable(struct bufferevent *bufev, short event);

/** What is enabled: `EV_READ`, `EV_WRITE`. */
short bufferevent_get_enabled(struct bufferevent *bufev);

/**
 * Sets the read and the write timeout; NULL or zero for none.
 *
 * The time counts from the last progress, while the bufferevent is willing to read, or has output
 * and is willing to write. When it is over that direction is disabled, and the event callback gets
 * `BEV_EVENT_TIMEOUT` with `BEV_EVENT_READING` or `BEV_EVENT_WRITING`. 0, or -1 on failure.
 */
int bufferevent_set_timeouts(struct bufferevent *bufev,
                             const struct timeval *timeout_read,
                             const struct timeval *timeout_write);

/**
 * Sets watermarks, for reading (`EV_READ`), writing (`EV_WRITE`) or both.
 *
 * Reading: the read callback waits for `lowmark` bytes, and reading stops at `highmark` bytes
 * (0: never) until some are drained. Writing: the write callback runs at `lowmark` bytes or fewer;
 * a filter on top stops at `highmark`.
 */
void bufferevent_setwatermark(struct bufferevent *bufev,
                              short events,
                              size_t lowmark,
                              size_t highmark);

/**
 * Gives the watermarks of `EV_READ` or of `EV_WRITE`; the pointers may be NULL. 0, or -1 for any
 * other `events`.
 */
int bufferevent_getwatermark(struct bufferevent *bufev,
                             short events,
                             size_t *lowmark,
                             size_t *highmark);

/**
 * Locks a bufferevent: until `bufferevent_unlock` no callback of it runs and no other thread
 * changes it, and it is not freed. Without `BEV_OPT_THREADSAFE` only the last is true.
 */
void bufferevent_lock(struct bufferevent *bufev);

/** Undoes `bufferevent_lock`. */
void bufferevent_unlock(struct bufferevent *bufev);

/**
 * Takes a count: the bufferevent stays in memory until `bufferevent_decref`, even if it is freed
 * meanwhile.
 */
void bufferevent_incref(struct bufferevent *bufev);

/**
 * Gives a count of `bufferevent_incref` back. 1 if that was the last one, so that the bufferevent
 * is gone, else 0.
 */
int bufferevent_decref(struct bufferevent *bufev);

/**
 * Presses data through: `BEV_NORMAL` as far as it makes sense, `BEV_FLUSH` all there is,
 * `BEV_FINISHED` with the end of the stream after it. `iotype` is `EV_READ`, `EV_WRITE` or both.
 *
 * Socket bufferevents have nothing to press and return 0. Pairs and filters return 1 when a filter
 * made something, 0 when nothing had to be told, -1 on failure (a pair whose other end is gone).
 */
int bufferevent_flush(struct bufferevent *bufev,
                      short iotype,
                      enum bufferevent_flush_mode mode);

/**
 * Calls the read callback (`EV_READ`), the write callback (`EV_WRITE`) or both, if the watermarks
 * allow it.
 *
 * `options`: `BEV_TRIG_IGNORE_WATERMARKS` calls whatever the watermarks say,
 * `BEV_TRIG_DEFER_CALLBACKS` leaves the calls to the event loop.
 */
void bufferevent_trigger(struct bufferevent *bufev,
                         short iotype,
                         int options);

/**
 * Calls the event callback with `what`, now or, with `BEV_TRIG_DEFER_CALLBACKS`, from the event
 * loop.
 */
void bufferevent_trigger_event(struct bufferevent *bufev, short what, int options);

/** The descriptor; -1 when there is none (yet), and for kinds without one. */
evutil_socket_t bufferevent_getfd(struct bufferevent *bufev);

/**
 * Takes another descriptor, which must be non-blocking; the old one stays open. A connection that
 * is being made is forgotten. 0, or -1 on failure and for kinds without a descriptor.
 */
int bufferevent_setfd(struct bufferevent *bufev,
                      evutil_socket_t fd);

/** As `bufferevent_setfd`, but closes the old descriptor (since 2.2). */
int bufferevent_replacefd(struct bufferevent *bufev, evutil_socket_t fd);

/** The bufferevent below a filter; NULL for other kinds. */
struct bufferevent *bufferevent_get_underlying(struct bufferevent *bufev);

/**
 * Makes two bufferevents that are each other's peer: what is written to `pair[0]` is read from
 * `pair[1]`, and the other way round, without a descriptor. Their callbacks are always deferred;
 * bytes move while the writer has `EV_WRITE` enabled and the reader `EV_READ`. NULL for a base is the
 * one that `event_init` made last. 0, or -1 on failure.
 */
int bufferevent_pair_new(struct event_base *base,
                         int options,
                         struct bufferevent **pair);

/** The other end of a pair; NULL when it has been freed, and for other kinds. */
struct bufferevent *bufferevent_pair_get_partner(struct bufferevent *bev);

/**
 * Puts a filter on top of a bufferevent, whose callbacks it takes.
 *
 * What is read below goes through `input_filter` to the filter's input, what is added to the
 * filter's output through `output_filter` to the output below; without a function bytes go through
 * as they are. `free_context`, if not NULL, is called with `ctx` when the filter is gone. With
 * `BEV_OPT_CLOSE_ON_FREE` freeing the filter frees `underlying` as well. The input of the new filter
 * is not read before `bufferevent_enable`.
 *
 * Returns the filter, or NULL on failure; `free_context` is not called then.
 */
struct bufferevent *bufferevent_filter_new(struct bufferevent *underlying,
                                           bufferevent_filter_cb input_filter,
                                           bufferevent_filter_cb output_filter,
                                           int options,
                                           void (*free_context)(void*),
                                           void *ctx);

/**
 * A configuration: bytes in each tick (`rate`), bytes at most at once (`burst`), for reading and
 * writing; the length of a tick, NULL for a second.
 *
 * Returns NULL when a rate is 0, larger than its burst or than `EV_RATE_LIMIT_MAX`, when a tick is
 * shorter than a millisecond, or without memory. To be freed with `ev_token_bucket_cfg_free` after
 * the last bufferevent that uses it.
 */
struct ev_token_bucket_cfg *ev_token_bucket_cfg_new(size_t read_rate,
                                                    size_t read_burst,
                                                    size_t write_rate,
                                                    size_t write_burst,
                                                    const struct timeval *tick_len);

/** Frees a configuration, which no bufferevent may be using (groups have copies). NULL is ignored. */
void ev_token_bucket_cfg_free(struct ev_token_bucket_cfg *cfg);

/**
 * Limits a bufferevent; NULL takes the limit away. The configuration has to live as long as it is
 * used. 0, or -1 without memory.
 */
int bufferevent_set_rate_limit(struct bufferevent *bev,
                               struct ev_token_bucket_cfg *cfg);

/** The configuration of a bufferevent's own limit, or NULL. */
const struct ev_token_bucket_cfg *bufferevent_get_token_bucket_cfg(const struct bufferevent *bev);

/**
 * A group of bufferevents that share a limit; the configuration is copied. NULL on failure. To be
 * freed with `bufferevent_rate_limit_group_free` before its base.
 */
struct bufferevent_rate_limit_group *bufferevent_rate_limit_group_new(struct event_base *base,
                                                                      const struct ev_token_bucket_cfg *cfg);

/**
 * Changes a group's configuration; what is in the bucket stays, up to the new burst. 0, or -1 on
 * failure.
 */
int bufferevent_rate_limit_group_set_cfg(struct bufferevent_rate_limit_group *group,
                                         const struct ev_token_bucket_cfg *cfg);

/**
 * The least number of bytes a member may move at once even if its part of the limit is smaller, so
 * that packets do not get tiny; 64 at first. More than one tick gives is cut to that. 0, or -1 for
 * a number above `EV_SSIZE_MAX`.
 */
int bufferevent_rate_limit_group_set_min_share(struct bufferevent_rate_limit_group *group,
                                               size_t share);

/** Frees a group, which should have no members any more. NULL is ignored. */
void bufferevent_rate_limit_group_free(struct bufferevent_rate_limit_group *group);

/**
 * Puts a bufferevent into a group, and out of the one it was in; NULL only takes it out. 0, or -1
 * without memory.
 */
int bufferevent_add_to_rate_limit_group(struct bufferevent *bev,
                                        struct bufferevent_rate_limit_group *group);

/** Takes a bufferevent out of its group, if it is in one. 0, or -1 for NULL. */
int bufferevent_remove_from_rate_limit_group(struct bufferevent *bev);

/**
 * The bytes a group has read and written since it was made or
 * `bufferevent_rate_limit_group_reset_totals`; the pointers may be NULL.
 */
void bufferevent_rate_limit_group_get_totals(struct bufferevent_rate_limit_group *grp,
                                             uint64_t *total_read_out,
                                             uint64_t *total_written_out);

/** Sets a group's totals to 0. */
void bufferevent_rate_limit_group_reset_totals(struct bufferevent_rate_limit_group *grp);

/** Sets how much a single read moves at most; 0 means 16384. 0, or -1 without memory. */
int bufferevent_set_max_single_read(struct bufferevent *bev, size_t size);

/** How much a single read moves at most. */
ssize_t bufferevent_get_max_single_read(struct bufferevent *bev);

/**
 * What is left of the bufferevent's own read limit: negative after more was moved than it allowed,
 * `EV_SSIZE_MAX` without a limit. Groups do not count here.
 */
ssize_t bufferevent_get_read_limit(struct bufferevent *bev);

/** How much the next read may move, all limits considered. */
ssize_t bufferevent_get_max_to_read(struct bufferevent *bev);

/**
 * Takes `decr` bytes out of the bufferevent's own read limit, or puts them back if negative; the
 * direction stops or goes on accordingly. 0, or -1 if there is no limit.
 */
int bufferevent_decrement_read_limit(struct bufferevent *bev,
                                     ssize_t decr);

/** What is left of a group's read limit; may be negative. */
ssize_t bufferevent_rate_limit_group_get_read_limit(struct bufferevent_rate_limit_group *grp);

/** Takes `decr` bytes out of a group's read limit, or puts them back if negative. 0, or -1 for NULL. */
int bufferevent_rate_limit_group_decrement_read(struct bufferevent_rate_limit_group *grp,
                                                ssize_t decr);

/** Sets how much a single write moves at most; 0 means 16384. 0, or -1 without memory. */
int bufferevent_set_max_single_write(struct bufferevent *bev, size_t size);

/** How much a single write moves at most. */
ssize_t bufferevent_get_max_single_write(struct bufferevent *bev);

/**
 * What is left of the bufferevent's own write limit: negative after more was moved than it allowed,
 * `EV_SSIZE_MAX` without a limit. Groups do not count here.
 */
ssize_t bufferevent_get_write_limit(struct bufferevent *bev);

/** How much the next write may move, all limits considered. */
ssize_t bufferevent_get_max_to_write(struct bufferevent *bev);

/**
 * Takes `decr` bytes out of the bufferevent's own write limit, or puts them back if negative; the
 * direction stops or goes on accordingly. 0, or -1 if there is no limit.
 */
int bufferevent_decrement_write_limit(struct bufferevent *bev,
                                      ssize_t decr);

/** What is left of a group's write limit; may be negative. */
ssize_t bufferevent_rate_limit_group_get_write_limit(struct bufferevent_rate_limit_group *grp);

/** Takes `decr` bytes out of a group's write limit, or puts them back if negative. 0, or -1 for NULL. */
int bufferevent_rate_limit_group_decrement_write(struct bufferevent_rate_limit_group *grp,
                                                 ssize_t decr);

/**
 * A bufferevent over a stream socket, which must be non-blocking.
 *
 * `fd` may be -1: it can be given later with `bufferevent_setfd`, or made by
 * `bufferevent_socket_connect`. `options` are `BEV_OPT_*`. `base` NULL means the current base.
 *
 * Returns NULL on failure, and for `BEV_OPT_UNLOCK_CALLBACKS` without `BEV_OPT_DEFER_CALLBACKS`.
 */
struct bufferevent *bufferevent_socket_new(struct event_base *base,
                                           evutil_socket_t fd,
                                           int options);

/**
 * Starts a connection. The event callback hears `BEV_EVENT_CONNECTED`, or `BEV_EVENT_ERROR`.
 *
 * A socket is made if the bufferevent has none. `addr` NULL means that the bufferevent's socket is
 * being connected already.
 *
 * Returns 0 when the event callback will tell, -1 when the attempt could not even be started
 * (`errno` says why, and the event callback is not called).
 */
int bufferevent_socket_connect(struct bufferevent *bufev,
                               const struct sockaddr *addr,
                               int socklen);

/**
 * Looks a host name up and connects to it as `bufferevent_socket_connect` does.
 *
 * `hostname` is a name or a numeric address (IPv6 with or without brackets); `family` is `AF_INET`,
 * `AF_INET6` or `AF_UNSPEC`. Every address of the name is tried, the families in turn (RFC 8305):
 * the next one when an attempt has failed, or a quarter of a second after it was started. The
 * event callback hears once: of the first connection, or of the last failure. Until then
 * `bufferevent_getfd` may change. The write timeout, if there is one, bounds all attempts together.
 * A descriptor that was set before is connected to the first address only.
 * `bufferevent_socket_get_dns_error` tells failures of the lookup. Without an `evdns_base` this
 * function blocks until the name is resolved.
 *
 * Returns 0, or -1 for another family, a port outside of 1 to 65535, or without memory.
 */
int bufferevent_socket_connect_hostname(struct bufferevent *bufev,
                                        struct evdns_base *evdns_base,
                                        int family,
                                        const char *hostname,
                                        int port);

/**
 * As `bufferevent_socket_connect_hostname`, with the caller's hints for `evutil_getaddrinfo` (since
 * 2.2). They should ask for stream sockets, or each address is tried once for every kind.
 */
int bufferevent_socket_connect_hostname_hints(struct bufferevent *bufev,
                                              struct evdns_base *evdns_base,
                                              const struct evutil_addrinfo *hints_in,
                                              const char *hostname,
                                              int port);

/**
 * The result of the last failed lookup of `bufferevent_socket_connect_hostname`, an
 * `EVUTIL_EAI_*` code; 0 when none failed.
 */
int bufferevent_socket_get_dns_error(struct bufferevent *bev);

/**
 * Moves a socket bufferevent, which must not have been enabled yet, to another base. 0, or -1 for
 * other kinds and when its events are in use.
 */
int bufferevent_base_set(struct event_base *base,
                         struct bufferevent *bufev);

/**
 * Sets the priority of a socket bufferevent's events and callbacks. 0, or -1 for other kinds, a
 * priority the base does not have, and while its events are active.
 */
int bufferevent_priority_set(struct bufferevent *bufev, int pri);

/** The priority of a socket bufferevent; the base's default priority for other kinds. */
int bufferevent_get_priority(const struct bufferevent *bufev);

/* The largest rate and burst that ev_token_bucket_cfg_new() takes: no limit. */
#define EV_RATE_LIMIT_MAX EV_SSIZE_MAX

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFEREVENT_H_INCLUDED_ */
