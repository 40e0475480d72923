/* harness: only=evrs; valgrind; asan; timeout=60
 *
 * The server port on a listener: long answers, answers out of order, bad clients, limits, closing. */
#include "raw.h"

#include <event2/listener.h>

static struct event_base *base;
static struct evdns_server_port *port;
static struct sockaddr_in address;
static char text[40];
static int queries, hold;
static struct evdns_server_request *held[8];

static void query_cb(struct evdns_server_request *req, void *arg)
{
    struct sockaddr_in from;
    struct in_addr a;
    int i;

    (void)arg;
    CHECK(evdns_server_request_get_requesting_addr(req, (struct sockaddr *)&from, sizeof(from)) ==
          sizeof(from));
    CHECK(from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
    if (hold) {
        held[queries++] = req;
        return;
    }
    queries++;
    for (i = 0; i < 3000; i++) {
        a.s_addr = htonl(0x0a000000 + (unsigned)i);
        CHECK(evdns_server_request_add_a_reply(req, req->questions[0]->name, 1, &a, 60) == 0);
    }
    CHECK(evdns_server_request_respond(req, 0) >= 0);
}

static void start(void)
{
    struct evconnlistener *l;
    socklen_t len = sizeof(address);

    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    l = evconnlistener_new_bind(base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE, 16,
                                (struct sockaddr *)&address, sizeof(address));
    getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&address, &len);
    snprintf(text, sizeof(text), "127.0.0.1:%d", ntohs(address.sin_port));
    CHECK(evdns_add_server_port_with_listener(base, l, 1, query_cb, NULL) == NULL);
    CHECK(evdns_add_server_port_with_listener(base, NULL, 0, query_cb, NULL) == NULL);
    port = evdns_add_server_port_with_listener(base, l, 0, query_cb, NULL);
    CHECK(port != NULL);
    queries = hold = 0;
}

static int client(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
        perror("connect");
    evutil_make_socket_nonblocking(fd);
    run_for(base, 10);
    return fd;
}

static int last_result = -1, last_count;
static void note(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    (void)type;
    (void)ttl;
    (void)addresses;
    (void)arg;
    last_result = result;
    last_count = count;
    event_base_loopbreak(base);
}

#define QUERY(id) "\0\35\0" id "\1\0\0\1\0\0\0\0\0\0\3abc\7example\0\0\1\0\1"
/* Reads what is there; returns how much, 0 at the end. */
static long drain(int fd, unsigned char *first, size_t room)
{
    static unsigned char buf[65536];
    long all = 0;
    ssize_t n;

    while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
        if (all == 0 && first)
            memcpy(first, buf, (size_t)n < room ? (size_t)n : room);
        all += n;
    }
    return n == 0 && all == 0 ? -2 : all;
}

int main(void)
{
    struct evdns_base *dns;
    unsigned char first[64];
    int fd, fd2, i;

    setvbuf(stdout, NULL, _IOLBF, 0);
    base = event_base_new();
    start();
    dns = resolver(base, text);
    evdns_base_set_option(dns, "use-vc", "");
    evdns_base_resolve_ipv4(dns, "abc.example", 0, note, NULL);
    run_for(base, 2000);
    CHECK(last_result == 0 && last_count == 32);
    evdns_base_free(dns, 0);

    /* Two queries in one piece, then one byte by byte. */
    queries = 0;
    hold = 1;
    fd = client();
    CHECK(send(fd, QUERY("\1") QUERY("\2"), 62, 0) == 62);
    run_for(base, 20);
    for (i = 0; i < 31; i++) {
        send(fd, QUERY("\3") + i, 1, 0);
        run_for(base, 1);
    }
    CHECK(queries == 3);
    /* Answered out of order. */
    for (i = 2; i >= 0; i--) {
        CHECK(evdns_server_request_respond(held[i], DNS_ERR_NOTEXIST) == 0);
        CHECK(drain(fd, first, sizeof(first)) == 31 && first[3] == i + 1 && (first[5] & 15) == 3);
    }
    /* Answers to a client that has gone, and queries that are dropped. */
    queries = 0;
    send(fd, QUERY("\1") QUERY("\2"), 62, 0);
    run_for(base, 20);
    CHECK(queries == 2);
    close(fd);
    run_for(base, 20);
    CHECK(evdns_server_request_respond(held[0], 0) == 0);
    CHECK(evdns_server_request_drop(held[1]) == 0);

    /* Rubbish. */
    hold = queries = 0;
    fd = client();
    send(fd, "\0\0\0\1x\0\14aaaaaaaaaaaa", 5 + 14, 0);
    send(fd, "\xff\xff", 2, 0);
    for (i = 0; i < 65535; i += 15)
        CHECK(send(fd, "bbbbbbbbbbbbbbb", 15, 0) == 15 || evutil_socket_geterror(fd) == EAGAIN);
    run_for(base, 100);
    CHECK(queries == 0);
    close(fd);
    run_for(base, 20);

    /* A client that does not read its answers is not read from for ever. */
    queries = 0;
    fd = client();
    for (i = 0; i < 2000; i++) {
        if (send(fd, QUERY("\1"), 31, 0) != 31)
            break;
        if (i % 100 == 0)
            run_for(base, 5);
    }
    run_for(base, 200);
    CHECK(queries > 0 && queries < 500);
    for (i = 0; i < 50; i++) {
        drain(fd, NULL, 0);
        run_for(base, 2);
    }
    CHECK(queries > 50);
    close(fd);
    run_for(base, 50);

    /* Limits. */
    CHECK(evdns_server_port_set_option(NULL, EVDNS_SOPT_TCP_MAX_CLIENTS, 1) == -1);
    CHECK(evdns_server_port_set_option(port, EVDNS_SOPT_TCP_MAX_CLIENTS, 1) == 0);
    CHECK(evdns_server_port_set_option(port, EVDNS_SOPT_TCP_IDLE_TIMEOUT, 1) == 0);
    CHECK(evdns_server_port_set_option(port, (enum evdns_server_option)7, 1) == -1);
    fd = client();
    fd2 = client();
    CHECK(drain(fd2, NULL, 0) == -2);
    CHECK(drain(fd, NULL, 0) == 0);
    run_for(base, 1300);
    CHECK(drain(fd, NULL, 0) == -2);
    close(fd);
    close(fd2);
    fd = client();
    CHECK(drain(fd, NULL, 0) == 0);

    /* Closed while a query is held and another client does nothing. */
    evdns_server_port_set_option(port, EVDNS_SOPT_TCP_MAX_CLIENTS, 5);
    hold = 1;
    queries = 0;
    fd2 = client();
    send(fd2, QUERY("\7"), 31, 0);
    run_for(base, 20);
    CHECK(queries == 1);
    evdns_close_server_port(port);
    run_for(base, 20);
    CHECK(drain(fd, NULL, 0) == -2);
    CHECK(drain(fd2, NULL, 0) == 0);
    CHECK(evdns_server_request_respond(held[0], 0) == 0);
    CHECK(drain(fd2, first, sizeof(first)) == 31 && first[3] == 7);
    CHECK(drain(fd2, NULL, 0) == -2);
    close(fd);
    close(fd2);
    /* Nothing keeps the loop alive any more. */
    CHECK(event_base_dispatch(base) == 1);

    /* Closed with clients, then the base is freed without the loop. */
    start();
    fd = client();
    evdns_close_server_port(port);
    close(fd);
    {
        struct sockaddr_in sin;
        char other[40];
        int udp = loopback_socket(SOCK_DGRAM, &sin, other, sizeof(other));

        port = evdns_add_server_port_with_base(base, udp, 0, query_cb, NULL);
        CHECK(evdns_server_port_set_option(port, EVDNS_SOPT_TCP_MAX_CLIENTS, 1) == -1);
        evdns_close_server_port(port);
    }
    event_base_free(base);
    printf("%d failures\n", failures);
    return failures != 0;
}
