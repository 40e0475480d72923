/* harness: valgrind; asan; timeout=60
 *
 * Cancelling, suspending and freeing, also from within callbacks and with lookups running. */
#include "kit.h"

static struct event_base *base;
static struct evdns_base *dns;
static struct evdns_request *victim;
static struct server s;

static void cancel_other(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    show(result, type, count, ttl, addresses, arg);
    if (victim) {
        struct evdns_request *v = victim;

        victim = NULL;
        evdns_cancel_request(dns, v);
        printf("  cancelled from within\n");
    }
}

static void free_within(int fail)
{
    if (dns) {
        struct evdns_base *d = dns;

        dns = NULL;
        evdns_base_free(d, fail);
        printf("  freed from within\n");
    }
}

static void free_base(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    show(result, type, count, ttl, addresses, arg);
    free_within(1);
}

static void free_base_silently(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    show(result, type, count, ttl, addresses, arg);
    free_within(0);
}

static void ask_again(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    show(result, type, count, ttl, addresses, arg);
    if (result == DNS_ERR_NONE)
        evdns_base_resolve_ipv4(dns, "missing.example", 0, ask_again, "asked from within");
}

static void suspend_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    show(result, type, count, ttl, addresses, arg);
    printf("  suspend %d\n", evdns_base_clear_nameservers_and_suspend(dns));
    printf("  add %d\n", evdns_base_nameserver_ip_add(dns, s.text));
    printf("  resume %d\n", evdns_base_resume(dns));
}

static void free_in_lookup(int result, struct evutil_addrinfo *list, void *arg)
{
    show_list(result, list, arg);
    if (dns) {
        struct evdns_base *d = dns;

        dns = NULL;
        evdns_base_free(d, 1);
        printf("  freed from within\n");
    }
}

static void begin(const char *title)
{
    printf("%s\n", title);
    dns = resolver(base, s.text);
    evdns_base_set_option(dns, "timeout", "0.2");
}

static void end(int fail)
{
    if (dns)
        evdns_base_free(dns, fail);
    dns = NULL;
    run_for(base, 30);
}

int main(void)
{
    struct evdns_request *r;
    int i;

    base = event_base_new();
    evdns_set_log_fn(show_log);
    server_start(&s, base);
    s.quiet = 1;

    begin("cancel");
    r = evdns_base_resolve_ipv4(dns, "slow.example", 0, show, "cancel");
    evdns_cancel_request(dns, r);
    printf("  not from within\n");
    run_for(base, 30);
    r = evdns_base_resolve_ipv4(dns, "slow.example", 0, show, "cancel later, without a base");
    run_for(base, 30);
    evdns_cancel_request(NULL, r);
    run_for(base, 30);
    r = evdns_base_resolve_ipv4(dns, "one.example", 0, show, "cancel twice");
    evdns_cancel_request(dns, r);
    evdns_cancel_request(dns, r);
    run_for(base, 30);
    end(0);

    begin("cancel from a callback");
    victim = evdns_base_resolve_ipv4(dns, "slow.example", 0, show, "victim");
    evdns_base_resolve_ipv4(dns, "one.example", 0, cancel_other, "canceller");
    run_for(base, 100);
    end(0);

    begin("cancel while waiting");
    evdns_base_clear_nameservers_and_suspend(dns);
    r = evdns_base_resolve_ipv4(dns, "one.example", 0, show, "waiting");
    evdns_cancel_request(dns, r);
    run_for(base, 30);
    end(0);

    begin("ask from a callback");
    evdns_base_resolve_ipv4(dns, "one.example", 0, ask_again, "first");
    run_for(base, 100);
    end(0);

    begin("free with requests, told");
    evdns_base_set_option(dns, "max-inflight", "2");
    for (i = 0; i < 5; i++)
        evdns_base_resolve_ipv4(dns, "slow.example", 0, show, "told");
    run_for(base, 30);
    evdns_base_free(dns, 1);
    dns = NULL;
    printf("  not from within\n");
    run_for(base, 30);

    begin("free with requests, silently");
    evdns_base_set_option(dns, "max-inflight", "2");
    for (i = 0; i < 5; i++)
        evdns_base_resolve_ipv4(dns, "slow.example", 0, show, "silent");
    run_for(base, 30);
    end(0);

    begin("free at once");
    evdns_base_resolve_ipv4(dns, "one.example", 0, show, "at once");
    end(1);

    begin("free from a callback, told");
    for (i = 0; i < 3; i++)
        evdns_base_resolve_ipv4(dns, "slow.example", 0, show, "others");
    evdns_base_resolve_ipv4(dns, "one.example", 0, free_base, "freeing");
    run_for(base, 100);
    end(0);

    begin("free from a callback, silently");
    for (i = 0; i < 3; i++)
        evdns_base_resolve_ipv4(dns, "slow.example", 0, show, "others");
    evdns_base_resolve_ipv4(dns, "one.example", 0, free_base_silently, "freeing");
    run_for(base, 100);
    end(0);

    begin("free from a callback of shutdown");
    evdns_base_resolve_ipv4(dns, "slow.example", 0, show, "one of two");
    evdns_base_resolve_ipv4(dns, "slow.example", 0, show, "one of two");
    run_for(base, 30);
    end(1);

    begin("suspend and resume");
    evdns_base_resolve_ipv4(dns, "slow.example", 0, show, "in flight");
    run_for(base, 30);
    printf("clear %d\n", evdns_base_clear_nameservers_and_suspend(dns));
    evdns_base_resolve_ipv4(dns, "one.example", 0, show, "waiting");
    run_for(base, 30);
    printf("count %d\n", evdns_base_count_nameservers(dns));
    printf("add %d\n", evdns_base_nameserver_ip_add(dns, s.text));
    run_for(base, 30);
    printf("resume %d\n", evdns_base_resume(dns));
    run_for(base, 900);
    end(0);

    begin("suspend from a callback");
    evdns_base_resolve_ipv4(dns, "one.example", 0, suspend_cb, "suspending");
    evdns_base_resolve_ipv4(dns, "both.example", 0, show, "other");
    run_for(base, 100);
    end(0);

    begin("added later");
    evdns_base_clear_nameservers_and_suspend(dns);
    evdns_base_resolve_ipv4(dns, "one.example", 0, show, "early");
    run_for(base, 30);
    evdns_base_nameserver_ip_add(dns, s.text);
    run_for(base, 50);
    printf("  one more\n");
    evdns_base_resolve_ipv4(dns, "both.example", 0, show, "late");
    run_for(base, 50);
    end(0);

    begin("lookup, freed silently");
    evdns_getaddrinfo(dns, "slow.example", "80", NULL, show_list, "lookup");
    run_for(base, 30);
    end(0);
    begin("lookup, freed told");
    evdns_getaddrinfo(dns, "slow.example", "80", NULL, show_list, "lookup");
    run_for(base, 30);
    end(1);
    begin("lookup, freed at once");
    evdns_getaddrinfo(dns, "both.example", "80", NULL, show_list, "lookup");
    end(1);
    begin("lookup, freed from its callback");
    evdns_getaddrinfo(dns, "slow.example", "80", NULL, show_list, "other lookup");
    evdns_getaddrinfo(dns, "both.example", "80", NULL, free_in_lookup, "freeing lookup");
    run_for(base, 100);
    end(0);
    begin("lookup, cancelled, then freed");
    {
        struct evdns_getaddrinfo_request *l =
            evdns_getaddrinfo(dns, "slow.example", "80", NULL, show_list, "lookup");
        run_for(base, 30);
        evdns_getaddrinfo_cancel(l);
    }
    end(1);

    begin("inactive");
    printf("dispatch %d\n", event_base_got_break(base));
    evdns_base_free(dns, 0);
    dns = NULL;
    server_stop(&s);
    /* Nothing keeps the loop alive now. */
    dns = resolver(base, "127.0.0.1:9");
    printf("dispatch with nothing to do: %d\n", event_base_dispatch(base));
    evdns_base_free(dns, 0);

    /* The loop never runs again: the callbacks go with the base. */
    dns = resolver(base, "127.0.0.1:9");
    evdns_base_resolve_ipv4(dns, "one.example", 0, show, "never");
    evdns_getaddrinfo(dns, "one.example", "80", NULL, show_list, "never");
    evdns_base_free(dns, 0);
    event_base_free(base);
    return 0;
}
