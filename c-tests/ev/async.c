/* Asyncs: coalescing, pending flags, stopped ones, four threads with a count. */
/* harness: backends=epoll,poll,select,iouring; valgrind; threads=tsan; timeout=60 */
#include <ev.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define THREADS 4
#define SENDS 20000

static struct ev_loop *l;
static ev_async a[THREADS], done;
static int posted[THREADS], seen[THREADS], calls, ended;

static void cb(EV_P_ ev_async *w, int revents)
{
    (void)loop;
    printf("%s %x pending %d\n", (char *)w->data, revents, ev_async_pending(w));
}

static void count(EV_P_ ev_async *w, int revents)
{
    int n = (int)(w - a);
    int now = __atomic_load_n(&posted[n], __ATOMIC_ACQUIRE);
    (void)loop;
    (void)revents;
    calls++;
    if (now < seen[n])
        puts("backwards");
    seen[n] = now;
}

static void finish(EV_P_ ev_async *w, int revents)
{
    int i, all = 0;
    (void)w;
    (void)revents;
    for (i = 0; i < THREADS; i++)
        all += __atomic_load_n(&posted[i], __ATOMIC_ACQUIRE) == SENDS;
    if (all == THREADS) {
        ended = 1;
        ev_break(EV_A_ EVBREAK_ALL);
    }
}

static void *sender(void *arg)
{
    int n = (int)((ev_async *)arg - a), i;
    for (i = 1; i <= SENDS; i++) {
        __atomic_store_n(&posted[n], i, __ATOMIC_RELEASE);
        ev_async_send(l, &a[n]);
        if (i % 1000 == 0)
            usleep(100);
    }
    ev_async_send(l, &done);
    return NULL;
}

static void *wakes(void *arg)
{
    usleep(30000);
    ev_async_send(l, (ev_async *)arg);
    return NULL;
}

int main(void)
{
    pthread_t t[THREADS];
    int i;

    l = ev_loop_new(0);
    for (i = 0; i < 2; i++) {
        ev_async_init(&a[i], cb);
        a[i].data = i ? "second" : "first";
        ev_async_start(l, &a[i]);
    }
    for (i = 0; i < 3; i++) {
        ev_async_send(l, &a[0]);
        ev_async_send(l, &a[1]);
    }
    printf("pending %d %d\n", ev_async_pending(&a[0]), ev_async_pending(&a[1]));
    ev_run(l, EVRUN_NOWAIT);
    ev_run(l, EVRUN_NOWAIT);
    ev_async_stop(l, &a[1]);
    ev_async_send(l, &a[1]);
    ev_run(l, EVRUN_NOWAIT);
    puts("stopped one: nothing");
    pthread_create(&t[0], NULL, wakes, &a[0]);
    printf("woken: %d\n", ev_run(l, EVRUN_ONCE));
    pthread_join(t[0], NULL);
    ev_async_stop(l, &a[0]);
    printf("refs %d\n", ev_run(l, EVRUN_NOWAIT));

    ev_async_init(&done, finish);
    ev_async_start(l, &done);
    for (i = 0; i < THREADS; i++) {
        ev_async_init(&a[i], count);
        ev_async_start(l, &a[i]);
    }
    for (i = 0; i < THREADS; i++)
        pthread_create(&t[i], NULL, sender, &a[i]);
    ev_run(l, 0);
    for (i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    ev_run(l, EVRUN_NOWAIT);
    for (i = 0; i < THREADS; i++)
        printf("thread %d: last seen %d\n", i, seen[i]);
    printf("ended %d, called %d\n", ended, calls >= THREADS && calls <= THREADS * SENDS);
    ev_loop_destroy(l);
    return 0;
}
