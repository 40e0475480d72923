/* A timeout expires while another thread has made the same event active: both results arrive. The
 * reference takes the event out of its queue first, and the other result is lost (libevent issue
 * 1530); so it cannot be compared with. */
/* harness: backends=epoll,poll; threads=tsan; expect=active_and_timeout.out; timeout=60; serial */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/thread.h>

static struct event_base *base;
static char order[64];
static int gate, held, results, calls;

static int get(int *p) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); }
static void set(int *p, int v) { __atomic_store_n(p, v, __ATOMIC_SEQ_CST); }

static void wait_for(int *p, int v)
{
    while (get(p) != v)
        usleep(50);
}

static void note(evutil_socket_t fd, short what, void *arg)
{
    char text[8];
    (void)fd;
    snprintf(text, sizeof text, "%s%x ", (char *)arg, (unsigned)what);
    strcat(order, text);
}

static void count(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)arg;
    __atomic_or_fetch(&results, what, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
}

/* keeps the loop inside a callback until the gate opens */
static void hold(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what; (void)arg;
    set(&held, 1);
    wait_for(&gate, 1);
    set(&gate, 0);
    set(&held, 0);
}

static void stop(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what; (void)arg;
    event_base_loopbreak(base);
}

static void *run(void *arg)
{
    (void)arg;
    event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

static struct event *holder, *last;
static pthread_t loop;

/* the loop runs and stands in a callback */
static void begin(void)
{
    order[0] = 0;
    results = calls = 0;
    pthread_create(&loop, NULL, run, NULL);
    event_active(holder, EV_READ, 1);
    wait_for(&held, 1);
}

/* lets it go, and waits for its end */
static void end(void)
{
    event_active(last, EV_READ, 1);
    set(&gate, 1);
    pthread_join(loop, NULL);
}

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
    evthread_use_pthreads();
    base = event_base_new();
    /* after the holder the loop looks for expired timers before it goes on */
    event_base_priority_init(base, 3);
    holder = event_new(base, -1, 0, hold, NULL);
    event_priority_set(holder, 0);
    last = event_new(base, -1, 0, stop, NULL);
    event_priority_set(last, 2);
    with_timeout_held();
    with_timeout();
    event_free(holder);
    event_free(last);
    event_base_free(base);
    return 0;
}
