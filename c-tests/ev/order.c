/* In which order callbacks run: types, priorities, last in first out, feeding, idle rules. */
/* harness: backends=epoll,poll,select,iouring; valgrind */
#include <ev.h>
#include <stdio.h>
#include <unistd.h>

static int quiet;
static const char *name_of(void *w) { return ((ev_watcher *)w)->data; }

#define CB(type) \
    static void on_##type(EV_P_ ev_##type *w, int revents) \
    { (void)loop; if (!quiet) printf("%s %x pending %d\n", name_of(w), revents, ev_is_pending(w)); }
CB(io)
CB(timer)
CB(periodic)
CB(idle)
CB(prepare)
CB(check)
CB(async)

static void sleep_a_bit(EV_P_ ev_prepare *w, int revents)
{
    (void)w;
    (void)revents;
    usleep(20000);
    ev_now_update(EV_A);
}

static ev_timer high;
static void feeds_high(EV_P_ ev_timer *w, int revents)
{
    printf("%s %x\n", name_of(w), revents);
    ev_feed_event(EV_A_ &high, EV_CUSTOM);
}

static void stops(EV_P_ ev_timer *w, int revents)
{
    printf("%s %x\n", name_of(w), revents);
    ev_timer_stop(EV_A_ (ev_timer *)((void **)w->data)[1]);
}

int main(void)
{
    struct ev_loop *l = EV_DEFAULT;
    ev_io io[3];
    ev_timer t[6];
    ev_periodic p;
    ev_check c[2];
    ev_prepare pr[2], slow;
    ev_idle id[3];
    ev_async as;
    int fd[2], i;

    if (pipe(fd) || write(fd[1], "x", 1) != 1)
        return 1;

    puts("-- one of each in one pass");
    ev_io_init(&io[0], on_io, fd[0], EV_READ);
    io[0].data = "io";
    ev_io_start(l, &io[0]);
    ev_timer_init(&t[0], on_timer, .01, 0.);
    t[0].data = "timer";
    ev_timer_start(l, &t[0]);
    ev_periodic_init(&p, on_periodic, ev_now(l) - 1., 0., 0);
    p.data = "periodic";
    ev_periodic_start(l, &p);
    ev_check_init(&c[0], on_check);
    c[0].data = "check";
    ev_check_start(l, &c[0]);
    ev_prepare_init(&pr[0], on_prepare);
    pr[0].data = "prepare";
    ev_prepare_start(l, &pr[0]);
    ev_prepare_init(&slow, sleep_a_bit);
    ev_prepare_start(l, &slow);
    ev_idle_init(&id[0], on_idle);
    id[0].data = "idle";
    ev_idle_start(l, &id[0]);
    ev_async_init(&as, on_async);
    as.data = "async";
    ev_async_start(l, &as);
    ev_async_send(l, &as);
    ev_run(l, EVRUN_NOWAIT);
    puts("-- and in the next");
    ev_run(l, EVRUN_NOWAIT);
    ev_io_stop(l, &io[0]);
    ev_check_stop(l, &c[0]);
    puts("-- nothing but idle");
    ev_run(l, EVRUN_NOWAIT);
    ev_prepare_stop(l, &slow);
    ev_prepare_stop(l, &pr[0]);
    ev_idle_stop(l, &id[0]);
    ev_async_stop(l, &as);

    puts("-- timers, earliest first");
    for (i = 0; i < 5; i++) {
        static char *names[] = { "t50", "t10", "t30", "t20", "t40" };
        static double after[] = { .005, .001, .003, .002, .004 };
        ev_timer_init(&t[i], on_timer, after[i], 0.);
        t[i].data = names[i];
        ev_timer_start(l, &t[i]);
    }
    usleep(20000);
    ev_run(l, EVRUN_NOWAIT);

    puts("-- watchers of one descriptor, prepares, checks: last in, first out");
    for (i = 0; i < 3; i++) {
        static char *names[] = { "io a", "io b", "io c" };
        ev_io_init(&io[i], on_io, i == 2 ? fd[1] : fd[0], i == 2 ? EV_WRITE : EV_READ);
        io[i].data = names[i];
    }
    ev_io_start(l, &io[0]);
    ev_io_start(l, &io[1]);
    for (i = 0; i < 2; i++) {
        ev_prepare_init(&pr[i], on_prepare);
        pr[i].data = i ? "prepare b" : "prepare a";
        ev_prepare_start(l, &pr[i]);
        ev_check_init(&c[i], on_check);
        c[i].data = i ? "check b" : "check a";
        ev_check_start(l, &c[i]);
    }
    ev_run(l, EVRUN_NOWAIT);
    puts("-- priorities");
    ev_set_priority(&io[2], 2);
    ev_io_start(l, &io[2]);
    ev_check_stop(l, &c[0]);
    ev_set_priority(&c[0], -2);
    ev_check_start(l, &c[0]);
    ev_run(l, EVRUN_NOWAIT);
    for (i = 0; i < 2; i++) {
        ev_prepare_stop(l, &pr[i]);
        ev_check_stop(l, &c[i]);
    }
    for (i = 0; i < 3; i++)
        ev_io_stop(l, &io[i]);

    puts("-- idle priorities");
    for (i = 0; i < 3; i++) {
        static char *names[] = { "idle -1", "idle 0", "idle 1" };
        ev_idle_init(&id[i], on_idle);
        id[i].data = names[i];
        ev_set_priority(&id[i], i - 1);
        ev_idle_start(l, &id[i]);
    }
    ev_run(l, EVRUN_NOWAIT);
    ev_io_start(l, &io[0]);
    ev_run(l, EVRUN_NOWAIT);
    ev_idle_stop(l, &id[2]);
    puts("-- without the highest");
    ev_run(l, EVRUN_NOWAIT);
    ev_io_stop(l, &io[0]);
    ev_run(l, EVRUN_NOWAIT);
    ev_idle_stop(l, &id[1]);
    ev_run(l, EVRUN_NOWAIT);
    ev_idle_stop(l, &id[0]);

    puts("-- feeding");
    for (i = 0; i < 3; i++) {
        static char *names[] = { "fed a", "fed b", "fed c" };
        ev_timer_init(&t[i], on_timer, 10., 0.);
        t[i].data = names[i];
        ev_feed_event(l, &t[i], EV_CUSTOM);
    }
    ev_feed_event(l, &t[0], EV_IDLE);
    printf("pending %u, is %d, active %d\n", ev_pending_count(l), !!ev_is_pending(&t[0]),
           ev_is_active(&t[0]));
    ev_timer_stop(l, &t[1]);
    printf("cleared: %x %x\n", ev_clear_pending(l, &t[1]), ev_clear_pending(l, &t[2]));
    ev_feed_event(l, &t[2], EV_CUSTOM);
    ev_invoke_pending(l);
    ev_invoke(l, &t[0], 77);

    puts("-- a callback feeds a higher priority");
    ev_timer_init(&high, on_timer, 0., 0.);
    high.data = "high";
    ev_set_priority(&high, 1);
    for (i = 0; i < 2; i++) {
        ev_timer_init(&t[i], i ? feeds_high : on_timer, 0., 0.);
        t[i].data = i ? "feeds" : "low";
        ev_feed_event(l, &t[i], 1);
    }
    ev_invoke_pending(l);

    puts("-- a callback stops a pending watcher");
    {
        void *pair[2];
        pair[0] = "";
        ev_timer_init(&t[2], on_timer, 0., 0.);
        t[2].data = "not called";
        ev_timer_init(&t[3], stops, 0., 0.);
        pair[1] = &t[2];
        t[3].data = pair;
        ev_timer_init(&t[4], on_timer, 0., 0.);
        t[4].data = "called";
        ev_feed_event(l, &t[4], 1);
        ev_feed_event(l, &t[2], 1);
        quiet = 0;
        ev_feed_event(l, &t[3], 1);
        printf("%u\n", ev_pending_count(l));
        /* its name is no string */
        {
            ev_timer *w = &t[3];
            ev_clear_pending(l, w);
            ev_timer_stop(l, &t[2]);
        }
        printf("%u\n", ev_pending_count(l));
        ev_invoke_pending(l);
    }
    ev_verify(l);
    ev_loop_destroy(l);
    return 0;
}
