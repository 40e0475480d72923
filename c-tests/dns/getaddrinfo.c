/* harness: valgrind; asan
 *
 * evdns_getaddrinfo: hints, numbers, no name, services, canonical names, one family that does not
 * answer, cancelling. */
#include "kit.h"

static struct event_base *base;
static struct evdns_base *dns;

static void look(const char *name, const char *service, int family, int socktype, int protocol, int flags)
{
    struct evutil_addrinfo hints;
    struct evdns_getaddrinfo_request *r;

    memset(&hints, 0, sizeof(hints));
    hints.ai_family = family;
    hints.ai_socktype = socktype;
    hints.ai_protocol = protocol;
    hints.ai_flags = flags;
    printf("name %s service %s family %d type %d protocol %d flags %x\n", name ? name : "-",
           service ? service : "-", family, socktype, protocol, (unsigned)flags);
    r = evdns_getaddrinfo(dns, name, service, &hints, show_list, " ");
    printf("  %s\n", r ? "later" : "at once");
    run_for(base, 60);
}

static void cancelled(int result, struct evutil_addrinfo *list, void *arg)
{
    printf("cancelled: %d %s\n", result, evutil_gai_strerror(result));
    (void)arg;
    if (list)
        evutil_freeaddrinfo(list);
}

int main(void)
{
    struct server s = {0};
    struct evdns_getaddrinfo_request *r;

    base = event_base_new();
    evdns_set_log_fn(show_log);
    server_start(&s, base);
    dns = resolver(base, s.text);
    evdns_base_set_option(dns, "randomize-case", "0");

    printf("no hints\n");
    evdns_getaddrinfo(dns, "both.example", "80", NULL, show_list, " ");
    run_for(base, 60);
    look("both.example", "80", AF_UNSPEC, SOCK_STREAM, 0, 0);
    look("both.example", "80", AF_UNSPEC, SOCK_STREAM, IPPROTO_TCP, 0);
    look("both.example", "80", AF_UNSPEC, 0, IPPROTO_UDP, 0);
    look("both.example", NULL, AF_UNSPEC, 0, 0, 0);
    look("both.example", "http", AF_INET, SOCK_STREAM, 0, 0);
    look("both.example", "http", AF_INET6, SOCK_STREAM, 0, 0);
    look("both.example", "http", AF_INET, SOCK_STREAM, 0, EVUTIL_AI_NUMERICSERV);
    look("both.example", "no-such-service", AF_INET, SOCK_STREAM, 0, 0);
    look("both.example", "80", AF_UNIX, SOCK_STREAM, 0, 0);
    look("both.example", "80", AF_UNSPEC, SOCK_STREAM, 0, EVUTIL_AI_NUMERICHOST);
    look("both.example", "80", AF_UNSPEC, SOCK_STREAM, 0, EVUTIL_AI_CANONNAME);
    look("alias.example", "80", AF_UNSPEC, SOCK_STREAM, 0, EVUTIL_AI_CANONNAME);
    look("alias.example", "80", AF_INET6, SOCK_STREAM, 0, EVUTIL_AI_CANONNAME);
    look("alias.example", "80", AF_UNSPEC, SOCK_STREAM, 0, 0);
    look("one.example", "80", AF_UNSPEC, SOCK_STREAM, 0, 0);
    look("six.example", "80", AF_UNSPEC, SOCK_STREAM, 0, 0);
    look("many.example", "80", AF_UNSPEC, SOCK_STREAM, 0, 0);
    look("missing.example", "80", AF_UNSPEC, SOCK_STREAM, 0, 0);
    look("missing.example", "80", AF_INET, SOCK_STREAM, 0, 0);
    look("rcode5.example", "80", AF_INET, SOCK_STREAM, 0, 0);
    look("127.0.0.1", "80", AF_UNSPEC, SOCK_STREAM, 0, 0);
    look("127.0.0.1", "80", AF_INET6, SOCK_STREAM, 0, 0);
    look("::1", "80", AF_UNSPEC, SOCK_STREAM, 0, 0);
    look("::1", "80", AF_INET, SOCK_STREAM, 0, 0);
    look("127.0.0.1", NULL, AF_UNSPEC, SOCK_STREAM, 0, EVUTIL_AI_NUMERICHOST);
    look("127.0.0.1", "80", AF_UNSPEC, SOCK_STREAM, 0, EVUTIL_AI_CANONNAME);
    look(NULL, "80", AF_UNSPEC, SOCK_STREAM, 0, 0);
    look(NULL, "80", AF_INET, SOCK_STREAM, 0, EVUTIL_AI_PASSIVE);
    look(NULL, "80", AF_INET6, SOCK_STREAM, 0, EVUTIL_AI_PASSIVE);
    look(NULL, "80", AF_UNSPEC, SOCK_DGRAM, 0, EVUTIL_AI_PASSIVE);
    look(NULL, NULL, AF_UNSPEC, SOCK_STREAM, 0, 0);
    look("", "80", AF_INET, SOCK_STREAM, 0, 0);
    printf("no base\n");
    r = evdns_getaddrinfo(NULL, "both.example", "80", NULL, show_list, " ");
    printf("  %d\n", r != NULL);

    printf("cancel\n");
    r = evdns_getaddrinfo(dns, "slow.example", "80", NULL, cancelled, NULL);
    run_for(base, 30);
    evdns_getaddrinfo_cancel(r);
    printf("  not from within\n");
    run_for(base, 30);
    printf("cancel at once\n");
    r = evdns_getaddrinfo(dns, "both.example", "80", NULL, cancelled, NULL);
    evdns_getaddrinfo_cancel(r);
    evdns_getaddrinfo_cancel(r);
    run_for(base, 60);

    printf("search\n");
    evdns_base_search_add(dns, "example");
    look("both", "80", AF_UNSPEC, SOCK_STREAM, 0, 0);
    look("six", "80", AF_UNSPEC, SOCK_STREAM, 0, 0);
    look("nobody", "80", AF_UNSPEC, SOCK_STREAM, 0, 0);

    evdns_base_free(dns, 0);
    server_stop(&s);
    event_base_free(base);
    return 0;
}
