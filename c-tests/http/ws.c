/* harness: only=evrs; valgrind; asan
 *
 * WebSocket sessions (since 2.2): messages of all lengths, fragments, pings, frames as they come. */
#include "ws_kit.h"

static void lengths(void)
{
    static const size_t sizes[] = { 0, 1, 7, 8, 9, 125, 126, 127, 300, 4095, 4096, 65535, 65536, 70000 };
    unsigned char *data = malloc(70000);
    size_t i, k;
    int fd = upgrade();

    for (i = 0; i < 70000; i++)
        data[i] = (unsigned char)(i * 7 + i / 256);
    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t n = sizes[i], head = n < 126 ? 2 : n < 65536 ? 4 : 10;

        messages = 0;
        patience = n > 4096 ? 0.2 : 0.02; /* the last bytes may wait for an acknowledgement */
        ask(fd, 0x82, data, n);
        CHECK(messages == 1 && last_type == WS_BINARY_FRAME && last_len == n);
        CHECK(!memcmp(last, data, n));
        CHECK(got_len == head + n && got[0] == 0x82 && !memcmp(got + head, data, n));
        if (n < 126) {
            CHECK(got[1] == n);
        } else if (n < 65536) {
            CHECK(got[1] == 126 && (size_t)(got[2] << 8 | got[3]) == n);
        } else {
            size_t len = 0;

            for (k = 0; k < 8; k++)
                len = len << 8 | got[2 + k];
            CHECK(got[1] == 127 && len == n);
        }
    }
    patience = 0.02;
    close(fd);
    turns(2);
    free(data);
}

static void text(void)
{
    int fd = upgrade();

    messages = 0;
    ask(fd, 0x81, "hello", 5);
    CHECK(messages == 1 && last_type == WS_TEXT_FRAME && last_len == 5 && !memcmp(last, "hello", 5));
    CHECK(got_len == 7 && got[0] == 0x81 && got[1] == 5 && !memcmp(got + 2, "hello", 5));
    ask(fd, 0x81, "\xce\xba\xe1\xbd\xb9\xf0\x9f\x90\xab", 9);
    CHECK(messages == 2 && last_len == 9);
    /* A character in two fragments. */
    ask(fd, 0x01, "\xe1\xbd", 2);
    CHECK(messages == 2 && got_len == 0);
    ask(fd, 0x80, "\xb9", 1);
    CHECK(messages == 3 && last_len == 3 && got_len == 5);
    close(fd);
    turns(2);
}

static void fragments(void)
{
    int fd = upgrade(), i;

    messages = 0;
    ask(fd, 0x02, "frag", 4);
    CHECK(got_len == 0);
    /* Control frames may come between. */
    ask(fd, 0x89, "ping", 4);
    CHECK(got_len == 6 && got[0] == 0x8a && got[1] == 4 && !memcmp(got + 2, "ping", 4));
    ask(fd, 0x00, "", 0);
    ask(fd, 0x8a, "unasked", 7); /* a pong that nobody asked for */
    CHECK(messages == 0 && got_len == 0);
    ask(fd, 0x80, "ment", 4);
    CHECK(messages == 1 && last_type == WS_BINARY_FRAME && last_len == 8 && !memcmp(last, "fragment", 8));
    put(fd, 0x02, "", 0);
    for (i = 0; i < 1000; i++)
        put(fd, 0x00, "x", 1);
    ask(fd, 0x80, "", 0);
    CHECK(messages == 2 && last_len == 1000);
    close(fd);
    turns(2);
}

static void pings(void)
{
    static char long_ping[125];
    int fd = upgrade(), i;

    messages = 0;
    ask(fd, 0x89, "", 0);
    CHECK(got_len == 2 && got[0] == 0x8a && got[1] == 0);
    memset(long_ping, 'p', sizeof(long_ping));
    ask(fd, 0x89, long_ping, sizeof(long_ping));
    CHECK(got_len == 127 && got[0] == 0x8a && got[1] == 125 && !memcmp(got + 2, long_ping, 125));
    /* Who does not read gets no more answers than fit in a bounded buffer. */
    bufferevent_disable(evws_connection_get_bufferevent(session), EV_WRITE);
    for (i = 0; i < 5000; i++)
        put(fd, 0x89, long_ping, sizeof(long_ping));
    turns(5);
    {
        struct bufferevent *b = evws_connection_get_bufferevent(session);

        CHECK(evbuffer_get_length(bufferevent_get_output(b)) < 128 * 1024);
        CHECK(evbuffer_get_length(bufferevent_get_input(b)) < 1024);
        bufferevent_enable(b, EV_WRITE);
    }
    receive(fd);
    CHECK(messages == 0 && got_len > 60 * 1024 && !got_end);
    close(fd);
    turns(2);
}

/* Many in one segment, with the handshake; one byte at a time. */
static void pieces(void)
{
    unsigned char all[1000];
    size_t n, i;
    int fd = dial();

    messages = 0;
    memcpy(all, HELLO, sizeof(HELLO) - 1);
    n = sizeof(HELLO) - 1;
    n += frame(all + n, 0x81, "one", 3);
    n += frame(all + n, 0x01, "t", 1);
    n += frame(all + n, 0x89, "", 0);
    n += frame(all + n, 0x80, "wo", 2);
    raw_send(fd, (char *)all, n);
    receive(fd);
    CHECK(messages == 2 && session);
    CHECK(got_len > 12 && !memcmp(got + got_len - 12, "\x81\3one\x8a\0\x81\3two", 12));
    close(fd);
    turns(2);

    fd = dial();
    for (i = 0; i < n; i++) {
        raw_send(fd, (char *)all + i, 1);
        raw_turn();
        raw_turn();
    }
    receive(fd);
    CHECK(messages == 4 && !memcmp(got + got_len - 12, "\x81\3one\x8a\0\x81\3two", 12));
    close(fd);
    turns(2);
}

/* A payload in memory that cannot be written: the program has put it into the input. */
static void read_only_input(void)
{
    static const unsigned char masked[] = "\x81\x85\1\2\3\4igohn"; /* "hello" ^ 1 2 3 4 1 */
    static const unsigned char more[] = "\x82\x81\0\0\0\0x";
    int fd = upgrade();
    struct evbuffer *in = bufferevent_get_input(evws_connection_get_bufferevent(session));
    struct evbuffer *b = evbuffer_new();

    messages = 0;
    evbuffer_add_reference(b, masked, sizeof(masked) - 1, NULL, NULL);
    evbuffer_add_reference(b, more, sizeof(more) - 1, NULL, NULL);
    evbuffer_unfreeze(in, 0);
    CHECK(!evbuffer_add_buffer(in, b));
    evbuffer_freeze(in, 0);
    evbuffer_free(b);
    bufferevent_trigger(evws_connection_get_bufferevent(session), EV_READ, 0);
    CHECK(messages == 2 && last_len == 1 && last[0] == 'x');
    receive(fd);
    CHECK(got_len == 10 && !memcmp(got, "\x81\5hello\x82\1x", 10));
    close(fd);
    turns(2);
}

static void nothing_there(void)
{
    evws_send_text(NULL, "x");
    evws_send_binary(NULL, "x", 1);
    evws_close(NULL, 1);
    evws_connection_free(NULL);
    evws_connection_set_closecb(NULL, NULL, NULL);
    CHECK(!evws_connection_get_bufferevent(NULL));
    CHECK(!evws_new_session(NULL, NULL, NULL, 0));
}

static void without_callbacks(struct evhttp_request *r, void *arg)
{
    (void)arg;
    session = evws_new_session(r, NULL, NULL, 0);
}

static void silent(void)
{
    int fd;

    evhttp_set_gencb(http, without_callbacks, NULL);
    fd = upgrade();
    ask(fd, 0x81, "x", 1);
    CHECK(got_len == 0 && !got_end);
    evws_send_text(session, NULL);
    evws_send_binary(session, NULL, 0);
    evws_send_binary(session, NULL, 1);
    receive(fd);
    CHECK(got_len == 2 && got[0] == 0x82);
    ask(fd, 0x88, "\3\xe8", 2);
    CHECK(closed_with(1000) && got_end);
    session = NULL;
    close(fd);
    turns(2);
    evhttp_set_gencb(http, accept_session, NULL);
}

int main(void)
{
    ws_start();
    nothing_there();
    lengths();
    text();
    fragments();
    pings();
    pieces();
    read_only_input();
    silent();
    CHECK(evhttp_get_connection_count(http) == 0);
    raw_done();
    printf("ok\n");
    return 0;
}
