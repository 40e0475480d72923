/* Children: status, tracing, watchers of any and of one, a child that died before, 1000 of them. */
/* harness: timeout=60 */
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int calls, sum;

static void cb(EV_P_ ev_child *w, int revents)
{
    /* Which of the two is called first depends on the pid. */
    printf("%x status %x, prio %d, active %d\n", revents, w->rstatus, ev_priority(w),
           ev_is_active(w));
    if (++calls == 2)
        ev_break(EV_A_ EVBREAK_ALL);
}

static void traced(EV_P_ ev_child *w, int revents)
{
    (void)revents;
    printf("traced: %x\n", w->rstatus);
    if (WIFSTOPPED(w->rstatus))
        kill(w->rpid, SIGCONT);
    else if (WIFCONTINUED(w->rstatus))
        kill(w->rpid, SIGKILL);
    else
        ev_child_stop(EV_A_ w);
}

static void untraced(EV_P_ ev_child *w, int revents)
{
    (void)revents;
    printf("untraced: %x\n", w->rstatus);
    ev_child_stop(EV_A_ w);
}

static void many(EV_P_ ev_child *w, int revents)
{
    (void)revents;
    calls++;
    sum += WEXITSTATUS(w->rstatus) + (w->rpid != w->pid ? 100000 : 0);
    ev_child_stop(EV_A_ w);
}

static pid_t child(int status)
{
    pid_t p = fork();
    if (!p)
        _exit(status);
    return p;
}

int main(void)
{
    struct ev_loop *l = EV_DEFAULT;
    static ev_child c[1000];
    ev_child one, any;
    pid_t p;
    int i, expected = 0;

    p = child(7);
    usleep(50000); /* dead before it is watched */
    ev_child_init(&one, cb, p, 0);
    ev_child_start(l, &one);
    ev_child_init(&any, cb, 0, 0);
    ev_child_start(l, &any);
    ev_run(l, 0);
    printf("rpid %d %d\n", one.rpid == p, any.rpid == p);
    ev_child_stop(l, &one);
    ev_child_stop(l, &any);

    p = fork();
    if (!p) {
        raise(SIGSTOP);
        pause();
        _exit(0);
    }
    ev_child_init(&one, traced, p, 1);
    ev_child_start(l, &one);
    ev_child_init(&any, untraced, p, 0);
    ev_child_start(l, &any);
    printf("left: %d\n", ev_run(l, 0));

    calls = 0;
    for (i = 0; i < 1000; i++) {
        p = child(i % 200);
        expected += i % 200;
        ev_child_init(&c[i], many, p, 0);
        ev_child_start(l, &c[i]);
    }
    ev_run(l, 0);
    printf("%d children, sum %d\n", calls, sum - expected);

    puts("-- another loop comes and goes");
    ev_loop_destroy(ev_loop_new(0));
    calls = 0;
    sum = 0;
    ev_child_init(&c[0], many, child(3), 0);
    ev_child_start(l, &c[0]);
    ev_run(l, 0);
    printf("%d child, sum %d\n", calls, sum);
    ev_loop_destroy(l);
    puts("-- and a new default loop");
    l = EV_DEFAULT;
    ev_child_init(&c[0], many, child(4), 0);
    ev_child_start(l, &c[0]);
    ev_run(l, 0);
    printf("%d children, sum %d\n", calls, sum);
    ev_loop_destroy(l);
    return 0;
}
