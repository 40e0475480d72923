/* harness: valgrind; threads=tsan
 * What evthread_use_pthreads sets: recursive locks, trying, conditions with and without timeout. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include <event2/event.h>
#include <event2/thread.h>
#include <event2/util.h>

/* exported by the library, in no header */
struct evthread_lock_callbacks *evthread_get_lock_callbacks(void);
struct evthread_condition_callbacks *evthread_get_condition_callbacks(void);

static struct evthread_lock_callbacks *L;
static struct evthread_condition_callbacks *C;
static void *lock, *cond;
static int ready, woken, counter;

static void *other(void *arg)
{
    int *r = arg;
    *r = L->lock(EVTHREAD_TRY, lock);
    if (*r == 0)
        L->unlock(0, lock);
    return NULL;
}

static int try_elsewhere(void)
{
    pthread_t t;
    int r = -1;
    pthread_create(&t, NULL, other, &r);
    pthread_join(t, NULL);
    return r;
}

static void *waiter(void *arg)
{
    (void)arg;
    L->lock(0, lock);
    ready++;
    while (!woken)
        C->wait_condition(cond, lock, NULL);
    counter++;
    L->unlock(0, lock);
    return NULL;
}

static void *adder(void *arg)
{
    int i;
    (void)arg;
    for (i = 0; i < 2000; i++) {
        L->lock(0, lock);
        counter++;
        L->unlock(0, lock);
    }
    return NULL;
}

int main(void)
{
    struct timeval start, end, tv = { 0, 60000 };
    pthread_t t[4];
    int i, r;

    printf("use %d\n", evthread_use_pthreads());
    L = evthread_get_lock_callbacks();
    C = evthread_get_condition_callbacks();
    printf("%d %u %d\n", L->lock_api_version, L->supported_locktypes, C->condition_api_version);

    lock = L->alloc(EVTHREAD_LOCKTYPE_RECURSIVE);
    r = L->lock(0, lock);
    r |= L->lock(0, lock);
    printf("twice %d\n", r);
    printf("busy %d\n", try_elsewhere() != 0);
    L->unlock(0, lock);
    printf("busy %d\n", try_elsewhere() != 0);
    printf("unlock %d\n", L->unlock(0, lock));
    printf("busy %d\n", try_elsewhere() != 0);

    cond = C->alloc_condition(0);
    for (i = 0; i < 2; i++) {
        L->lock(0, lock);
        gettimeofday(&start, NULL);
        r = C->wait_condition(cond, lock, &tv);
        gettimeofday(&end, NULL);
        L->unlock(0, lock);
        evutil_timersub(&end, &start, &end);
        printf("timeout %d %s\n", r, end.tv_sec == 0 && end.tv_usec < 59000 ? "early" : "in time");
        tv.tv_usec = 999999; /* must carry over to the next second */
    }

    for (i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, waiter, NULL);
    for (;;) {
        L->lock(0, lock);
        if (ready == 4)
            break;
        L->unlock(0, lock);
    }
    woken = 1;
    printf("broadcast %d\n", C->signal_condition(cond, 1));
    L->unlock(0, lock);
    for (i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    printf("woken %d\n", counter);
    L->lock(0, lock);
    printf("signal %d\n", C->signal_condition(cond, 0));
    L->unlock(0, lock);
    counter = 0;
    for (i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, adder, NULL);
    for (i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    printf("counter %d\n", counter);
    C->free_condition(cond);
    L->free(lock, EVTHREAD_LOCKTYPE_RECURSIVE);
    return 0;
}
