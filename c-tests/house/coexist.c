/* Both APIs in one program: a libevent loop that drives a libev loop through its backend
 * descriptor, signals and timers on both, and two of each at the same time. */
/* harness: valgrind */
#include <ev.h>
#undef EV_READ
#undef EV_WRITE
#undef EV_TIMEOUT
#undef EV_SIGNAL
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

static int ticks, sub_ticks, turns;
static struct event_base *base;

static void on_ev_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)loop;
    (void)revents;
    if (++ticks == 3)
        ev_timer_stop(loop, w);
}

static void on_ev_signal(struct ev_loop *loop, ev_signal *w, int revents)
{
    (void)revents;
    printf("libev: signal %s\n", w->signum == SIGUSR2 ? "USR2" : "?");
    ev_break(loop, EVBREAK_ALL);
}

static void on_event_signal(evutil_socket_t sig, short what, void *arg)
{
    (void)what;
    (void)arg;
    printf("libevent: signal %s\n", sig == SIGUSR1 ? "USR1" : "?");
}

static void on_event_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    if (++sub_ticks == 3)
        event_base_loopbreak(base);
}

/* Each pass of libevent's loop gives libev a pass that does not wait. */
static void on_turn(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    turns++;
    ev_run(arg, EVRUN_NOWAIT);
    if (ticks == 3)
        event_base_loopbreak(base);
}

int main(void)
{
    struct timeval ms = {0, 1000};
    struct ev_loop *loop = ev_default_loop(0), *other = ev_loop_new(0);
    struct event *turn, *sig, *tick;
    ev_timer t;
    ev_signal s;

    base = event_base_new();
    if (!loop || !other || !base)
        return 1;

    ev_timer_init(&t, on_ev_timer, 0.002, 0.002);
    ev_timer_start(loop, &t);
    turn = event_new(base, -1, 0x10, on_turn, loop);
    event_add(turn, &ms);
    event_base_dispatch(base);
    printf("libev ticked %d times inside libevent: %d\n", ticks, turns >= 3);
    event_free(turn);

    tick = event_new(base, -1, 0x10, on_event_timer, NULL);
    event_add(tick, &ms);
    event_base_dispatch(base);
    printf("libevent ticked %d times\n", sub_ticks);
    event_free(tick);

    sig = evsignal_new(base, SIGUSR1, on_event_signal, NULL);
    event_add(sig, NULL);
    ev_signal_init(&s, on_ev_signal, SIGUSR2);
    ev_signal_start(loop, &s);
    raise(SIGUSR1);
    raise(SIGUSR2);
    event_base_loop(base, EVLOOP_ONCE);
    ev_run(loop, 0);
    ev_signal_stop(loop, &s);
    event_free(sig);

    ticks = 0;
    ev_timer_init(&t, on_ev_timer, 0.001, 0.001);
    ev_timer_start(other, &t);
    ev_run(other, 0);
    printf("the other loop ticked %d times\n", ticks);

    ev_loop_destroy(other);
    event_base_free(base);
    ev_loop_destroy(loop);
    return 0;
}
