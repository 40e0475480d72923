/* Timers: order, persistence, replacement, jumps, common timeouts. */
/* harness: backends=epoll,poll,select; valgrind; serial */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

static struct event_base *base;
static int count;
static struct timeval start;

static void log_cb(int severity, const char *msg) { printf("log %d %s\n", severity, msg); }

static long ms(void)
{
    struct timeval now;
    gettimeofday(&now, NULL);
    return (now.tv_sec - start.tv_sec) * 1000 + (now.tv_usec - start.tv_usec) / 1000;
}

/* to the next 100 ms, so that load does not matter */
static long slot(void) { return (ms() + 50) / 100; }

static void say(evutil_socket_t fd, short what, void *arg)
{
    printf("  %ld fd %d what 0x%x\n", (long)arg, (int)fd, what);
}

static void slow(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what; (void)arg;
    /* when the one after the stall runs differs: libevent then waits by an old time */
    printf("  slow");
    if (count == 0)
        printf(" at %ld", slot());
    puts("");
    if (++count == 1)
        usleep(330000);
    if (count == 4)
        event_base_loopbreak(base);
}

static void order(void)
{
    struct event ev[50];
    long i;

    puts("order");
    for (i = 0; i < 50; i++) {
        struct timeval tv;
        tv.tv_sec = 0;
        tv.tv_usec = (i * 37 % 50) * 400;
        event_assign(&ev[i], base, -1, 0, say, (void *)(i * 37 % 50));
        event_add(&ev[i], &tv);
    }
    /* late enough for all of them to be due in one pass */
    usleep(30000);
    event_base_dispatch(base);
}

static void replace(void)
{
    struct event a, b;
    struct timeval never = {1000, 0}, soon = {0, 1000}, zero = {0, 0}, tv, now;

    puts("replace");
    event_assign(&a, base, -1, 0, say, (void *)1L);
    event_assign(&b, base, -1, 0, say, (void *)2L);
    event_add(&a, &never);
    event_add(&a, &soon);
    event_add(&b, &soon);
    event_add(&b, &never);
    event_add(&b, NULL);
    printf("%d\n", event_base_loop(base, EVLOOP_ONCE));
    memset(&tv, 0, sizeof(tv));
    gettimeofday(&now, NULL);
    printf("pending 0x%x", event_pending(&b, EV_TIMEOUT | EV_READ, &tv));
    printf(" in %ld s\n",
        (long)(tv.tv_sec * 1000 + tv.tv_usec / 1000 - now.tv_sec * 1000 - now.tv_usec / 1000 + 500) / 1000);
    event_add(&b, &zero);
    printf("%d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    event_add(&b, &soon);
    event_remove_timer(&b);
    printf("%d pending 0x%x\n", event_base_loop(base, EVLOOP_NONBLOCK), event_pending(&b, EV_TIMEOUT, NULL));
    /* due and taken back in the same pass */
    event_add(&a, &zero);
    event_add(&b, &zero);
    event_del(&a);
    printf("%d\n", event_base_loop(base, EVLOOP_NONBLOCK));
}

static void jump(void)
{
    struct event ev;
    struct timeval tv = {0, 100000};

    puts("jump");
    gettimeofday(&start, NULL);
    event_assign(&ev, base, -1, EV_PERSIST, slow, NULL);
    event_add(&ev, &tv);
    event_base_dispatch(base);
    printf("in time %d\n", slot() >= 6 && slot() <= 8);
    event_del(&ev);
}

static struct event *victim;

static void kills(evutil_socket_t fd, short what, void *arg)
{
    say(fd, what, arg);
    event_del(victim);
}

static void same_pass(void)
{
    struct event a, b;
    struct timeval t1 = {0, 1000}, t2 = {0, 2000};

    puts("one due timer deletes another");
    event_assign(&a, base, -1, 0, kills, (void *)1L);
    event_assign(&b, base, -1, 0, say, (void *)2L);
    victim = &b;
    event_add(&b, &t2);
    event_add(&a, &t1);
    usleep(30000);
    printf("%d\n", event_base_dispatch(base));
}

static void common(void)
{
    struct timeval d = {3, 500000}, plain = {0, 20000}, odd = {1, 2500000}, tv, now;
    const struct timeval *c, *c2, *c3;
    struct event ev[20], x;
    long i;
    int n;

    puts("common");
    c = event_base_init_common_timeout(base, &d);
    printf("%ld 0x%lx\n", (long)c->tv_sec, (long)c->tv_usec);
    printf("same %d\n", event_base_init_common_timeout(base, &d) == c);
    printf("of itself %d\n", event_base_init_common_timeout(base, c) == c);
    c2 = event_base_init_common_timeout(base, &plain);
    printf("%ld 0x%lx\n", (long)c2->tv_sec, (long)c2->tv_usec);
    c3 = event_base_init_common_timeout(base, &odd);
    printf("%ld 0x%lx\n", (long)c3->tv_sec, (long)c3->tv_usec);
    event_assign(&x, base, -1, 0, say, (void *)99L);
    event_add(&x, c);
    gettimeofday(&now, NULL);
    printf("pending 0x%x", event_pending(&x, EV_TIMEOUT, &tv));
    printf(" in %ld\n",
        (long)(tv.tv_sec * 1000 + tv.tv_usec / 1000 - now.tv_sec * 1000 - now.tv_usec / 1000 + 250) / 500);
    event_del(&x);
    for (i = 0; i < 20; i++) {
        event_assign(&ev[i], base, -1, i % 3 ? 0 : EV_PERSIST, say, (void *)i);
        event_add(&ev[i], c2);
    }
    event_del(&ev[7]);
    event_del(&ev[0]);
    event_add(&ev[0], c2);
    event_del(&ev[19]);
    event_add(&ev[4], c2);
    usleep(30000);
    printf("%d added %d\n", event_base_loop(base, EVLOOP_ONCE), event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED));
    for (i = 0; i < 20; i++)
        event_del(&ev[i]);
    for (n = 3; n < 256; n++) {
        struct timeval t = {100, n};
        if (!event_base_init_common_timeout(base, &t)) {
            printf("none at %d\n", n);
            break;
        }
    }
    d.tv_sec = 5000;
    printf("257th %d\n", event_base_init_common_timeout(base, &d) != NULL);
    printf("known still %d\n", event_base_init_common_timeout(base, &plain) == c2);
}

static void clock_cb(evutil_socket_t fd, short what, void *arg)
{
    struct timeval a, b, c;
    long off;
    (void)fd; (void)what; (void)arg;
    event_base_gettimeofday_cached(base, &a);
    usleep(20000);
    event_base_gettimeofday_cached(base, &b);
    printf("cached same %d\n", a.tv_sec == b.tv_sec && a.tv_usec == b.tv_usec);
    printf("update %d\n", event_base_update_cache_time(base));
    event_base_gettimeofday_cached(base, &b);
    gettimeofday(&c, NULL);
    /* either side: the reference puts a coarse clock and an older difference together */
    off = (c.tv_sec - b.tv_sec) * 1000000 + c.tv_usec - b.tv_usec;
    evutil_timersub(&b, &a, &b);
    printf("moved %d, near the present %d\n", b.tv_sec > 0 || b.tv_usec >= 15000, off > -100000 && off < 100000);
}

static void clocks(int flag)
{
    struct event_config *cfg = event_config_new();
    struct timeval a, b, zero = {0, 0};

    printf("clocks, flag %d\n", flag);
    event_config_set_flag(cfg, flag);
    base = event_base_new_with_config(cfg);
    event_config_free(cfg);
    event_base_once(base, -1, EV_TIMEOUT, clock_cb, NULL, &zero);
    event_base_dispatch(base);
    event_base_gettimeofday_cached(base, &a);
    usleep(20000);
    event_base_gettimeofday_cached(base, &b);
    evutil_timersub(&b, &a, &b);
    printf("outside it moves %d, update %d\n", b.tv_sec > 0 || b.tv_usec >= 15000, event_base_update_cache_time(base));
    printf("monotonic %d\n", event_gettime_monotonic(base, &a));
    usleep(20000);
    event_gettime_monotonic(base, &b);
    evutil_timersub(&b, &a, &b);
    printf("moves %d\n", b.tv_sec == 0 && b.tv_usec >= 10000 && b.tv_usec < 900000);
    event_base_free(base);
}

int main(void)
{
    event_set_log_callback(log_cb);
    gettimeofday(&start, NULL);
    base = event_base_new();
    order();
    replace();
    jump();
    same_pass();
    common();
    event_base_free(base);
    clocks(0);
    clocks(EVENT_BASE_FLAG_NO_CACHE_TIME);
    return 0;
}
