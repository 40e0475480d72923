/* harness: valgrind; timeout=60
 *
 * Servers that do not answer, refuse, or answer with an error: retransmissions, failover, servers that
 * are down, probes that bring them back. */
#include "kit.h"

static struct event_base *base;

/* A socket that takes queries and never answers; says how many came. */
static int drain(int fd)
{
    char buf[1500];
    int n = 0;

    while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
        n++;
    return n;
}

static struct evdns_base *impatient(const char *server)
{
    struct evdns_base *dns = resolver(base, server);

    evdns_base_set_option(dns, "timeout", "0.1");
    return dns;
}

int main(void)
{
    struct evdns_base *dns;
    struct server live = {0}, other = {0};
    struct sockaddr_in sin;
    char dead[40], closed[40];
    int fd, fd2, i;

    base = event_base_new();
    evdns_set_log_fn(show_log);
    server_start(&live, base);
    live.quiet = 1;
    fd = loopback_socket(SOCK_DGRAM, &sin, dead, sizeof(dead));
    fd2 = loopback_socket(SOCK_DGRAM, &sin, closed, sizeof(closed));
    close(fd2);

    printf("silent\n");
    dns = impatient(dead);
    evdns_base_resolve_ipv4(dns, "one.example", 0, show, "silent");
    run_for(base, 600);
    printf("transmissions %d\n", drain(fd));
    evdns_base_free(dns, 0);

    printf("one attempt\n");
    dns = impatient(dead);
    evdns_base_set_option(dns, "attempts", "1");
    evdns_base_resolve_ipv4(dns, "one.example", 0, show, "silent");
    run_for(base, 300);
    printf("transmissions %d\n", drain(fd));
    evdns_base_free(dns, 0);

    printf("refused by the host\n");
    dns = impatient(closed);
    evdns_base_resolve_ipv4(dns, "one.example", 0, show, "closed");
    run_for(base, 600);
    evdns_base_free(dns, 0);

    printf("failover\n");
    dns = impatient(dead);
    evdns_base_nameserver_ip_add(dns, live.text);
    for (i = 0; i < 4; i++)
        evdns_base_resolve_ipv4(dns, "one.example", 0, show, "failover");
    run_for(base, 400);
    printf("transmissions to the dead one %d, to the other %d\n", drain(fd), live.queries);
    evdns_base_free(dns, 0);
    live.queries = 0;

    printf("failover from a closed port\n");
    dns = impatient(closed);
    evdns_base_nameserver_ip_add(dns, live.text);
    for (i = 0; i < 4; i++)
        evdns_base_resolve_ipv4(dns, "one.example", 0, show, "failover");
    run_for(base, 400);
    printf("to the other %d\n", live.queries);
    for (i = 0; i < 4; i++)
        evdns_base_resolve_ipv4(dns, "one.example", 0, show, "again");
    run_for(base, 200);
    printf("to the other %d\n", live.queries);
    evdns_base_free(dns, 0);
    live.queries = 0;

    printf("answers that are errors\n");
    for (i = 1; i < 8; i++) {
        char name[40];

        /* A failing server is told from a silent one here, not there: see strict.c. */
        if (i == 2)
            continue;
        snprintf(name, sizeof(name), "rcode%d.example", i);
        printf("%s\n", name);
        dns = impatient(live.text);
        evdns_base_resolve_ipv4(dns, name, 0, show, name);
        run_for(base, 450);
        printf("queries %d\n", live.queries);
        live.queries = 0;
        evdns_base_free(dns, 0);
    }
    printf("with two servers\n");
    server_start(&other, base);
    other.quiet = 1;
    for (i = 3; i < 6; i++) {
        char name[40];

        snprintf(name, sizeof(name), "rcode%d.example", i);
        printf("%s\n", name);
        dns = impatient(live.text);
        evdns_base_nameserver_ip_add(dns, other.text);
        evdns_base_resolve_ipv4(dns, name, 0, show, name);
        run_for(base, 450);
        printf("queries %d and %d\n", live.queries, other.queries);
        live.queries = other.queries = 0;
        evdns_base_free(dns, 0);
    }

    printf("probes\n");
    dns = impatient(dead);
    evdns_base_set_option(dns, "initial-probe-timeout", "0.2");
    evdns_base_set_option(dns, "attempts", "1");
    evdns_base_resolve_ipv4(dns, "one.example", 0, show, "probed");
    run_for(base, 200);
    printf("transmissions %d\n", drain(fd));
    run_for(base, 250);
    {
        /* The probe is there: answer it. */
        unsigned char buf[1500];
        struct sockaddr_in from;
        socklen_t len = sizeof(from);
        ssize_t n = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT, (struct sockaddr *)&from, &len);

        printf("probe %d bytes\n", (int)n);
        if (n > 0) {
            buf[2] |= 0x80;
            buf[3] = 3;
            sendto(fd, buf, (size_t)n, 0, (struct sockaddr *)&from, len);
        }
    }
    run_for(base, 100);
    evdns_base_free(dns, 0);
    close(fd);

    server_stop(&live);
    server_stop(&other);
    event_base_free(base);
    return 0;
}
