/* Locks are on, and the process has one thread; then a callback starts the first other one, and both
 * use the base. */
/* harness: backends=epoll; threads=tsan; timeout=60 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/thread.h>

#define ROUNDS 3000

static struct event_base *base;
static struct event *ping, *pong, *sent, *over, *own[2], *fd_event;
static pthread_t other;
static int started, left = ROUNDS, joined, through;
static int calls, results;

static void count(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)arg;
    calls++;
    results |= what;
}

static void nothing(evutil_socket_t fd, short what, void *arg) { (void)fd; (void)what; (void)arg; }

static void use(struct event *timer)
{
    struct timeval later = {1000, 0};
    event_add(timer, &later);
    event_active(timer, EV_WRITE, 1);
    event_del(timer);
}

static void *hammer(void *arg)
{
    int i;
    (void)arg;
    for (i = 0; i < ROUNDS; i++) {
        event_active(sent, EV_READ, 1);
        use(own[1]);
    }
    event_active(over, EV_READ, 1);
    return NULL;
}

static void bounce(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what;
    use(own[0]);
    event_add(fd_event, NULL);
    event_del(fd_event);
    left--;
    if (left == ROUNDS - 100) {
        printf("alone: active %d\n", event_base_get_num_events(base, EVENT_BASE_COUNT_ACTIVE));
        started = pthread_create(&other, NULL, hammer, NULL) == 0;
    }
    if (left > 0 || !joined)
        event_active(arg, EV_READ, 1);
}

static void finish(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)what; (void)arg;
    pthread_join(other, NULL);
    joined = 1;
}

/* The first other thread comes from a callback of the loop. */
static int from_the_loop(void)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        return 1;
    ping = event_new(base, -1, 0, bounce, NULL);
    pong = event_new(base, -1, 0, bounce, ping);
    event_assign(ping, base, -1, 0, bounce, pong);
    sent = event_new(base, -1, 0, count, NULL);
    over = event_new(base, -1, 0, finish, NULL);
    own[0] = event_new(base, -1, 0, nothing, NULL);
    own[1] = event_new(base, -1, 0, nothing, NULL);
    fd_event = event_new(base, pair[0], EV_READ | EV_PERSIST, nothing, NULL);
    event_active(ping, EV_READ, 1);
    event_base_dispatch(base);
    printf("started %d joined %d, results %x, some calls %d, pending %d %d\n", started, joined,
        results, calls > 0, event_pending(own[0], 0xff, NULL),
        event_pending(own[1], 0xff, NULL));
    event_free(ping);
    event_free(pong);
    event_free(sent);
    event_free(over);
    event_free(own[0]);
    event_free(own[1]);
    event_free(fd_event);
    close(pair[0]);
    close(pair[1]);
    return 0;
}

static void *pass(void *arg)
{
    event_active(arg, EV_READ, 1);
    __atomic_store_n(&through, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static int visit(const struct event_base *b, const struct event *ev, void *arg)
{
    (void)b; (void)ev;
    if (!started) {
        started = pthread_create(&other, NULL, pass, arg) == 0;
        usleep(20000);
        printf("while the events are visited: %s\n", __atomic_load_n(&through, __ATOMIC_SEQ_CST) ? "through" : "waits");
    }
    return 0;
}

/* It comes from a callback that is called with the lock held. */
static int from_a_visit(void)
{
    struct timeval later = {1000, 0};
    struct event *ev = event_new(base, -1, 0, count, NULL);
    event_add(ev, &later);
    event_base_foreach_event(base, visit, ev);
    pthread_join(other, NULL);
    printf("afterwards: %s\n", __atomic_load_n(&through, __ATOMIC_SEQ_CST) ? "through" : "waits");
    event_free(ev);
    return 0;
}

static void alone(int (*part)(void))
{
    int status = 0;
    pid_t child;
    fflush(stdout);
    child = fork();
    if (child == 0) {
        base = event_base_new();
        status = part();
        event_base_free(base);
        exit(status);
    }
    waitpid(child, &status, 0);
    printf("status %d\n", status);
}

int main(void)
{
    evthread_use_pthreads();
    alone(from_the_loop);
    alone(from_a_visit);
    return 0;
}
