/* harness: valgrind
 * Monotonic clocks and the timeval macros. */
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <event2/util.h>

static void show(const char *what, const struct timeval *tv)
{
    printf("%s %ld.%06ld\n", what, (long)tv->tv_sec, (long)tv->tv_usec);
}

int main(void)
{
    struct timeval a = { 1, 999999 }, b = { 2, 2 }, c;
    int flags;

    evutil_timeradd(&a, &b, &c);
    show("add", &c);
    evutil_timersub(&b, &a, &c);
    show("sub", &c);
    evutil_timersub(&a, &b, &c);
    show("negative", &c);
    printf("cmp %d %d %d %d\n", !!evutil_timercmp(&a, &b, <), !!evutil_timercmp(&a, &b, ==),
        !!evutil_timercmp(&a, &a, ==), !!evutil_timercmp(&b, &a, >=));
    printf("set %d", !!evutil_timerisset(&a));
    evutil_timerclear(&a);
    printf(" %d\n", !!evutil_timerisset(&a));
    evutil_gettimeofday(&c, NULL);
    printf("now %d\n", c.tv_sec > 1000000000);
    printf("offset %d\n", (int)evutil_offsetof(struct timeval, tv_usec));

    for (flags = 0; flags < 5; flags++) {
        struct evutil_monotonic_timer *t = evutil_monotonic_timer_new();
        struct timeval last, now, diff;
        int i, backwards = 0, odd = 0;
        printf("configure %d", evutil_configure_monotonic_time(t, flags));
        printf(" get %d", evutil_gettime_monotonic(t, &last));
        c = last;
        for (i = 0; i < 1000; i++) {
            evutil_gettime_monotonic(t, &now);
            backwards += evutil_timercmp(&now, &last, <);
            odd += now.tv_usec < 0 || now.tv_usec >= 1000000;
            last = now;
        }
        usleep(60000);
        evutil_gettime_monotonic(t, &now);
        evutil_timersub(&now, &c, &diff);
        printf(" backwards %d odd %d moved %d\n", backwards, odd,
            diff.tv_sec > 0 || diff.tv_usec >= 30000);
        evutil_monotonic_timer_free(t);
    }
    {
        /* The precise clock and the system's are the same. */
        struct evutil_monotonic_timer *t = evutil_monotonic_timer_new();
        struct timespec ts, te;
        struct timeval tv;
        long long lo, hi, v;
        evutil_configure_monotonic_time(t, EV_MONOT_PRECISE);
        clock_gettime(CLOCK_MONOTONIC, &ts);
        evutil_gettime_monotonic(t, &tv);
        clock_gettime(CLOCK_MONOTONIC, &te);
        lo = ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
        hi = te.tv_sec * 1000000LL + te.tv_nsec / 1000;
        v = tv.tv_sec * 1000000LL + tv.tv_usec;
        printf("precise %d\n", v >= lo && v <= hi);
        evutil_monotonic_timer_free(t);
    }
    return 0;
}
