/* harness: only=evrs; valgrind
 *
 * Names that the program makes known to getaddrinfo. */
#include "kit.h"

static struct event_base *base;

static void look(struct evdns_base *dns, const char *name, int family)
{
    struct evutil_addrinfo hints;

    memset(&hints, 0, sizeof(hints));
    hints.ai_family = family;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = EVUTIL_AI_CANONNAME;
    if (evdns_getaddrinfo(dns, name, "80", &hints, show_list, (void *)name))
        printf("  later\n");
    run_for(base, 20);
}

int main(void)
{
    struct server s = {0};
    struct evdns_base *dns, *none;
    struct evutil_addrinfo hints, *list = NULL, *res = NULL;
    char name[] = "Kept.example";

    base = event_base_new();
    server_start(&s, base);
    dns = resolver(base, s.text);
    memset(&hints, 0, sizeof(hints));
    hints.ai_flags = EVUTIL_AI_NUMERICHOST;
    evutil_getaddrinfo("192.0.2.7", NULL, &hints, &list);
    printf("before: %d\n", evdns_cache_lookup(dns, name, NULL, 80, &res));
    evdns_cache_write(dns, name, list, 100);
    hints.ai_socktype = SOCK_STREAM;
    printf("lookup: %d\n", evdns_cache_lookup(dns, "kept.EXAMPLE", &hints, 99, &res));
    show_list(0, res, "kept");
    look(dns, "kept.example", AF_UNSPEC);
    look(dns, "kept.example", AF_INET);
    look(dns, "kept.example", AF_INET6);
    evdns_cache_write(dns, name, list, 0);
    look(dns, "kept.example", AF_INET);
    evdns_cache_write(dns, name, list, 1);
    look(dns, "kept.example", AF_INET);
    run_for(base, 1200);
    look(dns, "kept.example", AF_INET);
    evdns_cache_write(dns, name, NULL, 5);
    evdns_cache_write(NULL, name, list, 5);
    evdns_cache_write(dns, NULL, list, 5);
    printf("NULL: %d %d %d\n", evdns_cache_lookup(NULL, name, NULL, 1, &res),
           evdns_cache_lookup(dns, NULL, NULL, 1, &res), evdns_cache_lookup(dns, name, NULL, 1, NULL));
    none = evdns_base_new(base, EVDNS_BASE_NO_CACHE);
    evdns_cache_write(none, name, list, 100);
    printf("no cache: %d\n", evdns_cache_lookup(none, name, NULL, 80, &res));
    evdns_base_free(none, 0);
    {
        int i;
        for (i = 0; i < 5000; i++) {
            char many[40];
            snprintf(many, sizeof(many), "host%d.example", i);
            evdns_cache_write(dns, many, list, 100 + i);
        }
        printf("the last is there: %d, the first is not: %d\n",
               evdns_cache_lookup(dns, "host4999.example", &hints, 1, &res),
               evdns_cache_lookup(dns, "host0.example", &hints, 1, &list));
        evutil_freeaddrinfo(res);
    }
    evutil_freeaddrinfo(list);
    evdns_base_free(dns, 0);
    server_stop(&s);
    event_base_free(base);
    return 0;
}
