/* harness: only=evrs; valgrind; timeout=120
 *
 * Every allocation fails in turn: nothing leaks, nothing crashes, and a callback that was promised
 * is called at most once. */
#include "failalloc.h"

#define exit(n) return_from_once(n)
static int given_up;
static void return_from_once(int n)
{
    (void)n;
    given_up = 1;
}
#include "kit.h"
#undef exit

static int calls, good;

static void note(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    (void)type;
    (void)count;
    (void)ttl;
    (void)addresses;
    (void)arg;
    calls++;
    good += result == 0;
}

static void note_list(int result, struct evutil_addrinfo *list, void *arg)
{
    (void)arg;
    calls++;
    good += result == 0;
    if (list)
        evutil_freeaddrinfo(list);
}

/* Without memory an answer may not come: then the program gives up waiting. */
static void wait_ms(struct event_base *base, int ms)
{
    struct timeval tv;
    struct event *ev = event_new(base, -1, 0, stop_cb, base);

    tv.tv_sec = 0;
    tv.tv_usec = ms * 1000;
    if (ev && event_add(ev, &tv) == 0)
        event_base_dispatch(base);
    else
        event_base_loop(base, EVLOOP_NONBLOCK);
    if (ev)
        event_free(ev);
}

static int config(void)
{
    struct event_base *base = event_base_new();
    struct evdns_base *dns;
    int done = 0;

    if (!base)
        return 0;
    dns = evdns_base_new(base, 0);
    if (dns) {
        done = evdns_base_resolv_conf_parse(dns, DNS_OPTIONS_ALL & ~DNS_OPTION_HOSTSFILE,
                                            "resolv.conf") == 0 &&
               evdns_base_load_hosts(dns, "hosts") == 0 &&
               evdns_base_set_option(dns, "max-inflight", "1000") == 0 &&
               evdns_base_nameserver_ip_add(dns, "192.0.2.9") == 0;
        evdns_base_search_add(dns, "more.example");
        evdns_base_free(dns, 0);
    }
    event_base_free(base);
    return done;
}

/* A server port and a resolver, as far as there is memory. */
static struct evdns_base *with_server(struct event_base *base, struct server *s)
{
    int fd;

    s->quiet = 1;
    fd = loopback_socket(SOCK_DGRAM, &s->address, s->text, sizeof(s->text));
    s->port = evdns_add_server_port_with_base(base, fd, 0, serve, s);
    if (s->port)
        return evdns_base_new(base, 0);
    close(fd);
    return NULL;
}

static void ask_server(struct evdns_base *dns, struct server *s)
{
    evdns_base_nameserver_ip_add(dns, s->text);
    evdns_base_set_option(dns, "timeout", "0.005");
    evdns_base_set_option(dns, "attempts", "2");
}

static int exchange(void)
{
    struct event_base *base = event_base_new();
    struct evdns_base *dns = NULL;
    struct server s = {0};
    struct in_addr a;
    int asked = 0;

    calls = good = given_up = 0;
    if (!base)
        return 0;
    dns = with_server(base, &s);
    if (dns) {
        ask_server(dns, &s);
        evdns_base_search_add(dns, "example");
        asked += evdns_base_resolve_ipv4(dns, "alias", 0, note, NULL) != NULL;
        asked += evdns_base_resolve_ipv6(dns, "six", 0, note, NULL) != NULL;
        a.s_addr = htonl(0x0a000001);
        asked += evdns_base_resolve_reverse(dns, &a, 0, note, NULL) != NULL;
        wait_ms(base, 20);
        evdns_base_free(dns, 1);
        wait_ms(base, 1);
    }
    if (s.port)
        server_stop(&s);
    event_base_free(base);
    if (calls > asked) {
        printf("%d calls for %d requests\n", calls, asked);
        return 0;
    }
    return good == 3;
}

static int lookup(void)
{
    struct event_base *base = event_base_new();
    struct evdns_base *dns = NULL;
    struct server s = {0};

    calls = good = 0;
    if (!base)
        return 0;
    dns = with_server(base, &s);
    if (dns) {
        struct evutil_addrinfo hints;

        memset(&hints, 0, sizeof(hints));
        hints.ai_flags = EVUTIL_AI_CANONNAME;
        ask_server(dns, &s);
        evdns_base_set_option(dns, "getaddrinfo-allow-skew", "0.005");
        evdns_getaddrinfo(dns, "alias.example", "80", &hints, note_list, NULL);
        wait_ms(base, 20);
        evdns_base_free(dns, 1);
        wait_ms(base, 1);
    }
    if (s.port)
        server_stop(&s);
    event_base_free(base);
    if (calls > 1) {
        printf("%d calls for a lookup\n", calls);
        return 0;
    }
    return good == 1;
}

int main(void)
{
    FILE *f = fopen("resolv.conf", "w");

    fputs("nameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch a.example b.example\noptions ndots:2\n", f);
    fclose(f);
    f = fopen("hosts", "w");
    fputs("192.0.2.1 one two\n2001:db8::1 three\n", f);
    fclose(f);
    failalloc_install();
    return failalloc_sweep("config", config, 1000) | failalloc_sweep("exchange", exchange, 1000) |
           failalloc_sweep("lookup", lookup, 1000);
}
