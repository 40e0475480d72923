/* harness: only=evrs; valgrind; asan
 *
 * Frames that break the rules of RFC 6455: the session says which and hears nothing more, however
 * much comes; and the bounds on what it keeps. */
#include "ws_kit.h"

static void breaks(const void *bytes, size_t n, unsigned reason, int line)
{
    static char rest[100000];
    int fd = upgrade(), i;

    messages = closes = 0;
    raw_send(fd, bytes, n);
    receive(fd);
    if (!closed_with(reason)) {
        printf("line %d: %lu bytes, %02x %02x %02x %02x, %d\n", line, (unsigned long)got_len, got[0],
               got[1], got[2], got[3], got_end);
        exit(1);
    }
    CHECK(messages == 0);
    /* We have said our last, and still listen: closing with bytes unread would destroy the frame. */
    CHECK(got_end == 1 && closes == 0 && session);
    for (i = 0; i < 10; i++)
        raw_send(fd, rest, sizeof(rest));
    turns(3);
    CHECK(session && evbuffer_get_length(bufferevent_get_input(
                         evws_connection_get_bufferevent(session))) == 0);
    close(fd);
    turns(5);
    CHECK(closes == 1 && !session);
}

#define BREAKS(reason, bytes) breaks(bytes, sizeof(bytes) - 1, reason, __LINE__)

static void rules(void)
{
    /* Reserved bits, unknown opcodes. */
    BREAKS(1002, "\xc1\x80\1\2\3\4");
    BREAKS(1002, "\xa1\x80\1\2\3\4");
    BREAKS(1002, "\x91\x80\1\2\3\4");
    BREAKS(1002, "\x83\x80\1\2\3\4");
    BREAKS(1002, "\x87\x80\1\2\3\4");
    BREAKS(1002, "\x8b\x80\1\2\3\4");
    BREAKS(1002, "\x8f\x80\1\2\3\4");
    /* Without a mask; the header alone is enough. */
    BREAKS(1002, "\x81\x05hello");
    BREAKS(1002, "\x88\x00");
    BREAKS(1002, "\x81\x7f");
    /* Control frames: in pieces, too long. */
    BREAKS(1002, "\x09\x80\1\2\3\4");
    BREAKS(1002, "\x08\x80\1\2\3\4");
    BREAKS(1002, "\x89\xfe\0\x7e\1\2\3\4");
    BREAKS(1002, "\x8a\xff\0\0\0\0\0\0\0\1\1\2\3\4");
    /* Lengths that could be shorter, or have the highest bit. */
    BREAKS(1002, "\x82\xfe\0\x7d\1\2\3\4");
    BREAKS(1002, "\x82\xff\0\0\0\0\0\0\xff\xff\1\2\3\4");
    BREAKS(1002, "\x82\xff\x80\0\0\0\0\0\0\0\1\2\3\4");
    /* A continuation of nothing; a message inside another one. */
    BREAKS(1002, "\x80\x80\1\2\3\4");
    BREAKS(1002, "\x00\x80\1\2\3\4");
    BREAKS(1002, "\x01\x81\0\0\0\0a\x81\x81\0\0\0\0b");
    BREAKS(1002, "\x01\x81\0\0\0\0a\x02\x81\0\0\0\0b");
    /* Close frames. */
    BREAKS(1002, "\x88\x81\0\0\0\0x");
    BREAKS(1002, "\x88\x82\0\0\0\0\3\xe7");
    BREAKS(1002, "\x88\x82\0\0\0\0\3\xed");
    BREAKS(1002, "\x88\x82\0\0\0\0\x03\xee");
    BREAKS(1002, "\x88\x82\0\0\0\0\x07\xd0");
    BREAKS(1002, "\x88\x82\0\0\0\0\x13\x88");
    BREAKS(1007, "\x88\x83\0\0\0\0\3\xe8\xff");
    /* Text. */
    BREAKS(1007, "\x81\x81\0\0\0\0\xff");
    BREAKS(1007, "\x81\x82\0\0\0\0\xc0\x80");
    BREAKS(1007, "\x81\x83\0\0\0\0\xed\xa0\x80");
    BREAKS(1007, "\x81\x84\0\0\0\0\xf4\x90\x80\x80");
    BREAKS(1007, "\x01\x81\0\0\0\0\xe1\x80\x81\0\0\0\0x");
    BREAKS(1007, "\x81\x82\0\0\0\0\xe1\xbd");
    /* Size: refused on the header. */
    BREAKS(1009, "\x82\xff\0\0\0\0\0\xa0\0\1\0\0\0\0");
    BREAKS(1009, "\x82\xff\0\0\0\1\0\0\0\0\0\0\0\0");
    BREAKS(1009, "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0");
}

/* Bytes that are no UTF-8 pass as bytes. */
static void bytes(void)
{
    int fd = upgrade();

    messages = 0;
    ask(fd, 0x82, "\xff\0\xc0", 3);
    CHECK(messages == 1 && got_len == 5 && !memcmp(got, "\x82\3\xff\0\xc0", 5));
    close(fd);
    turns(3);
}

/* Endless fragments end at the limit (CVE-2026-63495): 10 MiB, or the server's limit on bodies. */
static void endless(void)
{
    char *big = calloc(1, 70000);
    int i, fd = upgrade();

    closes = messages = 0;
    for (i = 0; i < 200; i++) {
        put(fd, i ? 0x00 : 0x02, big, 70000);
        if (evhttp_get_connection_count(http) == 0)
            break;
    }
    patience = 0.1;
    receive(fd);
    patience = 0.02;
    CHECK(closed_with(1009) && messages == 0);
    close(fd);
    turns(5);
    CHECK(closes == 1);

    evhttp_set_max_body_size(http, 1000);
    fd = upgrade();
    ask(fd, 0x82, big, 1000);
    CHECK(messages == 1);
    put(fd, 0x02, big, 600);
    ask(fd, 0x80, big, 401);
    CHECK(closed_with(1009) && messages == 1);
    close(fd);
    turns(5);
    evhttp_set_max_body_size(http, -1);
    free(big);
}

/* A long message that is announced takes no memory before it comes. */
static size_t allocated;

static void *count_malloc(size_t n)
{
    allocated += n;
    return malloc(n);
}

static void *count_realloc(void *p, size_t n)
{
    allocated += n;
    return realloc(p, n);
}

static void announced(void)
{
    int fd = upgrade();

    allocated = 0;
    raw_send(fd, "\x82\xff\0\0\0\0\0\x9f\0\0\0\0\0\0abc", 17);
    turns(3);
    CHECK(session && allocated < 100000);
    close(fd);
    turns(3);
}

int main(void)
{
    event_set_mem_functions(count_malloc, count_realloc, free);
    ws_start();
    rules();
    bytes();
    endless();
    announced();
    CHECK(evhttp_get_connection_count(http) == 0);
    raw_done();
    printf("ok\n");
    return 0;
}
