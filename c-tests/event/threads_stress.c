/* Eight threads add, delete, activate and free events on one running base. */
/* harness: backends=epoll,poll; threads=tsan; timeout=60; serial */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/thread.h>

#define THREADS 8

static struct event_base *base;
static long seconds = 2;
static int stop_now, bad;
/* closed when the loop has ended: a report of the kernel that is on its way may still have the loop
 * take a deleted descriptor out of epoll's set, which TSan would call a race with close() */
static int pairs[THREADS][16][2];

struct mine {
    struct event *ev;
    long activated, called;
    int alive;
};

static void cb(evutil_socket_t fd, short what, void *arg)
{
    struct mine *m = arg;
    (void)fd; (void)what;
    /* after event_free has returned, no call may come */
    if (!__atomic_load_n(&m->alive, __ATOMIC_SEQ_CST))
        __atomic_store_n(&bad, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&m->called, 1, __ATOMIC_SEQ_CST);
}

static void *worker(void *arg)
{
    unsigned seed = (unsigned)(long)arg * 7919 + 1;
    struct mine m[16];
    int (*p)[2] = pairs[(long)arg], i;

    for (i = 0; i < 16; i++) {
        m[i].ev = NULL;
        m[i].alive = 0;
        m[i].activated = m[i].called = 0;
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p[i]) < 0)
            exit(1);
    }
    while (!__atomic_load_n(&stop_now, __ATOMIC_SEQ_CST)) {
        struct timeval tv;
        i = rand_r(&seed) % 16;
        tv.tv_sec = 0;
        tv.tv_usec = rand_r(&seed) % 2000;
        if (!m[i].ev) {
            __atomic_store_n(&m[i].alive, 1, __ATOMIC_SEQ_CST);
            m[i].ev = event_new(base, i % 2 ? p[i][0] : -1, i % 2 ? EV_WRITE | (i & 2 ? EV_PERSIST : 0) : i & 2 ? EV_PERSIST : 0,
                cb, &m[i]);
            continue;
        }
        switch (rand_r(&seed) % 8) {
        case 0: case 1: event_add(m[i].ev, &tv); break;
        case 2: event_add(m[i].ev, NULL); break;
        case 3: event_del(m[i].ev); break;
        case 4: event_active(m[i].ev, EV_READ, 1); break;
        case 5: event_remove_timer(m[i].ev); break;
        case 6: event_pending(m[i].ev, EV_READ | EV_TIMEOUT, &tv); break;
        case 7:
            event_free(m[i].ev);
            __atomic_store_n(&m[i].alive, 0, __ATOMIC_SEQ_CST);
            m[i].ev = NULL;
            break;
        }
    }
    for (i = 0; i < 16; i++) {
        if (m[i].ev) {
            long before;
            /* one activation is one call */
            event_del(m[i].ev);
            before = __atomic_load_n(&m[i].called, __ATOMIC_SEQ_CST);
            event_active(m[i].ev, EV_READ, 1);
            while (__atomic_load_n(&m[i].called, __ATOMIC_SEQ_CST) == before)
                usleep(100);
            event_free(m[i].ev);
        }
    }
    return NULL;
}

static void *run(void *arg)
{
    (void)arg;
    event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

int main(void)
{
    pthread_t loop, t[THREADS];
    long i;

    if (getenv("STRESS_SECONDS"))
        seconds = atol(getenv("STRESS_SECONDS"));
    evthread_use_pthreads();
    base = event_base_new();
    pthread_create(&loop, NULL, run, NULL);
    for (i = 0; i < THREADS; i++)
        pthread_create(&t[i], NULL, worker, (void *)i);
    sleep((unsigned)seconds);
    __atomic_store_n(&stop_now, 1, __ATOMIC_SEQ_CST);
    for (i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    event_base_loopbreak(base);
    pthread_join(loop, NULL);
    printf("calls after free %d, left %d\n", bad, event_base_get_num_events(base,
        EVENT_BASE_COUNT_ADDED | EVENT_BASE_COUNT_ACTIVE));
    for (i = 0; i < THREADS * 16; i++) {
        close(pairs[i / 16][i % 16][0]);
        close(pairs[i / 16][i % 16][1]);
    }
    event_base_free(base);
    libevent_global_shutdown();
    return 0;
}
