/* Timers: one-shot, repeating, again, remaining, late loops, what fields read in callbacks. */
/* harness: backends=epoll,poll,select,iouring; valgrind; serial */
#include <ev.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

static int calls;

static int near(double a, double b) { return fabs(a - b) < .03; }

static void shot(EV_P_ ev_timer *w, int revents)
{
    calls++;
    printf("one-shot %x active %d pending %d remaining <= 0: %d\n", revents, ev_is_active(w),
           ev_is_pending(w), ev_timer_remaining(EV_A_ w) <= 0.);
}

static void repeats(EV_P_ ev_timer *w, int revents)
{
    (void)revents;
    calls++;
    if (calls == 4)
        ev_timer_stop(EV_A_ w);
}

static void count(EV_P_ ev_timer *w, int revents)
{
    (void)loop;
    (void)w;
    (void)revents;
    calls++;
}

static ev_timer chained;
static void starts_another(EV_P_ ev_timer *w, int revents)
{
    (void)revents;
    calls++;
    if (calls < 3) {
        ev_timer_set(w, 0., 0.);
        ev_timer_start(EV_A_ w);
    }
}

static void changes_repeat(EV_P_ ev_timer *w, int revents)
{
    (void)revents;
    calls++;
    if (calls == 1) {
        w->repeat = .05;
        ev_timer_again(EV_A_ w);
        printf("repeat %d\n", near(ev_timer_remaining(EV_A_ w), .05));
    } else {
        w->repeat = 0.;
        ev_timer_again(EV_A_ w);
        printf("active %d\n", ev_is_active(w));
    }
}

int main(void)
{
    struct ev_loop *l = EV_DEFAULT;
    ev_timer t, u, v;
    double start;
    int i;

    ev_timer_init(&t, shot, 0., 0.);
    printf("inactive: %g\n", ev_timer_remaining(l, &t));
    ev_timer_start(l, &t);
    i = (int)ev_iteration(l);
    ev_run(l, 0);
    printf("zero delay: %d passes\n", (int)ev_iteration(l) - i);
    ev_timer_init(&t, shot, -5., 0.);
    ev_timer_start(l, &t);
    ev_run(l, 0);

    calls = 0;
    ev_timer_init(&t, repeats, .02, .02);
    ev_timer_start(l, &t);
    ev_now_update(l);
    start = ev_now(l);
    ev_run(l, 0);
    printf("repeated %d times in time: %d\n", calls, near(ev_now(l) - start, .08));

    puts("-- late passes: no backlog");
    calls = 0;
    ev_now_update(l);
    ev_timer_init(&t, count, .01, .01);
    ev_timer_start(l, &t);
    for (i = 0; i < 3; i++) {
        usleep(55000);
        ev_run(l, EVRUN_NOWAIT);
        printf("%d calls\n", calls);
    }
    ev_timer_stop(l, &t);

    puts("-- again");
    ev_now_update(l);
    ev_timer_init(&t, count, 5., 0.);
    ev_timer_again(l, &t);
    printf("inactive without repeat: active %d, %g\n", ev_is_active(&t), ev_timer_remaining(l, &t));
    ev_timer_start(l, &t);
    printf("%d\n", near(ev_timer_remaining(l, &t), 5.));
    t.repeat = 3.;
    ev_timer_again(l, &t);
    printf("%d\n", near(ev_timer_remaining(l, &t), 3.));
    ev_feed_event(l, &t, EV_CUSTOM);
    ev_timer_again(l, &t);
    printf("pending %d active %d\n", ev_is_pending(&t), !!ev_is_active(&t));
    t.repeat = 0.;
    ev_timer_again(l, &t);
    printf("active %d\n", ev_is_active(&t));
    t.repeat = 2.;
    ev_feed_event(l, &t, EV_CUSTOM);
    ev_timer_again(l, &t);
    printf("pending %d active %d %d\n", ev_is_pending(&t), !!ev_is_active(&t),
           near(ev_timer_remaining(l, &t), 2.));
    ev_timer_stop(l, &t);
    printf("stopped: %d\n", near(ev_timer_remaining(l, &t), 2.));

    puts("-- in callbacks");
    calls = 0;
    ev_timer_init(&chained, starts_another, 0., 0.);
    ev_timer_start(l, &chained);
    i = (int)ev_iteration(l);
    ev_run(l, 0);
    printf("%d calls in %d passes\n", calls, (int)ev_iteration(l) - i);
    calls = 0;
    ev_timer_init(&u, changes_repeat, .01, 10.);
    ev_timer_start(l, &u);
    ev_run(l, 0);

    puts("-- many");
    {
        static ev_timer many[2000];
        unsigned seed = 1;
        calls = 0;
        for (i = 0; i < 2000; i++) {
            seed = seed * 1103515245u + 12345u;
            ev_timer_init(&many[i], count, (seed >> 8) % 30000 * 1e-6, 0.);
            ev_timer_start(l, &many[i]);
        }
        for (i = 0; i < 2000; i += 3)
            ev_timer_stop(l, &many[i]);
        for (i = 1; i < 2000; i += 6) {
            many[i].repeat = .005;
            ev_timer_again(l, &many[i]);
            many[i].repeat = 0.;
        }
        ev_verify(l);
        printf("%d left\n", ev_run(l, 0));
        printf("%d calls\n", calls);
    }

    puts("-- fields");
    ev_timer_init(&v, count, 1., 0.);
    ev_set_priority(&v, 99);
    printf("priority %d", ev_priority(&v));
    ev_timer_start(l, &v);
    printf(" %d\n", ev_priority(&v));
    ev_timer_start(l, &v);
    ev_timer_stop(l, &v);
    ev_timer_stop(l, &v);
    printf("refs %d\n", ev_run(l, EVRUN_NOWAIT));
    ev_loop_destroy(l);
    return 0;
}
