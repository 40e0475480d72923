/* event_base_once: what it takes, in which order it calls. */
/* harness: backends=epoll,poll,select; valgrind */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

static struct event_base *base;
static int p[2], deep;

static void say(evutil_socket_t fd, short what, void *arg)
{
    printf("  %s fd %d 0x%x\n", (char *)arg, fd == p[0] ? 0 : (int)fd, what);
}

static void chain(evutil_socket_t fd, short what, void *arg)
{
    say(fd, what, arg);
    if (++deep < 5)
        event_base_once(base, -1, EV_TIMEOUT, chain, arg, NULL);
}

static long live;
static void *my_malloc(size_t n) { live++; return malloc(n); }
static void *my_realloc(void *p, size_t n) { if (!p) live++; return realloc(p, n); }
static void my_free(void *p) { if (p) live--; free(p); }

int main(void)
{
    struct timeval soon = {0, 1000}, zero = {0, 0}, never = {1000, 0};
    short events[] = {0, EV_TIMEOUT, EV_READ, EV_WRITE, EV_CLOSED, EV_SIGNAL, EV_PERSIST, EV_READ | EV_PERSIST,
        EV_TIMEOUT | EV_READ, EV_READ | EV_WRITE, EV_ET | EV_READ, EV_TIMEOUT | EV_PERSIST, EV_TIMEOUT | EV_SIGNAL,
        EV_ET};
    int i, j;

    event_set_mem_functions(my_malloc, my_realloc, my_free);
    base = event_base_new();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p) < 0)
        return 1;
    if (write(p[1], "x", 1) != 1)
        return 1;
    for (i = 0; i < (int)(sizeof(events) / sizeof(*events)); i++)
        for (j = 0; j < 3; j++) {
            int r;
            /* nothing to wait for; or both at once, which evrs reports as both, as libevent 2.2 */
            if (events[i] == EV_CLOSED && j == 0)
                continue;
            if ((events[i] & (EV_READ | EV_WRITE)) && j == 1)
                continue;
            r = event_base_once(base, p[0], events[i], say, "once", j == 0 ? NULL : j == 1 ? &zero : &soon);
            printf("0x%x %d: %d added %d active %d\n", events[i], j, r,
                event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED),
                event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE));
            printf("%d\n", event_base_loop(base, EVLOOP_ONCE));
        }
    printf("NULL base %d\n", event_base_once(NULL, -1, EV_TIMEOUT, say, "x", NULL));
    event_base_once(base, -1, EV_TIMEOUT, say, "first", NULL);
    event_base_once(base, -1, EV_TIMEOUT, say, "second", &zero);
    event_base_once(base, -1, EV_TIMEOUT, say, "third", NULL);
    event_base_once(base, -1, EV_TIMEOUT, chain, "chain", NULL);
    printf("%d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    event_base_once(base, -1, EV_TIMEOUT, say, "never", &never);
    event_base_once(base, p[0], EV_READ, say, "never", &never);
    event_base_once(base, -1, EV_TIMEOUT, say, "never", NULL);
    event_base_free(base);
    libevent_global_shutdown();
    printf("blocks %ld\n", live);
    return 0;
}
