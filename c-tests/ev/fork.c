/* Fork with every kind of watcher active: the child's loop works, and so does the parent's. */
/* harness: backends=epoll,poll,select; timeout=60 */
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int got;
static void mark(int bit, EV_P)
{
    got |= bit;
    if (got == 63)
        ev_break(EV_A_ EVBREAK_ALL);
}
static void io_cb(EV_P_ ev_io *w, int r) { char b; (void)r; if (read(w->fd, &b, 1)) { } mark(1, EV_A); }
static void timer_cb(EV_P_ ev_timer *w, int r) { (void)w; (void)r; mark(2, EV_A); }
static void signal_cb(EV_P_ ev_signal *w, int r) { (void)w; (void)r; mark(4, EV_A); }
static void async_cb(EV_P_ ev_async *w, int r) { (void)w; (void)r; mark(8, EV_A); }
static void stat_cb(EV_P_ ev_stat *w, int r) { (void)w; (void)r; mark(16, EV_A); }
static void periodic_cb(EV_P_ ev_periodic *w, int r) { (void)w; (void)r; mark(32, EV_A); }
static void end_cb(EV_P_ ev_timer *w, int r) { (void)w; (void)r; ev_break(EV_A_ EVBREAK_ALL); }
static int forks, order;
static void fork_cb(EV_P_ ev_fork *w, int r)
{
    (void)loop; (void)w;
    forks++;
    order = order * 10 + 1;
    if (r != EV_FORK)
        puts("wrong event");
}
static void prepare_cb(EV_P_ ev_prepare *w, int r)
{
    (void)r;
    order = order * 10 + 2;
    ev_prepare_stop(EV_A_ w);
}

static ev_io io;
static ev_timer timer, end;
static ev_signal sig;
static ev_async as;
static ev_stat st;
static ev_periodic per;
static ev_fork fk;
static ev_prepare pr;
static int fd[2];
static char path[100];

static void use(struct ev_loop *l, const char *who)
{
    int f;
    got = 0;
    if (write(fd[1], "x", 1) != 1)
        exit(8);
    raise(SIGUSR1);
    ev_async_send(l, &as);
    f = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (write(f, "y", 1) != 1)
        exit(8);
    close(f);
    timer.repeat = .01;
    ev_timer_again(l, &timer);
    timer.repeat = 0.;
    ev_timer_init(&end, end_cb, 7., 0.);
    ev_timer_start(l, &end);
    ev_run(l, 0);
    ev_timer_stop(l, &end);
    printf("%s: %d, forks %d, order %d\n", who, got, forks, order);
    fflush(stdout);
}

static void child(struct ev_loop *l, unsigned flags)
{
    ev_prepare_init(&pr, prepare_cb);
    ev_prepare_start(l, &pr);
    if (!(flags & EVFLAG_FORKCHECK))
        ev_loop_fork(l);
    ev_io_stop(l, &io);
    close(fd[0]);
    close(fd[1]);
    if (pipe(fd))
        exit(9);
    ev_io_set(&io, fd[0], EV_READ);
    ev_io_start(l, &io);
    ev_stat_stop(l, &st);
    snprintf(path, sizeof path, "./child");
    ev_stat_start(l, &st);
    use(l, "child");
    forks = order = 0;
    use(l, "child again");
    _exit(0);
}

static void all(unsigned flags)
{
    struct ev_loop *l = ev_loop_new(flags);
    pid_t p;
    int status;

    printf("-- flags %x\n", flags);
    fflush(stdout);
    forks = order = 0;
    snprintf(path, sizeof path, "./parent");
    if (pipe(fd))
        exit(9);
    ev_io_init(&io, io_cb, fd[0], EV_READ);
    ev_io_start(l, &io);
    ev_timer_init(&timer, timer_cb, 0., 0.);
    ev_signal_init(&sig, signal_cb, SIGUSR1);
    ev_signal_start(l, &sig);
    ev_async_init(&as, async_cb);
    ev_async_start(l, &as);
    ev_stat_init(&st, stat_cb, path, 0.);
    ev_stat_start(l, &st);
    ev_periodic_init(&per, periodic_cb, 0., .01, 0);
    ev_periodic_start(l, &per);
    ev_fork_init(&fk, fork_cb);
    ev_fork_start(l, &fk);
    use(l, "before");
    p = fork();
    if (!p)
        child(l, flags);
    waitpid(p, &status, 0);
    printf("child's status %x\n", status);
    use(l, "parent");
    ev_io_stop(l, &io);
    ev_timer_stop(l, &timer);
    ev_signal_stop(l, &sig);
    ev_async_stop(l, &as);
    ev_stat_stop(l, &st);
    ev_periodic_stop(l, &per);
    ev_fork_stop(l, &fk);
    ev_loop_destroy(l);
    close(fd[0]);
    close(fd[1]);
    unlink("./parent");
    unlink("./child");
}

int main(void)
{
    all(0);
    all(EVFLAG_FORKCHECK);
    return 0;
}
