/* Finalizers of events. */
/* harness: backends=epoll,poll,select; valgrind */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

static struct event_base *base;
static struct event a, b;

static void say(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    printf("  %s 0x%x\n", (char *)arg, what);
}

static void final(struct event *ev, void *arg)
{
    (void)ev;
    printf("  final %s\n", (char *)arg);
}

static void final_reuse(struct event *ev, void *arg)
{
    final(ev, arg);
    printf("  assign %d add %d\n", event_assign(ev, base, -1, 0, say, "again"), event_add(ev, NULL));
    event_active(ev, EV_READ, 1);
}

static void finalizes_self(evutil_socket_t fd, short what, void *arg)
{
    say(fd, what, arg);
    printf("  finalize %d\n", event_finalize(0, &a, final));
    printf("  add %d\n", event_add(&a, NULL));
    event_active(&a, EV_READ, 1);
}

static void finalizes_other(evutil_socket_t fd, short what, void *arg)
{
    say(fd, what, arg);
    printf("  finalize %d\n", event_finalize(0, &b, final));
}

int main(void)
{
    struct timeval zero = {0, 0}, never = {1000, 0};
    struct event *ev;

    base = event_base_new();
    puts("plain");
    event_assign(&a, base, -1, 0, say, "a");
    event_add(&a, &never);
    printf("%d pending 0x%x active %d\n", event_finalize(0, &a, final), event_pending(&a, EV_TIMEOUT, NULL),
        event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE));
    printf("add %d del %d\n", event_add(&a, &zero), event_del(&a));
    event_active(&a, EV_READ, 1);
    printf("%d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    printf("still refused %d\n", event_add(&a, &zero));
    puts("assigned in the finalizer");
    event_assign(&a, base, -1, 0, say, "a");
    event_finalize(0, &a, final_reuse);
    printf("%d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    event_del(&a);
    puts("in its own callback");
    event_assign(&a, base, -1, EV_PERSIST, finalizes_self, "a");
    event_active(&a, EV_READ, 1);
    printf("%d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    puts("in another callback");
    event_assign(&a, base, -1, 0, finalizes_other, "a");
    event_assign(&b, base, -1, 0, say, "b");
    event_active(&a, EV_READ, 1);
    event_active(&b, EV_READ, 1);
    printf("%d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    puts("free_finalize");
    ev = event_new(base, -1, EV_PERSIST, say, "ev");
    event_add(ev, &zero);
    printf("%d\n", event_free_finalize(0, ev, final));
    printf("%d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    puts("base_free runs them");
    ev = event_new(base, -1, 0, say, "ev");
    event_free_finalize(0, ev, final);
    event_assign(&a, base, -1, 0, say, "a");
    event_finalize(0, &a, final);
    event_base_free(base);
    puts("nofinalize does not");
    base = event_base_new();
    event_assign(&a, base, -1, 0, say, "a");
    event_finalize(0, &a, final);
    event_base_free_nofinalize(base);
    puts("no base");
    memset(&a, 0, sizeof(a));
    event_assign(&a, NULL, -1, 0, say, "a");
    printf("%d\n", event_finalize(0, &a, final));
    return 0;
}
