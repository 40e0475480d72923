/* harness: valgrind; asan
 *
 * Questions and answers of all kinds between the resolver and the server port. */
#include "kit.h"

int main(void)
{
    struct event_base *base = event_base_new();
    struct server s = {0};
    struct evdns_base *dns;
    struct in_addr a;
    struct in6_addr a6;
    char name[400];

    server_start(&s, base);
    dns = resolver(base, s.text);

#define ASK(f, n) \
    printf("%s %s\n", #f, n); \
    if (!evdns_base_resolve_##f(dns, n, 0, show, n)) \
        printf("  refused\n"); \
    run_for(base, 30)
    ASK(ipv4, "one.example");
    ASK(ipv4, "ONE.EXAMPLE");
    ASK(ipv4, "one.example.");
    ASK(ipv4, "many.example");
    ASK(ipv4, "both.example");
    ASK(ipv6, "both.example");
    ASK(ipv6, "six.example");
    ASK(ipv4, "six.example");
    ASK(ipv4, "alias.example");
    ASK(ipv6, "alias.example");
    ASK(ipv4, "nodata.example");
    ASK(ipv4, "missing.example");
    ASK(ipv4, "rcode1.example");
    ASK(ipv4, "rcode7.example");
    ASK(ipv4, "x");
    memset(name, 'a', 63);
    strcpy(name + 63, ".b");
    ASK(ipv4, name);
    memset(name, 'a', 64);
    strcpy(name + 64, ".b");
    printf("64 in a label: %d\n", evdns_base_resolve_ipv4(dns, name, 0, show, name) != NULL);
    memset(name, 'a', 300);
    name[256] = 0;
    for (int i = 50; i < 256; i += 50)
        name[i] = '.';
    printf("256: %d\n", evdns_base_resolve_ipv4(dns, name, 0, show, name) != NULL);

    inet_pton(AF_INET, "10.0.0.1", &a);
    evdns_base_resolve_reverse(dns, &a, 0, show, "reverse");
    run_for(base, 30);
    inet_pton(AF_INET, "10.9.8.7", &a);
    evdns_base_resolve_reverse(dns, &a, DNS_QUERY_NO_SEARCH, show, "reverse");
    run_for(base, 30);
    inet_pton(AF_INET6, "2001:db8::6", &a6);
    evdns_base_resolve_reverse_ipv6(dns, &a6, 0, show, "reverse");
    run_for(base, 30);

    /* Many at once: all are answered, and more than 64 wait for their turn. */
    s.quiet = 1;
    {
        int i;
        static int n;
        for (i = 0; i < 200; i++)
            evdns_base_resolve_ipv4(dns, "missing.example", 0, show, "many");
        run_for(base, 200);
        n = s.queries;
        printf("queries %d\n", n);
    }
    evdns_base_free(dns, 0);
    server_stop(&s);
    event_base_free(base);
    return 0;
}
