/* ev_walk, NULL arguments, ev_feed_signal with any number: the reference has not got them. */
/* harness: only=evrs; valgrind */
#define EV_WALK_ENABLE 1
#include <ev.h>
#include <stdio.h>
#include <unistd.h>

static int types, count;

static void io_cb(EV_P_ ev_io *w, int r) { (void)loop; (void)w; (void)r; }
static void timer_cb(EV_P_ ev_timer *w, int r) { (void)loop; (void)w; (void)r; }
static void periodic_cb(EV_P_ ev_periodic *w, int r) { (void)loop; (void)w; (void)r; }
static void stat_cb(EV_P_ ev_stat *w, int r) { (void)loop; (void)w; (void)r; }
static void idle_cb(EV_P_ ev_idle *w, int r) { (void)loop; (void)w; (void)r; }
static void child_cb(EV_P_ ev_child *w, int r) { (void)loop; (void)w; (void)r; }

static void seen(EV_P_ int type, void *w)
{
    (void)loop;
    (void)w;
    types |= type;
    count++;
}

static void stopper(EV_P_ int type, void *w)
{
    seen(EV_A_ type, w);
    if (type == EV_TIMER)
        ev_timer_stop(EV_A_ w);
    if (type == EV_READ)
        ev_io_stop(EV_A_ w);
}

int main(void)
{
    struct ev_loop *l = EV_DEFAULT;
    ev_io io[2];
    ev_timer t[3];
    ev_periodic p;
    ev_stat st;
    ev_idle id;
    ev_child c;
    int fd[2], i;

    if (pipe(fd))
        return 1;
    for (i = 0; i < 2; i++) {
        ev_io_init(&io[i], io_cb, fd[0], EV_READ);
        ev_io_start(l, &io[i]);
    }
    for (i = 0; i < 3; i++) {
        ev_timer_init(&t[i], timer_cb, 10., 0.);
        ev_timer_start(l, &t[i]);
    }
    ev_periodic_init(&p, periodic_cb, 0., 100., 0);
    ev_periodic_start(l, &p);
    ev_stat_init(&st, stat_cb, "./x", 0.);
    ev_stat_start(l, &st);
    ev_idle_init(&id, idle_cb);
    ev_idle_start(l, &id);
    ev_child_init(&c, child_cb, 1, 0);
    ev_child_start(l, &c);
    ev_walk(l, -1, seen);
    if (count != 9 || types != (EV_READ | EV_TIMER | EV_PERIODIC | EV_STAT | EV_IDLE | EV_CHILD))
        return printf("%d %x\n", count, types), 2;
    count = 0;
    ev_walk(l, EV_TIMER | EV_READ, stopper);
    if (count != 5 || ev_is_active(&t[1]) || ev_is_active(&io[1]))
        return 3;
    count = 0;
    ev_walk(l, EV_TIMER | EV_READ, seen);
    if (count)
        return 4;
    ev_stat_stop(l, &st);
    ev_periodic_stop(l, &p);
    ev_idle_stop(l, &id);
    ev_child_stop(l, &c);
    if (ev_run(l, EVRUN_NOWAIT))
        return 5;
    ev_feed_signal(1000);
    ev_feed_signal(-1);
    ev_feed_signal(0);

    ev_run(NULL, 0);
    ev_break(NULL, 0);
    ev_io_start(NULL, &io[0]);
    ev_io_start(l, NULL);
    ev_timer_again(l, NULL);
    ev_async_send(l, NULL);
    ev_feed_event(l, NULL, 1);
    ev_loop_destroy(NULL);
    if (ev_now(NULL) != 0. || ev_backend(NULL) || ev_clear_pending(NULL, NULL))
        return 6;
    ev_loop_destroy(l);
    return 0;
}
