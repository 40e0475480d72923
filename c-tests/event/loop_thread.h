/* A loop in a thread of its own that stands in a callback while the test prepares something. */
#ifndef EVENT_LOOP_THREAD_H
#define EVENT_LOOP_THREAD_H
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>
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

__attribute__((unused)) static void note(evutil_socket_t fd, short what, void *arg)
{
    char text[8];
    (void)fd;
    snprintf(text, sizeof text, "%s%x ", (char *)arg, (unsigned)what);
    strcat(order, text);
}

__attribute__((unused)) static void count(evutil_socket_t fd, short what, void *arg)
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

/* a base with three priorities: the holder goes first, what ends the loop last */
static void set_up(void)
{
    evthread_use_pthreads();
    base = event_base_new();
    event_base_priority_init(base, 3);
    holder = event_new(base, -1, 0, hold, NULL);
    event_priority_set(holder, 0);
    last = event_new(base, -1, 0, stop, NULL);
    event_priority_set(last, 2);
}

static void tear_down(void)
{
    event_free(holder);
    event_free(last);
    event_base_free(base);
}

#endif
