/* Periodics: absolute, interval, reschedule callback, again, overdue ones, order. */
/* harness: backends=epoll,poll; valgrind; serial */
#include <ev.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

static int calls, asked;

static void cb(EV_P_ ev_periodic *w, int revents)
{
    (void)loop;
    calls++;
    printf("%s %x active %d\n", (char *)w->data, revents, !!ev_is_active(w));
}

static void count(EV_P_ ev_periodic *w, int revents)
{
    double at = ev_periodic_at(w);
    (void)revents;
    calls++;
    printf("multiple %d, after now %d\n", fabs(remainder(at, w->interval)) < 1e-6, at > ev_now(EV_A));
    if (calls == 3)
        ev_periodic_stop(EV_A_ w);
}

static ev_tstamp next(ev_periodic *w, ev_tstamp now)
{
    (void)w;
    asked++;
    return now + .02;
}

static void asking(EV_P_ ev_periodic *w, int revents)
{
    (void)revents;
    printf("asked %d times\n", asked);
    if (++calls == 3)
        ev_periodic_stop(EV_A_ w);
}

int main(void)
{
    struct ev_loop *l = EV_DEFAULT;
    ev_periodic p, q[3];
    int i;

    ev_periodic_init(&p, cb, ev_now(l) + .02, 0., 0);
    p.data = "absolute";
    ev_periodic_start(l, &p);
    printf("at %d\n", ev_periodic_at(&p) == p.offset);
    ev_run(l, 0);
    ev_periodic_init(&p, cb, 1., 0., 0);
    p.data = "long ago";
    ev_periodic_start(l, &p);
    i = (int)ev_iteration(l);
    ev_run(l, 0);
    printf("%d passes\n", (int)ev_iteration(l) - i);

    ev_periodic_init(&p, count, 0., .05, 0);
    ev_periodic_start(l, &p);
    calls = 0;
    ev_run(l, 0);

    ev_periodic_init(&p, asking, 0., 1000., next);
    calls = 0;
    ev_periodic_start(l, &p);
    printf("at start %d\n", asked);
    ev_run(l, 0);
    ev_periodic_start(l, &p);
    asked = 0;
    ev_periodic_again(l, &p);
    printf("again %d\n", asked);
    ev_periodic_stop(l, &p);

    puts("-- overdue ones, earliest first");
    for (i = 0; i < 3; i++) {
        static char *names[] = { "third", "first", "second" };
        static double before[] = { 1., 3., 2. };
        ev_periodic_init(&q[i], cb, ev_now(l) - before[i], 0., 0);
        q[i].data = names[i];
        ev_periodic_start(l, &q[i]);
    }
    ev_run(l, EVRUN_NOWAIT);

    puts("-- late: one call");
    ev_periodic_init(&p, cb, 0., .01, 0);
    p.data = "late";
    ev_periodic_start(l, &p);
    usleep(55000);
    ev_run(l, EVRUN_NOWAIT);
    ev_periodic_stop(l, &p);
    printf("stopped: %d, refs %d\n", ev_is_active(&p), ev_run(l, EVRUN_NOWAIT));
    ev_periodic_init(&p, cb, 0., 1e-9, 0);
    p.data = "tiny interval";
    ev_periodic_start(l, &p);
    printf("after now %d\n", ev_periodic_at(&p) > ev_now(l));
    ev_periodic_stop(l, &p);
    ev_verify(l);
    ev_loop_destroy(l);
    return 0;
}
