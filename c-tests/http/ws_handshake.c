/* harness: only=evrs; valgrind; asan
 *
 * Who gets a WebSocket (RFC 6455, 4.2.1), what others are told, and what the answer holds. */
#include "ws_kit.h"

/* Sends a head; the status of the answer, 0 for none. */
static int status_of(const char *head)
{
    int fd = dial(), code = 0;

    session = NULL;
    raw_send(fd, head, strlen(head));
    receive(fd);
    sscanf((char *)got, "HTTP/1.%*d %d", &code);
    close(fd);
    turns(3);
    CHECK(session == NULL);
    return code;
}

#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define UPGRADE "Upgrade: websocket\r\n"
#define CONNECTION "Connection: Upgrade\r\n"
#define GET "GET / HTTP/1.1\r\nHost: h\r\n"

static void who(void)
{
    CHECK(status_of(GET UPGRADE CONNECTION KEY VERSION "\r\n") == 101);
    CHECK(status_of(GET "upgrade: h2c, WEBSOCKET\r\nCONNECTION: a\r\nconnection: b ,upgrade\r\n" KEY VERSION "\r\n") == 101);
    CHECK(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
    CHECK(status_of("POST / HTTP/1.1\r\nContent-Length: 0\r\n" UPGRADE CONNECTION KEY VERSION "\r\n") == 400);
    CHECK(status_of("HEAD / HTTP/1.1\r\n" UPGRADE CONNECTION KEY VERSION "\r\n") == 400);
    CHECK(status_of("GET / HTTP/1.0\r\n" UPGRADE CONNECTION KEY VERSION "\r\n") == 400);
    CHECK(status_of(GET CONNECTION KEY VERSION "\r\n") == 400);
    CHECK(status_of(GET "Upgrade: websockets\r\n" CONNECTION KEY VERSION "\r\n") == 400);
    CHECK(status_of(GET UPGRADE KEY VERSION "\r\n") == 400);
    CHECK(status_of(GET UPGRADE "Connection: keep-alive\r\n" KEY VERSION "\r\n") == 400);
    CHECK(status_of(GET UPGRADE "Connection: notupgrade\r\n" KEY VERSION "\r\n") == 400);
    CHECK(status_of(GET UPGRADE CONNECTION VERSION "\r\n") == 400);
    CHECK(status_of(GET UPGRADE CONNECTION KEY KEY VERSION "\r\n") == 400);
    CHECK(status_of(GET UPGRADE CONNECTION "Sec-WebSocket-Key:\r\n" VERSION "\r\n") == 400);
    CHECK(status_of(GET UPGRADE CONNECTION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n" VERSION "\r\n") == 400);
    CHECK(status_of(GET UPGRADE CONNECTION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=A\r\n" VERSION "\r\n") == 400);
    CHECK(status_of(GET UPGRADE CONNECTION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j*Q==\r\n" VERSION "\r\n") == 400);
    CHECK(status_of(GET UPGRADE CONNECTION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ==\r\n" VERSION "\r\n") == 400);
    /* Another version is told which one there is. */
    CHECK(status_of(GET UPGRADE CONNECTION KEY "\r\n") == 101);
    CHECK(status_of(GET UPGRADE CONNECTION KEY "Sec-WebSocket-Version: 8\r\n\r\n") == 426);
    CHECK(strstr((char *)got, "\r\nSec-WebSocket-Version: 13\r\n"));
    CHECK(status_of(GET UPGRADE CONNECTION KEY "Sec-WebSocket-Version: 013\r\n\r\n") == 426);
    CHECK(status_of(GET UPGRADE CONNECTION KEY VERSION VERSION "\r\n") == 426);
}

/* After a refusal the connection serves on. */
static void serves_on(void)
{
    int fd = dial();

    raw_send(fd, "GET / HTTP/1.1\r\n\r\n", 18);
    receive(fd);
    CHECK(!strncmp((char *)got, "HTTP/1.1 400", 12) && !got_end);
    raw_send(fd, HELLO, sizeof(HELLO) - 1);
    receive(fd);
    CHECK(!strncmp((char *)got, "HTTP/1.1 101", 12) && !got_end && session);
    close(fd);
    turns(3);
    CHECK(!session);
}

static void choose(struct evhttp_request *r, void *arg)
{
    struct evkeyvalq *h = evhttp_request_get_output_headers(r);

    (void)arg;
    evhttp_add_header(h, "Set-Cookie", "a=b");
    evhttp_add_header(h, "Sec-WebSocket-Protocol", "second");
    evhttp_add_header(h, "Connection", "close");
    evhttp_add_header(h, "Content-Length", "5");
    evhttp_add_header(h, "Sec-WebSocket-Accept", "mine");
    evhttp_add_header(h, "Sec-WebSocket-Extensions", "permessage-deflate");
    accept_session(r, NULL);
}

static void headers(void)
{
    static const char text[] = GET UPGRADE CONNECTION KEY VERSION
        "Sec-WebSocket-Protocol: first, second\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    char *p = (char *)got;

    CHECK(status_of(text) == 101);
    CHECK(strstr(p, "\r\nSec-WebSocket-Protocol: first\r\n") && !strstr(p, "Extensions"));
    evhttp_set_gencb(http, choose, NULL);
    CHECK(status_of(text) == 101);
    CHECK(strstr(p, "\r\nSec-WebSocket-Protocol: second\r\n") && !strstr(p, "first"));
    CHECK(strstr(p, "\r\nSet-Cookie: a=b\r\n") && strstr(p, "\r\nConnection: Upgrade\r\n"));
    CHECK(!strstr(p, "close") && !strstr(p, "Length") && !strstr(p, "mine") && !strstr(p, "Extensions"));
    evhttp_set_gencb(http, accept_session, NULL);
}

/* Later than in the callback; after an answer; without a client. */
static struct evhttp_request *kept;

static void keep(struct evhttp_request *r, void *arg)
{
    (void)arg;
    kept = r;
}

static void later(void)
{
    int fd = dial();

    evhttp_set_gencb(http, keep, NULL);
    raw_send(fd, HELLO, sizeof(HELLO) - 1);
    receive(fd);
    CHECK(kept && got_len == 0);
    accept_session(kept, NULL);
    receive(fd);
    CHECK(!strncmp((char *)got, "HTTP/1.1 101", 12) && session);
    ask(fd, 0x81, "x", 1);
    CHECK(got_len == 3);
    close(fd);
    turns(3);
    CHECK(!session);

    fd = dial();
    kept = NULL;
    raw_send(fd, HELLO, sizeof(HELLO) - 1);
    receive(fd);
    CHECK(kept);
    evhttp_send_reply_start(kept, 200, "OK");
    CHECK(!evws_new_session(kept, on_message, &messages, 0));
    evhttp_send_reply_end(kept);
    receive(fd);
    CHECK(!strncmp((char *)got, "HTTP/1.1 200", 12));
    close(fd);
    turns(3);

    fd = dial();
    kept = NULL;
    raw_send(fd, HELLO, sizeof(HELLO) - 1);
    receive(fd);
    CHECK(kept);
    evhttp_connection_free(evhttp_request_get_connection(kept));
    /* The request went with its connection. */
    receive(fd);
    CHECK(got_end);
    close(fd);
    turns(3);
    evhttp_set_gencb(http, accept_session, NULL);
}

/* A session counts as a connection of its server. */
static void counted(void)
{
    int fd = upgrade(), other;

    CHECK(evhttp_get_connection_count(http) == 1);
    evhttp_set_max_connections(http, 1);
    other = dial();
    raw_send(other, HELLO, sizeof(HELLO) - 1);
    receive(other);
    CHECK(!strncmp((char *)got, "HTTP/1.1 503", 12));
    close(other);
    close(fd);
    turns(3);
    CHECK(evhttp_get_connection_count(http) == 0);
    evhttp_set_max_connections(http, 0);
}

/* Bufferevents of the program's that do not close their sockets. */
static struct bufferevent *plain(struct event_base *b, void *arg)
{
    (void)arg;
    return bufferevent_socket_new(b, -1, 0);
}

static void sockets(void)
{
    int fd, first, again;

    evhttp_set_bevcb(http, plain, NULL);
    first = dup(0);
    close(first);
    fd = upgrade();
    ask(fd, 0x88, "", 0);
    CHECK(closed_with(0) && got_end);
    close(fd);
    fd = upgrade();
    evws_connection_free(session);
    receive(fd);
    CHECK(got_end);
    close(fd);
    again = dup(0);
    CHECK(first == again);
    close(again);
    evhttp_set_bevcb(http, NULL, NULL);
}

int main(void)
{
    ws_start();
    who();
    serves_on();
    headers();
    later();
    counted();
    sockets();
    raw_done();
    printf("ok\n");
    return 0;
}
