/* harness: only=evrs; valgrind; asan
 *
 * Where evrs does better than the reference on purpose: queries that the server port does not
 * survive there, answers from strangers, empty names, records that other resolvers understand. */
#include "raw.h"

static struct event_base *base;
static struct server s;
static int client;
static int queries;

static void count_cb(struct evdns_server_request *req, void *arg)
{
    struct in_addr a[3];

    (void)arg;
    queries++;
    CHECK(req->nquestions > 0 && req->questions[0]);
    a[0].s_addr = htonl(0x0a000001);
    a[1].s_addr = htonl(0x0a000002);
    a[2].s_addr = htonl(0x0a000003);
    CHECK(evdns_server_request_add_a_reply(req, req->questions[0]->name, 3, a, 60) == 0);
    CHECK(evdns_server_request_add_a_reply(req, req->questions[0]->name, -1, a, 60) == -1);
    CHECK(evdns_server_request_add_a_reply(req, req->questions[0]->name, 0x7fffffff, NULL, 60) == -1);
    CHECK(evdns_server_request_add_a_reply(req, NULL, 1, a, 60) == -1);
    CHECK(evdns_server_request_add_cname_reply(req, "a", NULL, 60) == -1);
    CHECK(evdns_server_request_add_ptr_reply(req, NULL, NULL, "a", 60) == -1);
    CHECK(evdns_server_request_add_ptr_reply(req, a, "both", "a", 60) == -1);
    CHECK(evdns_server_request_respond(req, 0) == 0);
}

/* Sends a query; returns the length of the answer, or -1. */
static int ask_raw(const void *packet, size_t n, unsigned char *out)
{
    sendto(client, packet, n, 0, (struct sockaddr *)&s.address, sizeof(s.address));
    run_for(base, 15);
    return (int)recv(client, out, 4096, MSG_DONTWAIT);
}

static void server_side(void)
{
    struct sockaddr_in sin;
    unsigned char out[4096];
    char text[40];
    size_t i;
    int n;
    static const unsigned char query[] =
        "\x12\x34\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1";
    unsigned char bad[sizeof(query) - 1];

    server_start_with(&s, base, count_cb);
    client = loopback_socket(SOCK_DGRAM, &sin, text, sizeof(text));

    n = ask_raw(query, sizeof(query) - 1, out);
    CHECK(n == 33 + 3 * 16 && out[7] == 3 && queries == 1);
    CHECK(n > 0 && !memcmp(out + 33 + 16, "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\0\0\2", 16));

    /* Every prefix, and every byte changed to something bad. */
    queries = 0;
    for (i = 0; i < sizeof(query) - 1; i++)
        CHECK(ask_raw(query, i, out) == -1);
    CHECK(queries == 0);
    for (i = 12; i < sizeof(query) - 5; i++) {
        memcpy(bad, query, sizeof(bad));
        bad[i] = 0xff;
        ask_raw(bad, sizeof(bad), out);
        memcpy(bad, query, sizeof(bad));
        bad[i] = 0xc0;
        ask_raw(bad, sizeof(bad), out);
    }
    queries = 0;
    /* Pointers to themselves and to what comes after. */
    memcpy(bad, query, sizeof(bad));
    bad[12] = 0xc0;
    bad[13] = 12;
    CHECK(ask_raw(bad, sizeof(bad), out) == -1);
    bad[13] = 14;
    CHECK(ask_raw(bad, sizeof(bad), out) == -1);
    /* More questions than there can be. */
    memcpy(bad, query, sizeof(bad));
    bad[4] = bad[5] = 0xff;
    CHECK(ask_raw(bad, sizeof(bad), out) == -1);
    CHECK(queries == 0);
    /* Other opcodes are answered without the callback; answers are not taken for queries. */
    memcpy(bad, query, sizeof(bad));
    bad[2] = 0x11;
    n = ask_raw(bad, sizeof(bad), out);
    CHECK(n == 33 && (out[3] & 15) == DNS_ERR_NOTIMPL && queries == 0);
    bad[2] = 0x81;
    CHECK(ask_raw(bad, sizeof(bad), out) == -1 && queries == 0);
    server_stop(&s);
    close(client);
}

/* Names at the edges of what a label and a name can be, in answers. */
static void edges_cb(struct evdns_server_request *req, void *arg)
{
    char name[400], label[70];
    int i, size, wrong = 0;

    (void)arg;
    for (size = 1; size < 300; size++) {
        memset(name, 'a', sizeof(name));
        for (i = 40; i < size - 1; i += 41)
            name[i] = '.';
        name[size] = 0;
        wrong += evdns_server_request_add_cname_reply(req, "a", name, 1) != 0;
    }
    memset(label, 'b', sizeof(label));
    label[64] = 0;
    evdns_server_request_add_cname_reply(req, "a", label, 1);
    printf("added, but for %d\n", wrong);
    /* Among them are names that cannot be sent: the answer is refused, or was full before. */
    if (evdns_server_request_respond(req, 0) < 0)
        evdns_server_request_drop(req);
}

static void edges(void)
{
    struct evdns_base *dns;

    server_start_with(&s, base, edges_cb);
    dns = resolver(base, s.text);
    evdns_base_set_option(dns, "timeout", "0.05");
    evdns_base_set_option(dns, "attempts", "1");
    evdns_base_set_option(dns, "ignore-tc", "");
    evdns_base_resolve_ipv4(dns, "a", 0, show, "edges");
    run_for(base, 100);
    evdns_base_free(dns, 0);
    server_stop(&s);
}

static int last_result, last_count;
static void note(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    (void)type;
    (void)ttl;
    (void)addresses;
    (void)arg;
    last_result = result;
    last_count = count;
}

static void note_list(int result, struct evutil_addrinfo *list, void *arg)
{
    (void)arg;
    last_result = result;
    last_count = 0;
    if (list) {
        struct evutil_addrinfo *ai;
        for (ai = list; ai; ai = ai->ai_next)
            last_count++;
        evutil_freeaddrinfo(list);
    }
}

static void names(void)
{
    struct evdns_base *dns;
    struct evutil_addrinfo hints;
    FILE *f;

    server_start(&s, base);
    s.quiet = 1;
    dns = resolver(base, s.text);
    CHECK(!evdns_base_resolve_ipv4(dns, "a..b", 0, note, NULL));
    CHECK(!evdns_base_resolve_ipv4(dns, ".a", 0, note, NULL));
    CHECK(!evdns_base_resolve_ipv4(dns, "a..", 0, note, NULL));
    CHECK(!evdns_base_resolve_ipv4(dns, NULL, 0, note, NULL));
    CHECK(!evdns_base_resolve_ipv4(NULL, "a", 0, note, NULL));
    CHECK(!evdns_base_resolve_reverse(dns, NULL, 0, note, NULL));
    CHECK(!evdns_base_resolve_reverse_ipv6(dns, NULL, 0, note, NULL));
    /* CVE-2016-10197 */
    evdns_base_search_add(dns, "example");
    CHECK(!evdns_base_resolve_ipv4(dns, "", 0, note, NULL));
    CHECK(s.queries == 0);
    evdns_base_search_clear(dns);

    /* le#1790: a server that says it has failed is not one that is silent. */
    evdns_base_set_option(dns, "timeout", "5");
    evdns_base_resolve_ipv4(dns, "rcode2.example", 0, note, NULL);
    run_for(base, 50);
    CHECK(last_result == DNS_ERR_SERVERFAILED && s.queries == 3);

    /* Names without addresses are told from names that are not. */
    memset(&hints, 0, sizeof(hints));
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    evdns_getaddrinfo(dns, "nodata.example", "80", &hints, note_list, NULL);
    run_for(base, 30);
    CHECK(last_result == -5); /* EAI_NODATA, which netdb.h hides */
    /* A name of the hosts file without an address of this family is asked for. */
    f = fopen("hosts", "w");
    fputs("192.0.2.1 six.example\n", f);
    fclose(f);
    CHECK(evdns_base_load_hosts(dns, "hosts") == 0);
    hints.ai_family = AF_INET6;
    CHECK(evdns_getaddrinfo(dns, "six.example", "80", &hints, note_list, NULL) != NULL);
    run_for(base, 30);
    CHECK(last_result == 0 && last_count == 1);
    /* Windows line ends. */
    f = fopen("resolv.conf", "w");
    fputs("nameserver 192.0.2.1\r\nnameserver 192.0.2.2\r\n", f);
    fclose(f);
    CHECK(evdns_base_resolv_conf_parse(dns, DNS_OPTION_NAMESERVERS, "resolv.conf") == 0);
    CHECK(evdns_base_count_nameservers(dns) == 3);
    CHECK(evdns_base_resolv_conf_parse(dns, DNS_OPTION_NAMESERVERS, NULL) == 1);
    CHECK(evdns_base_set_option(dns, "timeout", "nan") == -1);
    CHECK(evdns_base_set_option(dns, "timeout", "inf") == -1);
    CHECK(evdns_base_set_option(dns, "timeout", "1e30") == -1);
    CHECK(evdns_base_get_nameserver_fd(dns, 0) >= 0);
    CHECK(evdns_base_get_nameserver_fd(dns, 9) == -1);
    CHECK(evdns_base_get_nameserver_fd(dns, -1) == -1);
    evdns_base_free(dns, 0);
    server_stop(&s);
}

/* Answers that come from another port, or in another case. */
static void strangers(void)
{
    struct sockaddr_in sin, to;
    socklen_t len = sizeof(to);
    char text[40], other[40];
    unsigned char query[1500];
    int fd = loopback_socket(SOCK_DGRAM, &sin, text, sizeof(text));
    int stranger = loopback_socket(SOCK_DGRAM, &sin, other, sizeof(other));
    struct evdns_base *dns = resolver(base, text);
    struct packet p;
    ssize_t n;
    size_t i;

    memset(&p, 0, sizeof(p));
    last_result = -1;
    CHECK(evdns_base_set_option(dns, "randomize-case", "2") == 0);
    evdns_base_resolve_ipv4(dns, "www.example.com", 0, note, NULL);
    run_for(base, 10);
    n = recvfrom(fd, query, sizeof(query), MSG_DONTWAIT, (struct sockaddr *)&to, &len);
    CHECK(n > 12);
    head(&p, query, (size_t)n, 0x8180, 1, 1, 0, 0);
    RECORD(&p, 1, 60, "\1\2\3\4");
    sendto(stranger, p.bytes, p.len, 0, (struct sockaddr *)&to, len);
    run_for(base, 20);
    CHECK(last_result == -1);
    sendto(fd, p.bytes, p.len, 0, (struct sockaddr *)&to, len);
    run_for(base, 20);
    CHECK(last_result == 0 && last_count == 1);

    evdns_base_resolve_ipv4(dns, "www.example.com", 0, note, NULL);
    run_for(base, 10);
    n = recvfrom(fd, query, sizeof(query), MSG_DONTWAIT, (struct sockaddr *)&to, &len);
    head(&p, query, (size_t)n, 0x8180, 1, 1, 0, 0);
    RECORD(&p, 1, 60, "\1\2\3\4");
    for (i = 13; p.bytes[i]; i++)
        p.bytes[i] ^= p.bytes[i] > 0x40 ? 0x20 : 0;
    sendto(fd, p.bytes, p.len, 0, (struct sockaddr *)&to, len);
    run_for(base, 20);
    CHECK(last_result == DNS_ERR_UNKNOWN);
    evdns_base_free(dns, 0);
    close(fd);
    close(stranger);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    base = event_base_new();
    {
        struct evdns_base *dns = evdns_base_new(base, 0);
        CHECK(evdns_base_set_option(dns, "use-vc", NULL) == 0 && evdns_base_set_option(dns, "ignore-tc:", NULL) == 0);
        CHECK(evdns_base_set_option(dns, "use-vc", "1") == -1 && evdns_base_set_option(dns, "ndots", NULL) == -1);
        CHECK(evdns_base_set_option(dns, NULL, "1") == -1 && evdns_base_set_option(NULL, "use-vc", "") == -1);
        evdns_base_free(dns, 0);
    }
    server_side();
    edges();
    names();
    strangers();

    /* NULL everywhere. */
    CHECK(evdns_base_nameserver_ip_add(NULL, "1.2.3.4") == -1);
    CHECK(evdns_base_nameserver_add(NULL, 1) == -1);
    CHECK(evdns_base_nameserver_sockaddr_add(NULL, NULL, 0, 0) == -1);
    CHECK(evdns_base_count_nameservers(NULL) == 0);
    CHECK(evdns_base_clear_nameservers_and_suspend(NULL) == -1);
    CHECK(evdns_base_resume(NULL) == -1);
    CHECK(evdns_base_set_option(NULL, "ndots", "1") == -1);
    CHECK(evdns_base_resolv_conf_parse(NULL, 0, "x") == -1);
    CHECK(evdns_base_load_hosts(NULL, NULL) == -1);
    CHECK(evdns_base_get_nameserver_addr(NULL, 0, NULL, 0) == -1);
    evdns_base_search_add(NULL, "x");
    evdns_base_search_clear(NULL);
    evdns_base_search_ndots_set(NULL, 1);
    evdns_base_clear_host_addresses(NULL);
    evdns_cancel_request(NULL, NULL);
    evdns_getaddrinfo_cancel(NULL);
    evdns_base_free(NULL, 1);
    evdns_close_server_port(NULL);
    evdns_server_request_set_flags(NULL, 0);
    CHECK(evdns_server_request_respond(NULL, 0) == -1);
    CHECK(evdns_server_request_drop(NULL) == -1);
    CHECK(evdns_add_server_port_with_base(base, -1, 0, NULL, NULL) == NULL);
    event_base_free(base);
    printf("%d failures\n", failures);
    return failures != 0;
}
