/* event_active from other threads: order, priorities, merging, taking back, no lost wake-up */
/* harness: backends=epoll,poll; threads=tsan; timeout=60; serial */
#include "loop_thread.h"

static void ordered(void)
{
    struct event *low[3], *high[2];
    const char *names[] = { "a", "b", "c", "d", "e" };
    int i, n;

    for (i = 0; i < 3; i++) {
        low[i] = event_new(base, -1, 0, note, (void *)names[i]);
        event_priority_set(low[i], 2);
    }
    for (i = 0; i < 2; i++) {
        high[i] = event_new(base, -1, EV_PERSIST, note, (void *)names[3 + i]);
        event_priority_set(high[i], 0);
    }
    begin();
    event_active(low[1], EV_READ, 1);
    event_active(low[0], EV_WRITE, 1);
    event_active(high[1], EV_READ, 1);
    event_active(low[2], EV_READ, 1);
    event_active(high[0], EV_TIMEOUT, 1);
    /* again: one call with both */
    event_active(low[0], EV_READ, 1);
    event_active(high[1], EV_WRITE, 3);
    printf("pending %x %x\n", event_pending(low[0], EV_READ | EV_WRITE | EV_TIMEOUT, NULL),
        event_pending(high[0], EV_READ | EV_WRITE | EV_TIMEOUT, NULL));
    /* the reference's own wake-up event may be active as well */
    n = event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE);
    printf("active %d, priority_set %d, base_set %d\n", n >= 5,
        event_priority_set(low[1], 1), event_base_set(base, low[1]));
    event_active(low[2], EV_CLOSED, 1);
    /* taken back */
    event_del(low[2]);
    printf("deleted: pending %x, one less %d\n", event_pending(low[2], 0xff, NULL),
        n - event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE));
    end();
    printf("order %s\n", order);
    for (i = 0; i < 3; i++)
        event_free(low[i]);
    for (i = 0; i < 2; i++)
        event_free(high[i]);
}

/* what a break leaves behind runs in the next loop; what nobody runs goes with the base */
static void left_over(void)
{
    struct event *a = event_new(base, -1, 0, note, "a"), *b = event_new(base, -1, 0, note, "b");

    event_priority_set(a, 2);
    event_priority_set(b, 2);
    event_priority_set(last, 0);
    begin();
    event_active(a, EV_READ, 1);
    event_active(b, EV_READ, 1);
    end();
    printf("after the break: '%s'", order);
    event_active(a, EV_WRITE, 1);
    event_base_loop(base, EVLOOP_NONBLOCK);
    printf(", then '%s'\n", order);
    event_priority_set(last, 2);
    event_free(a);
    event_free(b);
}

static void freed(void)
{
    struct event *ev[50];
    int i;

    begin();
    for (i = 0; i < 50; i++) {
        ev[i] = event_new(base, -1, 0, count, NULL);
        event_active(ev[i], EV_READ, 1);
        event_active(ev[i / 2], EV_WRITE, 1);
    }
    for (i = 0; i < 50; i++)
        event_free(ev[i]);
    end();
    printf("calls after event_free %d\n", calls);
}

static void signals(void)
{
    struct event *ev = evsignal_new(base, SIGUSR1, count, NULL);

    begin();
    event_active(ev, EV_SIGNAL, 3);
    end();
    printf("signal: calls %d, results %x\n", calls, results);
    event_free(ev);
}

static void finalizer(struct event *ev, void *arg)
{
    (void)ev; (void)arg;
    set(&calls, get(&calls) + 1000);
}

static void finalized(void)
{
    struct event *ev = event_new(base, -1, EV_FINALIZE, count, NULL);

    begin();
    event_active(ev, EV_READ, 1);
    event_free_finalize(0, ev, finalizer);
    end();
    event_base_loop(base, EVLOOP_NONBLOCK);
    printf("finalized: %d\n", calls);
}

/* each thread hands a number over, and waits until the callback has seen it: a lost wake-up or a
 * lost activation hangs; the number is plain memory, ordered by nothing but event_active */
struct line {
    struct event *ev;
    int number, seen;
    char room[64];
};
#define LINES 6
static struct line lines[LINES];
static int wrong;

static void take(evutil_socket_t fd, short what, void *arg)
{
    struct line *l = arg;
    (void)fd; (void)what;
    if (l->number != get(&l->seen) + 1)
        wrong++;
    set(&l->seen, l->number);
}

static void *give(void *arg)
{
    struct line *l = arg;
    int i;
    for (i = 1; i <= 3000; i++) {
        l->number = i;
        event_active(l->ev, EV_READ, 1);
        while (get(&l->seen) != i)
            if (i % 8 == 0)
                usleep(20);
    }
    return NULL;
}

static void handed_over(void)
{
    pthread_t t[LINES];
    int i;

    pthread_create(&loop, NULL, run, NULL);
    for (i = 0; i < LINES; i++) {
        lines[i].ev = event_new(base, -1, i % 2 ? EV_PERSIST : 0, take, &lines[i]);
        event_priority_set(lines[i].ev, i % 3);
        pthread_create(&t[i], NULL, give, &lines[i]);
    }
    for (i = 0; i < LINES; i++)
        pthread_join(t[i], NULL);
    event_active(last, EV_READ, 1);
    pthread_join(loop, NULL);
    for (i = 0; i < LINES; i++)
        event_free(lines[i].ev);
    printf("handed over, wrong %d\n", wrong);
}

/* many threads on the same events, which others delete and free meanwhile */
static struct event shared_ev[4];
static int stopping;

static void *hammer(void *arg)
{
    unsigned seed = (unsigned)(long)arg + 1;
    while (!get(&stopping)) {
        struct event *ev = &shared_ev[rand_r(&seed) % 4];
        switch (rand_r(&seed) % 16) {
        case 0: event_del(ev); break;
        case 1: event_pending(ev, EV_READ, NULL); break;
        case 2: event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE); break;
        case 3: {
            struct event *own = event_new(base, -1, 0, count, NULL);
            event_active(own, EV_READ, 1);
            event_free(own);
            break;
        }
        case 4: usleep(30); break;
        default: event_active(ev, 1 << (rand_r(&seed) % 3), 1);
        }
    }
    return NULL;
}

static void hammered(void)
{
    pthread_t t[6];
    long i;

    for (i = 0; i < 4; i++)
        event_assign(&shared_ev[i], base, -1, i % 2 ? EV_PERSIST : 0, count, NULL);
    calls = 0;
    pthread_create(&loop, NULL, run, NULL);
    for (i = 0; i < 6; i++)
        pthread_create(&t[i], NULL, hammer, (void *)i);
    usleep(1000000);
    set(&stopping, 1);
    for (i = 0; i < 6; i++)
        pthread_join(t[i], NULL);
    /* each still works, and runs once for an activation */
    for (i = 0; i < 4; i++) {
        int before;
        event_del(&shared_ev[i]);
        before = get(&calls);
        event_active(&shared_ev[i], EV_READ, 1);
        while (get(&calls) == before)
            usleep(100);
        event_del(&shared_ev[i]);
    }
    event_active(last, EV_READ, 1);
    pthread_join(loop, NULL);
    printf("hammered, active %d\n", event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE));
}

/* the callback is the sign for the main thread to free the base, while the sender may be on its
 * way out of event_active */
static void *send_last(void *arg)
{
    event_active(arg, EV_READ, 1);
    return NULL;
}

static void base_freed(void)
{
    struct event_base *main_base = base;
    int i;

    for (i = 0; i < 200; i++) {
        pthread_t t;
        struct event *ev;
        base = event_base_new();
        ev = event_new(base, -1, 0, stop, NULL);
        pthread_create(&t, NULL, send_last, ev);
        event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
        event_free(ev);
        event_base_free(base);
        pthread_join(t, NULL);
    }
    base = main_base;
    printf("base freed %d times\n", i);
}

int main(void)
{
    set_up();
    ordered();
    left_over();
    freed();
    signals();
    finalized();
    handed_over();
    hammered();
    base_freed();
    tear_down();
    return 0;
}
