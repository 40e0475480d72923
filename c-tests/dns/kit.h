/*
 * A DNS server on the loopback with a small zone, and what the tests of the resolver share.
 *
 * The zone (names are compared without case, and printed in lower case):
 *   one.example      A 10.0.0.1                        six.example     AAAA 2001:db8::6
 *   many.example     A 10.0.0.1 to 10.0.0.5            both.example    A and AAAA
 *   alias.example    CNAME both.example, A and AAAA    nodata.example  no record
 *   slow.example     no answer                         rcodeN.example  result code N
 *   1.0.0.10.in-addr.arpa PTR one.example              the same for 2001:db8::6
 * Everything else does not exist.
 */
#ifndef EVRS_DNS_KIT_H
#define EVRS_DNS_KIT_H

#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/dns.h>
#include <event2/dns_struct.h>
#include <event2/util.h>

struct server {
    struct evdns_server_port *port;
    struct sockaddr_in address;
    char text[40];
    int quiet;
    int queries;
    struct evdns_server_request *held;
};

/* For what only evrs does: says which lines are wrong, and goes on. */
__attribute__((unused)) static int failures;
#define CHECK(what) \
    do { \
        if (!(what)) { \
            printf("line %d: %s\n", __LINE__, #what); \
            failures++; \
        } \
    } while (0)

static int bound_socket(int type, struct sockaddr_in *address)
{
    socklen_t len = sizeof(*address);
    int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)address, sizeof(*address)) ||
        getsockname(fd, (struct sockaddr *)address, &len)) {
        perror("a socket on the loopback");
        exit(1);
    }
    return fd;
}

static int loopback_socket(int type, struct sockaddr_in *address, char *text, size_t room)
{
    int fd;

    memset(address, 0, sizeof(*address));
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = bound_socket(type, address);
    snprintf(text, room, "127.0.0.1:%d", ntohs(address->sin_port));
    return fd;
}

static const char *type_name(int type)
{
    switch (type) {
    case EVDNS_TYPE_A: return "A";
    case EVDNS_TYPE_AAAA: return "AAAA";
    case EVDNS_TYPE_PTR: return "PTR";
    case EVDNS_TYPE_CNAME: return "CNAME";
    default: return "?";
    }
}

static void lower(char *out, const char *in, size_t room)
{
    size_t i;

    for (i = 0; in[i] && i + 1 < room; i++)
        out[i] = (char)tolower((unsigned char)in[i]);
    out[i] = 0;
}

static int zone(struct evdns_server_request *req, const char *asked, int type)
{
    static const char six[16] = {0x20, 0x01, 0x0d, (char)0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6};
    char name[256];
    struct in_addr a[5];
    int i, code;

    lower(name, asked, sizeof(name));
    for (i = 0; i < 5; i++)
        a[i].s_addr = htonl(0x0a000001 + (unsigned)i);
    if (!strcmp(name, "slow.example"))
        return -1;
    if (sscanf(name, "rcode%d.example", &code) == 1)
        return code;
    if (!strcmp(name, "one.example")) {
        if (type == EVDNS_TYPE_A)
            evdns_server_request_add_a_reply(req, asked, 1, a, 300);
        return 0;
    }
    if (!strcmp(name, "many.example")) {
        if (type == EVDNS_TYPE_A)
            evdns_server_request_add_a_reply(req, asked, 5, a, 42);
        return 0;
    }
    if (!strcmp(name, "six.example") || !strcmp(name, "both.example")) {
        if (type == EVDNS_TYPE_AAAA)
            evdns_server_request_add_aaaa_reply(req, asked, 1, six, 600);
        if (type == EVDNS_TYPE_A && name[0] == 'b')
            evdns_server_request_add_a_reply(req, asked, 1, a + 1, 500);
        return 0;
    }
    if (!strcmp(name, "alias.example")) {
        evdns_server_request_add_cname_reply(req, asked, "both.example", 700);
        if (type == EVDNS_TYPE_A)
            evdns_server_request_add_a_reply(req, "both.example", 1, a + 1, 800);
        if (type == EVDNS_TYPE_AAAA)
            evdns_server_request_add_aaaa_reply(req, "both.example", 1, six, 900);
        return 0;
    }
    if (!strcmp(name, "nodata.example"))
        return 0;
    if (!strcmp(name, "1.0.0.10.in-addr.arpa")) {
        if (type == EVDNS_TYPE_PTR)
            evdns_server_request_add_ptr_reply(req, a, NULL, "one.example", 77);
        return 0;
    }
    if (!strcmp(name, "6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")) {
        if (type == EVDNS_TYPE_PTR)
            evdns_server_request_add_ptr_reply(req, NULL, asked, "six.example", 78);
        return 0;
    }
    return DNS_ERR_NOTEXIST;
}

static void serve(struct evdns_server_request *req, void *arg)
{
    struct server *s = arg;
    char name[256];
    int i, code = 0;

    s->queries++;
    for (i = 0; i < req->nquestions; i++) {
        lower(name, req->questions[i]->name, sizeof(name));
        if (!s->quiet)
            printf("  asked: %s %s class %d\n", name, type_name(req->questions[i]->type),
                   req->questions[i]->dns_question_class);
        code = zone(req, req->questions[i]->name, req->questions[i]->type);
    }
    if (code < 0)
        evdns_server_request_drop(req);
    else if (evdns_server_request_respond(req, code) < 0)
        evdns_server_request_drop(req);
}

static void server_start_with(struct server *s, struct event_base *base,
                              evdns_request_callback_fn_type cb)
{
    int fd = loopback_socket(SOCK_DGRAM, &s->address, s->text, sizeof(s->text));

    s->port = evdns_add_server_port_with_base(base, fd, 0, cb, s);
    if (!s->port) {
        printf("no server port\n");
        exit(1);
    }
}

static void server_start(struct server *s, struct event_base *base)
{
    server_start_with(s, base, serve);
}

static void server_stop(struct server *s)
{
    evdns_close_server_port(s->port);
    s->port = NULL;
}

/* A resolver without configuration that knows this server. */
static struct evdns_base *resolver(struct event_base *base, const char *server)
{
    struct evdns_base *dns = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);

    if (!dns || (server && evdns_base_nameserver_ip_add(dns, server))) {
        printf("no resolver\n");
        exit(1);
    }
    return dns;
}

/* Prints what a request has come to; `arg` is a label. */
static void show(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    char text[INET6_ADDRSTRLEN];
    int i;

    printf("%s: %s, type %d, count %d, ttl %d", (const char *)arg, evdns_err_to_string(result), type,
           count, ttl);
    for (i = 0; !result && i < count; i++) {
        if (type == DNS_IPv4_A)
            printf(" %s", inet_ntop(AF_INET, (char *)addresses + 4 * i, text, sizeof(text)));
        else if (type == DNS_IPv6_AAAA)
            printf(" %s", inet_ntop(AF_INET6, (char *)addresses + 16 * i, text, sizeof(text)));
        else if (type == DNS_PTR)
            printf(" %s", *(char **)addresses);
    }
    printf("\n");
}

/* Prints what a lookup has come to. */
static void show_list(int result, struct evutil_addrinfo *list, void *arg)
{
    struct evutil_addrinfo *ai;

    printf("%s: %d", (const char *)arg, result);
    for (ai = list; ai; ai = ai->ai_next) {
        char text[INET6_ADDRSTRLEN] = "?";
        int port = 0;

        if (ai->ai_family == AF_INET) {
            struct sockaddr_in *sin = (struct sockaddr_in *)ai->ai_addr;
            inet_ntop(AF_INET, &sin->sin_addr, text, sizeof(text));
            port = ntohs(sin->sin_port);
        } else if (ai->ai_family == AF_INET6) {
            struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ai->ai_addr;
            inet_ntop(AF_INET6, &sin6->sin6_addr, text, sizeof(text));
            port = ntohs(sin6->sin6_port);
        }
        printf(" %s/%d/%s%s", text, port,
               ai->ai_socktype == SOCK_STREAM ? "tcp" : ai->ai_socktype == SOCK_DGRAM ? "udp" : "?",
               ai->ai_canonname ? "/" : "");
        if (ai->ai_canonname)
            printf("%s", ai->ai_canonname);
    }
    printf("\n");
    if (list)
        evutil_freeaddrinfo(list);
}

static void stop_cb(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    event_base_loopbreak(arg);
}

/* A server port keeps the loop going, so programs say for how long it runs. */
static void run_for(struct event_base *base, int ms)
{
    struct event *ev = event_new(base, -1, 0, stop_cb, base);
    struct timeval tv;

    tv.tv_sec = ms / 1000;
    tv.tv_usec = ms % 1000 * 1000;
    event_add(ev, &tv);
    event_base_dispatch(base);
    event_free(ev);
}

/* Messages of the library, without those that only help to debug it, and with numbers of ports
 * taken out. */
static void show_log(int is_warning, const char *msg)
{
    if (!is_warning && !strstr(msg, " failed") && !strstr(msg, "back up"))
        return;
    printf("  %s: ", is_warning ? "warning" : "message");
    for (; *msg; msg++) {
        putchar(*msg);
        if (*msg == ':' && isdigit((unsigned char)msg[1])) {
            printf("PORT");
            while (isdigit((unsigned char)msg[1]))
                msg++;
        }
    }
    putchar('\n');
}

#endif
