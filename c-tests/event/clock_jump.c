/* The monotonic clock jumps forward, as after a suspend on some systems: timers fire, once, and none
 * is lost (libevent's issue 1080). The program's own clock_gettime stands in for the C library's. */
/* harness: backends=epoll,poll,select; serial; cflags=-rdynamic */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

static long shift; /* seconds that the monotonic clock is ahead */

int clock_gettime(clockid_t id, struct timespec *ts)
{
    int r = (int)syscall(SYS_clock_gettime, id, ts);
    if (id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE)
        ts->tv_sec += shift;
    return r;
}

static struct event_base *base;
static int once, often, jumps;

static void once_cb(evutil_socket_t fd, short what, void *arg) { (void)fd; (void)what; (void)arg; once++; }
static void often_cb(evutil_socket_t fd, short what, void *arg) { (void)fd; (void)what; (void)arg; often++; }

static void jump(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what; (void)arg;
    jumps++;
    shift += 3600;
}

static void run(const char *what)
{
    struct timeval tv = { 0, 20000 };
    once = often = 0;
    event_base_once(base, -1, EV_TIMEOUT, jump, NULL, &tv);
    while (jumps == 0)
        event_base_loop(base, EVLOOP_ONCE);
    event_base_loop(base, EVLOOP_NONBLOCK);
    printf("%s: once %d, often %d\n", what, once, often);
    jumps = 0;
}

int main(void)
{
    struct timeval far = { 1800, 0 }, farther = { 5400, 0 }, period = { 600, 0 };
    struct event *a, *b, *c;

    base = event_base_new();
    a = event_new(base, -1, 0, once_cb, NULL);
    b = event_new(base, -1, 0, once_cb, NULL);
    c = event_new(base, -1, EV_PERSIST, often_cb, NULL);
    event_add(a, &far);
    event_add(b, &farther);
    event_add(c, &period);
    run("an hour");
    printf("pending %d %d %d\n", event_pending(a, EV_TIMEOUT, NULL), event_pending(b, EV_TIMEOUT, NULL),
        event_pending(c, EV_TIMEOUT, NULL));
    run("another");
    printf("pending %d %d %d\n", event_pending(a, EV_TIMEOUT, NULL), event_pending(b, EV_TIMEOUT, NULL),
        event_pending(c, EV_TIMEOUT, NULL));
    event_free(a);
    event_free(b);
    event_free(c);
    event_base_free(base);
    return 0;
}
