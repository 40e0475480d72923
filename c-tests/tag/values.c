/* harness: valgrind; asan
 *
 * Tagged values: the bytes of each writer, and what each reader makes of them, whole and in
 * pieces. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/tag.h>

/* Exported, and declared in no header. */
int evtag_encode_tag(struct evbuffer *evbuf, ev_uint32_t tag);
int evtag_decode_tag(ev_uint32_t *ptag, struct evbuffer *evbuf);
int evtag_decode_int(ev_uint32_t *pnumber, struct evbuffer *evbuf);
int evtag_decode_int64(ev_uint64_t *pnumber, struct evbuffer *evbuf);

static struct evbuffer *b;

static void dump(const char *what)
{
    size_t i, n = evbuffer_get_length(b);
    unsigned char *p = evbuffer_pullup(b, -1);

    printf("%s:", what);
    for (i = 0; i < n && i < 48; i++)
        printf(" %02x", p[i]);
    printf(" (%lu)\n", (unsigned long)n);
}

static void clear(void)
{
    evbuffer_drain(b, evbuffer_get_length(b));
}

static const ev_uint32_t numbers[] = {
    0, 1, 15, 16, 127, 128, 255, 256, 0x3fff, 0x4000, 0xffff, 0x10000, 0x12345, 0x1fffff,
    0x200000, 0xfffffff, 0x10000000, 0x7fffffff, 0x80000000u, 0xffffffffu
};

static void numbers32(void)
{
    size_t i;

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        ev_uint32_t n = numbers[i], got = 99, length = 99;
        ev_uint64_t wide = 99;

        printf("%lx\n", (unsigned long)n);
        printf("tag size %d\n", evtag_encode_tag(NULL, n));
        evtag_encode_tag(b, n);
        dump("tag");
        printf("peek %d", evtag_peek(b, &got));
        printf(" %lx\n", (unsigned long)got);
        got = 99;
        printf("decode %d", evtag_decode_tag(&got, b));
        printf(" %lx left %lu\n", (unsigned long)got, (unsigned long)evbuffer_get_length(b));
        evtag_encode_int(b, n);
        dump("int");
        got = 99;
        printf("decode %d", evtag_decode_int(&got, b));
        printf(" %lx left %lu\n", (unsigned long)got, (unsigned long)evbuffer_get_length(b));
        evtag_marshal_int(b, n, n);
        dump("value");
        printf("payload %d", evtag_payload_length(b, &length));
        printf(" %lu\n", (unsigned long)length);
        printf("whole %d", evtag_peek_length(b, &length));
        printf(" %lu\n", (unsigned long)length);
        got = 99;
        printf("unmarshal %d", evtag_unmarshal_int(b, n, &got));
        printf(" %lx left %lu\n", (unsigned long)got, (unsigned long)evbuffer_get_length(b));
        evtag_marshal_int64(b, n, (ev_uint64_t)n << 32 | n);
        dump("value64");
        printf("unmarshal %d", evtag_unmarshal_int64(b, n, &wide));
        printf(" %llx left %lu\n", (unsigned long long)wide, (unsigned long)evbuffer_get_length(b));
        evtag_encode_int64(b, ~(ev_uint64_t)n);
        dump("int64");
        printf("decode %d", evtag_decode_int64(&wide, b));
        printf(" %llx left %lu\n", (unsigned long long)wide, (unsigned long)evbuffer_get_length(b));
        evtag_marshal_int64(b, 7, (ev_uint64_t)n << 8);
        got = 99;
        printf("32 of 64 bits: %d", evtag_unmarshal_int(b, 7, &got));
        printf(" left %lu\n", (unsigned long)evbuffer_get_length(b));
        clear();
    }
}

static void all_kinds(void)
{
    struct evbuffer *other = evbuffer_new();
    struct timeval tv;
    char fixed[5];
    char *s = NULL;
    ev_uint32_t tag = 99;
    int r;

    evtag_init();
    evtag_marshal(b, 1, "hello", 5);
    evtag_marshal(b, 2, NULL, 0);
    evtag_marshal_string(b, 300, "a string");
    evtag_marshal_string(b, 301, "");
    tv.tv_sec = 1234567890;
    tv.tv_usec = 999999;
    evtag_marshal_timeval(b, 4, &tv);
    tv.tv_sec = -1;
    tv.tv_usec = 0;
    evtag_marshal_timeval(b, 5, &tv);
    evbuffer_add(other, "moved", 5);
    evtag_marshal_buffer(b, 6, other);
    printf("other %lu\n", (unsigned long)evbuffer_get_length(other));
    evtag_marshal(b, 7, "skipped", 7);
    evtag_marshal(b, 8, "last", 4);
    dump("all");

    r = evtag_unmarshal_fixed(b, 1, fixed, 5);
    printf("fixed %d %.5s\n", r, fixed);
    r = evtag_unmarshal(b, &tag, other);
    printf("empty %d tag %lu\n", r, (unsigned long)tag);
    r = evtag_unmarshal_string(b, 300, &s);
    printf("string %d %s\n", r, s);
    free(s);
    r = evtag_unmarshal_string(b, 301, &s);
    printf("string %d '%s'\n", r, s);
    free(s);
    r = evtag_unmarshal_timeval(b, 4, &tv);
    printf("time %d %ld %ld\n", r, (long)tv.tv_sec, (long)tv.tv_usec);
    r = evtag_unmarshal_timeval(b, 5, &tv);
    printf("time %d %ld %ld\n", r, (long)tv.tv_sec, (long)tv.tv_usec);
    r = evtag_unmarshal(b, &tag, other);
    printf("buffer %d tag %lu %lu\n", r, (unsigned long)tag, (unsigned long)evbuffer_get_length(other));
    printf("consume %d\n", evtag_consume(b));
    r = evtag_unmarshal_header(b, &tag);
    printf("header %d tag %lu\n", r, (unsigned long)tag);
    dump("payload");
    clear();
    printf("nothing: %d %d %d %d %d\n", evtag_peek(b, &tag), evtag_consume(b),
           evtag_unmarshal_header(b, &tag), evtag_unmarshal(b, &tag, other),
           evtag_unmarshal_string(b, 1, &s));
    evbuffer_free(other);
}

/* What a reader that refuses leaves in the buffer. */
static void refused(void)
{
    struct evbuffer *other = evbuffer_new();
    struct timeval tv;
    char fixed[8];
    char *s = NULL;
    ev_uint32_t n;
    ev_uint64_t n64;
    int which, fault;

    for (fault = 0; fault < 4; fault++) {
        for (which = 0; which < 8; which++) {
            int r = 0;

            clear();
            if (fault == 0) {
                /* another tag */
                evtag_marshal(b, 9, "\x0f\x0f", 2);
            } else if (fault == 1) {
                /* less than the length says */
                evbuffer_add(b, "\x01\x04\x0f\x0f", 4);
            } else if (fault == 2) {
                /* no length */
                evbuffer_add(b, "\x01", 1);
            } else {
                /* a payload that is too long, or no payload at all */
                evtag_marshal(b, 1, "\x0f\x0f more", which == 4 ? 0 : 7);
            }
            switch (which) {
            case 0: r = evtag_unmarshal_int(b, 1, &n); break;
            case 1: r = evtag_unmarshal_int64(b, 1, &n64); break;
            case 2: r = evtag_unmarshal_fixed(b, 1, fixed, 2); break;
            case 3: r = evtag_unmarshal_string(b, 1, &s); if (r == 0) free(s); break;
            case 4: r = evtag_unmarshal_timeval(b, 1, &tv); break;
            case 5: r = evtag_consume(b); break;
            case 6: r = evtag_unmarshal_header(b, &n); break;
            case 7: r = evtag_unmarshal(b, &n, other); break;
            }
            printf("fault %d reader %d: %d", fault, which, r);
            dump("");
        }
    }
    evbuffer_free(other);
}

static char one[64];

/* Every byte a block of its own. */
static void scattered(const char *bytes, size_t n)
{
    size_t i;

    clear();
    memcpy(one, bytes, n);
    for (i = 0; i < n; i++)
        evbuffer_add_reference(b, one + i, 1, NULL, NULL);
}

static void pieces(void)
{
    ev_uint32_t n = 0, tag = 0;
    char *s = NULL;
    int r;

    scattered("\x80\x80\x80\x80\x80\x80\x00", 7);
    r = evtag_decode_tag(&tag, b);
    printf("six continuations: %d\n", r);
    scattered("\xff\xff\xff\xff\x0f", 5);
    r = evtag_decode_tag(&tag, b);
    printf("largest tag: %d %lx\n", r, (unsigned long)tag);
    scattered("\xff\xff\xff\xff\x1f", 5);
    printf("33 bits: %d\n", evtag_peek(b, &tag));
    scattered("\xff\xff\xff\xff\xff", 5);
    printf("unended: %d\n", evtag_peek(b, &tag));
    scattered("\xff\xff", 2);
    printf("cut: %d\n", evtag_peek(b, &tag));
    scattered("\x81\x00\x00", 3);
    r = evtag_peek(b, &tag);
    printf("long form: %d %lx\n", r, (unsigned long)tag);
    scattered("\x71\x23\x45\x67\x80", 5);
    r = evtag_decode_int(&n, b);
    printf("int: %d %lx\n", r, (unsigned long)n);
    scattered("\x81\x23\x45\x67\x89\x00", 6);
    r = evtag_decode_int(&n, b);
    printf("nine halves: %d left %lu\n", r, (unsigned long)evbuffer_get_length(b));
    scattered("\x71\x23\x45\x67", 4);
    r = evtag_decode_int(&n, b);
    printf("cut int: %d left %lu\n", r, (unsigned long)evbuffer_get_length(b));
    scattered("\xac\x02\x05" "piece", 8);
    r = evtag_unmarshal_string(b, 300, &s);
    printf("string: %d %s\n", r, s);
    free(s);

    /* Lengths near the limits, with nothing behind them. */
    scattered("\x01\x7f\xff\xff\xf7\xf0", 6);
    printf("INT_MAX: %d %d\n", evtag_peek_length(b, &n), evtag_unmarshal_header(b, &n));
    scattered("\x01\x70\x00\x00\x08\x00", 6);
    n = 1;
    r = evtag_payload_length(b, &n);
    printf("INT_MAX + 1: %d %lx", r, (unsigned long)n);
    printf(" %d\n", evtag_unmarshal_header(b, &n));
    scattered("\x01\x7f\xff\xff\xff\xf0", 6);
    n = 1;
    r = evtag_payload_length(b, &n);
    printf("UINT_MAX: %d %lx", r, (unsigned long)n);
    printf(" %d\n", evtag_unmarshal_string(b, 1, &s));
    scattered("\x01\x7f\xff\xff\xff\xf0", 6);
    printf("UINT_MAX: %d\n", evtag_unmarshal_int(b, 1, &n));
    scattered("\x01\x7f\xff\xff\xff\xf0", 6);
    printf("UINT_MAX: %d\n", evtag_consume(b));
}

int main(void)
{
    b = evbuffer_new();
    numbers32();
    all_kinds();
    refused();
    pieces();
    evbuffer_free(b);
    return 0;
}
