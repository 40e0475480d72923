/* EVENT_BASE_FLAG_PRECISE_TIMER: timers, descriptors and forks on a base whose waits a timer
 * descriptor may end. */
/* harness: backends=epoll,poll,select; valgrind; serial */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

static struct event_base *base;
static int turns;

static long us(const struct timespec *from)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - from->tv_sec) * 1000000 + (now.tv_nsec - from->tv_nsec) / 1000;
}

static void say(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    printf("  %s what 0x%x\n", (const char *)arg, what);
}

static void readable(evutil_socket_t fd, short what, void *arg)
{
    char c;
    say(fd, what, arg);
    if (what & EV_READ && read(fd, &c, 1) != 1)
        puts("read");
}

static void tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what; (void)arg;
    if (++turns == 20)
        event_base_loopbreak(base);
}

static void timers(void)
{
    struct timespec start;
    struct timeval tv = {0, 0};
    struct event *ev[5];
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    long spent;
    int i;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (i = 0; i < 5; i++) {
        ev[i] = evtimer_new(base, say, (void *)names[i]);
        tv.tv_usec = (5 - i) * 20000;
        evtimer_add(ev[i], &tv);
    }
    event_del(ev[2]);
    printf("loop %d\n", event_base_dispatch(base));
    spent = us(&start);
    printf("not early %d\n", spent >= 100000);
    for (i = 0; i < 5; i++)
        event_free(ev[i]);
}

/* what was set for a wait that ended early must not end, nor disturb, a later one */
static void descriptors(void)
{
    int fds[2];
    struct event *in, *late;
    struct timeval soon = {0, 20000}, far = {0, 60000};
    if (pipe(fds) != 0)
        exit(1);
    in = event_new(base, fds[0], EV_READ, readable, (void *)"in");
    late = evtimer_new(base, say, (void *)"late");
    event_add(in, NULL);
    evtimer_add(late, &soon);
    if (write(fds[1], "x", 1) != 1)
        exit(1);
    printf("once %d\n", event_base_loop(base, EVLOOP_ONCE));
    evtimer_del(late);
    event_add(in, &far);
    printf("timeout %d\n", event_base_loop(base, EVLOOP_ONCE));
    printf("pending %d\n", event_pending(in, EV_READ | EV_TIMEOUT, NULL));
    event_free(in);
    event_free(late);
    close(fds[0]);
    close(fds[1]);
}

static void forked(void)
{
    int status = 0;
    pid_t pid;
    struct event *ev = evtimer_new(base, say, (void *)"timer");
    struct timeval tv = {0, 30000};
    evtimer_add(ev, &tv);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        printf("child reinit %d\n", event_reinit(base));
        printf("child loop %d\n", event_base_dispatch(base));
        event_free(ev);
        event_base_free(base);
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    printf("child exit %d\n", status);
    printf("parent loop %d\n", event_base_dispatch(base));
    event_free(ev);
}

int main(void)
{
    struct event_config *cfg = event_config_new();
    struct event *ev;
    struct timeval tv = {0, 1000};
    event_config_set_flag(cfg, EVENT_BASE_FLAG_PRECISE_TIMER);
    base = event_base_new_with_config(cfg);
    event_config_free(cfg);
    timers();
    descriptors();
    forked();
    ev = event_new(base, -1, EV_PERSIST, tick, NULL);
    event_add(ev, &tv);
    printf("loop %d, %d\n", event_base_dispatch(base), turns);
    event_free(ev);
    event_base_free(base);
    return 0;
}
