/* Several bases, each with any signals: libevent knows one base with signals at a time. */
/* harness: only=evrs; backends=epoll,poll,select; valgrind */
#include <signal.h>
#include <stdio.h>

#include <event2/event.h>

static void cb(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what;
    ++*(int *)arg;
}

int main(void)
{
    struct event_base *b[40];
    struct event *e[40], *f[40];
    int n[40] = {0}, m[40] = {0}, i;

    for (i = 0; i < 40; i++) {
        b[i] = event_base_new();
        e[i] = event_new(b[i], SIGUSR1, EV_SIGNAL | EV_PERSIST, cb, &n[i]);
        f[i] = event_new(b[i], i % 2 ? SIGUSR2 : SIGHUP, EV_SIGNAL, cb, &m[i]);
        if (event_add(e[i], NULL) || event_add(f[i], NULL))
            return 1;
    }
    raise(SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR2);
    for (i = 0; i < 40; i++)
        event_base_loop(b[i], EVLOOP_NONBLOCK);
    for (i = 0; i < 40; i++)
        if (n[i] != 2 || m[i] != i % 2)
            return 2;
    for (i = 0; i < 40; i += 2) {
        event_free(e[i]);
        event_free(f[i]);
        event_base_free(b[i]);
    }
    raise(SIGUSR1);
    for (i = 1; i < 40; i += 2) {
        event_base_loop(b[i], EVLOOP_NONBLOCK);
        if (n[i] != 3)
            return 3;
        event_free(e[i]);
        event_free(f[i]);
        event_base_free(b[i]);
    }
    signal(SIGUSR1, SIG_IGN);
    libevent_global_shutdown();
    puts("ok");
    return 0;
}
