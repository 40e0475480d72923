/* harness: only=evrs; valgrind; asan; timeout=60
 *
 * How sessions end: close frames from either side (RFC 6455, 7.1), the other side gone or silent, and
 * everything freed from within every callback. */
#include <event2/bufferevent_struct.h>

#include "ws_kit.h"

static void client_closes(void)
{
    int fd = upgrade();

    closes = messages = 0;
    ask(fd, 0x88, "\x03\xe8", 2);
    CHECK(closed_with(1000) && got_end == 1 && closes == 1 && !session);
    close(fd);

    fd = upgrade();
    ask(fd, 0x88, "\x0f\xa0" "some reason", 13);
    CHECK(closed_with(4000) && got_end == 1 && closes == 2);
    close(fd);

    fd = upgrade();
    ask(fd, 0x88, "", 0);
    CHECK(closed_with(0) && got_end == 1 && closes == 3);
    close(fd);

    /* What follows a close frame is nobody's. */
    fd = upgrade();
    {
        unsigned char two[64];
        size_t n = frame(two, 0x88, "\x03\xe9", 2);

        n += frame(two + n, 0x81, "late", 4);
        raw_send(fd, (char *)two, n);
        receive(fd);
    }
    CHECK(closed_with(1001) && got_end && closes == 4 && messages == 0);
    close(fd);
    turns(2);
}

static void server_closes(void)
{
    int fd = upgrade();

    closes = messages = 0;
    evws_send_text(session, "bye");
    evws_close(session, WS_CR_NORMAL);
    evws_close(session, WS_CR_PROTO_ERR);
    evws_send_text(session, "too late");
    receive(fd);
    CHECK(got_len == 9 && !memcmp(got, "\x81\3bye\x88\2\x03\xe8", 9));
    /* The other side's frame is waited for; what else comes before it is thrown away. */
    CHECK(!got_end && closes == 0 && session);
    ask(fd, 0x81, "late", 4);
    put(fd, 0x02, "la", 2);
    put(fd, 0x89, "ping", 4);
    ask(fd, 0x80, "te", 2);
    CHECK(got_len == 0 && !got_end && messages == 0);
    ask(fd, 0x88, "\x03\xe8", 2);
    CHECK(got_len == 0 && got_end == 1 && closes == 1);
    close(fd);

    /* No reason, and reasons that no frame may hold. */
    {
        static const ev_uint16_t none[] = { 0, 1, 1004, 1005, 1006, 1015, 2000, 5000 };
        size_t i;

        for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
            fd = upgrade();
            evws_close(session, none[i]);
            receive(fd);
            CHECK(closed_with(0));
            ask(fd, 0x88, "", 0);
            CHECK(got_len == 0 && got_end);
            close(fd);
        }
    }

    /* Rubbish instead of a close frame. */
    fd = upgrade();
    closes = 0;
    evws_close(session, 3000);
    receive(fd);
    CHECK(closed_with(3000));
    raw_send(fd, "\xff\xff\xff", 3);
    receive(fd);
    CHECK(got_len == 0 && got_end == 1 && closes == 0);
    close(fd);
    turns(3);
    CHECK(closes == 1);

    /* The other side just goes. */
    fd = upgrade();
    evws_close(session, 1001);
    receive(fd);
    close(fd);
    turns(3);
    CHECK(closes == 2 && !session);
}

static void goes(void)
{
    struct linger l = { 1, 0 };
    struct timeval tv = { 0, 300000 };
    int fd = upgrade();

    closes = 0;
    close(fd);
    turns(3);
    CHECK(closes == 1 && !session);
    fd = upgrade();
    put(fd, 0x01, "half", 4);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
    close(fd);
    turns(3);
    CHECK(closes == 2 && !session);
    fd = upgrade();
    shutdown(fd, SHUT_WR);
    receive(fd);
    CHECK(closes == 3 && got_end && got_len == 0);
    close(fd);
    /* The timeouts are those of the server. */
    evhttp_set_timeout_tv(http, &tv);
    fd = upgrade();
    {
        int i;

        for (i = 0; i < 100 && closes == 3; i++)
            turns(10);
    }
    CHECK(closes == 4 && !session);
    close(fd);
    evhttp_set_timeout(http, 50);
}

/* Two that neither answer nor go, one of them after breaking a rule: the end comes all the same. */
static void silence(void)
{
    int a, b, i;

    a = upgrade();
    closes = 0;
    evws_close(session, 1000);
    receive(a);
    CHECK(closed_with(1000));
    b = upgrade();
    ask(b, 0xff, "x", 1);
    CHECK(closed_with(1002));
    for (i = 0; i < 100 && closes < 2; i++) {
        CHECK(i > 20 || closes == 0);
        turns(100);
    }
    CHECK(closes == 2 && !session && evhttp_get_connection_count(http) == 0);
    close(a);
    close(b);
}

/* Everything from within everything. */
static const char *action;

static void act(struct evws_connection *ws)
{
    if (!strcmp(action, "free")) {
        evws_connection_free(ws);
    } else if (!strcmp(action, "close")) {
        evws_close(ws, 1000);
    } else if (!strcmp(action, "close, free")) {
        evws_close(ws, 1000);
        evws_connection_free(ws);
    } else if (!strcmp(action, "free server")) {
        if (http)
            evhttp_free(http);
        http = NULL;
    } else if (!strcmp(action, "send")) {
        static char big[100000];

        evws_send_binary(ws, big, sizeof(big));
        evws_send_text(ws, "x");
    } else if (!strcmp(action, "drain")) {
        struct evbuffer *in = bufferevent_get_input(evws_connection_get_bufferevent(ws));

        evbuffer_drain(in, evbuffer_get_length(in));
    }
}

static void on_buffer(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
    struct evws_connection *ws = session;

    (void)b;
    (void)info;
    (void)arg;
    session = NULL;
    if (ws)
        act(ws);
}

/* While the answer to the handshake is written. */
static void on_head(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
    static int once;

    if (once == 1 || !info->n_added)
        return;
    once = 1;
    evbuffer_remove_cb(b, on_head, arg);
    if (!strcmp(action, "free"))
        evhttp_connection_free(arg);
    else
        act(NULL);
    once = 0;
}

static int where;
enum { MESSAGE, UPGRADE_CB, CLOSE_CB, INPUT, OUTPUT, OUTPUT_OF_UPGRADE, PLACES };

static void upgrade_acts(struct evhttp_request *r, void *arg)
{
    struct evhttp_connection *c = evhttp_request_get_connection(r);

    if (where == OUTPUT_OF_UPGRADE)
        evbuffer_add_cb(bufferevent_get_output(evhttp_connection_get_bufferevent(c)), on_head, c);
    accept_session(r, arg);
    if (!session)
        return;
    if (where == UPGRADE_CB)
        act(session);
    if (where == INPUT)
        evbuffer_add_cb(bufferevent_get_input(evws_connection_get_bufferevent(session)), on_buffer, NULL);
    if (where == OUTPUT)
        evbuffer_add_cb(bufferevent_get_output(evws_connection_get_bufferevent(session)), on_buffer, NULL);
}

static void everything(void)
{
    static const char *const actions[] = { "free", "close", "close, free", "free server", "send", "drain" };
    size_t a;

    event_base_free(base);
    for (a = 0; a < sizeof(actions) / sizeof(actions[0]); a++) {
        for (where = 0; where < PLACES; where++) {
            unsigned char all[1000];
            size_t n;
            int fd;

            action = actions[a];
            /* Freeing from the close callback what is being freed is a mistake of the program's. */
            if (where == CLOSE_CB && strstr(action, "free") && strcmp(action, "free server"))
                continue;
            if (where == OUTPUT_OF_UPGRADE && strncmp(action, "free", 4))
                continue;
            raw_server();
            evhttp_set_gencb(http, upgrade_acts, NULL);
            closes = messages = 0;
            session = NULL;
            in_message = where == MESSAGE ? act : NULL;
            in_close = where == CLOSE_CB ? act : NULL;
            fd = dial();
            memcpy(all, HELLO, sizeof(HELLO) - 1);
            n = sizeof(HELLO) - 1;
            n += frame(all + n, 0x81, "one", 3);
            n += frame(all + n, 0x01, "t", 1);
            n += frame(all + n, 0x89, "", 0);
            n += frame(all + n, 0x80, "wo", 2);
            n += frame(all + n, 0x88, "\3\xe8", 2);
            raw_send(fd, (char *)all, n);
            receive(fd);
            close(fd);
            turns(3);
            fprintf(stderr, "%s in %d: %d messages, %d closes, %lu bytes\n", action, where, messages,
                    closes, (unsigned long)got_len);
            CHECK(closes == (where != OUTPUT_OF_UPGRADE));
            if (where == MESSAGE && strstr(action, "free"))
                CHECK(messages == 1);
            if (http)
                evhttp_free(http);
            http = NULL;
            event_base_free(base);
        }
    }
    in_message = in_close = NULL;
}

/* The server goes while sessions are in every stage. */
static void server_goes(void)
{
    int stage, fd;

    for (stage = 0; stage < 5; stage++) {
        raw_server();
        evhttp_set_gencb(http, accept_session, NULL);
        session = NULL;
        closes = 0;
        fd = upgrade();
        if (stage == 1)
            evws_close(session, 1000);
        if (stage == 2)
            ask(fd, 0xff, "x", 1);
        if (stage == 3)
            put(fd, 0x01, "half", 4);
        if (stage == 4)
            bufferevent_trigger(evws_connection_get_bufferevent(session), EV_READ, BEV_TRIG_DEFER_CALLBACKS);
        evhttp_free(http);
        CHECK(closes == 1 && !session);
        turns(1);
        event_base_free(base);
        close(fd);
    }
}

int main(void)
{
    ws_start();
    client_closes();
    server_closes();
    goes();
    silence();
    CHECK(evhttp_get_connection_count(http) == 0);
    evhttp_free(http);
    everything();
    server_goes();
    printf("ok\n");
    return 0;
}
