/* As many descriptors as the limit allows, and a million timers. */
/* harness: backends=epoll,poll; timeout=120; serial */
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#define TIMERS 1000000
static struct event_base *base;
static long calls, sum, out_of_order;
static struct timeval last;
static struct event *timers;

static void fd_cb(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what;
    calls++;
    sum += (long)arg;
}

static void timer_cb(evutil_socket_t fd, short what, void *arg)
{
    struct event *ev = arg;
    (void)fd; (void)what;
    calls++;
    sum += ev - timers;
    /* a private field, above whose microseconds the libraries keep notes of their own */
    struct timeval due = {ev->ev_timeout.tv_sec, ev->ev_timeout.tv_usec & 0xfffff};
    if (evutil_timercmp(&due, &last, <))
        out_of_order++;
    last = due;
}

int main(void)
{
    struct rlimit r;
    struct event **ev;
    int *fd;
    long n, i, seed = 1;

    base = event_base_new();
    getrlimit(RLIMIT_NOFILE, &r);
    r.rlim_cur = r.rlim_max < 20000 ? r.rlim_max : 20000;
    setrlimit(RLIMIT_NOFILE, &r);
    n = (long)r.rlim_cur - 1000;
    if (n > 19000)
        n = 19000;
    ev = calloc(n, sizeof(*ev));
    fd = calloc(n, sizeof(*fd));
    for (i = 0; i < n; i++) {
        fd[i] = eventfd(1, EFD_NONBLOCK);
        ev[i] = event_new(base, fd[i], EV_READ, fd_cb, (void *)i);
        if (fd[i] < 0 || event_add(ev[i], NULL))
            return 1;
    }
    printf("fds all %d\n", event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED) == n);
    for (i = 0; i < n; i += 3)
        event_del(ev[i]);
    event_base_dispatch(base);
    printf("calls %d sum %d\n", calls == n - (n + 2) / 3, sum != 0);
    for (i = 0; i < n; i++) {
        event_free(ev[i]);
        close(fd[i]);
    }
    timers = calloc(TIMERS, sizeof(*timers));
    calls = sum = 0;
    for (i = 0; i < TIMERS; i++) {
        struct timeval tv = {0, 0};
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        tv.tv_usec = seed % 900000;
        event_assign(&timers[i], base, -1, 0, timer_cb, &timers[i]);
        event_add(&timers[i], &tv);
    }
    for (i = 0; i < TIMERS; i += 2)
        event_del(&timers[i]);
    event_base_dispatch(base);
    printf("timers %ld sum %ld out of order %ld\n", calls, sum, out_of_order);
    free(timers);
    free(ev);
    free(fd);
    event_base_free(base);
    return 0;
}
