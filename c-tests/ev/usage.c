/* What a program must not do ends it, and does not corrupt it: each case in a process of its own. */
/* harness: backends=epoll,poll */
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct ev_loop *l;
static ev_io io;
static ev_timer t;
static ev_periodic p;
static ev_signal s, s2;
static ev_child c;
static ev_embed e;

static void io_cb(EV_P_ ev_io *w, int r) { (void)loop; (void)w; (void)r; }
static void timer_cb(EV_P_ ev_timer *w, int r) { (void)loop; (void)w; (void)r; }
static void periodic_cb(EV_P_ ev_periodic *w, int r) { (void)loop; (void)w; (void)r; }
static void signal_cb(EV_P_ ev_signal *w, int r) { (void)loop; (void)w; (void)r; }
static void child_cb(EV_P_ ev_child *w, int r) { (void)loop; (void)w; (void)r; }

static void negative_fd(void) { ev_io_init(&io, io_cb, -1, EV_READ); ev_io_start(l, &io); }
static void wrong_events(void) { ev_io_init(&io, io_cb, 0, 4); ev_io_start(l, &io); }
static void negative_repeat(void) { ev_timer_init(&t, timer_cb, 1., -1.); ev_timer_start(l, &t); }
static void negative_interval(void)
{
    ev_periodic_init(&p, periodic_cb, 1., -1., 0);
    ev_periodic_start(l, &p);
}
static void signal_0(void) { ev_signal_init(&s, signal_cb, 0); ev_signal_start(l, &s); }
static void signal_big(void) { ev_signal_init(&s, signal_cb, 1000); ev_signal_start(l, &s); }
static void two_loops(void)
{
    ev_signal_init(&s, signal_cb, SIGUSR1);
    ev_signal_start(l, &s);
    ev_signal_init(&s2, signal_cb, SIGUSR1);
    ev_signal_start(ev_loop_new(0), &s2);
}
static void two_loops_in_turn(void)
{
    ev_signal_init(&s, signal_cb, SIGUSR1);
    ev_signal_start(l, &s);
    ev_signal_stop(l, &s);
    ev_signal_start(ev_loop_new(0), &s);
}
static void child_elsewhere(void)
{
    ev_child_init(&c, child_cb, 1, 0);
    ev_child_start(ev_loop_new(0), &c);
}
static void embed_poll(void)
{
    ev_embed_init(&e, 0, ev_loop_new(EVBACKEND_POLL | EVFLAG_NOENV));
    ev_embed_start(l, &e);
}
static void syserr(const char *msg) { printf("syserr: %s\n", msg); fflush(stdout); _exit(3); }
static void no_fds(void)
{
    struct rlimit r;
    struct ev_loop *m;
    ev_async a;
    while (open("/dev/null", O_RDONLY) >= 0 && open("/dev/null", O_RDONLY) < 60)
        ;
    getrlimit(RLIMIT_NOFILE, &r);
    r.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &r);
    m = ev_loop_new(EVFLAG_NOENV);
    printf("backend %u\n", m ? ev_backend(m) : 0);
    fflush(stdout);
    ev_set_syserr_cb(syserr);
    ev_async_init(&a, (void (*)(EV_P_ ev_async *, int))0);
    ev_async_start(m, &a);
}
static void no_fds_abort(void) { ev_set_syserr_cb(0); no_fds(); }

static void try(const char *name, void (*f)(void))
{
    pid_t pid;
    int status;
    fflush(stdout);
    pid = fork();
    if (!pid) {
        struct rlimit none = { 0, 0 };
        setrlimit(RLIMIT_CORE, &none);
        l = EV_DEFAULT;
        f();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    printf("%s: %s %d\n", name, WIFSIGNALED(status) ? "signal" : "exit",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}
#define TRY(f) try(#f, f)

int main(void)
{
    TRY(negative_fd);
    TRY(wrong_events);
    TRY(negative_repeat);
    TRY(negative_interval);
    TRY(signal_0);
    TRY(signal_big);
    TRY(two_loops);
    TRY(two_loops_in_turn);
    TRY(child_elsewhere);
    TRY(embed_poll);
    TRY(no_fds);
    (void)no_fds_abort;
    return 0;
}
