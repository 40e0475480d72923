/* Debug mode: which misuse ends the process, and how. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/thread.h>

static struct event_base *base;
static int p[2];

static void cb(evutil_socket_t fd, short what, void *arg) { (void)fd; (void)what; (void)arg; }

static void log_cb(int severity, const char *msg)
{
    char text[200], *q;
    snprintf(text, sizeof(text), "%s", msg);
    if ((q = strstr(text, "0x")))
        *q = 0;
    if ((q = strstr(text, " on fd")))
        *q = 0;
    if ((q = strstr(text, "Assertion")))
        memmove(text, q, strlen(q) + 1);
    if ((q = strstr(text, " failed in")))
        *q = 0;
    printf("log %d %s\n", severity, text);
    fflush(stdout);
}

static void fatal_cb(int code) { printf("fatal 0x%x\n", (unsigned)code); fflush(stdout); }

static void in_child(const char *name, void (*f)(void), int with_fatal)
{
    int status;
    pid_t pid;

    printf("%s\n", name);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        event_set_log_callback(log_cb);
        if (with_fatal)
            event_set_fatal_callback(fatal_cb);
        freopen("/dev/null", "w", stderr);
        f();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status))
        printf("  signal %d\n", WTERMSIG(status));
    else
        printf("  exit %d\n", WEXITSTATUS(status));
}

static void start(void)
{
    event_enable_debug_mode();
    base = event_base_new();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p) < 0)
        _exit(9);
}

static void twice(void) { event_enable_debug_mode(); event_enable_debug_mode(); }
static void late_base(void) { base = event_base_new(); event_enable_debug_mode(); }
static void late_event(void) { struct event e; event_assign(&e, NULL, -1, 0, cb, NULL); event_enable_debug_mode(); }
static void config_is_early(void) { event_config_free(event_config_new()); event_enable_debug_mode(); }

static void reassign(void)
{
    struct event e;
    start();
    event_assign(&e, base, p[0], EV_READ, cb, NULL);
    event_add(&e, NULL);
    event_assign(&e, base, p[0], EV_READ, cb, NULL);
}

static void unassigned(int what)
{
    struct event e, *ev = &e;
    struct timeval tv = {0, 0};
    start();
    memset(&e, 0, sizeof(e));
    e.ev_base = base;
    switch (what) {
    case 0: event_add(ev, NULL); break;
    case 1: event_del(ev); break;
    case 2: event_active(ev, EV_READ, 1); break;
    case 3: event_pending(ev, EV_READ, &tv); break;
    case 4: event_base_set(base, ev); break;
    case 5: event_priority_set(ev, 0); break;
    case 6: event_remove_timer(ev); break;
    case 7: event_get_fd(ev); break;
    case 8: event_get_priority(ev); break;
    case 9: event_initialized(ev); break;
    case 10: event_get_events(ev); break;
    }
}

#define U(n) static void u##n(void) { unassigned(n); }
U(0) U(1) U(2) U(3) U(5) U(6) U(7) U(8) U(9) U(10)

static void forgotten(void)
{
    struct event e;
    start();
    event_assign(&e, base, p[0], EV_READ, cb, NULL);
    event_add(&e, NULL);
    event_del(&e);
    event_debug_unassign(&e);
    event_add(&e, NULL);
}

static void freed_is_forgotten(void)
{
    struct event *e;
    int i;
    start();
    for (i = 0; i < 1000; i++) {
        e = event_new(base, p[0], EV_READ, cb, NULL);
        event_add(e, NULL);
        event_free(e);
    }
    printf("  fine\n");
    fflush(stdout);
}

static void blocking(void)
{
    struct event e;
    start();
    fcntl(p[0], F_SETFL, 0);
    event_assign(&e, base, p[0], EV_READ, cb, NULL);
}

static void mixed(void)
{
    struct event a, b;
    start();
    event_assign(&a, base, p[0], EV_READ | EV_ET, cb, NULL);
    event_assign(&b, base, p[0], EV_READ, cb, NULL);
    printf("  %d", event_add(&a, NULL));
    printf(" %d", event_add(&b, NULL));
    event_del(&a);
    printf(" %d\n", event_add(&b, NULL));
    fflush(stdout);
}

static void threads_late(void) { start(); printf("  %d\n", evthread_use_pthreads()); fflush(stdout); }
static void threads_early(void) { event_enable_debug_mode(); printf("  %d\n", evthread_use_pthreads()); fflush(stdout); }
static void no_debug_threads_late(void) { base = event_base_new(); printf("  %d\n", evthread_use_pthreads()); fflush(stdout); }

static void works(void)
{
    struct timeval zero = {0, 0};
    struct event e;
    start();
    event_assign(&e, base, -1, EV_PERSIST, cb, NULL);
    event_add(&e, &zero);
    event_base_once(base, -1, EV_TIMEOUT, cb, NULL, NULL);
    printf("  %d\n", event_base_loop(base, EVLOOP_NONBLOCK));
    event_del(&e);
    event_assign(&e, base, -1, EV_PERSIST, cb, NULL);
    event_base_free(base);
    libevent_global_shutdown();
    fflush(stdout);
}

int main(void)
{
    in_child("twice", twice, 0);
    in_child("after a base", late_base, 0);
    in_child("after an event", late_event, 0);
    in_child("after a configuration", config_is_early, 0);
    in_child("reassigned", reassign, 0);
    in_child("reassigned, with a fatal callback", reassign, 1);
    in_child("add", u0, 0);
    in_child("del", u1, 1);
    in_child("active", u2, 0);
    in_child("pending", u3, 0);
    in_child("priority_set", u5, 0);
    in_child("remove_timer", u6, 0);
    in_child("get_fd", u7, 0);
    in_child("get_priority", u8, 0);
    in_child("initialized", u9, 0);
    in_child("get_events", u10, 0);
    in_child("forgotten", forgotten, 0);
    in_child("freed", freed_is_forgotten, 0);
    in_child("blocking", blocking, 0);
    in_child("mixed", mixed, 0);
    in_child("threads after", threads_late, 0);
    in_child("threads before", threads_early, 0);
    in_child("threads after, no debug mode", no_debug_threads_late, 0);
    in_child("works", works, 0);
    return 0;
}
