/* harness: only=evrs; valgrind; asan
 *
 * What the reference crashes on or gets wrong: NULL, a payload whose header alone makes the length
 * overflow, more payload than INT_MAX, lack of memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/tag.h>

#include "failalloc.h"

#define CHECK(x) do { \
    if (!(x)) { \
        printf("line %d: %s\n", __LINE__, #x); \
        exit(1); \
    } \
} while (0)

int evtag_encode_tag(struct evbuffer *evbuf, ev_uint32_t tag);
int evtag_decode_tag(ev_uint32_t *ptag, struct evbuffer *evbuf);
int evtag_decode_int(ev_uint32_t *pnumber, struct evbuffer *evbuf);
int evtag_decode_int64(ev_uint64_t *pnumber, struct evbuffer *evbuf);

static void nothing(void)
{
    struct evbuffer *b = evbuffer_new();
    struct timeval tv = { 1, 2 };
    char *s = NULL;

    evtag_marshal(NULL, 1, "x", 1);
    evtag_marshal(b, 1, NULL, 1);
    evtag_marshal_buffer(NULL, 1, b);
    evtag_marshal_buffer(b, 1, NULL);
    evtag_marshal_buffer(b, 1, b);
    evtag_encode_int(NULL, 1);
    evtag_encode_int64(NULL, 1);
    evtag_marshal_int(NULL, 1, 1);
    evtag_marshal_int64(NULL, 1, 1);
    evtag_marshal_string(NULL, 1, "x");
    evtag_marshal_string(b, 1, NULL);
    evtag_marshal_timeval(NULL, 1, &tv);
    evtag_marshal_timeval(b, 1, NULL);
    CHECK(evbuffer_get_length(b) == 0);
    CHECK(evtag_unmarshal_header(NULL, NULL) == -1);
    CHECK(evtag_unmarshal(NULL, NULL, b) == -1);
    CHECK(evtag_unmarshal(b, NULL, NULL) == -1);
    CHECK(evtag_peek(NULL, NULL) == -1);
    CHECK(evtag_peek_length(NULL, NULL) == -1);
    CHECK(evtag_payload_length(NULL, NULL) == -1);
    CHECK(evtag_consume(NULL) == -1);
    CHECK(evtag_unmarshal_int(NULL, 1, NULL) == -1);
    CHECK(evtag_unmarshal_int64(NULL, 1, NULL) == -1);
    CHECK(evtag_unmarshal_fixed(NULL, 1, NULL, 0) == -1);
    CHECK(evtag_unmarshal_fixed(b, 1, NULL, 1) == -1);
    CHECK(evtag_unmarshal_string(NULL, 1, &s) == -1);
    CHECK(evtag_unmarshal_string(b, 1, NULL) == -1);
    CHECK(evtag_unmarshal_timeval(NULL, 1, NULL) == -1);
    CHECK(evtag_encode_tag(NULL, 128) == 2);
    CHECK(evtag_decode_tag(NULL, NULL) == -1);
    CHECK(evtag_decode_int(NULL, NULL) == -1);
    CHECK(evtag_decode_int64(NULL, NULL) == -1);

    /* Values that nobody wants. */
    evtag_marshal_int(b, 1, 5);
    evtag_marshal_timeval(b, 2, &tv);
    CHECK(evtag_peek(b, NULL) == 1 && evtag_peek_length(b, NULL) == 0);
    CHECK(evtag_unmarshal_int(b, 1, NULL) == 1);
    CHECK(evtag_unmarshal_timeval(b, 2, NULL) == 0);

    /* Into itself. */
    evtag_marshal(b, 1, "x", 1);
    CHECK(evtag_unmarshal(b, NULL, b) == -1);
    evbuffer_free(b);
}

static void lengths(void)
{
    struct evbuffer *b = evbuffer_new();
    ev_uint32_t n = 7;

    evbuffer_add(b, "\x01\x7f\xff\xff\xff\xf0", 6);
    CHECK(evtag_payload_length(b, &n) == 0 && n == 0xffffffffu);
    CHECK(evtag_peek_length(b, &n) == -1 && n == 0xffffffffu);
    evbuffer_free(b);
}

/* 2 GiB and a bit of payload, without the memory for it. */
static void huge(void)
{
    static char piece[1 << 20];
    struct evbuffer *b = evbuffer_new(), *to = evbuffer_new();
    ev_uint32_t tag = 0;
    char *s = NULL;
    int i;

    for (i = 0; i < 2; i++) {
        size_t k;

        evtag_encode_tag(b, 1);
        evtag_encode_int(b, 0x80000001u);
        for (k = 0; k <= 0x80000000u / sizeof(piece); k++)
            CHECK(evbuffer_add_reference(b, piece, sizeof(piece), NULL, NULL) == 0);
        if (i == 0)
            CHECK(evtag_unmarshal(b, &tag, to) == -1);
        else
            CHECK(evtag_unmarshal_string(b, 1, &s) == -1);
        evbuffer_drain(b, evbuffer_get_length(b));
    }
    CHECK(evbuffer_get_length(to) == 0);
    evbuffer_free(b);
    evbuffer_free(to);
}

static char large[5000];

static int scarce(void)
{
    struct evbuffer *b = evbuffer_new(), *to = evbuffer_new(), *data = evbuffer_new();
    struct timeval tv = { 1, 2 };
    ev_uint32_t n, tag;
    ev_uint64_t n64;
    char *s = NULL;
    int done = 0;

    if (!b || !to || !data)
        goto out;
    if (evbuffer_add(data, large, sizeof(large)) < 0)
        goto out;
    evtag_marshal_int(b, 1, 5);
    evtag_marshal_int64(b, 2, 5);
    evtag_marshal_string(b, 3, "text");
    evtag_marshal_timeval(b, 4, &tv);
    evtag_marshal(b, 5, large, sizeof(large));
    evtag_marshal_buffer(b, 6, data);
    done = evtag_unmarshal_int(b, 1, &n) > 0 && evtag_unmarshal_int64(b, 2, &n64) > 0 &&
           evtag_unmarshal_string(b, 3, &s) == 0 && evtag_unmarshal_timeval(b, 4, &tv) == 0 &&
           evtag_unmarshal(b, &tag, to) == sizeof(large) && evtag_consume(b) == 0 &&
           evbuffer_get_length(b) == 0 && evbuffer_get_length(to) == sizeof(large);
out:
    if (s)
        failalloc_free(s);
    if (b)
        evbuffer_free(b);
    if (to)
        evbuffer_free(to);
    if (data)
        evbuffer_free(data);
    return done;
}

int main(void)
{
    failalloc_install();
    nothing();
    lengths();
    huge();
    return failalloc_sweep("values", scarce, 1000);
}
