/* harness: valgrind; asan; timeout=60
 *
 * Answers that no server should give: each is refused, ignored or read as far as it makes sense. */
#include "raw.h"

static struct event_base *base;
static struct evdns_base *dns;
static int server;

typedef void (*maker)(struct packet *p, const unsigned char *q, size_t n);

/* Takes the query, and answers it. */
static void answer(maker make)
{
    unsigned char query[1500];
    struct sockaddr_in to;
    socklen_t len = sizeof(to);
    struct packet p;
    ssize_t n = recvfrom(server, query, sizeof(query), MSG_DONTWAIT, (struct sockaddr *)&to, &len);

    if (n < 0) {
        printf("  no query\n");
        return;
    }
    memset(&p, 0, sizeof(p));
    make(&p, query, (size_t)n);
    sendto(server, p.bytes, p.len, 0, (struct sockaddr *)&to, len);
}

static int waiting;

static void shown(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    show(result, type, count, ttl, addresses, arg);
    waiting = 0;
    event_base_loopbreak(base);
}

static void ask(const char *label, int type, maker make)
{
    struct in6_addr a6;

    waiting = 1;
    memset(&a6, 0, sizeof(a6));
    if (type == DNS_IPv4_A)
        evdns_base_resolve_ipv4(dns, "www.example.com", DNS_QUERY_NO_SEARCH, shown, (void *)label);
    else if (type == DNS_IPv6_AAAA)
        evdns_base_resolve_ipv6(dns, "www.example.com", DNS_QUERY_NO_SEARCH, shown, (void *)label);
    else
        evdns_base_resolve_reverse_ipv6(dns, &a6, 0, shown, (void *)label);
    run_for(base, 5);
    answer(make);
    run_for(base, 2000);
    if (waiting)
        printf("%s: nothing\n", label);
}

#define CASE(name) static void name(struct packet *p, const unsigned char *q, size_t n)

CASE(good) { head(p, q, n, 0x8180, 1, 1, 0, 0); RECORD(p, 1, 60, "\1\2\3\4"); }
CASE(good6) { head(p, q, n, 0x8180, 1, 1, 0, 0); RECORD(p, 28, 60, "abcdefghijklmnop"); }
CASE(good_ptr) { head(p, q, n, 0x8180, 1, 1, 0, 0); RECORD(p, 12, 60, "\1a\1b\0"); }
CASE(wrong_id) { good(p, q, n); p->bytes[0] ^= 1; }
CASE(no_response) { good(p, q, n); p->bytes[2] &= 0x7f; }
CASE(other_name) { good(p, q, n); p->bytes[13] ^= 1; }
CASE(no_question) { head(p, q, n, 0x8180, 0, 1, 0, 0); PUT(p, "\1x\0\0\1\0\1\0\0\0\74\0\4\1\2\3\4"); }
CASE(other_case) {
    size_t i;
    good(p, q, n);
    for (i = 12; p->bytes[i]; i++)
        if (p->bytes[i] > 0x40)
            p->bytes[i] ^= 0x20;
}
CASE(empty) { (void)q; (void)n; p->len = 0; }
CASE(id_only) { put(p, q, 2); (void)n; }
CASE(short_header) { good(p, q, n); p->len = 11; }
CASE(header_only) { good(p, q, n); p->len = 12; }
CASE(no_class) { good(p, q, n); p->len = 12 + 17 + 2; }
CASE(no_record) { good(p, q, n); p->len = 12 + 17 + 4; }
CASE(half_record) { good(p, q, n); p->len -= 5; }
CASE(data_past_end) { good(p, q, n); p->len -= 1; }
CASE(pointer_self) { head(p, q, n, 0x8180, 1, 1, 0, 0); PUT(p, "\xc0\x21\0\1\0\1\0\0\0\74\0\4\1\2\3\4"); }
CASE(pointer_two) { head(p, q, n, 0x8180, 1, 1, 0, 0); PUT(p, "\xc0\x23\xc0\x21\0\1\0\1\0\0\0\74\0\4\1\2\3\4"); }
CASE(pointer_past_end) { head(p, q, n, 0x8180, 1, 1, 0, 0); PUT(p, "\xcf\xff\0\1\0\1\0\0\0\74\0\4\1\2\3\4"); }
CASE(label_past_end) { head(p, q, n, 0x8180, 1, 1, 0, 0); PUT(p, "\77ab"); }
CASE(label_40) { head(p, q, n, 0x8180, 1, 1, 0, 0); PUT(p, "\x41ab\0\0\1\0\1\0\0\0\74\0\4\1\2\3\4"); }
CASE(name_long) {
    int i;
    head(p, q, n, 0x8180, 1, 1, 0, 0);
    for (i = 0; i < 200; i++)
        PUT(p, "\1a");
    PUT(p, "\0\0\1\0\1\0\0\0\74\0\4\1\2\3\4");
}
CASE(length_3) { head(p, q, n, 0x8180, 1, 1, 0, 0); RECORD(p, 1, 60, "\1\2\3"); }
CASE(length_5) { head(p, q, n, 0x8180, 1, 1, 0, 0); RECORD(p, 1, 60, "\1\2\3\4\5"); }
CASE(length_8) { head(p, q, n, 0x8180, 1, 1, 0, 0); RECORD(p, 1, 60, "\1\2\3\4\5\6\7\10"); }
CASE(length_15) { head(p, q, n, 0x8180, 1, 1, 0, 0); RECORD(p, 28, 60, "abcdefghijklmno"); }
CASE(count_65535) { head(p, q, n, 0x8180, 1, 65535, 0, 0); RECORD(p, 1, 60, "\1\2\3\4"); }
CASE(questions_65535) { good(p, q, n); p->bytes[4] = p->bytes[5] = 255; }
CASE(many) {
    int i;
    head(p, q, n, 0x8180, 1, 80, 0, 0);
    for (i = 0; i < 80; i++) {
        unsigned char a[4] = {10, 0, 0, 0};
        a[3] = (unsigned char)i;
        record(p, 1, 1, 60, a, 4);
    }
}
CASE(cnames) {
    int i;
    head(p, q, n, 0x8180, 1, 21, 0, 0);
    for (i = 0; i < 20; i++)
        RECORD(p, 5, 10, "\3www\xc0\x10");
    RECORD(p, 1, 60, "\1\2\3\4");
}
CASE(cname_only) { head(p, q, n, 0x8180, 1, 1, 0, 0); RECORD(p, 5, 10, "\1x\0"); }
CASE(cname_bad) { head(p, q, n, 0x8180, 1, 2, 0, 0); RECORD(p, 5, 10, "\77x"); RECORD(p, 1, 60, "\1\2\3\4"); }
CASE(other_type_first) { head(p, q, n, 0x8180, 1, 2, 0, 0); RECORD(p, 16, 5, "\3abc"); RECORD(p, 1, 60, "\1\2\3\4"); }
CASE(other_class) { head(p, q, n, 0x8180, 1, 1, 0, 0); record(p, 1, 3, 60, "\1\2\3\4", 4); }
CASE(ttl_least) { head(p, q, n, 0x8180, 1, 2, 0, 0); RECORD(p, 1, 60, "\1\2\3\4"); RECORD(p, 1, 7, "\1\2\3\5"); }
CASE(ttl_0) { head(p, q, n, 0x8180, 1, 1, 0, 0); RECORD(p, 1, 0, "\1\2\3\4"); }
CASE(ttl_most) { head(p, q, n, 0x8180, 1, 1, 0, 0); RECORD(p, 1, 0x7fffffff, "\1\2\3\4"); }
CASE(nxdomain_soa) {
    head(p, q, n, 0x8183, 1, 0, 1, 0);
    RECORD(p, 6, 900, "\1m\0\1r\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\x0e\x10\0\0\0\x4d");
}
CASE(nodata_soa) {
    head(p, q, n, 0x8180, 1, 0, 1, 0);
    RECORD(p, 6, 900, "\1m\0\1r\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\x0e\x10\0\0\0\x4d");
}
CASE(nodata_soa_ttl) {
    head(p, q, n, 0x8180, 1, 0, 1, 0);
    RECORD(p, 6, 9, "\1m\0\1r\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\x0e\x10\0\0\0\x4d");
}
CASE(nodata_ns) { head(p, q, n, 0x8180, 1, 0, 1, 0); RECORD(p, 2, 900, "\1m\0"); }
CASE(rcode_and_answer) { head(p, q, n, 0x8183, 1, 1, 0, 0); RECORD(p, 1, 60, "\1\2\3\4"); }
CASE(opt) { good(p, q, n); p->bytes[11] = 1; PUT(p, "\0\0\x29\4\xd0\0\0\0\0\0\0"); }
CASE(rubbish_behind) { good(p, q, n); PUT(p, "rubbish"); }
CASE(ptr_loop) { head(p, q, n, 0x8180, 1, 1, 0, 0); PUT(p, "\xc0\x0c\0\x0c\0\1\0\0\0\74\0\2\xc0"); p->bytes[p->len] = (unsigned char)(p->len - 1); p->len++; }
CASE(ptr_past_end) { head(p, q, n, 0x8180, 1, 1, 0, 0); PUT(p, "\xc0\x0c\0\x0c\0\1\0\0\0\74\0\2\5a"); }
CASE(ptr_empty) { head(p, q, n, 0x8180, 1, 1, 0, 0); RECORD(p, 12, 60, "\0"); }
CASE(ptr_two) { head(p, q, n, 0x8180, 1, 2, 0, 0); RECORD(p, 12, 60, "\1a\0"); RECORD(p, 12, 60, "\1b\0"); }

int main(void)
{
    struct sockaddr_in sin;
    char text[40];

    base = event_base_new();
    server = loopback_socket(SOCK_DGRAM, &sin, text, sizeof(text));
    dns = resolver(base, text);
    /* What is ignored times out soon, and has no consequences. */
    evdns_base_set_option(dns, "timeout", "0.2");
    evdns_base_set_option(dns, "attempts", "1");
    evdns_base_set_option(dns, "initial-probe-timeout", "100");

#define A(name) ask(#name, DNS_IPv4_A, name)
#define AAAA(name) ask(#name, DNS_IPv6_AAAA, name)
#define PTR(name) ask(#name, DNS_PTR, name)
    A(good);
    AAAA(good6);
    PTR(good_ptr);
    A(wrong_id);
    A(no_response);
    A(other_name);
    A(no_question);
    A(other_case);
    evdns_base_set_option(dns, "randomize-case", "0");
    A(good);
    A(empty);
    A(id_only);
    A(short_header);
    A(header_only);
    A(no_class);
    A(no_record);
    A(half_record);
    A(data_past_end);
    A(pointer_self);
    A(pointer_two);
    A(pointer_past_end);
    A(label_past_end);
    A(label_40);
    A(name_long);
    A(length_3);
    A(length_5);
    A(length_8);
    AAAA(length_15);
    A(count_65535);
    A(questions_65535);
    A(many);
    A(cnames);
    A(cname_only);
    A(cname_bad);
    A(other_type_first);
    A(other_class);
    AAAA(good);
    A(good6);
    A(ttl_least);
    A(ttl_0);
    A(ttl_most);
    A(nxdomain_soa);
    A(nodata_soa);
    A(nodata_soa_ttl);
    A(nodata_ns);
    A(rcode_and_answer);
    A(opt);
    A(rubbish_behind);
    PTR(ptr_loop);
    PTR(ptr_past_end);
    PTR(ptr_empty);
    PTR(ptr_two);
    PTR(good);
    A(good);
    evdns_base_free(dns, 0);
    close(server);
    event_base_free(base);
    return 0;
}
