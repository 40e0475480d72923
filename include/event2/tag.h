/* event2/tag.h: tagged values in evbuffers.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_TAG_H_INCLUDED_
#define EVENT2_TAG_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <sys/types.h>
#include <sys/time.h>
#include <event2/util.h>

#ifdef __cplusplus
extern "C" {
#endif

struct evbuffer;
struct timeval;

/** Does nothing: there is nothing to set up. Programs for libevent call it. */
void evtag_init(void);

/**
 * Reads the tag and the length of the next value, and leaves its payload at the front of the
 * buffer. `ptag`, unless NULL, gets the tag.
 *
 * Returns the length of the payload, or -1 when tag or length are malformed, when not all of the
 * payload is there, or when it is longer than `INT_MAX`.
 */
int evtag_unmarshal_header(struct evbuffer *evbuf,
                           uint32_t *ptag);

/**
 * Appends a value: `tag`, and `len` bytes from `data`.
 *
 * Without memory nothing is appended.
 */
void evtag_marshal(struct evbuffer *evbuf, uint32_t tag, const void *data, uint32_t len);

/**
 * Appends a value whose payload is all that stands in `data`. The bytes are moved, not copied:
 * `data` is empty afterwards.
 *
 * Does nothing when `data` is `evbuf` or holds 4 GiB or more, or without memory.
 */
void evtag_marshal_buffer(struct evbuffer *evbuf, uint32_t tag, struct evbuffer *data);

/** Appends a number of 32 bits without a tag: one byte for 0 to 15, at most five. */
void evtag_encode_int(struct evbuffer *evbuf, uint32_t number);

/**
 * Appends a number of 64 bits without a tag: one byte for 0 to 15, at most nine. A number that fits
 * into 32 bits looks as `evtag_encode_int` writes it.
 */
void evtag_encode_int64(struct evbuffer *evbuf,
                        uint64_t number);

/** Appends a value that is a number of 32 bits. */
void evtag_marshal_int(struct evbuffer *evbuf, uint32_t tag, uint32_t integer);

/** Appends a value that is a number of 64 bits. */
void evtag_marshal_int64(struct evbuffer *evbuf, uint32_t tag, uint64_t integer);

/**
 * Appends a value that is a string; the NUL at its end is no part of the payload.
 *
 * Does nothing with a string of 4 GiB or more, or without memory.
 */
void evtag_marshal_string(struct evbuffer *buf, uint32_t tag, const char *string);

/** Appends a value that is a time: two numbers, of which 32 bits each are kept. */
void evtag_marshal_timeval(struct evbuffer *evbuf, uint32_t tag, struct timeval *tv);

/**
 * Moves the payload of the next value to the end of `dst`. `ptag`, unless NULL, gets the tag.
 *
 * Returns the length of the payload, or -1 as `evtag_unmarshal_header` does, or when `dst` is
 * `src` or frozen. Without memory nothing is consumed.
 */
int evtag_unmarshal(struct evbuffer *src, uint32_t *ptag, struct evbuffer *dst);

/**
 * Looks at the tag of the next value. `ptag`, unless NULL, gets it.
 *
 * Returns how many bytes the tag takes, or -1 when it is malformed or not all there.
 */
int evtag_peek(struct evbuffer *evbuf, uint32_t *ptag);

/**
 * Looks at the next value: `*plength` gets the length of all of it, tag and length included.
 *
 * Returns 0, or -1 when tag or length are malformed or not all there, or when the sum does not fit
 * into 32 bits. The payload need not be there.
 */
int evtag_peek_length(struct evbuffer *evbuf,
                      uint32_t *plength);

/**
 * Looks at the next value: `*plength` gets the length of its payload.
 *
 * Returns 0, or -1 when tag or length are malformed or not all there. The payload need not be there.
 */
int evtag_payload_length(struct evbuffer *evbuf,
                         uint32_t *plength);

/**
 * Skips the next value.
 *
 * Returns 0, or -1 as `evtag_unmarshal_header` does.
 */
int evtag_consume(struct evbuffer *evbuf);

/**
 * Reads a value that is a number of 32 bits into `*pinteger`.
 *
 * Returns how many bytes the number took, or -1 when the tag is not `need_tag`, or the value is
 * malformed or not all there.
 */
int evtag_unmarshal_int(struct evbuffer *evbuf, uint32_t need_tag, uint32_t *pinteger);

/** Reads a value that is a number of 64 bits into `*pinteger`; else as `evtag_unmarshal_int`. */
int evtag_unmarshal_int64(struct evbuffer *evbuf, uint32_t need_tag, uint64_t *pinteger);

/**
 * Reads a value whose payload has exactly `len` bytes into `data`.
 *
 * Returns 0, or -1 when the tag is not `need_tag`, the length is another, or the value is malformed
 * or not all there.
 */
int evtag_unmarshal_fixed(struct evbuffer *src,
                          uint32_t need_tag,
                          void *data,
                          size_t len);

/**
 * Reads a value as a string: `*pstring` gets a copy of the payload with a NUL behind it, which the
 * caller frees with `free()` (or the function given to `event_set_mem_functions`). A NUL within
 * the payload ends the string earlier for most readers.
 *
 * Returns 0, or -1 when the tag is not `need_tag`, or the value is malformed or not all there.
 * Without memory nothing is consumed.
 */
int evtag_unmarshal_string(struct evbuffer *evbuf,
                           uint32_t need_tag,
                           char **pstring);

/**
 * Reads a value that is a time into `*ptv`.
 *
 * Returns 0, or -1 when the tag is not `need_tag`, or the value is malformed or not all there; then
 * `*ptv` is as it was.
 */
int evtag_unmarshal_timeval(struct evbuffer *evbuf,
                            uint32_t need_tag,
                            struct timeval *ptv);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_TAG_H_INCLUDED_ */
