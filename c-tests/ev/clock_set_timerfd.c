/* The wall clock is set while a loop with periodics sleeps: a timerfd tells it at once. Nobody may set
 * the clock here, so the program's own functions stand in for the C library's: an eventfd for the
 * timerfd, and a clock that is ahead. The reference computes the periodics anew but goes on with the
 * old difference of the clocks, and so sleeps on until a timer wakes it. */
/* harness: backends=epoll,poll; serial; cflags=-rdynamic; expect=clock_set_timerfd.out */
#define _GNU_SOURCE
#include <ev.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long shift; /* seconds that the wall clock is ahead */
static int fd = -1, created, armed;

int clock_gettime(clockid_t id, struct timespec *ts)
{
    int r = (int)syscall(SYS_clock_gettime, id, ts);
    if (id == CLOCK_REALTIME)
        ts->tv_sec += __atomic_load_n(&shift, __ATOMIC_SEQ_CST);
    return r;
}

int gettimeofday(struct timeval *tv, void *tz)
{
    struct timespec ts;
    (void)tz;
    clock_gettime(CLOCK_REALTIME, &ts);
    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;
    return 0;
}

int timerfd_create(clockid_t id, int flags)
{
    created++;
    if (id != CLOCK_REALTIME || flags != (TFD_NONBLOCK | TFD_CLOEXEC))
        printf("timerfd_create(%d, %x)\n", (int)id, (unsigned)flags);
    fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return fd;
}

int timerfd_settime(int which, int flags, const struct itimerspec *new, struct itimerspec *old)
{
    uint64_t n;
    struct timespec now;
    ssize_t r = read(which, &n, sizeof n); /* setting it again takes the report back */
    (void)r;
    (void)old;
    armed++;
    clock_gettime(CLOCK_REALTIME, &now);
    if (which != fd || flags != (TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) ||
        new->it_value.tv_sec < now.tv_sec + 1000)
        printf("timerfd_settime(%d, %x)\n", which == fd, (unsigned)flags);
    return 0;
}

static void *set_clock(void *arg)
{
    const uint64_t one = 1;
    usleep(100000);
    __atomic_add_fetch(&shift, (long)(intptr_t)arg, __ATOMIC_SEQ_CST);
    if (write(fd, &one, sizeof one) != sizeof one)
        perror("write");
    return NULL;
}

static int fired, asked;

static void cb(EV_P_ ev_periodic *w, int revents)
{
    (void)w;
    (void)revents;
    fired++;
    ev_break(EV_A_ EVBREAK_ALL);
}

static ev_tstamp next(ev_periodic *w, ev_tstamp now)
{
    (void)w;
    asked++;
    return now + 10000.;
}

static void too_late(EV_P_ ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    ev_break(EV_A_ EVBREAK_ALL);
}

/* runs until the periodic fires; a loop that is not told sleeps on to the timer */
static void run(struct ev_loop *l, const char *what, long by)
{
    pthread_t t;
    ev_timer guard;
    struct timespec from, to;

    fired = asked = 0;
    ev_timer_init(&guard, too_late, 6., 0.);
    ev_timer_start(l, &guard);
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &from);
    pthread_create(&t, NULL, set_clock, (void *)(intptr_t)by);
    ev_run(l, 0);
    pthread_join(t, NULL);
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &to);
    printf("%s: fired %d, asked %d, at once %d, timer untouched %d\n", what, fired, asked > 0,
        to.tv_sec - from.tv_sec < 4, ev_timer_remaining(l, &guard) > 2.);
    ev_timer_stop(l, &guard);
}

int main(void)
{
    struct ev_loop *l = ev_default_loop(0), *without;
    ev_periodic absolute, manual;
    pid_t pid;
    int status;

    printf("created %d\n", created);
    ev_periodic_init(&absolute, cb, ev_time() + 1000., 0., 0);
    ev_periodic_start(l, &absolute);
    printf("created %d\n", created);
    ev_periodic_init(&manual, cb, 0., 0., next);
    ev_periodic_start(l, &manual);
    run(l, "ahead", 2000);
    printf("absolute active %d\n", ev_is_active(&absolute));
    ev_periodic_init(&absolute, cb, ev_time() + 1000., 0., 0);
    ev_periodic_start(l, &absolute);
    run(l, "ahead again", 2000);
    printf("armed more than once %d, created %d\n", armed > 1, created);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        ev_loop_fork(l);
        ev_run(l, EVRUN_NOWAIT);
        printf("child: created %d\n", created);
        ev_periodic_init(&absolute, cb, ev_time() + 1000., 0., 0);
        ev_periodic_start(l, &absolute);
        run(l, "child", 2000);
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    printf("status %x\n", status);
    ev_periodic_stop(l, &manual);
    without = ev_loop_new(EVFLAG_NOTIMERFD);
    ev_periodic_start(without, &manual);
    printf("NOTIMERFD: created %d\n", created);
    ev_periodic_stop(without, &manual);
    ev_loop_destroy(without);
    ev_loop_destroy(l);
    return 0;
}
