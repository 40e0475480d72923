/* How the loop ends, and what it says then. */
/* harness: backends=epoll,poll,select; valgrind; timeout=10 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

static struct event_base *base;
static struct event *a, *b, *c;
static int runs;

static void log_cb(int severity, const char *msg) { printf("log %d %s\n", severity, msg); }

static void say(evutil_socket_t fd, short what, void *arg)
{
    printf("  %s fd %d what 0x%x\n", (char *)arg, (int)fd, what);
}

static void state(const char *when, int result)
{
    printf("%s: %d exit %d break %d active %d added %d virtual %d\n", when, result, event_base_got_exit(base),
        event_base_got_break(base), event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE),
        event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED),
        event_base_get_num_events(base, EVENT_BASE_COUNT_VIRTUAL));
}

static void breaks(evutil_socket_t fd, short what, void *arg)
{
    say(fd, what, arg);
    printf("  break %d\n", event_base_loopbreak(base));
}

static void exits(evutil_socket_t fd, short what, void *arg)
{
    say(fd, what, arg);
    printf("  exit %d\n", event_base_loopexit(base, NULL));
}

static void reenters(evutil_socket_t fd, short what, void *arg)
{
    say(fd, what, arg);
    printf("  inner %d\n", event_base_loop(base, EVLOOP_NONBLOCK));
}

static void again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what;
    if (++runs < 5)
        event_active(*(struct event **)arg, EV_READ, 1);
}

static void all_active(void)
{
    event_active(a, EV_READ, 1);
    event_active(b, EV_WRITE, 1);
    event_active(c, EV_TIMEOUT, 1);
}

static void set(event_callback_fn fa)
{
    event_assign(a, base, -1, 0, fa, "a");
    event_assign(b, base, -1, 0, say, "b");
    event_assign(c, base, -1, 0, say, "c");
}

int main(void)
{
    struct timeval soon = {0, 1000}, zero = {0, 0}, never = {1000, 0};
    struct event *timer;

    event_set_log_callback(log_cb);
    base = event_base_new();
    a = event_new(base, -1, 0, say, "a");
    b = event_new(base, -1, 0, say, "b");
    c = event_new(base, -1, 0, say, "c");
    timer = event_new(base, -1, 0, say, "timer");

    state("empty", event_base_dispatch(base));
    state("empty once", event_base_loop(base, EVLOOP_ONCE));
    state("empty nonblock", event_base_loop(base, EVLOOP_NONBLOCK));
    state("empty nonblock, no exit", event_base_loop(base, EVLOOP_NONBLOCK | EVLOOP_NO_EXIT_ON_EMPTY));

    all_active();
    state("active", -9);
    state("runs all", event_base_dispatch(base));

    set(breaks);
    all_active();
    state("break in a", event_base_dispatch(base));
    state("rest", event_base_dispatch(base));
    printf("break before %d\n", event_base_loopbreak(base));
    state("set", -9);
    all_active();
    state("break again", event_base_dispatch(base));
    state("rest once", event_base_loop(base, EVLOOP_ONCE));

    set(exits);
    all_active();
    event_add(timer, &never);
    state("exit in a", event_base_dispatch(base));
    state("nonblock after", event_base_loop(base, EVLOOP_NONBLOCK));
    printf("exit before %d\n", event_base_loopexit(base, NULL));
    state("exit is an event", -9);
    state("one pass", event_base_dispatch(base));
    event_del(timer);
    printf("exit later %d\n", event_base_loopexit(base, &soon));
    state("later", event_base_dispatch(base));

    set(reenters);
    event_active(a, EV_READ, 1);
    state("reentry", event_base_dispatch(base));

    event_assign(a, base, -1, 0, again, &a);
    runs = 0;
    event_active(a, EV_READ, 1);
    state("nonblock runs on", event_base_loop(base, EVLOOP_NONBLOCK));
    printf("runs %d\n", runs);
    runs = 0;
    event_active(a, EV_READ, 1);
    state("once", event_base_loop(base, EVLOOP_ONCE));
    printf("runs %d\n", runs);
    runs = 10;
    state("rest", event_base_dispatch(base));

    set(say);
    event_add(timer, &zero);
    state("zero timer", event_base_loop(base, EVLOOP_NONBLOCK));
    event_add(timer, &soon);
    state("once waits", event_base_loop(base, EVLOOP_ONCE));
    event_add(timer, &soon);
    state("once|nonblock", event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK));
    state("dispatch", event_base_dispatch(base));
    printf("exit %d\n", event_base_loopexit(base, &soon));
    state("no exit on empty", event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY));

    printf("max %d %d %d\n", event_base_get_max_events(base, EVENT_BASE_COUNT_ACTIVE, 0),
        event_base_get_max_events(base, EVENT_BASE_COUNT_ADDED, 1),
        event_base_get_max_events(base, EVENT_BASE_COUNT_ADDED, 0));
    event_add(timer, &never);
    event_active(a, EV_READ, 1);
    event_active(timer, EV_READ, 1);
    printf("max %d %d %d\n", event_base_get_max_events(base, EVENT_BASE_COUNT_ACTIVE, 1),
        event_base_get_max_events(base, EVENT_BASE_COUNT_ADDED, 0),
        event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED | EVENT_BASE_COUNT_ACTIVE));
    event_base_loop(base, EVLOOP_NONBLOCK);
    printf("continue %d, NULL: %d %d\n", event_base_loopcontinue(base), event_base_loopbreak(NULL),
        event_base_loopcontinue(NULL));
    event_free(a);
    event_free(b);
    event_free(c);
    event_free(timer);
    event_base_free(base);
    event_base_free(NULL);
    return 0;
}
