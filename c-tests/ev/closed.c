/* A descriptor that is closed while it is watched: the watcher is stopped and told, where the
 * distributed libev aborts (nio4r#266). */
/* harness: backends=epoll,poll,select; expect=closed.out */
#include <ev.h>
#include <stdio.h>
#include <unistd.h>

static void cb(EV_P_ ev_io *w, int revents)
{
    (void)loop;
    printf("%x, active %d\n", (unsigned)revents, ev_is_active(w));
}

int main(void)
{
    struct ev_loop *l = EV_DEFAULT;
    ev_io a, b;
    int fd[2];

    if (pipe(fd))
        return 1;
    close(fd[0]);
    ev_io_init(&a, cb, fd[0], EV_READ);
    ev_io_start(l, &a);
    ev_io_init(&b, cb, fd[0], EV_WRITE);
    ev_io_start(l, &b);
    ev_run(l, EVRUN_NOWAIT);
    ev_run(l, EVRUN_NOWAIT);
    printf("%d left\n", ev_run(l, 0));
    ev_verify(l);
    ev_loop_destroy(l);
    return 0;
}
