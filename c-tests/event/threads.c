/* What one thread may do to another's loop. */
/* harness: backends=epoll,poll,select; valgrind; threads=tsan; serial */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/thread.h>

static struct event_base *base;
static struct event *ev, *keep;
static volatile int in_callback, calls;
static pthread_t loop;

static long ms(void)
{
    struct timeval tv;
    gettimeofday(&tv, NULL);
    return tv.tv_sec * 1000 + tv.tv_usec / 1000;
}

static void slow(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what; (void)arg;
    __atomic_store_n(&in_callback, 1, __ATOMIC_SEQ_CST);
    usleep(200000);
    __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&in_callback, 0, __ATOMIC_SEQ_CST);
}

static void quick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what; (void)arg;
    __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
}

static void *run(void *arg)
{
    (void)arg;
    event_base_dispatch(base);
    return NULL;
}

static void start(void)
{
    struct timeval never = {1000, 0};
    base = event_base_new();
    keep = event_new(base, -1, EV_PERSIST, quick, NULL);
    event_add(keep, &never);
    pthread_create(&loop, NULL, run, NULL);
    usleep(20000);
}

static void stop(const char *name, long before, int waited)
{
    pthread_join(loop, NULL);
    printf("%s: %s\n", name, ms() - before < 5000 ? "in time" : "late");
    (void)waited;
    event_free(keep);
    event_base_free(base);
}

static void deletes(const char *name, short events, int (*del)(struct event *))
{
    long before;
    int during;

    start();
    __atomic_store_n(&in_callback, 0, __ATOMIC_SEQ_CST);
    ev = event_new(base, -1, events, slow, NULL);
    event_active(ev, EV_READ, 1);
    while (!__atomic_load_n(&in_callback, __ATOMIC_SEQ_CST))
        usleep(1000);
    before = ms();
    del(ev);
    during = __atomic_load_n(&in_callback, __ATOMIC_SEQ_CST);
    printf("%s: callback %s\n", name, during ? "still runs" : "has ended");
    while (__atomic_load_n(&in_callback, __ATOMIC_SEQ_CST))
        usleep(1000);
    event_base_loopbreak(base);
    stop(name, before, 1);
    event_free(ev);
}

int main(void)
{
    struct timeval soon = {0, 10000}, never = {100, 0};
    struct event *e;
    long before;
    int p[2], i;

    evthread_use_pthreads();
    deletes("del", EV_PERSIST, event_del);
    deletes("del finalize", EV_PERSIST | EV_FINALIZE, event_del);
    deletes("del_noblock", EV_PERSIST, event_del_noblock);
    deletes("del_block", EV_PERSIST | EV_FINALIZE, event_del_block);

    start();
    before = ms();
    event_base_loopexit(base, NULL);
    stop("exit", before, 0);
    start();
    before = ms();
    event_base_loopbreak(base);
    stop("break", before, 0);

    start();
    __atomic_store_n(&calls, 0, __ATOMIC_SEQ_CST);
    e = event_new(base, -1, 0, quick, NULL);
    for (i = 0; i < 100; i++) {
        int now = __atomic_load_n(&calls, __ATOMIC_SEQ_CST);
        event_active(e, EV_READ, 1);
        while (__atomic_load_n(&calls, __ATOMIC_SEQ_CST) == now)
            usleep(10);
    }
    event_add(e, &soon);
    while (__atomic_load_n(&calls, __ATOMIC_SEQ_CST) < 101)
        usleep(1000);
    printf("activated and timed %d\n", __atomic_load_n(&calls, __ATOMIC_SEQ_CST));
    event_free(e);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p) < 0)
        return 1;
    e = event_new(base, p[0], EV_WRITE, quick, NULL);
    event_add(e, &never);
    while (__atomic_load_n(&calls, __ATOMIC_SEQ_CST) < 102)
        usleep(1000);
    event_base_once(base, -1, EV_TIMEOUT, quick, NULL, NULL);
    while (__atomic_load_n(&calls, __ATOMIC_SEQ_CST) < 103)
        usleep(1000);
    printf("added and once %d\n", __atomic_load_n(&calls, __ATOMIC_SEQ_CST));
    event_free(e);
    before = ms();
    event_base_loopexit(base, &soon);
    stop("exit later", before, 0);
    close(p[0]);
    close(p[1]);
    printf("notifiable %d\n", (base = event_base_new(), evthread_make_base_notifiable(base)));
    printf("again %d\n", evthread_make_base_notifiable(base));
    event_base_free(base);
    libevent_global_shutdown();
    return 0;
}
