/* harness: valgrind; asan
 *
 * resolv.conf: name servers, search lists, options, and what is no good in it; servers added by
 * hand. */
#include "kit.h"

static void servers(struct evdns_base *dns)
{
    int i, n = evdns_base_count_nameservers(dns);

    printf("  %d servers:", n);
    for (i = 0; i <= n; i++) {
        struct sockaddr_storage ss;
        char text[INET6_ADDRSTRLEN] = "";
        int len = evdns_base_get_nameserver_addr(dns, i, (struct sockaddr *)&ss, sizeof(ss));

        if (len < 0) {
            printf(" [%d: %d]", i, len);
        } else if (ss.ss_family == AF_INET) {
            struct sockaddr_in *sin = (struct sockaddr_in *)&ss;
            printf(" %s:%d", inet_ntop(AF_INET, &sin->sin_addr, text, sizeof(text)),
                   ntohs(sin->sin_port));
        } else {
            struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&ss;
            printf(" [%s]:%d", inet_ntop(AF_INET6, &sin6->sin6_addr, text, sizeof(text)),
                   ntohs(sin6->sin6_port));
        }
    }
    printf("\n");
}

static struct event_base *base;
static struct server s;

static void parse(const char *label, int flags, const char *content)
{
    struct evdns_base *dns = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    FILE *f = fopen("resolv.conf", "w");

    fputs(content, f);
    fclose(f);
    printf("%s: %d\n", label, evdns_base_resolv_conf_parse(dns, flags, "resolv.conf"));
    servers(dns);
    /* What the search list has become. */
    evdns_base_clear_nameservers_and_suspend(dns);
    evdns_base_nameserver_ip_add(dns, s.text);
    evdns_base_resolve_ipv4(dns, "short", 0, show, "short");
    run_for(base, 50);
    evdns_base_resolve_ipv4(dns, "dotted.name", 0, show, "dotted.name");
    run_for(base, 50);
    evdns_base_free(dns, 0);
}

int main(void)
{
    struct evdns_base *dns;
    struct sockaddr_in sin;
    struct sockaddr_in6 sin6;
    char ss[2];

    base = event_base_new();
    evdns_set_log_fn(show_log);
    server_start(&s, base);
    parse("plain", DNS_OPTIONS_ALL & ~DNS_OPTION_HOSTSFILE,
          "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 2001:db8::1\nsearch a.example b.example\n");
    parse("servers only", DNS_OPTION_NAMESERVERS, "nameserver 192.0.2.1\nsearch a.example\noptions ndots:2\n");
    parse("search only", DNS_OPTION_SEARCH, "nameserver 192.0.2.1\nsearch a.example\noptions ndots:2\n");
    parse("misc only", DNS_OPTION_MISC, "nameserver 192.0.2.1\nsearch a.example\noptions ndots:2 timeout:1\n");
    parse("domain then search", DNS_OPTIONS_ALL & ~DNS_OPTION_HOSTSFILE,
          "domain d.example\nsearch a.example b.example c.example\n");
    parse("search then domain", DNS_OPTIONS_ALL & ~DNS_OPTION_HOSTSFILE,
          "search a.example b.example\ndomain .d.example\n");
    parse("two searches", DNS_OPTION_SEARCH, "search a.example b.example\nsearch c.example\n");
    parse("ndots 0", DNS_OPTION_SEARCH, "search a.example\noptions ndots:0\n");
    parse("ndots first", DNS_OPTION_SEARCH, "options ndots:3\nsearch a.example\n");
    parse("ndots after", DNS_OPTION_SEARCH, "search a.example\noptions ndots:3\n");
    parse("bad lines", DNS_OPTIONS_ALL & ~DNS_OPTION_HOSTSFILE,
          "nameserver\nnameserver 300.1.1.1\nnameserver x\n\n\t\n# comment\n; comment\noptions\n"
          "options timeout:x ndots:y unknown attempts\nsearch x.example\nfoo bar\nnameserver 192.0.2.9 192.0.2.10\n"
          "nameserver 192.0.2.9\n  nameserver\t192.0.2.11");
    parse("with ports", DNS_OPTION_NAMESERVERS,
          "nameserver 192.0.2.1:5353\nnameserver [2001:db8::1]:54\nnameserver [2001:db8::2]\n");
    parse("no server", DNS_OPTION_NAMESERVERS, "options ndots:1\n");
    parse("no server, no default", DNS_OPTION_NAMESERVERS | DNS_OPTION_NAMESERVERS_NO_DEFAULT, "\n");
    parse("server not asked for", 0, "nameserver 192.0.2.1\n");
    parse("search without a word", DNS_OPTION_SEARCH, "search a.example\nsearch\n");
    parse("domain without a word", DNS_OPTION_SEARCH, "search a.example\ndomain\n");
    parse("no end of line", DNS_OPTION_SEARCH, "search a.example");

    dns = evdns_base_new(base, 0);
    printf("no file: %d\n", evdns_base_resolv_conf_parse(dns, DNS_OPTION_NAMESERVERS, "none"));
    servers(dns);
    evdns_base_free(dns, 0);
    dns = evdns_base_new(base, 0);
    printf("no file, no default: %d\n",
           evdns_base_resolv_conf_parse(
               dns, DNS_OPTION_NAMESERVERS | DNS_OPTION_NAMESERVERS_NO_DEFAULT, "none"));
    servers(dns);

    printf("by hand:");
    printf(" %d", evdns_base_nameserver_ip_add(dns, "192.0.2.1"));
    printf(" %d", evdns_base_nameserver_ip_add(dns, "192.0.2.1:53"));
    printf(" %d", evdns_base_nameserver_ip_add(dns, "192.0.2.1:54"));
    printf(" %d", evdns_base_nameserver_ip_add(dns, "[::1]:55"));
    printf(" %d", evdns_base_nameserver_ip_add(dns, "::1"));
    printf(" %d", evdns_base_nameserver_ip_add(dns, "name"));
    printf(" %d", evdns_base_nameserver_ip_add(dns, ""));
    printf(" %d", evdns_base_nameserver_ip_add(dns, "1.2.3.4:99999"));
    printf(" %d", evdns_base_nameserver_add(dns, htonl(0xc0000203)));
    printf(" %d", evdns_base_nameserver_add(dns, htonl(0xc0000203)));
    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_port = htons(99);
    sin.sin_addr.s_addr = htonl(0xc0000204);
    printf(" %d", evdns_base_nameserver_sockaddr_add(dns, (void *)&sin, sizeof(sin), 0));
    printf(" %d", evdns_base_nameserver_sockaddr_add(dns, (void *)&sin, sizeof(sin), 0));
    memset(&sin6, 0, sizeof(sin6));
    sin6.sin6_family = AF_INET6;
    sin6.sin6_addr.s6_addr[15] = 7;
    printf(" %d\n", evdns_base_nameserver_sockaddr_add(dns, (void *)&sin6, sizeof(sin6), 0));
    servers(dns);
    printf("short room: %d\n", evdns_base_get_nameserver_addr(dns, 0, (struct sockaddr *)ss, 2));
    printf("clear: %d\n", evdns_base_clear_nameservers_and_suspend(dns));
    servers(dns);
    printf("again: %d\n", evdns_base_clear_nameservers_and_suspend(dns));
    printf("resume: %d\n", evdns_base_resume(dns));
    evdns_base_free(dns, 0);
    server_stop(&s);
    event_base_free(base);
    return 0;
}
