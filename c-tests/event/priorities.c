/* Priorities: defaults, order, inversion, continue, limits. */
/* harness: backends=epoll,poll,select; valgrind; timeout=10 */
#include <stdio.h>
#include <unistd.h>

#include <event2/event.h>

static struct event_base *base;
static struct event *ev[8];
static int left;

static void say(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what;
    printf(" %ld", (long)arg);
}

static void activates(evutil_socket_t fd, short what, void *arg)
{
    say(fd, what, arg);
    event_active(ev[0], EV_READ, 1);
}

static void continues(evutil_socket_t fd, short what, void *arg)
{
    activates(fd, what, arg);
    event_base_loopcontinue(base);
}

static void breaks(evutil_socket_t fd, short what, void *arg)
{
    say(fd, what, arg);
    event_base_loopbreak(base);
}

static void self(evutil_socket_t fd, short what, void *arg)
{
    say(fd, what, arg);
    if (--left > 0 && (long)arg < 8)
        event_active(ev[(long)arg], EV_READ, 1);
}

static void make(long i, int pri, event_callback_fn f)
{
    event_assign(ev[i], base, -1, 0, f, (void *)i);
    if (event_priority_set(ev[i], pri) != 0)
        printf("priority %d refused\n", pri);
}

static void run(const char *name)
{
    int i;
    printf("%s:", name);
    for (i = 7; i > 0; i--)
        event_active(ev[i], EV_READ, 1);
    printf(" = %d\n", event_base_loop(base, EVLOOP_NONBLOCK));
}

static void limited(int interval_ms, int callbacks, int min)
{
    struct event_config *cfg = event_config_new();
    struct timeval tv;
    int i;
    tv.tv_sec = 0;
    tv.tv_usec = interval_ms * 1000;
    event_config_set_max_dispatch_interval(cfg, interval_ms < 0 ? NULL : &tv, callbacks, min);
    base = event_base_new_with_config(cfg);
    event_config_free(cfg);
    event_base_priority_init(base, 3);
    for (i = 0; i < 8; i++)
        make(i, i < 1 ? 0 : i < 5 ? 1 : 2, i == 4 || i == 6 ? activates : say);
    printf("limit %d %d %d ", interval_ms, callbacks, min);
    run("run");
    event_base_free(base);
}

int main(void)
{
    int i, n[] = {1, 2, 3, 5, 64, 255, 256, 0, -1};

    base = event_base_new();
    for (i = 0; i < 8; i++)
        ev[i] = event_new(base, -1, 0, say, NULL);
    for (i = 0; i < (int)(sizeof(n) / sizeof(*n)); i++) {
        int r = event_base_priority_init(base, n[i]);
        event_assign(ev[0], base, -1, 0, say, NULL);
        printf("init %d: %d, now %d, default %d\n", n[i], r, event_base_get_npriorities(base),
            event_get_priority(ev[0]));
    }
    event_base_priority_init(base, 3);
    event_assign(ev[0], base, -1, 0, say, NULL);
    printf("set %d %d %d %d\n", event_priority_set(ev[0], -1), event_priority_set(ev[0], 3),
        event_priority_set(ev[0], 2), event_priority_set(ev[0], 0));
    event_active(ev[0], EV_READ, 1);
    printf("active: set %d, init %d\n", event_priority_set(ev[0], 1), event_base_priority_init(base, 2));
    event_base_loop(base, EVLOOP_NONBLOCK);
    puts("");

    for (i = 0; i < 8; i++)
        make(i, i % 3, say);
    run("order");
    for (i = 0; i < 8; i++)
        make(i, i < 4 ? 0 : 2, activates);
    make(0, 0, say);
    run("inversion");
    make(7, 1, activates);
    make(6, 1, say);
    make(5, 1, say);
    run("a higher one becomes active");
    make(7, 1, continues);
    run("with continue");
    make(6, 1, breaks);
    run("break");
    printf("active %d\n", event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE));
    run("rest");
    make(6, 1, say);
    event_base_loop(base, EVLOOP_NONBLOCK);
    for (i = 0; i < 8; i++)
        make(i, 2, say);
    make(3, 0, self);
    make(4, 1, self);
    left = 12;
    run("never idle");
    event_base_free(base);

    limited(-1, -1, 0);
    limited(-1, 1, 0);
    limited(-1, 2, 0);
    limited(-1, 2, 1);
    limited(-1, 2, 2);
    limited(-1, 0, 1);
    limited(0, -1, 0);
    limited(0, -1, 2);
    limited(1000, 3, 1);
    for (i = 0; i < 8; i++)
        event_free(ev[i]);
    return 0;
}
