/* Embedded loops: swept by themselves, swept by a callback, changes made later, stop, fork. */
/* harness: backends=epoll */
#include <ev.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef INNER
# define INNER EVBACKEND_EPOLL
#endif

static int inner_calls;

static void io_cb(EV_P_ ev_io *w, int revents)
{
    char b;
    (void)loop;
    inner_calls++;
    printf("inner %x: %d byte\n", revents, (int)read(w->fd, &b, 1));
}

static void embed_cb(EV_P_ ev_embed *w, int revents)
{
    printf("sweep %x\n", revents);
    ev_embed_sweep(EV_A_ w);
}

static void timeout(EV_P_ ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    ev_break(EV_A_ EVBREAK_ALL);
}

static void passes(struct ev_loop *l)
{
    ev_timer t;
    ev_timer_init(&t, timeout, .03, 0.);
    ev_timer_start(l, &t);
    printf("run %d\n", ev_run(l, 0));
    ev_timer_stop(l, &t);
}

int main(void)
{
    struct ev_loop *l = EV_DEFAULT, *inner = ev_loop_new(INNER | EVFLAG_NOENV);
    ev_embed e;
    ev_io io, late;
    int p[2], q[2], status;
    pid_t pid;

    if (!inner || !(ev_backend(inner) & ev_embeddable_backends())) {
        fputs("no such backend here\n", stderr);
        return 77;
    }
    if (pipe(p) || pipe(q))
        return 1;
    ev_io_init(&io, io_cb, p[0], EV_READ);
    ev_io_start(inner, &io);
    puts("-- by itself");
    ev_embed_init(&e, 0, inner);
    ev_embed_start(l, &e);
    if (write(p[1], "x", 1) != 1)
        return 1;
    passes(l);
    puts("-- a watcher that comes later");
    ev_io_init(&late, io_cb, q[0], EV_READ);
    ev_io_start(inner, &late);
    if (write(q[1], "x", 1) != 1)
        return 1;
    passes(l);
    ev_embed_stop(l, &e);
    puts("-- stopped");
    if (write(p[1], "x", 1) != 1)
        return 1;
    passes(l);
    puts("-- with a callback");
    ev_embed_init(&e, embed_cb, inner);
    ev_embed_start(l, &e);
    passes(l);
    printf("active %d %d %d\n", ev_is_active(&e), ev_is_active(&e.io), !!ev_is_active(&e.prepare));
    fflush(stdout);
    pid = fork();
    if (!pid) {
        ev_loop_fork(l);
        inner_calls = 0;
        if (write(p[1], "x", 1) != 1)
            _exit(9);
        passes(l);
        printf("child: %d\n", inner_calls);
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    printf("status %x\n", status);
    ev_embed_stop(l, &e);
    ev_io_stop(inner, &io);
    ev_io_stop(inner, &late);
    ev_loop_destroy(inner);
    ev_loop_destroy(l);
    return 0;
}
