/* A timeout expires while another thread has made the same event active: both results arrive. The
 * reference takes the event out of its queue first, and the other result is lost (libevent issue
 * 1530); so it cannot be compared with. */
/* harness: backends=epoll,poll; threads=tsan; expect=active_and_timeout.out; timeout=60; serial */
#include "loop_thread.h"

/* both results arrive, however the timeout and the other thread meet (libevent issue 1530) */
static void with_timeout(void)
{
    struct timeval tv = { 0, 1000 };
    struct event *ev = event_new(base, -1, EV_PERSIST, count, NULL);
    int round, lost = 0;

    pthread_create(&loop, NULL, run, NULL);
    for (round = 0; round < 100; round++) {
        set(&results, 0);
        tv.tv_usec = 100 + 10 * (round % 20);
        event_add(ev, &tv);
        usleep((useconds_t)(60 + round));
        event_active(ev, EV_READ, 1);
        while (get(&results) != (EV_READ | EV_TIMEOUT) && lost < 5000) {
            lost++;
            usleep(200);
        }
        event_del(ev);
        if (lost == 5000)
            break;
        lost = 0;
    }
    printf("timeout and activation: %d rounds, lost %d\n", round, lost);
    event_active(last, EV_READ, 1);
    pthread_join(loop, NULL);
    event_free(ev);
}

/* the same with the loop held, so that they certainly meet in one call */
static void with_timeout_held(void)
{
    struct timeval tv = { 0, 1000 };
    struct event *ev = event_new(base, -1, 0, note, "t");

    begin();
    event_add(ev, &tv);
    usleep(5000);
    event_active(ev, EV_WRITE, 1);
    end();
    event_base_loop(base, EVLOOP_NONBLOCK);
    printf("held: %s\n", order);
    event_free(ev);
}

int main(void)
{
    /* after the holder the loop looks for expired timers before it goes on */
    set_up();
    with_timeout_held();
    with_timeout();
    tear_down();
    return 0;
}
