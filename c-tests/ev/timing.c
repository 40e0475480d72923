/* Suspend and resume, collect intervals, release and invoke hooks, ev_sleep, ev_now. */
/* harness: backends=epoll,poll,select; serial */
#include <ev.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

static int near(double a, double b) { return fabs(a - b) < .04; }
static double fired;
static int calls;

static void timer_cb(EV_P_ ev_timer *w, int r) { (void)w; (void)r; fired = ev_time(); (void)loop; }
static void periodic_cb(EV_P_ ev_periodic *w, int r) { (void)loop; (void)w; (void)r; calls++; }
static void io_cb(EV_P_ ev_io *w, int r)
{
    (void)w;
    (void)r;
    if (++calls == 3)
        ev_break(EV_A_ EVBREAK_ALL);
}
static void invoke_cb(EV_P)
{
    printf("invoke %u\n", ev_pending_count(EV_A));
    ev_invoke_pending(EV_A);
}
static void release(EV_P) EV_NOEXCEPT { (void)loop; puts("release"); }
static void acquire(EV_P) EV_NOEXCEPT { (void)loop; puts("acquire"); }
static void busy_cb(EV_P_ ev_timer *w, int r)
{
    double before = ev_now(EV_A);
    (void)w;
    (void)r;
    usleep(50000);
    printf("now stays %d", before == ev_now(EV_A));
    ev_now_update(EV_A);
    printf(", updated %d\n", near(ev_now(EV_A) - before, .05));
}

int main(void)
{
    struct ev_loop *l = EV_DEFAULT;
    ev_timer t;
    ev_periodic p;
    ev_io io;
    double start;
    int fd[2];

    if (pipe(fd) || write(fd[1], "x", 1) != 1)
        return 1;
    ev_now_update(l);
    printf("now %d\n", near(ev_now(l), ev_time()));
    start = ev_time();
    ev_sleep(.05);
    ev_sleep(0.);
    ev_sleep(-1.);
    printf("slept %d\n", near(ev_time() - start, .05));

    puts("-- suspend");
    ev_now_update(l);
    ev_timer_init(&t, timer_cb, .2, 0.);
    ev_timer_start(l, &t);
    ev_periodic_init(&p, periodic_cb, 0., .1, 0);
    ev_periodic_start(l, &p);
    ev_suspend(l);
    usleep(300000);
    ev_resume(l);
    printf("remaining %d, periodic after now %d\n", near(ev_timer_remaining(l, &t), .2),
           ev_periodic_at(&p) >= ev_now(l));
    ev_periodic_stop(l, &p);
    start = ev_now(l);
    ev_run(l, 0);
    printf("fired in time %d\n", near(fired - start, .2));

    puts("-- timeout collect interval");
    ev_set_timeout_collect_interval(l, .3);
    ev_now_update(l);
    start = ev_now(l);
    ev_timer_init(&t, timer_cb, .2, 0.);
    ev_timer_start(l, &t);
    ev_run(l, 0);
    printf("%d\n", near(fired - start, .3));
    ev_set_timeout_collect_interval(l, 0.);

    puts("-- io collect interval");
    ev_set_io_collect_interval(l, .1);
    ev_io_init(&io, io_cb, fd[0], EV_READ);
    ev_io_start(l, &io);
    calls = 0;
    start = ev_time();
    ev_run(l, 0);
    start = ev_time() - start;
    printf("3 passes take about .2 or .3 s: %d\n", start > .15 && start < .4);
    ev_io_stop(l, &io);
    ev_set_io_collect_interval(l, 0.);

    puts("-- hooks");
    ev_set_invoke_pending_cb(l, invoke_cb);
    ev_set_loop_release_cb(l, release, acquire);
    ev_timer_init(&t, timer_cb, .01, 0.);
    ev_timer_start(l, &t);
    ev_run(l, 0);
    puts("nothing to do");
    ev_run(l, EVRUN_NOWAIT);
    ev_set_invoke_pending_cb(l, ev_invoke_pending);
    ev_set_loop_release_cb(l, 0, 0);
    ev_run(l, EVRUN_NOWAIT);

    ev_timer_init(&t, busy_cb, 0., 0.);
    ev_timer_start(l, &t);
    ev_run(l, 0);
    ev_loop_destroy(l);
    return 0;
}
