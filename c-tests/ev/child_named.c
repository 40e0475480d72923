/* EVFLAG_REAPNAMED: only children that somebody watches are reaped (gevent#1573). */
/* harness: only=evrs */
#include <ev.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int calls;

static void cb(EV_P_ ev_child *w, int revents)
{
    (void)revents;
    calls++;
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
    struct ev_loop *l = ev_default_loop(EVFLAG_REAPNAMED);
    pid_t ours = child(1), mine = child(2);
    ev_child c;
    int status = 0;

    usleep(50000);
    ev_child_init(&c, cb, mine, 0);
    ev_child_start(l, &c);
    ev_run(l, 0);
    if (calls != 1 || c.rpid != mine || WEXITSTATUS(c.rstatus) != 2)
        return 1;
    if (waitpid(ours, &status, 0) != ours || WEXITSTATUS(status) != 1)
        return 2;
    ev_loop_destroy(l);
    puts("ok");
    return 0;
}
