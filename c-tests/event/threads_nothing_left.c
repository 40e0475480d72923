/* Deleting the last event, a timer, from another thread ends the loop (libevent's issue 1727: it
 * went on sleeping). */
/* harness: only=evrs; backends=epoll,poll,select */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/thread.h>

static struct event_base *base;

static void nothing(evutil_socket_t fd, short what, void *arg) { (void)fd; (void)what; (void)arg; }

static void *run(void *arg)
{
    (void)arg;
    event_base_dispatch(base);
    return NULL;
}

int main(void)
{
    struct timeval never = {1000, 0};
    struct event *ev;
    pthread_t loop;
    int how;

    evthread_use_pthreads();
    for (how = 0; how < 3; how++) {
        base = event_base_new();
        ev = event_new(base, -1, EV_PERSIST, nothing, NULL);
        event_add(ev, &never);
        pthread_create(&loop, NULL, run, NULL);
        usleep(20000);
        if (how == 0)
            event_del(ev);
        else if (how == 1)
            event_remove_timer(ev);
        else
            event_free(ev);
        pthread_join(loop, NULL);
        if (how < 2)
            event_free(ev);
        event_base_free(base);
        printf("ended %d\n", how);
    }
    return 0;
}
