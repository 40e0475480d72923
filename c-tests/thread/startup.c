/* harness: threads=tsan; valgrind
 * le#777: with debug mode and locks set up, many threads may make, use and free bases at once. */
#include <pthread.h>
#include <stdio.h>

#include <event2/event.h>
#include <event2/thread.h>
#include <event2/util.h>

static int calls[4];

static void tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    ++*(int *)arg;
}

static void *work(void *arg)
{
    int i, *n = arg;
    for (i = 0; i < 50; i++) {
        struct event_base *base = event_base_new();
        struct timeval soon = { 0, 10 };
        struct event *a = evtimer_new(base, tick, n), *b = event_new(base, -1, 0, tick, n);
        unsigned char bytes[8];
        evtimer_add(a, &soon);
        event_active(b, EV_READ, 1);
        event_base_dispatch(base);
        evutil_secure_rng_get_bytes(bytes, sizeof(bytes));
        event_free(a);
        event_free(b);
        event_base_free(base);
    }
    return NULL;
}

int main(void)
{
    pthread_t t[4];
    int i;

    event_enable_debug_mode();
    evthread_use_pthreads();
    evthread_enable_lock_debugging();
    for (i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, work, &calls[i]);
    for (i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    printf("%d %d %d %d\n", calls[0], calls[1], calls[2], calls[3]);
    libevent_global_shutdown();
    return 0;
}
