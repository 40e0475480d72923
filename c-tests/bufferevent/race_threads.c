/* harness: only=evrs; netns; timeout=60; threads=tsan
 * Connections to names with several addresses are started, freed and given other descriptors by
 * one thread while another runs the loop. The reference has no such race. */
#define _GNU_SOURCE
#include <netdb.h>
#include <pthread.h>
#include <event2/thread.h>
#include "kit.h"

static struct event_base *base;
static struct sockaddr_in good, dead, hole;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res)
{
    static struct sockaddr *const order[4] = { (struct sockaddr *)&dead, (struct sockaddr *)&hole,
        (struct sockaddr *)&dead, (struct sockaddr *)&good };
    struct addrinfo *a = calloc(4, sizeof *a);
    int i;
    (void)node, (void)service, (void)hints;
    for (i = 0; i < 4; i++) {
        a[i].ai_family = AF_INET;
        a[i].ai_socktype = SOCK_STREAM;
        a[i].ai_addrlen = sizeof good;
        a[i].ai_addr = order[i];
        a[i].ai_next = i < 3 ? &a[i + 1] : NULL;
    }
    *res = a;
    return 0;
}

void freeaddrinfo(struct addrinfo *a) { free(a); }

static void *loop(void *arg)
{
    (void)arg;
    event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

static void event(struct bufferevent *b, short what, void *ctx)
{
    (void)b;
    if (what & (BEV_EVENT_CONNECTED | BEV_EVENT_ERROR))
        __atomic_add_fetch((int *)ctx, 1, __ATOMIC_RELAXED);
}

#define N 24

int main(void)
{
    struct bufferevent *b[N];
    struct sockaddr_storage sa;
    socklen_t len;
    pthread_t t;
    int i, round, l, fd, heard[N];
    evthread_use_pthreads();
    base = event_base_new();
    l = listen_on(TCP, &sa, &len);
    memcpy(&dead, &sa, sizeof dead);
    close(l);
    l = listen_on(TCP, &sa, &len);
    memcpy(&good, &sa, sizeof good);
    if (good.sin_port == dead.sin_port)
        dead.sin_addr.s_addr = htonl(0x7f000002);
    listen(l, 4096);
    fd = listen_on(TCP, &sa, &len);
    memcpy(&hole, &sa, sizeof hole);
    listen(fd, 0);
    for (i = 0; i < 2; i++) {
        fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fd, (struct sockaddr *)&hole, sizeof hole);
    }
    pthread_create(&t, NULL, loop, NULL);
    for (round = 0; round < 6; round++) {
        for (i = 0; i < N; i++) {
            heard[i] = 0;
            b[i] = bufferevent_socket_new(base, -1, BEV_OPT_THREADSAFE | BEV_OPT_CLOSE_ON_FREE |
                (i & 1 ? BEV_OPT_DEFER_CALLBACKS | BEV_OPT_UNLOCK_CALLBACKS : 0));
            bufferevent_setcb(b[i], NULL, NULL, event, &heard[i]);
            if (bufferevent_socket_connect_hostname(b[i], NULL, AF_UNSPEC, "host", 80))
                return 1;
            bufferevent_enable(b[i], EV_READ);
        }
        ms(round * 110); /* before, while and after the second and the last address are tried */
        for (i = 0; i < N; i++) {
            if (i % 3 == 1) {
                bufferevent_lock(b[i]);
                fd = bufferevent_getfd(b[i]);
                bufferevent_setfd(b[i], -1);
                bufferevent_unlock(b[i]);
                if (fd >= 0)
                    close(fd);
            } else if (i % 3 == 2)
                bufferevent_disable(b[i], EV_READ | EV_WRITE);
            bufferevent_free(b[i]);
            if (__atomic_load_n(&heard[i], __ATOMIC_RELAXED) > 1)
                printf("heard %d times\n", heard[i]);
        }
    }
    event_base_loopbreak(base);
    pthread_join(t, NULL);
    event_base_free(base);
    printf("done\n");
    return 0;
}
