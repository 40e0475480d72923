/* harness: only=evrs; valgrind
 *
 * DNS_CNAME_CALLBACK (libevent 2.2): the callback hears the addresses, and then the canonical name. */
#include "kit.h"

static int step;

static void answer(struct evdns_server_request *req, void *arg)
{
    const char *name = req->questions[0]->name;
    struct in_addr a;

    (void)arg;
    a.s_addr = htonl(0x0a000001);
    if (!strncmp(name, "alias", 5)) {
        CHECK(evdns_server_request_add_cname_reply(req, name, "www.example.com", 60) == 0);
        name = "www.example.com";
    }
    if (strcmp(req->questions[0]->name, "alias-alone"))
        CHECK(evdns_server_request_add_a_reply(req, name, 1, &a, 60) == 0);
    evdns_server_request_respond(req, 0);
}

static void heard(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    const char *expected = arg;

    CHECK(step < (int)strlen(expected));
    switch (expected[step++]) {
    case 'a':
        CHECK(result == DNS_ERR_NONE && type == DNS_IPv4_A && count == 1 && ttl == 60);
        break;
    case 'c':
        CHECK(result == DNS_ERR_NONE && type == DNS_CNAME && count == 1 && ttl == 60);
        CHECK(!strcmp(addresses, "www.example.com"));
        break;
    default:
        CHECK(result != DNS_ERR_NONE && type == 0 && count == 0 && !addresses);
    }
}

static void ask(struct event_base *base, struct evdns_base *dns, const char *name, int flags, const char *expected)
{
    int i;

    step = 0;
    CHECK(evdns_base_resolve_ipv4(dns, name, DNS_NO_SEARCH | flags, heard, (void *)expected) != NULL);
    /* Slow machines get their time; others show that nothing comes too much. */
    for (i = 0; i < 1 || (i < 50 && step < (int)strlen(expected)); i++)
        run_for(base, 60);
    CHECK(step == (int)strlen(expected));
}

int main(void)
{
    struct event_base *base = event_base_new();
    struct server s;
    struct evdns_base *dns;

    server_start_with(&s, base, answer);
    dns = resolver(base, s.text);
    evdns_base_set_option(dns, "randomize-case", "0");
    ask(base, dns, "alias", DNS_CNAME_CALLBACK, "ac");
    ask(base, dns, "alias", 0, "a");
    ask(base, dns, "www.example.com", DNS_CNAME_CALLBACK, "a");
    ask(base, dns, "alias-alone", DNS_CNAME_CALLBACK, "-");
    evdns_base_free(dns, 1);
    server_stop(&s);
    event_base_free(base);
    return failures != 0;
}
