/* harness: valgrind
 *
 * Options with and without a colon, with good values, bad ones and ones that are clipped. */
#include "kit.h"

int main(void)
{
    static const char *const names[] = {
        "ndots", "ndots:", "timeout", "timeout:", "max-timeouts", "max-timeouts:", "max-inflight",
        "max-inflight:", "attempts", "attempts:", "randomize-case", "randomize-case:", "bind-to",
        "bind-to:", "initial-probe-timeout", "initial-probe-timeout:", "getaddrinfo-allow-skew",
        "getaddrinfo-allow-skew:", "so-rcvbuf", "so-rcvbuf:", "so-sndbuf", "so-sndbuf:", "unknown",
        "", "n", "ndot", "ndotsx", "timeout:5", ":",
    };
    static const char *const values[] = {
        "1", "0", "-1", "-2", "300", "x", "1x", "", " 1", "1 ", "+1", "0.5", "0.0001",
        "0.001", "1e3", "99999", "127.0.0.1", "127.0.0.1:99", "::1",
        "[::1]:80", "1.2.3", "-0.5",
    };
    struct event_base *base = event_base_new();
    size_t i, j;

    evdns_set_log_fn(show_log);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct evdns_base *dns = evdns_base_new(base, 0);

        printf("%s:", names[i]);
        for (j = 0; j < sizeof(values) / sizeof(values[0]); j++)
            printf(" %s=%d", values[j], evdns_base_set_option(dns, names[i], values[j]));
        printf("\n");
        evdns_base_free(dns, 0);
    }
    event_base_free(base);
    return 0;
}
