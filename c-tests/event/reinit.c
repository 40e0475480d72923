/* fork and event_reinit: parent and child do not disturb each other. */
/* harness: backends=epoll,poll,select */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/thread.h>

static struct event_base *base;
static int p[2], reads, signals, timers;

static void read_cb(evutil_socket_t fd, short what, void *arg)
{
    char buf[16];
    (void)what; (void)arg;
    if (read(fd, buf, sizeof(buf)) > 0)
        reads++;
}

static void signal_cb(evutil_socket_t fd, short what, void *arg) { (void)fd; (void)what; (void)arg; signals++; }
static void timer_cb(evutil_socket_t fd, short what, void *arg) { (void)fd; (void)what; (void)arg; timers++; }

static void say(const char *who)
{
    printf("%s: reads %d signals %d timers %d\n", who, reads, signals, timers);
    fflush(stdout);
}

static int wait_for(pid_t pid)
{
    int status;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void run(int with_signal, int threads)
{
    struct timeval soon = {0, 10000}, later = {0, 50000};
    struct event *r, *s, *t;
    pid_t pid;

    printf("signal %d threads %d\n", with_signal, threads);
    fflush(stdout);
    reads = signals = timers = 0;
    base = event_base_new();
    if (threads)
        evthread_make_base_notifiable(base);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p) < 0)
        exit(1);
    r = event_new(base, p[0], EV_READ | EV_PERSIST, read_cb, NULL);
    s = event_new(base, SIGUSR1, EV_SIGNAL | EV_PERSIST, signal_cb, NULL);
    t = event_new(base, -1, 0, timer_cb, NULL);
    event_add(r, NULL);
    if (with_signal)
        event_add(s, NULL);
    event_add(t, &soon);
    pid = fork();
    if (pid == 0) {
        printf("reinit %d\n", event_reinit(base));
        if (!with_signal)
            event_add(s, NULL);
        if (write(p[1], "c", 1) != 1)
            _exit(1);
        raise(SIGUSR1);
        event_base_loopexit(base, &later);
        printf("loop %d\n", event_base_dispatch(base));
        say("child");
        event_free(r);
        event_free(s);
        event_free(t);
        event_base_free(base);
        _exit(7);
    }
    printf("child ended with %d\n", wait_for(pid));
    fflush(stdout);
    if (write(p[1], "p", 1) != 1)
        exit(1);
    if (!with_signal)
        event_add(s, NULL);
    raise(SIGUSR1);
    event_base_loopexit(base, &later);
    event_base_dispatch(base);
    say("parent");
    event_free(r);
    event_free(s);
    event_free(t);
    event_base_free(base);
    close(p[0]);
    close(p[1]);
}

int main(void)
{
    run(0, 0);
    run(1, 0);
    evthread_use_pthreads();
    run(0, 1);
    run(1, 1);
    return 0;
}
