/* A daemon's way into the background: fork, close every descriptor, event_reinit. The new
 * descriptors get the numbers of the old ones. */
/* harness: backends=epoll,poll,select; libs=-lpthread */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/thread.h>

static struct event_base *base;
static struct event *called, *sig, *tick;
static int got;

static void mark(evutil_socket_t fd, short what, void *arg)
{
    char b;
    if (fd >= 0 && (what & EV_READ) && read(fd, &b, 1) != 1)
        printf("nothing to read\n");
    got |= (int)(long)arg;
    if (got == 15)
        event_base_loopbreak(base);
}

static void *other(void *arg)
{
    (void)arg;
    usleep(50000);
    event_active(called, EV_WRITE, 1);
    usleep(50000);
    kill(getpid(), SIGUSR1);
    return NULL;
}

static void run(int flags, int opened_first, int opened_after)
{
    struct event_config *config = event_config_new();
    struct timeval soon = {0, 1000}, limit = {10, 0};
    int i, status, first[8], p[2];
    pid_t pid;

    for (i = 0; i < opened_first; i++)
        first[i] = dup(0);
    event_config_set_flag(config, flags);
    base = event_base_new_with_config(config);
    event_config_free(config);
    called = event_new(base, -1, EV_PERSIST, mark, (void *)1L);
    sig = event_new(base, SIGUSR1, EV_SIGNAL | EV_PERSIST, mark, (void *)2L);
    tick = event_new(base, -1, EV_PERSIST, mark, (void *)4L);
    event_add(called, NULL);
    event_add(sig, NULL);
    event_add(tick, &soon);
    /* whatever is made at the first wait only */
    event_base_loop(base, EVLOOP_ONCE);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        pthread_t t;
        struct event *r, *late;
        for (i = 3; i < 256; i++)
            close(i);
        for (i = 0; i < opened_after; i++)
            if (dup(0) < 0)
                exit(1);
        got = 0;
        printf("reinit %d\n", event_reinit(base));
        if (pipe(p) || write(p[1], "x", 1) != 1)
            exit(1);
        r = event_new(base, p[0], EV_READ, mark, (void *)8L);
        late = event_new(base, -1, 0, mark, (void *)15L);
        event_add(r, NULL);
        event_add(late, &limit);
        pthread_create(&t, NULL, other, NULL);
        event_base_dispatch(base);
        pthread_join(t, NULL);
        printf("got %d, in time %d\n", got, event_pending(late, EV_TIMEOUT, NULL) != 0);
        /* what was opened is open still */
        for (i = 0; i < opened_after; i++)
            if (write(p[1], "x", 1) != 1 || dup2(i + 3, 200) != 200)
                printf("closed\n");
        event_free(r);
        event_free(late);
        event_free(called);
        event_free(sig);
        event_free(tick);
        event_base_free(base);
        exit(0);
    }
    waitpid(pid, &status, 0);
    printf("flags %d, %d before, %d after: child ended with %d\n", flags, opened_first, opened_after, status);
    event_free(called);
    event_free(sig);
    event_free(tick);
    event_base_free(base);
    for (i = 0; i < opened_first; i++)
        close(first[i]);
}

int main(void)
{
    int before;
    evthread_use_pthreads();
    for (before = 0; before < 5; before++) {
        run(0, before, 0);
        run(EVENT_BASE_FLAG_PRECISE_TIMER, before, 0);
        run(EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST, before, 0);
    }
    return 0;
}
