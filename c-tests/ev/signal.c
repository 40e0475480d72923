/* Signals: coalescing, several watchers, feeding, dispositions, masks, signalfd. */
/* harness: backends=epoll,poll,select; valgrind */
#include <ev.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void cb(EV_P_ ev_signal *w, int revents)
{
    (void)loop;
    printf("  %s: %d %x\n", (char *)w->data, w->signum, revents);
}

static void disposition(const char *when, int sig)
{
    struct sigaction a;
    sigaction(sig, NULL, &a);
    printf("%s: %s\n", when,
           a.sa_handler == SIG_DFL ? "default" : a.sa_handler == SIG_IGN ? "ignored" : "handler");
}

static void ignore_me(int sig) { (void)sig; }

static int blocked(int sig)
{
    sigset_t s;
    sigprocmask(SIG_BLOCK, NULL, &s);
    return sigismember(&s, sig);
}

static void *raises(void *arg)
{
    usleep(30000);
    kill(getpid(), *(int *)arg);
    return NULL;
}

static void with_flags(unsigned flags, const char *name)
{
    struct ev_loop *l = ev_loop_new(flags);
    ev_signal s;
    sigset_t set;
    printf("-- %s\n", name);
    ev_signal_init(&s, cb, SIGUSR2);
    s.data = "s";
    ev_signal_start(l, &s);
    printf("blocked %d\n", blocked(SIGUSR2));
    kill(getpid(), SIGUSR2);
    ev_run(l, EVRUN_ONCE);
    ev_signal_stop(l, &s);
    printf("blocked %d\n", blocked(SIGUSR2));
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    ev_signal_start(l, &s);
    printf("blocked before: now %d\n", blocked(SIGUSR2));
    ev_signal_stop(l, &s);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    ev_loop_destroy(l);
}

int main(void)
{
    struct ev_loop *l = EV_DEFAULT;
    ev_signal a, b, c;
    struct sigaction sa;
    int sig = SIGUSR1;
    pthread_t t;

    disposition("SIGCHLD with the default loop", SIGCHLD);
    signal(SIGUSR1, ignore_me);
    ev_signal_init(&a, cb, SIGUSR1);
    a.data = "a";
    ev_signal_init(&b, cb, SIGUSR1);
    b.data = "b";
    ev_signal_init(&c, cb, SIGUSR2);
    c.data = "c";
    ev_signal_start(l, &a);
    ev_signal_start(l, &b);
    ev_signal_start(l, &c);
    disposition("started", SIGUSR1);
    sigaction(SIGUSR1, NULL, &sa);
    printf("restart %d, mask %d\n", !!(sa.sa_flags & SA_RESTART), sigismember(&sa.sa_mask, SIGUSR2));
    puts("raised twice");
    raise(SIGUSR1);
    raise(SIGUSR1);
    ev_run(l, EVRUN_NOWAIT);
    ev_run(l, EVRUN_NOWAIT);
    puts("both");
    raise(SIGUSR2);
    raise(SIGUSR1);
    ev_run(l, EVRUN_NOWAIT);
    puts("fed");
    ev_feed_signal(SIGUSR1);
    ev_run(l, EVRUN_NOWAIT);
    puts("fed into the loop");
    ev_feed_signal_event(l, SIGUSR2);
    printf("pending %u\n", ev_pending_count(l));
    ev_invoke_pending(l);
    ev_feed_signal_event(l, 0);
    ev_feed_signal_event(l, 1000);
    printf("pending %u\n", ev_pending_count(l));
    puts("while it sleeps");
    pthread_create(&t, NULL, raises, &sig);
    /* Which thread takes the signal decides whether the pass that it ends brings the callbacks. */
    ev_run(l, EVRUN_ONCE);
    pthread_join(t, NULL);
    printf("%d\n", ev_run(l, EVRUN_NOWAIT));
    ev_signal_stop(l, &a);
    disposition("one stopped", SIGUSR1);
    ev_signal_stop(l, &b);
    disposition("all stopped", SIGUSR1);
    ev_signal_stop(l, &c);
    printf("refs %d\n", ev_run(l, EVRUN_NOWAIT));
    with_flags(0, "plain");
    with_flags(EVFLAG_SIGNALFD, "SIGNALFD");
    with_flags(EVFLAG_NOSIGMASK, "NOSIGMASK");
    ev_verify(l);
    ev_loop_destroy(l);
    disposition("SIGCHLD after", SIGCHLD);
    return 0;
}
