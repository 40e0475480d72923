/* What ends badly in libevent: a base freed from its own loop, priorities changed by a callback, an
 * event assigned anew while it is active (its issue 1262: an endless pass). */
/* harness: only=evrs; backends=epoll,poll,select; valgrind; timeout=20 */
#include <stdio.h>

#include <event2/event.h>
#include <event2/event_struct.h>

static struct event_base *base;
static struct event ev, other;
static int calls;

static void counts(evutil_socket_t fd, short what, void *arg) { (void)fd; (void)what; (void)arg; calls++; }

static void frees_base(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what; (void)arg;
    calls++;
    event_base_free(base);
}

static void changes_priorities(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what; (void)arg;
    calls++;
    if (event_base_priority_init(base, calls % 2 ? 7 : 1) != 0)
        calls += 100;
    if (calls < 5)
        event_active(&ev, EV_READ, 1);
}

static void reassigns(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what; (void)arg;
    calls++;
    event_assign(&other, base, -1, 0, counts, NULL);
}

int main(void)
{
    struct timeval never = {1000, 0};

    base = event_base_new();
    event_assign(&ev, base, -1, EV_PERSIST, frees_base, NULL);
    event_assign(&other, base, -1, EV_PERSIST, counts, NULL);
    event_add(&other, &never);
    event_active(&ev, EV_READ, 1);
    event_active(&other, EV_READ, 1);
    event_base_once(base, -1, EV_TIMEOUT, counts, NULL, &never);
    event_base_dispatch(base);
    printf("freed in the loop: %d\n", calls);

    base = event_base_new();
    calls = 0;
    event_assign(&ev, base, -1, 0, changes_priorities, NULL);
    event_active(&ev, EV_READ, 1);
    printf("%d ", event_base_dispatch(base));
    printf("priorities changed: %d\n", calls);

    calls = 0;
    event_base_priority_init(base, 1);
    event_assign(&ev, base, -1, 0, reassigns, NULL);
    event_assign(&other, base, -1, 0, counts, NULL);
    event_active(&ev, EV_READ, 1);
    event_active(&other, EV_READ, 1);
    printf("%d ", event_base_loop(base, EVLOOP_NONBLOCK));
    printf("assigned while active: %d\n", calls);
    event_base_free(base);
    libevent_global_shutdown();
    return calls == 2 ? 0 : 1;
}
