/* event_base_foreach_event and event_base_dump_events. */
/* harness: backends=epoll,poll,select; valgrind */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>

static struct event_base *base;
static struct event *ev[10];
static int p[2], stop;

static void cb(evutil_socket_t fd, short what, void *arg) { (void)fd; (void)what; (void)arg; }

static int which(const void *e)
{
    int i;
    for (i = 0; i < 10; i++)
        if (e == ev[i])
            return i;
    return -1;
}

static int each(const struct event_base *b, const struct event *e, void *arg)
{
    int i = which(e);
    if (b != base || arg != &stop)
        puts("wrong arguments");
    if (i < 0)
        return 0; /* an internal one */
    printf(" %d", i);
    return --stop == 0 ? 42 : 0;
}

static void dump(void)
{
    FILE *f = tmpfile();
    char line[300];

    event_base_dump_events(base, f);
    rewind(f);
    while (fgets(line, sizeof(line), f)) {
        char *q = strstr(line, "0x"), *t = strstr(line, " Timeout=");
        if (strstr(line, " Internal") || strstr(line, "[Internal]"))
            continue;
        if (!q) {
            printf("%s", line);
            continue;
        }
        printf("%.*s", (int)(q - line), line);
        printf("<%d>", which((void *)strtoul(q, &q, 16)));
        if (!strncmp(q, " [fd  ", 6) && atoi(q + 6) > 0) {
            printf(" [fd  %c", atoi(q + 6) == p[0] ? 'A' : 'B');
            for (q += 6; isdigit((unsigned char)*q); q++)
                ;
        }
        if (t) {
            struct timeval now;
            long sec = strtol(t + 9, NULL, 10);
            char *dot = strchr(t, '.');
            gettimeofday(&now, NULL);
            printf("%.*s Timeout in %ld, %d digits", (int)(t - q), q, (sec - now.tv_sec + 50) / 100,
                (int)strspn(dot + 1, "0123456789"));
            q = dot + 1 + strspn(dot + 1, "0123456789");
        }
        printf("%s", q);
    }
    fclose(f);
}

int main(void)
{
    struct timeval t1 = {1000, 0}, t2 = {2000, 0}, d = {3000, 0};
    const struct timeval *common;
    int i;

    base = event_base_new();
    event_base_priority_init(base, 3);
    common = event_base_init_common_timeout(base, &d);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, p) < 0)
        return 1;
    dump();
    ev[0] = event_new(base, p[0], EV_READ | EV_PERSIST, cb, NULL);
    ev[1] = event_new(base, p[0], EV_WRITE | EV_ET, cb, NULL);
    ev[2] = event_new(base, p[1], EV_READ | EV_WRITE, cb, NULL);
    ev[3] = event_new(base, SIGUSR2, EV_SIGNAL | EV_PERSIST, cb, NULL);
    ev[4] = event_new(base, SIGUSR1, EV_SIGNAL, cb, NULL);
    ev[5] = event_new(base, -1, 0, cb, NULL);
    ev[6] = event_new(base, -1, EV_PERSIST, cb, NULL);
    ev[7] = event_new(base, -1, 0, cb, NULL);
    ev[8] = event_new(base, -1, 0, cb, NULL);
    ev[9] = event_new(base, -1, EV_TIMEOUT, cb, NULL);
    event_priority_set(ev[7], 2);
    event_priority_set(ev[9], 0);
    event_add(ev[0], NULL);
    event_add(ev[1], &t1);
    event_add(ev[2], NULL);
    event_add(ev[3], NULL);
    event_add(ev[4], &t1);
    event_add(ev[5], &t1);
    event_add(ev[8], common);
    event_active(ev[7], EV_READ | EV_WRITE | EV_CLOSED, 1);
    event_active(ev[9], EV_TIMEOUT | EV_SIGNAL, 1);
    event_active(ev[0], EV_READ, 1);
    (void)t2;
    stop = -1;
    printf("= %d\n", event_base_foreach_event(base, each, &stop));
    for (i = 1; i < 11; i += 3) {
        stop = i;
        printf("= %d\n", event_base_foreach_event(base, each, &stop));
    }
    printf("%d %d\n", event_base_foreach_event(NULL, each, &stop), event_base_foreach_event(base, NULL, &stop));
    dump();
    for (i = 0; i < 10; i++)
        event_free(ev[i]);
    dump();
    event_base_free(base);
    return 0;
}
