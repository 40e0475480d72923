/* harness: timeout=60; threads=tsan; libs=-levent_pthreads
 * Thread-safe bufferevents: written, enabled, read and freed from other threads while the loop runs;
 * freed while a callback runs. */
#include "kit.h"
#include <pthread.h>
#include <event2/thread.h>

static struct event_base *base;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static int in_callback, freed_now;
static size_t received;

static void count(struct bufferevent *b, void *ctx)
{
    struct evbuffer *in = bufferevent_get_input(b);
    (void)ctx;
    /* Needed with UNLOCK_CALLBACKS only. */
    bufferevent_lock(b);
    pthread_mutex_lock(&m);
    received += evbuffer_get_length(in);
    pthread_mutex_unlock(&m);
    evbuffer_drain(in, evbuffer_get_length(in));
    bufferevent_unlock(b);
}

static void slow(struct bufferevent *b, void *ctx)
{
    int *alive = ctx;
    pthread_mutex_lock(&m);
    in_callback = 1;
    pthread_mutex_unlock(&m);
    ms(50);
    *alive = 1;
    evbuffer_drain(bufferevent_get_input(b), 100);
    pthread_mutex_lock(&m);
    in_callback = 0;
    pthread_mutex_unlock(&m);
}

static void *loop(void *arg)
{
    event_base_loop(arg, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

static void *writer(void *arg)
{
    char block[100];
    int i;
    memset(block, 'w', sizeof block);
    for (i = 0; i < 1000; i++) {
        bufferevent_write(arg, block, sizeof block);
        if (i % 100 == 0) {
            bufferevent_disable(arg, EV_WRITE);
            bufferevent_enable(arg, EV_WRITE);
            bufferevent_lock(arg);
            evbuffer_get_length(bufferevent_get_output(arg));
            bufferevent_unlock(arg);
        }
    }
    return NULL;
}

static void wait_for(int *what)
{
    int v = 0;
    while (!v) {
        ms(1);
        pthread_mutex_lock(&m);
        v = *what;
        pthread_mutex_unlock(&m);
    }
}

int main(void)
{
    int options = BEV_OPT_THREADSAFE | BEV_OPT_CLOSE_ON_FREE, fd[2], round;
    int kinds[] = { 0, BEV_OPT_DEFER_CALLBACKS, BEV_OPT_DEFER_CALLBACKS | BEV_OPT_UNLOCK_CALLBACKS };
    pthread_t t, w[3];
    (void)freed_now;
    evthread_use_pthreads();
    base = event_base_new();
    pthread_create(&t, NULL, loop, base);
    for (round = 0; round < 3; round++) {
        struct bufferevent *a, *b, *p[2];
        size_t seen = 0;
        int i, alive = 0;
        pthread_mutex_lock(&m);
        received = 0;
        pthread_mutex_unlock(&m);
        connected(PAIR, fd);
        nonblock(fd[1]);
        a = bufferevent_socket_new(base, fd[0], options | kinds[round]);
        b = bufferevent_socket_new(base, fd[1], options | kinds[round]);
        bufferevent_setcb(b, count, NULL, NULL, NULL);
        bufferevent_enable(b, EV_READ);
        for (i = 0; i < 3; i++)
            pthread_create(&w[i], NULL, writer, a);
        for (i = 0; i < 3; i++)
            pthread_join(w[i], NULL);
        for (i = 0; i < 5000 && seen < 300000; i++) {
            ms(1);
            pthread_mutex_lock(&m);
            seen = received;
            pthread_mutex_unlock(&m);
        }
        printf("received %zu\n", seen);
        bufferevent_free(a);
        bufferevent_free(b);

        connected(PAIR, fd);
        a = bufferevent_socket_new(base, fd[0], options | kinds[round]);
        bufferevent_setcb(a, slow, NULL, NULL, &alive);
        bufferevent_enable(a, EV_READ);
        if (write(fd[1], "x", 1) != 1)
            return 1;
        wait_for(&in_callback);
        bufferevent_free(a);
        /* Without UNLOCK_CALLBACKS the callback is over now. */
        pthread_mutex_lock(&m);
        if (round < 2)
            printf("over: %d\n", !in_callback);
        i = in_callback;
        pthread_mutex_unlock(&m);
        while (i) {
            ms(5);
            pthread_mutex_lock(&m);
            i = in_callback;
            pthread_mutex_unlock(&m);
        }
        close(fd[1]);

        pthread_mutex_lock(&m);
        received = 0;
        pthread_mutex_unlock(&m);
        bufferevent_pair_new(base, options | kinds[round], p);
        bufferevent_setcb(p[1], count, NULL, NULL, NULL);
        bufferevent_enable(p[1], EV_READ);
        for (i = 0; i < 3; i++)
            pthread_create(&w[i], NULL, writer, p[0]);
        for (i = 0; i < 3; i++)
            pthread_join(w[i], NULL);
        for (seen = 0, i = 0; i < 5000 && seen < 300000; i++) {
            ms(1);
            pthread_mutex_lock(&m);
            seen = received;
            pthread_mutex_unlock(&m);
        }
        printf("pair received %zu\n", seen);
        bufferevent_free(p[0]);
        bufferevent_free(p[1]);
    }
    event_base_loopbreak(base);
    pthread_join(t, NULL);
    event_base_free(base);
    return 0;
}
