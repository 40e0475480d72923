/* Loops: creation, flags, the environment, return values of ev_run, breaks, nesting, references. */
/* harness: valgrind */
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>

static void nothing(EV_P_ ev_timer *w, int revents) { (void)loop; (void)w; (void)revents; }

static void env(const char *value, unsigned flags)
{
    struct ev_loop *l;
    setenv("LIBEV_FLAGS", value, 1);
    l = ev_loop_new(flags);
    printf("LIBEV_FLAGS=%s, flags %x: %u\n", value, flags, l ? ev_backend(l) : 0);
    if (l)
        ev_loop_destroy(l);
    unsetenv("LIBEV_FLAGS");
}

static void backends(unsigned flags)
{
    struct ev_loop *l = ev_loop_new(flags);
    printf("flags %x: %u\n", flags, l ? ev_backend(l) : 0);
    if (l)
        ev_loop_destroy(l);
}

static int breaks;
static ev_timer inner_timer;

static void breaker(EV_P_ ev_timer *w, int revents)
{
    printf("inner callback %x at depth %u\n", revents, ev_depth(EV_A));
    ev_break(EV_A_ *(int *)w->data);
}

static void nester(EV_P_ ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    printf("outer callback at depth %u\n", ev_depth(EV_A));
    ev_timer_init(&inner_timer, breaker, 0., 0.);
    inner_timer.data = &breaks;
    ev_timer_start(EV_A_ &inner_timer);
    printf("inner run: %d\n", ev_run(EV_A_ 0));
}

static void after(EV_P_ ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    puts("outer goes on");
    ev_break(EV_A_ EVBREAK_ALL);
}

static void nested(int how)
{
    struct ev_loop *l = ev_loop_new(0);
    ev_timer a, b, keep;
    breaks = how;
    ev_timer_init(&keep, nothing, 1000., 0.);
    ev_timer_start(l, &keep);
    ev_timer_init(&a, nester, 0., 0.);
    ev_timer_start(l, &a);
    ev_timer_init(&b, after, .05, 0.);
    ev_timer_start(l, &b);
    printf("outer run: %d\n", ev_run(l, 0));
    printf("depth %u\n", ev_depth(l));
    ev_timer_stop(l, &a);
    ev_timer_stop(l, &b);
    ev_timer_stop(l, &keep);
    ev_loop_destroy(l);
}

static void at_cleanup(EV_P_ ev_cleanup *w, int revents)
{
    (void)loop;
    printf("cleanup %x %s, active %d\n", revents, (char *)w->data, !!ev_is_active(w));
}

static void breaks_twice(EV_P_ ev_prepare *w, int revents)
{
    (void)w;
    (void)revents;
    puts("prepare");
    ev_break(EV_A_ EVBREAK_ONE);
}

static void cancels(EV_P_ ev_timer *w, int revents)
{
    (void)revents;
    ev_break(EV_A_ EVBREAK_ALL);
    ev_break(EV_A_ EVBREAK_CANCEL);
    ev_timer_stop(EV_A_ w);
}

int main(void)
{
    struct ev_loop *l;
    ev_timer t[3];
    ev_prepare p;
    ev_cleanup c[2];
    int i;

    printf("version %d.%d\n", ev_version_major(), ev_version_minor());
    printf("recommended %u, embeddable %u\n", ev_recommended_backends(), ev_embeddable_backends());
    printf("these are there: %u\n", ev_supported_backends() & 7);
    for (i = 0; i < 3; i++)
        backends(1u << i);
    backends(0);
    backends(7);
    backends(3);
    backends(8);
    backends(16);
    backends(32);
    backends(EVFLAG_NOENV | EVBACKEND_SELECT);
    env("1", EVBACKEND_EPOLL);
    env("1", EVBACKEND_EPOLL | EVFLAG_NOENV);
    env("8", 0);
    env("abc", EVBACKEND_POLL);
    env("", EVBACKEND_POLL);

    printf("no default loop yet: %d\n", EV_DEFAULT_UC == NULL);
    l = EV_DEFAULT;
    printf("default: %d %d, again with other flags: %d\n", l == EV_DEFAULT_UC, ev_is_default_loop(l),
           ev_default_loop(EVBACKEND_SELECT) == l);
    printf("new: iteration %u depth %u pending %u data %d refs %d\n", ev_iteration(l), ev_depth(l),
           ev_pending_count(l), ev_userdata(l) != NULL, ev_run(l, EVRUN_NOWAIT));
    printf("after one pass: iteration %u\n", ev_iteration(l));
    printf("empty run: %d, iteration %u\n", ev_run(l, 0), ev_iteration(l));
    ev_set_userdata(l, &i);
    printf("data %d\n", ev_userdata(l) == &i);

    for (i = 0; i < 3; i++) {
        ev_timer_init(&t[i], nothing, 1000., 0.);
        ev_timer_start(l, &t[i]);
    }
    printf("three timers: %d\n", ev_run(l, EVRUN_NOWAIT));
    ev_unref(l);
    printf("one unreferenced: %d\n", ev_run(l, EVRUN_NOWAIT));
    ev_unref(l);
    ev_unref(l);
    printf("all: %d\n", ev_run(l, 0));
    ev_ref(l);
    ev_ref(l);
    ev_ref(l);
    ev_break(l, EVBREAK_ALL);
    printf("a break outside does nothing: iteration %u ", ev_iteration(l));
    ev_run(l, EVRUN_NOWAIT);
    printf("%u\n", ev_iteration(l));
    ev_prepare_init(&p, breaks_twice);
    ev_prepare_start(l, &p);
    printf("break in prepare: %d, iteration %u\n", ev_run(l, 0), ev_iteration(l));
    ev_unref(l);
    printf("again, unreferenced: %d\n", ev_run(l, 0));
    ev_ref(l);
    ev_prepare_stop(l, &p);
    for (i = 0; i < 3; i++)
        ev_timer_stop(l, &t[i]);
    ev_timer_init(&t[0], cancels, 0., 1.);
    ev_timer_start(l, &t[0]);
    printf("cancelled break: %d\n", ev_run(l, 0));

    for (i = 0; i < 2; i++) {
        ev_cleanup_init(&c[i], at_cleanup);
        c[i].data = i ? "second" : "first";
        ev_cleanup_start(l, &c[i]);
    }
    printf("cleanups keep nothing running: %d\n", ev_run(l, EVRUN_NOWAIT));
    ev_loop_destroy(l);
    printf("destroyed: %d\n", EV_DEFAULT_UC == NULL);
    l = ev_default_loop(EVBACKEND_SELECT);
    printf("another: %u\n", ev_backend(l));
    ev_loop_destroy(l);

    puts("-- break one");
    nested(EVBREAK_ONE);
    puts("-- break all");
    nested(EVBREAK_ALL);
    return 0;
}
