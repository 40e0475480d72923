/* The functions without a base. */
/* harness: backends=epoll,poll,select; valgrind */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <event.h>

static void log_cb(int severity, const char *msg) { printf("log %d %s\n", severity, msg); }

static void say(evutil_socket_t fd, short what, void *arg)
{
    printf("  %s fd %d 0x%x\n", (char *)arg, (int)fd, what);
}

static void breaks(evutil_socket_t fd, short what, void *arg)
{
    say(fd, what, arg);
    printf("  break %d\n", event_loopbreak());
}

int main(void)
{
    struct timeval zero = {0, 0}, soon = {0, 1000}, never = {1000, 0};
    struct event a, b, t, s;
    struct event_base *base;

    event_set_log_callback(log_cb);
    event_set(&a, -1, 0, say, "early");
    printf("base %d, add %d\n", event_get_base(&a) != NULL, event_add(&a, &zero));
    printf("once without a base %d\n", event_once(-1, EV_TIMEOUT, say, "x", NULL));
    base = event_init();
    printf("init %d, method %d\n", base != NULL, event_get_method() == event_base_get_method(base));
    printf("set %d\n", event_base_set(base, &a));
    printf("add %d\n", event_add(&a, &zero));
    printf("dispatch %d\n", event_dispatch());
    printf("priorities %d\n", event_priority_init(3));
    event_set(&a, -1, 0, say, "a");
    event_set(&b, -1, 0, breaks, "b");
    printf("default %d set %d\n", event_get_priority(&a), event_priority_set(&b, 0));
    event_active(&a, EV_READ, 1);
    event_active(&b, EV_READ, 1);
    printf("dispatch %d\n", event_dispatch());
    printf("loop %d\n", event_loop(EVLOOP_NONBLOCK));
    evtimer_set(&t, say, "timer");
    evtimer_add(&t, &soon);
    printf("pending %d initialized %d\n", evtimer_pending(&t, NULL), evtimer_initialized(&t));
    printf("dispatch %d\n", event_dispatch());
    timeout_set(&t, say, "timeout");
    timeout_add(&t, &never);
    printf("pending %d del %d\n", timeout_pending(&t, NULL), timeout_del(&t));
    signal_set(&s, SIGUSR1, say, "signal");
    signal_add(&s, NULL);
    printf("events 0x%x fd %d\n", event_get_events(&s), EVENT_SIGNAL(&s));
    raise(SIGUSR1);
    printf("loop %d\n", event_loop(EVLOOP_NONBLOCK));
    signal_del(&s);
    printf("once %d exit %d\n", event_once(-1, EV_TIMEOUT, say, "once", NULL), event_loopexit(&soon));
    printf("dispatch %d\n", event_dispatch());
    event_base_free(NULL);
    event_base_free(NULL);
    printf("after: once %d\n", event_once(-1, EV_TIMEOUT, say, "x", NULL));
    return 0;
}
