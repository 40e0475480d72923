/* event2/buffer_compat.h: functions of evbuffers before 2.0.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_BUFFER_COMPAT_H_INCLUDED_
#define EVENT2_BUFFER_COMPAT_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <event2/buffer.h>

#ifdef __cplusplus
extern "C" {
#endif

struct evbuffer;

/** Called when the content of a buffer has changed, with the length before and after. */
typedef void (*evbuffer_cb)(struct evbuffer *buffer, size_t old_len, size_t new_len, void *arg);

/**
 * Takes a line out of the front that ends in any mix of CR and LF: the same as
 * `evbuffer_readln(buffer, NULL, EVBUFFER_EOL_ANY)`, which see.
 */
char *evbuffer_readline(struct evbuffer *buffer);

/**
 * Replaces all callbacks of a buffer by one of the old style, or by none (`cb` NULL).
 *
 * Returns 0, or -1 without memory; the old callbacks are gone then, too.
 */
int evbuffer_setcb(struct evbuffer *buffer, evbuffer_cb cb, void *cbarg);

/**
 * Searches for `len` bytes, and makes the buffer contiguous up to their end.
 *
 * Returns where they are, or NULL when they are not there, or without memory.
 */
unsigned char *evbuffer_find(struct evbuffer *buffer, const unsigned char *what, size_t len);

/* The number of bytes in a buffer. */
#define EVBUFFER_LENGTH(x) evbuffer_get_length(x)
/* All of them in one piece. */
#define EVBUFFER_DATA(x) evbuffer_pullup((x), -1)

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFER_COMPAT_H_INCLUDED_ */
