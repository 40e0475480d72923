/* ev_set_allocator: everything comes from it and goes back; without memory the program ends with a
 * message, wherever it happens. */
/* harness: backends=epoll,poll; timeout=120 */
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long calls, live, fail_at;

static void *alloc(void *p, long size)
{
    if (!size) {
        if (p)
            live--;
        free(p);
        return NULL;
    }
    if (++calls == fail_at)
        return NULL;
    if (!p)
        live++;
    return realloc(p, (size_t)size);
}

static void io_cb(EV_P_ ev_io *w, int r) { (void)r; ev_io_stop(EV_A_ w); }
static void timer_cb(EV_P_ ev_timer *w, int r) { (void)loop; (void)w; (void)r; }
static void periodic_cb(EV_P_ ev_periodic *w, int r) { (void)r; ev_periodic_stop(EV_A_ w); }
static void async_cb(EV_P_ ev_async *w, int r) { (void)r; ev_async_stop(EV_A_ w); }
static void signal_cb(EV_P_ ev_signal *w, int r) { (void)r; ev_signal_stop(EV_A_ w); }
static void idle_cb(EV_P_ ev_idle *w, int r) { (void)r; ev_idle_stop(EV_A_ w); }
static void check_cb(EV_P_ ev_check *w, int r) { (void)r; ev_check_stop(EV_A_ w); }
static void prepare_cb(EV_P_ ev_prepare *w, int r) { (void)r; ev_prepare_stop(EV_A_ w); }
static void once_cb(int r, void *a) { (void)r; (void)a; }

static int work(void)
{
    struct ev_loop *l = ev_loop_new(0);
    static ev_timer t[100];
    ev_io io;
    ev_periodic p;
    ev_async a;
    ev_signal s;
    ev_idle id;
    ev_check c;
    ev_prepare pr;
    int fd[2], i;
    if (!l || pipe(fd))
        return 0;
    ev_io_init(&io, io_cb, fd[1], EV_WRITE);
    ev_io_start(l, &io);
    for (i = 0; i < 100; i++) {
        ev_timer_init(&t[i], timer_cb, .0001 * i, 0.);
        ev_timer_start(l, &t[i]);
    }
    ev_periodic_init(&p, periodic_cb, 1., 0., 0);
    ev_periodic_start(l, &p);
    ev_async_init(&a, async_cb);
    ev_async_start(l, &a);
    ev_async_send(l, &a);
    ev_signal_init(&s, signal_cb, SIGUSR1);
    ev_signal_start(l, &s);
    raise(SIGUSR1);
    ev_idle_init(&id, idle_cb);
    ev_idle_start(l, &id);
    ev_check_init(&c, check_cb);
    ev_check_start(l, &c);
    ev_prepare_init(&pr, prepare_cb);
    ev_prepare_start(l, &pr);
    ev_once(l, -1, 0, .001, once_cb, NULL);
    i = ev_run(l, 0);
    ev_loop_destroy(l);
    close(fd[0]);
    close(fd[1]);
    return i == 0;
}

int main(void)
{
    int n, bad = 0, status;

    ev_set_allocator(alloc);
    printf("works %d\n", work());
    work();
    printf("lives %ld, called %d\n", live, calls > 4);
    for (n = 1;; n++) {
        pid_t p = fork();
        if (!p) {
            struct rlimit none = { 0, 0 };
            setrlimit(RLIMIT_CORE, &none);
            calls = 0;
            fail_at = n;
            if (!freopen("/dev/null", "w", stderr))
                _exit(9);
            _exit(work() ? (calls < n ? 77 : 0) : 1);
        }
        waitpid(p, &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
            break;
        /* Aborted, or managed without. */
        if (!(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) &&
            !(WIFEXITED(status) && WEXITSTATUS(status) <= 1)) {
            bad++;
            fprintf(stderr, "allocation %d: status %x\n", n, status);
        }
    }
    printf("bad ends %d\n", bad);
    return 0;
}
