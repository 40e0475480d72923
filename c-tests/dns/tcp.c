/* harness: only=evrs; valgrind; asan; timeout=60
 *
 * Queries over TCP: answers that were cut off, requests that ask for it, connections that break, are
 * shared, are idle; servers that speak TCP badly; longer answers over UDP. */
#include "raw.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

static struct event_base *base;
static struct evdns_base *dns;
static int udp, accepts, closed, frames, datagrams, edns;
static struct sockaddr_in address;
static char text[40];

enum mode { GOOD, BYTEWISE, CLOSE, RUBBISH, EMPTY_FRAMES, LONG_FRAME, WRONG_ID, REFUSED, SILENT, TRUNCATED };
static enum mode mode;

static void udp_cb(evutil_socket_t fd, short what, void *arg)
{
    unsigned char query[1500];
    struct sockaddr_in from;
    socklen_t len = sizeof(from);
    struct packet p;
    ssize_t n;

    (void)what;
    (void)arg;
    while ((n = recvfrom(fd, query, sizeof(query), MSG_DONTWAIT, (struct sockaddr *)&from, &len)) > 0) {
        int i;

        datagrams++;
        memset(&p, 0, sizeof(p));
        edns = query[11] == 1 ? query[n - 11 + 3] * 256 + query[n - 11 + 4] : 0;
        if (edns) {
            /* There is room. */
            head(&p, query, (size_t)n, 0x8180, 1, 60, 0, 0);
            for (i = 0; i < 60; i++)
                RECORD(&p, 1, 9, "\1\2\3\4");
        } else {
            head(&p, query, (size_t)n, 0x8380, 1, 0, 0, 0);
        }
        sendto(fd, p.bytes, p.len, 0, (struct sockaddr *)&from, len);
    }
}

static void answer(struct bufferevent *bev, const unsigned char *query, size_t n)
{
    struct evbuffer *out = bufferevent_get_output(bev);
    unsigned char size[2];
    struct packet p;
    size_t i;

    memset(&p, 0, sizeof(p));
    head(&p, query, n, 0x8180, 1, 100, 0, 0);
    for (i = 0; i < 100; i++)
        RECORD(&p, 1, 60, "\1\2\3\4");
    switch (mode) {
    case WRONG_ID:
        p.bytes[0] ^= 1;
        break;
    case REFUSED:
        head(&p, query, n, 0x8185, 1, 0, 0, 0);
        break;
    case TRUNCATED:
        p.bytes[2] |= 2;
        break;
    default:
        break;
    }
    size[0] = (unsigned char)(p.len >> 8);
    size[1] = (unsigned char)p.len;
    switch (mode) {
    case RUBBISH:
        evbuffer_add(out, "\0\7rubbish\0\1x\0\15aaaaaaaaaaaaa", 2 + 7 + 3 + 15);
        break;
    case EMPTY_FRAMES:
        for (i = 0; i < 1000; i++)
            evbuffer_add(out, "\0\0", 2);
        break;
    case LONG_FRAME:
        evbuffer_add(out, "\xff\xff", 2);
        for (i = 0; i < 65535 / 5; i++)
            evbuffer_add(out, "abcde", 5);
        break;
    default:
        break;
    }
    if (mode == SILENT)
        return;
    evbuffer_add(out, size, 2);
    evbuffer_add(out, p.bytes, p.len);
    if (mode == BYTEWISE) {
        int fd = (int)bufferevent_getfd(bev);
        unsigned char b;

        while (evbuffer_remove(out, &b, 1) == 1) {
            send(fd, &b, 1, MSG_NOSIGNAL);
            event_base_loop(base, EVLOOP_NONBLOCK);
        }
    }
}

static void read_cb(struct bufferevent *bev, void *arg)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    unsigned char query[2000];

    (void)arg;
    while (evbuffer_get_length(in) >= 2) {
        size_t n;

        evbuffer_copyout(in, query, 2);
        n = query[0] * 256u + query[1];
        if (evbuffer_get_length(in) < n + 2)
            return;
        evbuffer_drain(in, 2);
        evbuffer_remove(in, query, n);
        frames++;
        answer(bev, query, n);
    }
}

static void event_cb(struct bufferevent *bev, short what, void *arg)
{
    (void)what;
    (void)arg;
    closed++;
    bufferevent_free(bev);
}

static void accepted(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    struct bufferevent *bev;

    (void)l;
    (void)sa;
    (void)len;
    (void)arg;
    accepts++;
    if (mode == CLOSE) {
        evutil_closesocket(fd);
        return;
    }
    bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(bev, read_cb, NULL, event_cb, NULL);
    bufferevent_enable(bev, EV_READ);
}

static int calls, last_result, last_count;
static void note(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    (void)type;
    (void)ttl;
    (void)addresses;
    calls++;
    last_result = result;
    last_count = count;
    if (arg)
        event_base_loopbreak(base);
}

static void begin(enum mode m)
{
    mode = m;
    accepts = closed = frames = datagrams = calls = 0;
    last_result = last_count = -1;
    dns = evdns_base_new(base, 0);
    evdns_base_nameserver_ip_add(dns, text);
    evdns_base_set_option(dns, "timeout", "0.3");
    evdns_base_set_option(dns, "initial-probe-timeout", "100");
}

static void end(void)
{
    evdns_base_free(dns, 0);
    run_for(base, 20);
    CHECK(accepts == closed || mode == CLOSE);
}

static void ask(int flags)
{
    CHECK(evdns_base_resolve_ipv4(dns, "www.example.com", flags, note, &calls) != NULL);
    run_for(base, 1500);
}

int main(void)
{
    struct evconnlistener *listener = NULL;
    struct event *ev;
    int i;

    setvbuf(stdout, NULL, _IOLBF, 0);
    base = event_base_new();
    /* One port for both. */
    for (i = 0; i < 20 && !listener; i++) {
        udp = loopback_socket(SOCK_DGRAM, &address, text, sizeof(text));
        listener = evconnlistener_new_bind(base, accepted, NULL, LEV_OPT_CLOSE_ON_FREE, 16,
                                           (struct sockaddr *)&address, sizeof(address));
        if (!listener)
            close(udp);
    }
    ev = event_new(base, udp, EV_READ | EV_PERSIST, udp_cb, NULL);
    event_add(ev, NULL);

    begin(GOOD);
    ask(0);
    CHECK(last_result == 0 && last_count == 32 && datagrams == 1 && frames == 1 && accepts == 1);
    ask(0);
    CHECK(last_result == 0 && datagrams == 2 && frames == 2 && accepts == 1);
    ask(DNS_QUERY_USEVC);
    CHECK(last_result == 0 && datagrams == 2 && frames == 3 && accepts == 1);
    ask(DNS_QUERY_IGNTC);
    CHECK(last_result == DNS_ERR_TRUNCATED && datagrams == 3 && frames == 3);
    /* Many on one connection. */
    for (i = 0; i < 50; i++)
        evdns_base_resolve_ipv4(dns, "www.example.com", DNS_QUERY_USEVC, note, NULL);
    calls = 0;
    for (i = 0; i < 50 && calls < 50; i++)
        run_for(base, 100);
    CHECK(calls == 50 && last_result == 0 && accepts == 1 && frames == 53);
    end();

    begin(GOOD);
    CHECK(evdns_base_set_option(dns, "use-vc", "1") == -1);
    CHECK(evdns_base_set_option(dns, "use-vc", "") == 0);
    CHECK(evdns_base_set_option(dns, "ignore-tc:", "") == 0);
    CHECK(evdns_base_set_option(dns, "tcp-idle-timeout", "0.05") == 0);
    ask(0);
    CHECK(last_result == 0 && datagrams == 0 && frames == 1 && closed == 0);
    run_for(base, 150);
    CHECK(closed == 1);
    ask(0);
    CHECK(last_result == 0 && accepts == 2);
    end();

    begin(GOOD);
    evdns_base_set_option(dns, "ignore-tc", "");
    ask(0);
    CHECK(last_result == DNS_ERR_TRUNCATED && accepts == 0);
    end();

    begin(BYTEWISE);
    ask(0);
    CHECK(last_result == 0 && last_count == 32);
    end();
    begin(RUBBISH);
    ask(0);
    CHECK(last_result == 0);
    end();
    begin(EMPTY_FRAMES);
    ask(0);
    CHECK(last_result == 0);
    end();
    begin(LONG_FRAME);
    ask(0);
    CHECK(last_result == 0);
    end();
    begin(TRUNCATED);
    ask(0);
    CHECK(last_result == DNS_ERR_TRUNCATED && frames == 1);
    end();

    begin(CLOSE);
    ask(0);
    CHECK(last_result == DNS_ERR_TRUNCATED && accepts == 1);
    ask(DNS_QUERY_USEVC);
    CHECK(last_result == DNS_ERR_TIMEOUT && accepts == 4);
    end();
    begin(WRONG_ID);
    ask(0);
    CHECK(last_result == DNS_ERR_TRUNCATED && accepts == 1);
    end();
    /* le#1811 */
    begin(REFUSED);
    ask(0);
    CHECK(last_result == DNS_ERR_REFUSED && frames == 1);
    end();
    begin(REFUSED);
    evdns_base_nameserver_ip_add(dns, "127.0.0.1:9");
    ask(DNS_QUERY_USEVC);
    CHECK(last_result == DNS_ERR_REFUSED || last_result == DNS_ERR_TIMEOUT);
    end();

    /* Freed, suspended and cancelled while a query is out. */
    begin(SILENT);
    evdns_base_resolve_ipv4(dns, "www.example.com", DNS_QUERY_USEVC, note, NULL);
    run_for(base, 30);
    CHECK(frames == 1);
    evdns_base_free(dns, 1);
    run_for(base, 30);
    CHECK(calls == 1 && last_result == DNS_ERR_SHUTDOWN && closed == 1);
    begin(SILENT);
    evdns_base_resolve_ipv4(dns, "www.example.com", 0, note, NULL);
    run_for(base, 30);
    mode = GOOD;
    CHECK(evdns_base_clear_nameservers_and_suspend(dns) == 0);
    evdns_base_nameserver_ip_add(dns, text);
    evdns_base_resume(dns);
    run_for(base, 100);
    CHECK(calls == 1 && last_result == 0 && accepts == 2 && closed == 1);
    end();
    begin(SILENT);
    {
        struct evdns_request *r =
            evdns_base_resolve_ipv4(dns, "www.example.com", DNS_QUERY_USEVC, note, NULL);
        evdns_cancel_request(dns, r);
        run_for(base, 30);
        CHECK(calls == 1 && last_result == DNS_ERR_CANCEL);
    }
    end();

    /* No TCP at all there. */
    evconnlistener_free(listener);
    begin(GOOD);
    ask(0);
    CHECK(last_result == DNS_ERR_TRUNCATED && datagrams == 1);
    ask(DNS_QUERY_USEVC);
    CHECK(last_result == DNS_ERR_TIMEOUT);
    end();

    begin(GOOD);
    CHECK(evdns_base_set_option(dns, "edns-udp-size", "1232") == 0);
    ask(0);
    CHECK(edns == 1232 && last_result == 0 && last_count == 32 && datagrams == 1);
    end();

    event_free(ev);
    close(udp);
    event_base_free(base);
    printf("%d failures\n", failures);
    return failures != 0;
}
