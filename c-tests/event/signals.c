/* Signals on one base. */
/* harness: backends=epoll,poll,select; valgrind */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

static struct event_base *base;
static struct event ev, ev2;
static int calls;

static void handler(int sig) { (void)sig; }

static void say(evutil_socket_t fd, short what, void *arg)
{
    printf("  %s sig %d what 0x%x pending 0x%x\n", (char *)arg, (int)fd, what, event_pending(&ev, EV_SIGNAL | EV_TIMEOUT, NULL));
}

static void counts(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what;
    if (++calls == *(int *)arg)
        event_del(&ev);
}

static void frees(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what;
    calls++;
    event_free(*(struct event **)arg);
}

static void breaks(evutil_socket_t fd, short what, void *arg)
{
    say(fd, what, arg);
    event_base_loopbreak(base);
}

static void readds(evutil_socket_t fd, short what, void *arg)
{
    say(fd, what, arg);
    event_add(&ev, NULL);
}

static int is(int sig, void (*f)(int))
{
    struct sigaction sa;
    sigaction(sig, NULL, &sa);
    return sa.sa_handler == f;
}

int main(void)
{
    struct timeval soon = {0, 2000};
    struct sigaction sa;
    struct event *heap;
    int limit, i;

    base = event_base_new();
    puts("persistent");
    event_assign(&ev, base, SIGUSR1, EV_SIGNAL | EV_PERSIST, say, "ev");
    printf("%d\n", event_add(&ev, NULL));
    sigaction(SIGUSR1, NULL, &sa);
    printf("restart %d full mask %d\n", (sa.sa_flags & SA_RESTART) != 0, sigismember(&sa.sa_mask, SIGTERM));
    raise(SIGUSR1);
    printf("%d\n", event_base_loop(base, EVLOOP_ONCE));
    raise(SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    printf("%d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    printf("num %d\n", event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED));
    puts("by hand");
    event_active(&ev, EV_SIGNAL, 2);
    event_active(&ev, EV_READ, 5);
    printf("%d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    event_base_active_by_signal(base, SIGUSR1);
    event_base_active_by_signal(base, SIGUSR2);
    event_base_active_by_signal(base, 1000);
    event_base_active_by_signal(base, -1);
    printf("%d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    puts("break stops the repeats");
    event_del(&ev);
    event_assign(&ev, base, SIGUSR1, EV_SIGNAL | EV_PERSIST, breaks, "ev");
    event_add(&ev, NULL);
    event_active(&ev, EV_SIGNAL, 3);
    printf("%d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    printf("%d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    event_del(&ev);
    puts("handlers come back");
    signal(SIGUSR1, handler);
    event_assign(&ev, base, SIGUSR1, EV_SIGNAL, say, "one-shot");
    event_assign(&ev2, base, SIGUSR1, EV_SIGNAL | EV_PERSIST, say, "second");
    event_add(&ev, NULL);
    event_add(&ev2, NULL);
    printf("ours %d\n", is(SIGUSR1, handler));
    raise(SIGUSR1);
    printf("%d\n", event_base_loop(base, EVLOOP_ONCE));
    event_del(&ev2);
    printf("ours %d\n", is(SIGUSR1, handler));
    event_add(&ev, NULL);
    event_del(&ev);
    printf("ours %d\n", is(SIGUSR1, handler));
    signal(SIGUSR1, SIG_IGN);
    event_add(&ev, NULL);
    event_del(&ev);
    printf("ignored %d\n", is(SIGUSR1, SIG_IGN));
    puts("re-added in the callback");
    event_assign(&ev, base, SIGUSR1, EV_SIGNAL, readds, "re");
    event_add(&ev, NULL);
    for (i = 0; i < 2; i++) {
        raise(SIGUSR1);
        printf("%d\n", event_base_loop(base, EVLOOP_ONCE));
    }
    event_del(&ev);
    puts("with a timeout");
    event_assign(&ev, base, SIGUSR1, EV_SIGNAL | EV_PERSIST, say, "timed");
    event_add(&ev, &soon);
    printf("%d\n", event_base_loop(base, EVLOOP_ONCE));
    event_del(&ev);
    puts("deleted during repeats");
    for (limit = 1; limit < 5; limit++) {
        event_assign(&ev, base, SIGUSR1, EV_SIGNAL | EV_PERSIST, counts, &limit);
        event_add(&ev, NULL);
        calls = 0;
        event_active(&ev, EV_SIGNAL, 4);
        event_base_loop(base, EVLOOP_NONBLOCK);
        printf("%d of 4\n", calls);
        event_del(&ev);
    }
    puts("freed during repeats");
    for (i = 1; i < 4; i++) {
        calls = 0;
        heap = event_new(base, SIGUSR2, EV_SIGNAL | EV_PERSIST, frees, &heap);
        event_add(heap, NULL);
        event_active(heap, EV_SIGNAL, i);
        event_base_loop(base, EVLOOP_NONBLOCK);
        printf("%d of %d\n", calls, i);
    }
    puts("signal to a blocked loop");
    event_assign(&ev, base, SIGALRM, EV_SIGNAL, say, "alarm");
    event_add(&ev, NULL);
    alarm(1);
    printf("%d\n", event_base_dispatch(base));
    puts("freed with a signal added");
    event_assign(&ev, base, SIGUSR1, EV_SIGNAL | EV_PERSIST, say, "ev");
    event_add(&ev, NULL);
    event_base_free(base);
    printf("ignored %d\n", is(SIGUSR1, SIG_IGN));
    libevent_global_shutdown();
    return 0;
}
