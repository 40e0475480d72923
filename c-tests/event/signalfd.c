/* EVENT_BASE_FLAG_USE_SIGNALFD (2.2): no handler, the signal blocked while it has events, and all as
 * it was afterwards. Checks itself: the reference of the tests is older. */
/* harness: only=evrs; backends=epoll,poll,select; valgrind */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#define CHECK(x) do { if (!(x)) { printf("line %d: %s\n", __LINE__, #x); exit(1); } } while (0)

static int calls, last;

static void cb(evutil_socket_t fd, short what, void *arg)
{
    (void)arg;
    CHECK(what == EV_SIGNAL);
    calls++;
    last = (int)fd;
}

static struct event_base *make(void)
{
    struct event_config *cfg = event_config_new();
    struct event_base *base;
    CHECK(event_config_set_flag(cfg, EVENT_BASE_FLAG_USE_SIGNALFD) == 0);
    base = event_base_new_with_config(cfg);
    event_config_free(cfg);
    CHECK(base && !strcmp(event_base_get_signal_method(base), "signalfd_signal"));
    return base;
}

static int blocked(int sig)
{
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    return sigismember(&now, sig);
}

static int handled(int sig)
{
    struct sigaction now;
    sigaction(sig, NULL, &now);
    return now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN;
}

static void loop(struct event_base *base)
{
    CHECK(event_base_loop(base, EVLOOP_NONBLOCK) >= 0);
}

static void basics(void)
{
    struct event_base *base = make();
    struct event *ev = evsignal_new(base, SIGUSR1, cb, NULL);
    struct event *twin = evsignal_new(base, SIGUSR1, cb, NULL);
    struct event *rt = evsignal_new(base, SIGRTMIN + 1, cb, NULL);
    union sigval value = { 0 };
    struct event *bad;
    int i;

    CHECK(!blocked(SIGUSR1));
    CHECK(event_add(ev, NULL) == 0);
    CHECK(blocked(SIGUSR1) && !handled(SIGUSR1));
    CHECK(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED) == 1);
    /* nothing has come */
    loop(base);
    CHECK(calls == 0);
    kill(getpid(), SIGUSR1);
    loop(base);
    CHECK(calls == 1 && last == SIGUSR1);
    /* the kernel keeps one */
    for (i = 0; i < 3; i++)
        kill(getpid(), SIGUSR1);
    loop(base);
    CHECK(calls == 2);
    /* two events, one signal; and of a queued signal each counts */
    CHECK(event_add(twin, NULL) == 0 && event_add(rt, NULL) == 0);
    kill(getpid(), SIGUSR1);
    for (i = 0; i < 3; i++)
        CHECK(sigqueue(getpid(), SIGRTMIN + 1, value) == 0);
    calls = 0;
    loop(base);
    CHECK(calls == 5);
    /* it wakes a loop that sleeps */
    {
        struct timeval tv = { 5, 0 };
        struct itimerval soon = { { 0, 0 }, { 0, 20000 } };
        struct event *alarm_ev = evsignal_new(base, SIGALRM, cb, NULL);
        CHECK(event_add(alarm_ev, &tv) == 0);
        setitimer(ITIMER_REAL, &soon, NULL);
        CHECK(event_base_loop(base, EVLOOP_ONCE) == 0);
        CHECK(last == SIGALRM);
        event_free(alarm_ev);
    }
    event_del(ev);
    CHECK(blocked(SIGUSR1));
    event_del(twin);
    CHECK(!blocked(SIGUSR1) && !blocked(SIGALRM));
    /* what came before the deletion does not kill us */
    event_add(ev, NULL);
    kill(getpid(), SIGUSR1);
    event_del(ev);
    calls = 0;
    loop(base);
    CHECK(calls == 0);
    /* active by hand */
    event_active(ev, EV_SIGNAL, 2);
    loop(base);
    CHECK(calls == 2);
    /* no such signal */
    bad = evsignal_new(base, SIGKILL, cb, NULL);
    CHECK(event_add(bad, NULL) == -1);
    event_free(bad);
    bad = evsignal_new(base, 65, cb, NULL);
    CHECK(event_add(bad, NULL) == -1);
    event_free(bad);
    event_free(twin);
    event_free(rt);
    /* with the base goes what it had blocked */
    event_add(ev, NULL);
    CHECK(blocked(SIGUSR1));
    event_base_free(base);
    CHECK(!blocked(SIGUSR1));
    event_free(ev);
}

/* a signal that was blocked stays so, and what comes is kept by the kernel again */
static void blocked_before(void)
{
    struct event_base *base = make();
    struct event *ev = evsignal_new(base, SIGUSR2, cb, NULL);
    sigset_t set, pending;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    event_add(ev, NULL);
    kill(getpid(), SIGUSR2);
    calls = 0;
    loop(base);
    CHECK(calls == 1);
    event_free(ev);
    CHECK(blocked(SIGUSR2));
    kill(getpid(), SIGUSR2);
    sigpending(&pending);
    CHECK(sigismember(&pending, SIGUSR2));
    signal(SIGUSR2, SIG_IGN);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    signal(SIGUSR2, SIG_DFL);
    event_base_free(base);
}

/* the child's signals are the child's */
static void forked(void)
{
    struct event_base *base = make();
    struct event *ev = evsignal_new(base, SIGUSR1, cb, NULL);
    int status;
    pid_t pid;

    event_add(ev, NULL);
    calls = 0;
    pid = fork();
    if (pid == 0) {
        CHECK(event_reinit(base) == 0);
        kill(getpid(), SIGUSR1);
        CHECK(event_base_loop(base, EVLOOP_ONCE) == 0);
        CHECK(calls == 1);
        event_free(ev);
        event_base_free(base);
        exit(0);
    }
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    loop(base);
    CHECK(calls == 0);
    kill(getpid(), SIGUSR1);
    loop(base);
    CHECK(calls == 1);
    event_free(ev);
    event_base_free(base);
}

/* by the environment; and the default has a handler */
static void environment(void)
{
    struct event_base *base = event_base_new();
    struct event *ev;

    CHECK(!strcmp(event_base_get_signal_method(base), "signal"));
    ev = evsignal_new(base, SIGUSR1, cb, NULL);
    event_add(ev, NULL);
    CHECK(!blocked(SIGUSR1) && handled(SIGUSR1));
    event_free(ev);
    CHECK(!handled(SIGUSR1));
    event_base_free(base);
    setenv("EVENT_USE_SIGNALFD", "1", 1);
    base = event_base_new();
    CHECK(!strcmp(event_base_get_signal_method(base), "signalfd_signal"));
    event_base_free(base);
    unsetenv("EVENT_USE_SIGNALFD");
    CHECK(event_base_get_signal_method(NULL) == NULL);
}

int main(void)
{
    basics();
    blocked_before();
    forked();
    environment();
    puts("ok");
    return 0;
}
