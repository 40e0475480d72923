/* harness: valgrind; asan
 *
 * The server port, seen by a raw socket: the bytes of its answers, what it drops, what it cuts off.
 * Queries that are no good are in strict.c: the reference does not survive them. */
#include "kit.h"

static struct event_base *base;
static struct server s;
static int client;
static int mode;

static void dump(const unsigned char *p, ssize_t n)
{
    ssize_t i;

    for (i = 0; i < n; i++)
        printf("%02x", p[i]);
    printf("\n");
}

static void take(const char *label)
{
    unsigned char buf[4096];
    ssize_t n;
    int any = 0;

    while ((n = recv(client, buf, sizeof(buf), MSG_DONTWAIT)) >= 0) {
        printf("%s: %d bytes ", label, (int)n);
        dump(buf, n);
        any = 1;
    }
    if (!any)
        printf("%s: no answer\n", label);
}

static void ask_raw(const char *label, const void *packet, size_t n)
{
    sendto(client, packet, n, 0, (struct sockaddr *)&s.address, sizeof(s.address));
    run_for(base, 30);
    take(label);
}
#define ASK(label, bytes) ask_raw(label, bytes, sizeof(bytes) - 1)

static void answer(struct evdns_server_request *req, void *arg)
{
    struct sockaddr_in from;
    struct sockaddr small;
    struct in_addr a;
    char text[300];
    int i;
    const char *name = req->nquestions ? req->questions[0]->name : "none.example";

    (void)arg;
    a.s_addr = htonl(0x0a000001);
    printf("  query: flags %x, %d questions", (unsigned)req->flags, req->nquestions);
    for (i = 0; i < req->nquestions; i++)
        printf(" %s/%d/%d", req->questions[i]->name, req->questions[i]->type,
               req->questions[i]->dns_question_class);
    printf("\n  from: %d, too little room: %d\n",
           evdns_server_request_get_requesting_addr(req, (struct sockaddr *)&from, sizeof(from)) ==
               sizeof(from),
           evdns_server_request_get_requesting_addr(req, &small, 2));
    switch (mode) {
    case 0:
        printf("  respond %d\n", evdns_server_request_respond(req, 0));
        break;
    case 1:
        evdns_server_request_add_a_reply(req, name, 1, &a, 60);
        evdns_server_request_add_cname_reply(req, "www.sub.example.com", "sub.example.com", 61);
        evdns_server_request_add_reply(req, EVDNS_AUTHORITY_SECTION, "example.com", EVDNS_TYPE_NS,
                                       EVDNS_CLASS_INET, 62, -1, 1, "ns.example.com");
        evdns_server_request_add_reply(req, EVDNS_ADDITIONAL_SECTION, "ns.example.com", EVDNS_TYPE_A,
                                       EVDNS_CLASS_INET, 63, 4, 0, (const char *)&a);
        evdns_server_request_add_reply(req, EVDNS_ADDITIONAL_SECTION, "ns.example.com", EVDNS_TYPE_TXT,
                                       EVDNS_CLASS_INET, 64, 6, 0, "\5hello");
        evdns_server_request_set_flags(req, EVDNS_FLAGS_AA | EVDNS_FLAGS_RD);
        printf("  respond %d\n", evdns_server_request_respond(req, 0));
        break;
    case 2: /* Too much for a datagram. */
        for (i = 0; i < 40; i++) {
            snprintf(text, sizeof(text), "host%d.example.com", i);
            evdns_server_request_add_cname_reply(req, name, text, 60);
        }
        printf("  respond %d\n", evdns_server_request_respond(req, 0));
        break;
    case 3:
        printf("  drop %d\n", evdns_server_request_drop(req));
        break;
    case 4:
        printf("  section 3: %d\n",
               evdns_server_request_add_reply(req, 3, name, 1, 1, 0, 4, 0, (const char *)&a));
        printf("  section -1: %d\n",
               evdns_server_request_add_reply(req, -1, name, 1, 1, 0, 4, 0, (const char *)&a));
        printf("  no data: %d\n",
               evdns_server_request_add_reply(req, EVDNS_ANSWER_SECTION, name, 16, 1, 0, 0, 0, NULL));
        evdns_server_request_add_ptr_reply(req, &a, NULL, "ptr.example.com", 9);
        evdns_server_request_set_flags(req, 0);
        printf("  respond %d\n", evdns_server_request_respond(req, DNS_ERR_REFUSED));
        break;
    case 5: /* Later. */
        s.held = req;
        break;
    }
}

int main(void)
{
    struct sockaddr_in sin;
    char text[40];

    setvbuf(stdout, NULL, _IOLBF, 0);
    base = event_base_new();
    server_start_with(&s, base, answer);
    client = loopback_socket(SOCK_DGRAM, &sin, text, sizeof(text));

#define HEAD(flags, qd) "\x12\x34" flags "\0" qd "\0\0\0\0\0\0"
#define NAME "\3www\7example\3com\0"
    ASK("plain", HEAD("\1\0", "\1") NAME "\0\1\0\1");
    ASK("no recursion", HEAD("\0\0", "\1") NAME "\0\1\0\1");
    ASK("all flags but QR", HEAD("\x07\xff", "\1") NAME "\0\1\0\1");
    ASK("any, chaos", HEAD("\1\0", "\1") NAME "\0\xff\0\3");
    ASK("no question", HEAD("\1\0", "\0"));
    ASK("two questions", HEAD("\1\0", "\2") NAME "\0\1\0\1" "\4mail\xc0\x10\0\x1c\0\1");
    ASK("root", HEAD("\1\0", "\1") "\0\0\2\0\1");
    ASK("rubbish behind", HEAD("\1\0", "\1") NAME "\0\1\0\1rubbish");
    ASK("a response", HEAD("\x81\0", "\1") NAME "\0\1\0\1");
    mode = 1;
    ASK("sections", HEAD("\1\0", "\1") NAME "\0\1\0\1");
    mode = 2;
    ASK("cut off", HEAD("\1\0", "\1") NAME "\0\1\0\1");
    mode = 3;
    ASK("dropped", HEAD("\1\0", "\1") NAME "\0\1\0\1");
    mode = 4;
    ASK("refused", HEAD("\1\0", "\1") NAME "\0\1\0\1");
    mode = 0;
    mode = 0;
    mode = 5;
    ASK("later", HEAD("\1\0", "\1") NAME "\0\1\0\1");
    printf("respond %d\n", evdns_server_request_respond(s.held, 0));
    run_for(base, 20);
    take("now");
    ASK("later", HEAD("\1\0", "\1") NAME "\0\1\0\1");
    evdns_close_server_port(s.port);
    printf("respond after close %d\n", evdns_server_request_respond(s.held, DNS_ERR_SERVERFAILED));
    run_for(base, 20);
    take("last");
    printf("flags: %d\n", evdns_add_server_port_with_base(base, client, 1, answer, NULL) != NULL);
    close(client);
    event_base_free(base);
    return 0;
}
