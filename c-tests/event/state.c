/* The states of an event: assign, add, pending, active, delete; what is refused. */
/* harness: backends=epoll,poll,select; valgrind */
#include <limits.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

static struct event_base *base, *other;
static struct event *ev;
static int pair[2];

static void log_cb(int severity, const char *msg) { printf("log %d %.*s\n", severity, strncmp(msg, "Epoll", 5) ? 60 : 12, msg); }

#define ALL (EV_TIMEOUT | EV_READ | EV_WRITE | EV_SIGNAL | EV_CLOSED | EV_PERSIST | EV_ET)

static void say(evutil_socket_t fd, short what, void *arg)
{
    printf("  call fd %d what 0x%x self %d pending 0x%x running %d\n", fd == pair[0] ? 0 : (int)fd, what, arg == ev,
        event_pending(ev, ALL, NULL), event_base_get_running_event(base) == ev);
    if (fd == pair[0] && (what & EV_READ)) {
        char buf[10];
        if (read(fd, buf, sizeof(buf)) < 0)
            ;
    }
}

static void other_cb(evutil_socket_t fd, short what, void *arg) { (void)fd; (void)what; (void)arg; }

static void show(const char *name, int r)
{
    printf("%s: %d pending 0x%x added %d\n", name, r, event_pending(ev, ALL, NULL),
        event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED));
}

static void accessors(void)
{
    struct event_base *b;
    evutil_socket_t fd;
    short events;
    event_callback_fn cb;
    void *arg;

    event_get_assignment(ev, &b, &fd, &events, &cb, &arg);
    printf("accessors %d %d 0x%x %d %d | %d %d 0x%x %d %d | %d\n", b == base, fd == pair[0], events, cb == say,
        arg == ev, event_get_base(ev) == base, event_get_fd(ev) == pair[0], event_get_events(ev),
        event_get_callback(ev) == say, event_get_callback_arg(ev) == ev, event_get_priority(ev));
    event_get_assignment(ev, NULL, NULL, NULL, NULL, NULL);
}

int main(void)
{
    struct timeval soon = {0, 2000}, zero = {0, 0}, neg = {-1, 0}, never = {1000, 0}, tv;
    struct event e, zeroed;
    int i, fds[2];
    short combos[] = {0, EV_READ, EV_WRITE, EV_READ | EV_WRITE, EV_CLOSED, EV_SIGNAL, EV_SIGNAL | EV_READ,
        EV_SIGNAL | EV_WRITE, EV_SIGNAL | EV_CLOSED, EV_SIGNAL | EV_PERSIST, EV_SIGNAL | EV_TIMEOUT,
        EV_TIMEOUT, EV_PERSIST, EV_TIMEOUT | EV_READ, EV_ET, EV_READ | EV_ET | EV_PERSIST, EV_FINALIZE};

    event_set_log_callback(log_cb);
    base = event_base_new();
    other = event_base_new();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) < 0)
        return 1;
    for (i = 0; i < (int)(sizeof(combos) / sizeof(*combos)); i++) {
        int fd = combos[i] & EV_SIGNAL ? SIGUSR1 : pair[0];
        int r = event_assign(&e, base, fd, combos[i], say, NULL);
        struct event *n = event_new(base, fd, combos[i], say, NULL);
        printf("assign 0x%x: %d, new %d, add %d, pending 0x%x\n", combos[i], r, n != NULL,
            r ? -9 : event_add(&e, NULL), r ? 0 : event_pending(&e, ALL, NULL));
        if (!r)
            event_del(&e);
        if (n)
            event_free(n);
    }
    memset(&zeroed, 0, sizeof(zeroed));
    printf("initialized %d %d\n", event_initialized(&zeroed), event_initialized(&e));

    ev = event_new(base, pair[0], EV_READ | EV_PERSIST, say, event_self_cbarg());
    accessors();
    show("fresh", 0);
    show("del unadded", event_del(ev));
    show("add", event_add(ev, NULL));
    show("add again", event_add(ev, NULL));
    show("add with timeout", event_add(ev, &never));
    show("add without", event_add(ev, NULL));
    memset(&tv, 0, sizeof(tv));
    printf("timeout in %d\n", event_pending(ev, EV_TIMEOUT, &tv) && tv.tv_sec > 1000000000);
    show("remove timer", event_remove_timer(ev));
    show("remove timer again", event_remove_timer(ev));
    printf("base_set %d\n", event_base_set(other, ev));
    show("del", event_del(ev));
    show("del again", event_del(ev));
    printf("base_set %d back %d\n", event_base_set(other, ev), event_base_set(base, ev));

    event_active(ev, EV_READ, 1);
    show("active", 0);
    event_active(ev, EV_WRITE, 7);
    show("active more", 0);
    printf("base_set %d\n", event_base_set(other, ev));
    show("loop", event_base_loop(base, EVLOOP_NONBLOCK));
    event_active(ev, EV_READ, 1);
    show("active, then deleted", event_del(ev));
    show("loop", event_base_loop(base, EVLOOP_NONBLOCK));
    event_active(ev, EV_READ, 1);
    show("active, then added", event_add(ev, NULL));
    show("loop", event_base_loop(base, EVLOOP_NONBLOCK));
    event_add(ev, NULL);
    event_active(ev, EV_TIMEOUT, 1);
    show("timed out by hand", 0);
    show("rescheduled", event_add(ev, &never));
    show("loop", event_base_loop(base, EVLOOP_NONBLOCK));
    event_del(ev);

    puts("persistent read");
    event_add(ev, NULL);
    if (write(pair[1], "x", 1) != 1)
        return 1;
    show("loop", event_base_loop(base, EVLOOP_NONBLOCK));
    event_del(ev);
    puts("one shot");
    event_assign(ev, base, pair[0], EV_READ, say, event_self_cbarg());
    event_add(ev, &never);
    if (write(pair[1], "x", 1) != 1)
        return 1;
    show("loop", event_base_loop(base, EVLOOP_NONBLOCK));
    puts("persistent with timeout");
    event_assign(ev, base, pair[0], EV_READ | EV_PERSIST, say, event_self_cbarg());
    event_add(ev, &soon);
    show("once", event_base_loop(base, EVLOOP_ONCE));
    show("once", event_base_loop(base, EVLOOP_ONCE));
    event_del(ev);
    puts("persistent with a zero timeout");
    event_add(ev, &zero);
    show("once", event_base_loop(base, EVLOOP_ONCE));
    event_del(ev);
    puts("deleted with an interval, activated by hand");
    event_add(ev, &never);
    event_del(ev);
    event_active(ev, EV_READ, 1);
    show("loop", event_base_loop(base, EVLOOP_NONBLOCK));
    event_del(ev);
    puts("negative timeout");
    event_assign(ev, base, -1, 0, say, event_self_cbarg());
    show("add", event_add(ev, &neg));
    show("loop", event_base_loop(base, EVLOOP_NONBLOCK));
    puts("no descriptor");
    event_assign(ev, base, -1, EV_READ, say, event_self_cbarg());
    show("add", event_add(ev, &soon));
    show("once", event_base_loop(base, EVLOOP_ONCE));
    event_assign(ev, base, -1, EV_READ | EV_PERSIST, say, event_self_cbarg());
    show("add", event_add(ev, NULL));
    show("del", event_del(ev));

    puts("two at once");
    event_assign(ev, base, pair[0], EV_READ | EV_WRITE, say, event_self_cbarg());
    event_add(ev, NULL);
    if (write(pair[1], "x", 1) != 1)
        return 1;
    show("loop", event_base_loop(base, EVLOOP_NONBLOCK));

    puts("no base");
    memset(&e, 0, sizeof(e));
    event_assign(&e, NULL, -1, 0, say, NULL);
    printf("%d %d %d %d\n", event_add(&e, NULL), event_del(&e), event_pending(&e, ALL, NULL), event_remove_timer(&e));
    event_active(&e, EV_READ, 1);
    printf("%d %d\n", event_base_set(base, &e), event_add(&e, &never));
    event_del(&e);
    (void)other_cb;

    puts("odd signals");
    {
        int nums[] = {0, -1, SIGKILL, 64, 65, 66, 1000, INT_MAX};
        for (i = 0; i < 8; i++) {
            event_assign(&e, base, nums[i], EV_SIGNAL | EV_PERSIST, say, NULL);
            printf("signal %d: %d\n", nums[i], event_add(&e, NULL));
            event_del(&e);
        }
    }
    puts("closed descriptor");
    if (pipe(fds) < 0)
        return 1;
    close(fds[0]);
    close(fds[1]);
    event_assign(&e, base, 777, EV_READ, say, NULL);
    i = event_add(&e, NULL);
    if (event_base_get_method(base)[0] != 's')
        printf("add %d pending 0x%x\n", i, event_pending(&e, ALL, NULL));
    event_del(&e);
    puts("regular file");
    {
        FILE *f = tmpfile();
        event_assign(&e, base, fileno(f), EV_READ, say, NULL);
        i = event_add(&e, &never);
        printf("add %d pending 0x%x\n", i, event_pending(&e, ALL, NULL));
        event_del(&e);
        fclose(f);
    }
    if (event_base_get_method(base)[0] == 'e') {
        event_set_log_callback(NULL);
        event_assign(&e, base, INT_MAX - 1, EV_READ, say, NULL);
        printf("huge %d\n", event_add(&e, NULL));
    }
    event_free(ev);
    event_base_free(base);
    event_base_free(other);
    return 0;
}
