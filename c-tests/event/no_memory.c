/* The n-th allocation fails, for every n, in programs that use all of event2/event.h. */
/* harness: only=evrs; backends=epoll,poll,select; valgrind */
#include "failalloc.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event_compat.h>
#include <event2/event_struct.h>
#include <event2/watch.h>

static void nothing(evutil_socket_t fd, short what, void *arg) { (void)fd; (void)what; (void)arg; }
static void final(struct event *ev, void *arg) { (void)ev; (void)arg; }
static int each(const struct event_base *b, const struct event *e, void *arg) { (void)b; (void)e; (void)arg; return 0; }
static void prepare(struct evwatch *w, const struct evwatch_prepare_cb_info *i, void *arg)
{
    struct timeval tv;
    (void)w; (void)arg;
    evwatch_prepare_get_timeout(i, &tv);
}
static void check(struct evwatch *w, const struct evwatch_check_cb_info *i, void *arg) { (void)w; (void)i; (void)arg; }

static int config(void)
{
    struct timeval tv = {1, 0};
    struct event_config *cfg = event_config_new();
    struct event_base *base;
    int done;

    if (!cfg)
        return 0;
    done = event_config_avoid_method(cfg, "select") == 0 && event_config_avoid_method(cfg, "other") == 0 &&
        event_config_set_flag(cfg, EVENT_BASE_FLAG_PRECISE_TIMER) == 0 &&
        event_config_set_max_dispatch_interval(cfg, &tv, 3, 1) == 0;
    if (getenv("EVENT_NOPOLL") && getenv("EVENT_NOEPOLL")) {
        event_config_free(cfg);
        return done;
    }
    base = event_base_new_with_config(cfg);
    event_config_free(cfg);
    if (!base)
        return 0;
    done = done && event_base_priority_init(base, 5) == 0 && event_base_priority_init(base, 1) == 0 &&
        event_base_priority_init(base, 7) == 0;
    event_base_free(base);
    return done;
}

static int everything(void)
{
    static int p[2] = {-1, -1};
    struct event_base *base;
    struct event *r = NULL, *s = NULL, *t = NULL, *f = NULL;
    const struct timeval *common;
    struct timeval soon = {0, 10}, d = {0, 20};
    struct evwatch *w = NULL, *c = NULL;
    int done = 0;

    if (p[0] < 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p) < 0)
        return 0;
    base = event_base_new();
    if (!base)
        return 0;
    r = event_new(base, p[0], EV_READ | EV_WRITE, nothing, NULL);
    s = event_new(base, SIGUSR1, EV_SIGNAL, nothing, NULL);
    t = event_new(base, -1, EV_PERSIST, nothing, NULL);
    f = event_new(base, -1, 0, nothing, NULL);
    w = evwatch_prepare_new(base, prepare, NULL);
    c = evwatch_check_new(base, check, NULL);
    common = event_base_init_common_timeout(base, &d);
    if (!r || !s || !t || !f || !w || !c || !common)
        goto out;
    if (event_add(r, &soon) || event_add(s, NULL) || event_add(t, common))
        goto out;
    if (event_base_once(base, -1, EV_TIMEOUT, nothing, NULL, NULL) ||
        event_base_once(base, -1, EV_TIMEOUT, nothing, NULL, &soon) ||
        event_base_once(base, p[0], EV_WRITE, nothing, NULL, &soon))
        goto out;
    event_active(f, EV_READ, 1);
    if (event_base_foreach_event(base, each, NULL))
        goto out;
    raise(SIGUSR1);
    if (event_base_loop(base, EVLOOP_ONCE) < 0)
        goto out;
    if (event_base_loopexit(base, &soon))
        goto out;
    if (event_base_dispatch(base) < 0)
        goto out;
    if (event_reinit(base))
        goto out;
    if (event_free_finalize(0, f, final))
        goto out;
    f = NULL;
    done = event_base_loop(base, EVLOOP_NONBLOCK) >= 0;
out:
    if (r)
        event_free(r);
    if (s)
        event_free(s);
    if (t)
        event_free(t);
    if (f)
        event_free(f);
    if (w)
        evwatch_free(w);
    event_base_free(base);
    return done;
}

/* a failed event_add has changed nothing */
static int refused(void)
{
    struct event_base *base = event_base_new();
    struct event ev;
    struct timeval tv = {100, 0};
    int done = 0;

    if (!base)
        return 0;
    event_assign(&ev, base, 0, EV_WRITE, nothing, NULL);
    event_assign(&ev, base, 2, EV_WRITE, nothing, NULL);
    if (event_add(&ev, &tv) == 0)
        done = 1;
    else if (event_pending(&ev, EV_WRITE | EV_TIMEOUT, NULL) ||
             event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED))
        puts("a failed event_add has left something");
    event_del(&ev);
    event_base_free(base);
    return done;
}

int main(void)
{
    int bad, out = dup(1), p[2];
    signal(SIGUSR1, SIG_IGN);
    /* stderr may be a file, which epoll refuses */
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, p) < 0 || dup2(p[0], 2) < 0)
        return 1;
    (void)out;
    failalloc_install();
    bad = failalloc_sweep("config", config, 1000) | failalloc_sweep("everything", everything, 1000) |
        failalloc_sweep("refused", refused, 1000);
    libevent_global_shutdown();
    printf("live %ld\n", failalloc_live);
    return bad;
}
