/* event_reinit in the child takes nothing from the parent: its sleeping loop is woken by other
 * threads and by signals as before. */
/* harness: backends=epoll,poll,select; libs=-lpthread; valgrind */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/thread.h>

static struct event_base *base;
static struct event *called, *sig;

static void say(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    printf("%s %d\n", (char *)arg, what);
    fflush(stdout);
    event_base_loopbreak(base);
}

static void *call(void *arg)
{
    (void)arg;
    usleep(100000);
    event_active(called, EV_READ, 1);
    return NULL;
}

static void *hit(void *arg)
{
    (void)arg;
    usleep(100000);
    kill(getpid(), SIGUSR1);
    return NULL;
}

static void sleep_until(void *(*other)(void *))
{
    struct timeval limit = {10, 0};
    struct event *late = event_new(base, -1, 0, say, "too late");
    time_t began = time(NULL);
    sigset_t set;
    pthread_t t;
    event_add(late, &limit);
    pthread_create(&t, NULL, other, NULL);
    /* the other thread takes the signal: the wait itself is not interrupted */
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    event_base_dispatch(base);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    printf("in time %d\n", time(NULL) - began < 5);
    fflush(stdout);
    pthread_join(t, NULL);
    event_free(late);
}

int main(void)
{
    int i, status;

    evthread_use_pthreads();
    base = event_base_new();
    called = event_new(base, -1, EV_PERSIST, say, "called");
    sig = event_new(base, SIGUSR1, EV_SIGNAL | EV_PERSIST, say, "signal");
    event_add(called, NULL);
    event_add(sig, NULL);
    for (i = 0; i < 2; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            printf("child: reinit %d\n", event_reinit(base));
            sleep_until(call);
            sleep_until(hit);
            if (i == 0)
                event_base_free(base);
            _exit(0);
        }
        waitpid(pid, &status, 0);
        printf("parent, child ended with %d\n", status);
        sleep_until(call);
        sleep_until(hit);
    }
    event_free(called);
    event_free(sig);
    event_base_free(base);
    libevent_global_shutdown();
    return 0;
}
