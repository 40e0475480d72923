/* harness: valgrind; asan
 *
 * Hosts files, which getaddrinfo looks at and the other functions do not. */
#include "kit.h"

static struct event_base *base;
static struct evdns_base *dns;

static void look(const char *name, int family)
{
    struct evutil_addrinfo hints;
    struct evdns_getaddrinfo_request *r;

    memset(&hints, 0, sizeof(hints));
    hints.ai_family = family;
    hints.ai_socktype = SOCK_STREAM;
    r = evdns_getaddrinfo(dns, name, "80", &hints, show_list, (void *)name);
    if (r)
        printf("%s: not at once\n", name);
    run_for(base, 50);
}

static int load(const char *content)
{
    FILE *f = fopen("hosts", "w");

    fputs(content, f);
    fclose(f);
    return evdns_base_load_hosts(dns, "hosts");
}

int main(void)
{
    struct server s = {0};

    base = event_base_new();
    evdns_set_log_fn(show_log);
    server_start(&s, base);
    dns = resolver(base, s.text);

    printf("load: %d\n", load("127.0.0.1 localhost\n"
                              "192.0.2.1\tone Alias1 alias2 # one two\n"
                              "2001:db8::1 one\n"
                              "192.0.2.2 one\n"
                              "# 192.0.2.3 three\n"
                              "  192.0.2.4   four  \n"
                              "192.0.2.5:80 five\n"
                              "192.0.2 six\n"
                              "[2001:db8::7] seven\n"
                              "192.0.2.8\n"
                              "\n"
                              "192.0.2.9 nine#no\n"
                              "192.0.2.10 both.example\n"
                              "192.0.2.11 last"));
    look("one", AF_UNSPEC);
    look("one", AF_INET);
    look("one", AF_INET6);
    look("ONE", AF_INET);
    look("alias1", AF_INET);
    look("alias2", AF_UNSPEC);
    look("three", AF_INET);
    look("four", AF_INET);
    look("five", AF_INET);
    look("six", AF_INET);
    look("seven", AF_UNSPEC);
    look("nine", AF_UNSPEC);
    look("nine#no", AF_UNSPEC);
    look("both.example", AF_UNSPEC);
    look("last", AF_UNSPEC);
    evdns_base_resolve_ipv4(dns, "one", 0, show, "one");
    run_for(base, 50);

    printf("load more: %d\n", load("192.0.2.99 one extra\n"));
    look("one", AF_INET);
    look("extra", AF_INET);
    evdns_base_clear_host_addresses(dns);
    look("one", AF_INET);
    printf("null: %d\n", evdns_base_load_hosts(dns, NULL));
    look("localhost", AF_UNSPEC);
    evdns_base_clear_host_addresses(dns);
    printf("no file: %d\n", evdns_base_load_hosts(dns, "none"));
    look("localhost", AF_UNSPEC);
    evdns_base_clear_host_addresses(dns);
    printf("empty file: %d\n", load(""));
    look("localhost", AF_INET);

    evdns_base_free(dns, 0);
    server_stop(&s);
    event_base_free(base);
    return 0;
}
