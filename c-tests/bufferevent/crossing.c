/* harness: only=evrs; timeout=60; threads=tsan; libs=-levent_pthreads
 * Two bufferevents on two bases in two threads whose callbacks write to each other, and in the end
 * free each other (le#1750; the reference waits for ever). */
#include "kit.h"
#include <pthread.h>
#include <event2/thread.h>

struct side {
    struct event_base *base;
    struct bufferevent *bev;
    struct side *other;
    int calls;
};
static struct side s[2];

static void relay(struct bufferevent *b, void *ctx)
{
    struct side *me = ctx;
    char buf[64];
    size_t n = bufferevent_read(b, buf, sizeof buf);
    me->calls++;
    bufferevent_write(me->other->bev, buf, n);
    bufferevent_enable(me->other->bev, EV_READ | EV_WRITE);
    bufferevent_setwatermark(me->other->bev, EV_READ, 0, 0);
}

static void *run(void *arg)
{
    struct side *me = arg;
    struct timeval tv = { 1, 0 };
    event_base_loopexit(me->base, &tv);
    event_base_loop(me->base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

static int ended;
static void end(struct bufferevent *b, void *ctx)
{
    struct side *me = ctx;
    (void)b;
    ms(20);
    bufferevent_setcb(me->other->bev, NULL, NULL, NULL, NULL);
    bufferevent_disable(me->other->bev, EV_READ);
    __sync_fetch_and_add(&ended, 1);
}

int main(void)
{
    pthread_t t[2];
    int i, fd[2];
    evthread_use_pthreads();
    for (i = 0; i < 2; i++) {
        s[i].base = event_base_new();
        s[i].other = &s[1 - i];
    }
    /* Both ends of two socket pairs: what a side reads it writes to the other side's descriptor. */
    {
        int x[2][2];
        connected(PAIR, x[0]);
        connected(PAIR, x[1]);
        for (i = 0; i < 2; i++) {
            s[i].bev = bufferevent_socket_new(s[i].base, x[i][0], BEV_OPT_THREADSAFE | BEV_OPT_CLOSE_ON_FREE);
            bufferevent_setcb(s[i].bev, relay, NULL, NULL, &s[i]);
            bufferevent_enable(s[i].bev, EV_READ);
        }
        fd[0] = x[0][1];
        fd[1] = x[1][1];
    }
    for (i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, run, &s[i]);
    for (i = 0; i < 3000; i++) {
        char buf[4096];
        if (send(fd[i & 1], "0123456789", 10, MSG_DONTWAIT) < 0)
            ms(1);
        while (recv(fd[0], buf, sizeof buf, MSG_DONTWAIT) > 0)
            ;
        while (recv(fd[1], buf, sizeof buf, MSG_DONTWAIT) > 0)
            ;
    }
    for (i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    printf("both ran: %d\n", s[0].calls > 0 && s[1].calls > 0);
    for (i = 0; i < 2; i++)
        bufferevent_setcb(s[i].bev, end, NULL, NULL, &s[i]);
    for (i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, run, &s[i]);
    for (i = 0; i < 2; i++)
        if (send(fd[i], "x", 1, 0) != 1)
            return 1;
    for (i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    printf("ended: %d\n", ended >= 1);
    for (i = 0; i < 2; i++) {
        bufferevent_free(s[i].bev);
        event_base_loop(s[i].base, EVLOOP_NONBLOCK);
        event_base_free(s[i].base);
        close(fd[i]);
    }
    return ended >= 1 && s[0].calls > 0 && s[1].calls > 0 ? 0 : 1;
}
