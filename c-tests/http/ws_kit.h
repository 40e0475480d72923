/* Kit of the WebSocket tests: a server whose requests become sessions, and raw clients.
 *
 * The reference has no event2/ws.h: these tests run on evrs alone and check themselves. */
#ifndef WS_KIT_H
#define WS_KIT_H

#include <signal.h>
#include <netinet/tcp.h>

#include <event2/ws.h>

#include "raw.h"

static struct evws_connection *session;
static int messages, closes, requests;
static char last[70001];
static size_t last_len;
static int last_type;
static int options;

/* What a test does inside a message, before anything else. */
static void (*in_message)(struct evws_connection *ws);
static void (*in_close)(struct evws_connection *ws);
static int echoes = 1;

static void on_message(struct evws_connection *ws, int type, const unsigned char *data, size_t len,
                       void *arg)
{
    CHECK(arg == (void *)&messages);
    CHECK(data[len] == 0);
    messages++;
    last_type = type;
    last_len = len;
    memcpy(last, data, len < sizeof(last) ? len : sizeof(last));
    if (in_message) {
        in_message(ws);
        CHECK(data[len] == 0); /* the message outlives whatever that was */
        return;
    }
    if (!echoes)
        return;
    if (type == WS_TEXT_FRAME)
        evws_send_text(ws, (const char *)data);
    else
        evws_send_binary(ws, (const char *)data, len);
}

static void on_close(struct evws_connection *ws, void *arg)
{
    CHECK(arg == (void *)&closes);
    closes++;
    CHECK(evws_connection_get_bufferevent(ws) != NULL);
    evws_send_text(ws, "too late");
    evws_close(ws, WS_CR_NORMAL);
    if (ws == session)
        session = NULL;
    if (in_close)
        in_close(ws);
}

/* The server's callback: every request is to become a session. */
static void accept_session(struct evhttp_request *r, void *arg)
{
    struct evws_connection *ws;

    (void)arg;
    requests++;
    ws = evws_new_session(r, on_message, &messages, options);
    if (ws) {
        session = ws;
        evws_connection_set_closecb(ws, on_close, &closes);
        CHECK(evws_connection_get_bufferevent(ws) != NULL);
    }
}

#define HANDSHAKE \
    "Host: h\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n" \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
#define HELLO "GET /chat HTTP/1.1\r\n" HANDSHAKE "\r\n"

static unsigned char got[300000];
static size_t got_len;
static int got_end;
static double patience = 0.02;

static void receive(int fd)
{
    got_len = raw_read(fd, (char *)got, sizeof(got) - 1, patience, &got_end);
    got[got_len] = 0;
}

/* A frame as clients send it. */
static size_t frame(unsigned char *to, unsigned first, const void *payload, size_t len)
{
    static const unsigned char key[4] = { 0xa1, 2, 0x73, 4 };
    const unsigned char *data = payload;
    size_t n = 0, i;

    to[n++] = (unsigned char)first;
    if (len < 126) {
        to[n++] = (unsigned char)(0x80 | len);
    } else if (len < 65536) {
        to[n++] = 0xfe;
        to[n++] = (unsigned char)(len >> 8);
        to[n++] = (unsigned char)len;
    } else {
        to[n++] = 0xff;
        for (i = 0; i < 8; i++)
            to[n++] = (unsigned char)((unsigned long long)len >> (56 - 8 * i));
    }
    memcpy(to + n, key, 4);
    n += 4;
    for (i = 0; i < len; i++)
        to[n++] = (unsigned char)(data[i] ^ key[i % 4]);
    return n;
}

/* Sends a frame without waiting for anything. */
static void put(int fd, unsigned first, const void *data, size_t len)
{
    unsigned char *f = malloc(len + 20);
    size_t n = frame(f, first, data, len);

    raw_send(fd, (char *)f, n);
    free(f);
}

/* Sends a frame and takes what comes back. */
static void ask(int fd, unsigned first, const void *data, size_t len)
{
    put(fd, first, data, len);
    receive(fd);
}

static int dial(void)
{
    int fd = raw_connect(), on = 1;

    /* Small frames go at once, or they wait for the acknowledgement of the one before. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return fd;
}

static int upgrade(void)
{
    int fd = dial();

    raw_send(fd, HELLO, sizeof(HELLO) - 1);
    receive(fd);
    CHECK(!got_end && session);
    CHECK(!strncmp((char *)got, "HTTP/1.1 101 ", 13));
    CHECK(strstr((char *)got, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    return fd;
}

/* Whether what came is a close frame with this reason (0: none), and nothing else. */
static int closed_with(unsigned reason)
{
    if (reason == 0)
        return got_len == 2 && got[0] == 0x88 && got[1] == 0;
    return got_len == 4 && got[0] == 0x88 && got[1] == 2 &&
           (unsigned)(got[2] << 8 | got[3]) == reason;
}

static void turns(int n)
{
    while (n-- > 0) {
        struct timeval tv = { 0, 1000 };

        event_base_loopexit(base, &tv);
        event_base_dispatch(base);
    }
}

static void ws_start(void)
{
    signal(SIGPIPE, SIG_IGN);
    raw_server();
    evhttp_set_gencb(http, accept_session, NULL);
}

#endif
