/* Faults of older releases that no other test names: edges survive a neighbour's deletion (libevent's
 * issue 636), a signal event frees itself between its calls (1287), the process's signal mask is
 * nobody's business and no child inherits one (1486). */
/* harness: backends=epoll,poll,select; valgrind */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

static struct event_base *base;
static int calls;

static void count(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what; (void)arg;
    calls++;
}

static void free_self(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what;
    calls++;
    event_free(*(struct event **)arg);
}

static int round_(void)
{
    calls = 0;
    event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    return calls;
}

static void edges(void)
{
    struct event *a, *b;
    int p[2], first, second;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p) < 0)
        exit(1);
    a = event_new(base, p[0], EV_READ | EV_PERSIST | EV_ET, count, NULL);
    b = event_new(base, p[0], EV_READ | EV_PERSIST | EV_ET, count, NULL);
    event_add(a, NULL);
    event_add(b, NULL);
    event_del(b);
    if (write(p[1], "x", 1) != 1)
        exit(1);
    first = round_();
    second = round_();
    if (event_base_get_features(base) & EV_FEATURE_ET)
        printf("one deleted: %d, then %d\n", first, second);
    else
        printf("no edges here: %d, then %d\n", first > 0, second > 0);
    event_free(a);
    event_free(b);
    close(p[0]);
    close(p[1]);
}

static int blocked(void)
{
    sigset_t now;
    int i, n = 0;
    sigprocmask(SIG_BLOCK, NULL, &now);
    for (i = 1; i < 32; i++)
        n += sigismember(&now, i) == 1;
    return n;
}

int main(int argc, char **argv)
{
    struct event *ev;
    int status;
    pid_t pid;

    if (argc > 1 && !strcmp(argv[1], "mask")) {
        printf("child: blocked %d\n", blocked());
        return 0;
    }
    base = event_base_new();
    edges();

    ev = evsignal_new(base, SIGUSR1, free_self, &ev);
    event_add(ev, NULL);
    event_active(ev, EV_SIGNAL, 3);
    printf("freed itself: calls %d\n", round_());
    ev = evsignal_new(base, SIGUSR1, free_self, &ev);
    event_add(ev, NULL);
    raise(SIGUSR1);
    raise(SIGUSR1);
    printf("freed itself: calls %d\n", round_());

    ev = evsignal_new(base, SIGUSR2, count, NULL);
    event_add(ev, NULL);
    printf("blocked %d\n", blocked());
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        execl(argv[0], argv[0], "mask", (char *)NULL);
        _exit(1);
    }
    waitpid(pid, &status, 0);
    printf("status %x\n", status);
    event_free(ev);
    event_base_free(base);
    return 0;
}
