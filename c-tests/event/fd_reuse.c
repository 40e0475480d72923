/* Descriptors that are closed without event_del, reused, duplicated, inherited: the loop neither
 * spins nor goes deaf (libevent's issues 181, 560, 706, 493). */
/* harness: only=evrs; backends=epoll,poll,select; valgrind */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

static struct event_base *base;
static int calls;

static void cb(evutil_socket_t fd, short what, void *arg)
{
    char buf[16];
    (void)arg;
    if ((what & EV_READ) && read(fd, buf, sizeof(buf)) > 0)
        calls++;
}

static void fail(const char *what)
{
    printf("FAIL %s (%d calls)\n", what, calls);
    exit(1);
}

static long cpu_ms(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

static void pair(int p[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p) < 0)
        fail("socketpair");
}

static void loop_ms(int ms)
{
    struct timeval tv;
    tv.tv_sec = 0;
    tv.tv_usec = ms * 1000;
    event_base_loopexit(base, &tv);
    event_base_dispatch(base);
}

static void quiet(const char *what)
{
    long before = cpu_ms();
    loop_ms(200);
    if (cpu_ms() - before > 100)
        fail(what);
}

/* closed while an event waits; the number comes back for another event */
static void reused_under_an_event(void)
{
    int a[2], b[2];
    struct event *old, *new;

    pair(a);
    old = event_new(base, a[0], EV_READ | EV_PERSIST, cb, NULL);
    event_add(old, NULL);
    loop_ms(1);
    close(a[0]);
    pair(b);
    if (b[0] != a[0])
        fail("number not reused");
    new = event_new(base, b[0], EV_READ | EV_PERSIST, cb, NULL);
    if (event_add(new, NULL))
        fail("add");
    calls = 0;
    if (write(b[1], "x", 1) != 1)
        fail("write");
    loop_ms(20);
    if (!calls)
        fail("deaf after reuse");
    event_free(old);
    event_free(new);
    close(a[1]);
    close(b[0]);
    close(b[1]);
}

/* deleted, closed, reused without a pass between */
static void reused_after_delete(void)
{
    int a[2], b[2], i;
    struct event *ev;

    for (i = 0; i < 20; i++) {
        pair(a);
        ev = event_new(base, a[0], EV_READ | EV_PERSIST, cb, NULL);
        event_add(ev, NULL);
        event_free(ev);
        close(a[0]);
        pair(b);
        ev = event_new(base, b[0], EV_READ | EV_PERSIST, cb, NULL);
        event_add(ev, NULL);
        calls = 0;
        if (write(b[1], "x", 1) != 1)
            fail("write");
        loop_ms(1);
        if (calls != 1)
            fail("after delete");
        event_free(ev);
        close(a[1]);
        close(b[0]);
        close(b[1]);
    }
}

/* the open file lives on in a duplicate, ready for ever */
static void ghost(int fork_it)
{
    int a[2], d = -1, b[2];
    struct event *ev;
    pid_t pid = 0;

    pair(a);
    ev = event_new(base, a[0], EV_READ | EV_PERSIST, cb, NULL);
    event_add(ev, NULL);
    loop_ms(1);
    if (fork_it) {
        pid = fork();
        if (pid == 0) {
            pause();
            _exit(0);
        }
    } else
        d = dup(a[0]);
    event_free(ev);
    close(a[0]);
    if (write(a[1], "x", 1) != 1)
        fail("write");
    quiet("spins on a ghost");
    pair(b);
    ev = event_new(base, b[0], EV_READ | EV_PERSIST, cb, NULL);
    event_add(ev, NULL);
    quiet("spins on a ghost under a new number");
    calls = 0;
    if (write(b[1], "x", 1) != 1)
        fail("write");
    loop_ms(20);
    if (calls != 1)
        fail("deaf beside a ghost");
    event_free(ev);
    close(a[1]);
    close(b[0]);
    close(b[1]);
    if (d >= 0)
        close(d);
    if (pid) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
}

static void fd_zero(void)
{
    int a[2];
    struct event *ev, *s;

    close(0);
    pair(a);
    if (a[0] != 0)
        fail("fd 0 is not free");
    ev = event_new(base, 0, EV_READ | EV_PERSIST, cb, NULL);
    event_add(ev, NULL);
    calls = 0;
    if (write(a[1], "x", 1) != 1)
        fail("write");
    loop_ms(10);
    if (calls != 1)
        fail("fd 0");
    event_free(ev);
    close(a[0]);
    /* now the library's own descriptors get 0 */
    event_base_free(base);
    base = event_base_new();
    s = event_new(base, SIGUSR1, EV_SIGNAL, cb, NULL);
    event_add(s, NULL);
    raise(SIGUSR1);
    if (event_base_loop(base, EVLOOP_ONCE) != 0)
        fail("signal with fd 0");
    event_free(s);
    close(a[1]);
}

int main(void)
{
    base = event_base_new();
    reused_under_an_event();
    reused_after_delete();
    if (!strcmp(event_base_get_method(base), "epoll")) {
        ghost(0);
        ghost(1);
    }
    fd_zero();
    event_base_free(base);
    puts("ok");
    return 0;
}
