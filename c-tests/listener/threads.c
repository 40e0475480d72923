/* harness: only=evrs; threads=tsan; timeout=60
 * le#12cedc8a and relatives: another thread disables, enables and frees listeners while their callbacks
 * run. (The reference deadlocks.) */
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>
#include <event2/thread.h>
#include <event2/util.h>

static struct event_base *base;
static struct sockaddr_in addr;
static int inside, entered, running = 1;

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    (void)l;
    (void)sa;
    (void)len;
    (void)arg;
    __atomic_store_n(&inside, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&entered, 1, __ATOMIC_SEQ_CST);
    usleep(1000);
    close(fd);
    __atomic_store_n(&inside, 0, __ATOMIC_SEQ_CST);
}

static void *loop(void *arg)
{
    (void)arg;
    event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

static void *dialler(void *arg)
{
    (void)arg;
    while (__atomic_load_n(&running, __ATOMIC_SEQ_CST)) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        struct linger hard = { 1, 0 };
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
        if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
            usleep(100);
        close(fd);
    }
    return NULL;
}

static struct evconnlistener *make(void)
{
    struct evconnlistener *l;
    socklen_t len = sizeof(addr);
    l = evconnlistener_new_bind(base, on_accept, NULL,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_THREADSAFE, -1, (struct sockaddr *)&addr, sizeof(addr));
    if (l && !addr.sin_port)
        getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&addr, &len);
    return l;
}

int main(void)
{
    struct evconnlistener *l;
    pthread_t looper, dial;
    int i, late = 0, none = 0, silent = 0;

    evthread_use_pthreads();
    base = event_base_new();
    memset(&addr, 0, sizeof(addr));
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    l = make();
    pthread_create(&looper, NULL, loop, NULL);
    pthread_create(&dial, NULL, dialler, NULL);
    for (i = 0; i < 100; i++) {
        int w;
        __atomic_store_n(&entered, 0, __ATOMIC_SEQ_CST);
        evconnlistener_enable(l);
        for (w = 0; w < 5000 && !__atomic_load_n(&entered, __ATOMIC_SEQ_CST); w++)
            usleep(100);
        silent += w == 5000;
        evconnlistener_disable(l);
        /* after this no callback runs */
        late += __atomic_load_n(&inside, __ATOMIC_SEQ_CST);
    }
    printf("late %d silent %d\n", late, silent);
    evconnlistener_free(l);
    for (i = 0; i < 100; i++) {
        l = make();
        if (!l) {
            none++;
            continue;
        }
        usleep(i % 3 * 700);
        evconnlistener_free(l);
    }
    printf("not made %d\n", none > 50);
    __atomic_store_n(&running, 0, __ATOMIC_SEQ_CST);
    pthread_join(dial, NULL);
    event_base_loopbreak(base);
    pthread_join(looper, NULL);
    event_base_free(base);
    puts("done");
    return 0;
}
