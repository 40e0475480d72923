/* ev_once: descriptor, time, both, neither; calls from inside calls. */
/* harness: backends=epoll,poll,select,iouring; valgrind */
#include <ev.h>
#include <stdio.h>
#include <unistd.h>

static struct ev_loop *l;
static int n;

static void cb(int revents, void *arg) { printf("%s %x\n", (char *)arg, revents); }
static void chain(int revents, void *arg)
{
    (void)revents;
    if (++n < 1000)
        ev_once(l, -1, 0, 0., chain, arg);
}

int main(void)
{
    int p[2], i;
    l = ev_loop_new(0);
    if (pipe(p))
        return 1;
    ev_once(l, -1, 0, .01, cb, "time");
    printf("left %d\n", ev_run(l, 0));
    ev_once(l, p[1], EV_WRITE, -1., cb, "writable");
    printf("left %d\n", ev_run(l, 0));
    ev_once(l, p[0], EV_READ, .01, cb, "not readable");
    printf("left %d\n", ev_run(l, 0));
    ev_once(l, p[0], EV_READ | EV_WRITE, -1., cb, "only a write");
    if (write(p[1], "x", 1) != 1)
        return 1;
    printf("left %d\n", ev_run(l, 0));
    ev_once(l, p[0], EV_READ, 0., cb, "both");
    usleep(1000);
    printf("left %d\n", ev_run(l, 0));
    ev_once(l, -1, 0, -1., cb, "never");
    printf("left %d\n", ev_run(l, 0));
    ev_once(l, -1, 0, 0., chain, NULL);
    i = (int)ev_iteration(l);
    printf("left %d\n", ev_run(l, 0));
    printf("%d calls in %d passes\n", n, (int)ev_iteration(l) - i);
    ev_loop_destroy(l);
    return 0;
}
