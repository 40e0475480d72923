/* The wall clock is set while periodics wait: they are computed anew, timers do not notice. The
 * program's own clock_gettime stands in for the C library's. */
/* harness: backends=epoll,poll; serial; cflags=-rdynamic */
#define _GNU_SOURCE
#include <ev.h>
#include <math.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift; /* seconds that the wall clock is ahead */

int clock_gettime(clockid_t id, struct timespec *ts)
{
    int r = (int)syscall(SYS_clock_gettime, id, ts);
    if (id == CLOCK_REALTIME)
        ts->tv_sec += shift;
    return r;
}

int gettimeofday(struct timeval *tv, void *tz)
{
    struct timespec ts;
    (void)tz;
    clock_gettime(CLOCK_REALTIME, &ts);
    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;
    return 0;
}

static int fired, asked, absolute;
static void cb(EV_P_ ev_periodic *w, int revents) { (void)loop; (void)w; (void)revents; fired++; }
static void abs_cb(EV_P_ ev_periodic *w, int revents) { (void)loop; (void)w; (void)revents; absolute++; }
static ev_tstamp next(ev_periodic *w, ev_tstamp now) { (void)w; asked++; return now + 10000.; }
static void tick(EV_P_ ev_timer *w, int revents) { (void)loop; (void)w; (void)revents; }
static void stop(EV_P_ ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    ev_break(EV_A_ EVBREAK_ALL);
}

static void run(struct ev_loop *l)
{
    ev_timer t;
    ev_timer_init(&t, stop, .8, 0.);
    ev_timer_start(l, &t);
    ev_run(l, 0);
}

static void say(struct ev_loop *l, const char *what, ev_periodic *p, ev_timer *t)
{
    double at = ev_periodic_at(p);
    printf("%s: fired %d, aligned %d, next within an hour %d, asked %d, absolute %d, now follows %d, "
           "timer untouched %d\n", what, fired, fabs(remainder(at - 17., 3600.)) < 1e-3,
           at > ev_now(l) && at <= ev_now(l) + 3600.1, asked, absolute,
           fabs(ev_now(l) - ev_time()) < .2, ev_timer_remaining(l, t) > 990.);
}

int main(void)
{
    struct ev_loop *l = ev_loop_new(EVFLAG_NOTIMERFD);
    ev_periodic p, q, a;
    ev_timer ticker, t;
    struct timespec ts;

    /* Far from a full hour plus 17 s, whenever this runs. */
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &ts);
    shift = 3600 - (ts.tv_sec - 17) % 3600 + 1800;
    ev_loop_destroy(l);
    l = ev_loop_new(EVFLAG_NOTIMERFD);

    ev_timer_init(&ticker, tick, .1, .1);
    ev_timer_start(l, &ticker);
    ev_timer_init(&t, tick, 1000., 0.);
    ev_timer_start(l, &t);
    ev_periodic_init(&p, cb, 17., 3600., 0);
    ev_periodic_start(l, &p);
    ev_periodic_init(&q, cb, 0., 0., next);
    ev_periodic_start(l, &q);
    ev_periodic_init(&a, abs_cb, ev_now(l) + 5000., 0., 0);
    ev_periodic_start(l, &a);
    say(l, "start", &p, &t);
    shift += 60;
    run(l);
    say(l, "a minute ahead", &p, &t);
    shift += 3600;
    run(l);
    say(l, "an hour ahead", &p, &t);
    shift -= 7200;
    run(l);
    say(l, "two hours back", &p, &t);
    shift += 9000;
    run(l);
    say(l, "two and a half ahead", &p, &t);
    ev_loop_destroy(l);
    return 0;
}
