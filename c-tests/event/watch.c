/* Watchers (libevent 2.2). */
/* harness: only=evrs; backends=epoll,poll,select; valgrind */
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>
#include <event2/watch.h>

static struct event_base *base;
static struct evwatch *second;
static char trace[400];
static int n;

static void put(char c) { if (n < 399) trace[n++] = c; }

static void prepare(struct evwatch *w, const struct evwatch_prepare_cb_info *info, void *arg)
{
    struct timeval tv = {-1, 0};
    int r = evwatch_prepare_get_timeout(info, &tv);
    if (evwatch_base(w) != base)
        put('!');
    put(*(char *)arg);
    put(r ? (tv.tv_sec > 100 ? 'L' : tv.tv_sec || tv.tv_usec ? 'S' : '0') : 'N');
}

static void check(struct evwatch *w, const struct evwatch_check_cb_info *info, void *arg)
{
    (void)w; (void)info;
    put(*(char *)arg);
}

static void frees(struct evwatch *w, const struct evwatch_prepare_cb_info *info, void *arg)
{
    prepare(w, info, arg);
    evwatch_free(second);
    evwatch_free(w);
}

static void activates(struct evwatch *w, const struct evwatch_prepare_cb_info *info, void *arg)
{
    (void)w; (void)info;
    event_active(arg, EV_READ, 1);
}

static void cb(evutil_socket_t fd, short what, void *arg) { (void)fd; (void)what; put(*(char *)arg); }

static int expect(const char *want)
{
    trace[n] = 0;
    n = 0;
    for (char *p = trace; *want; want++, p++)
        if (*p != *want)
            return printf("got %s, want the rest %s\n", trace, want), 0;
    return 1;
}

int main(void)
{
    struct timeval soon = {0, 300000}, never = {1000, 0};
    struct event *t, *u;
    struct evwatch *a;

    base = event_base_new();
    t = event_new(base, -1, 0, cb, "t");
    u = event_new(base, -1, 0, cb, "u");
    a = evwatch_prepare_new(base, prepare, "a");
    second = evwatch_prepare_new(base, prepare, "b");
    evwatch_check_new(base, check, "c");
    evwatch_check_new(base, check, "d");
    event_add(t, &soon);
    event_base_loop(base, EVLOOP_ONCE);
    if (!expect("aSbScdt"))
        return 1;
    event_add(t, &never);
    event_active(u, EV_READ, 1);
    event_base_loop(base, EVLOOP_ONCE);
    if (!expect("a0b0cdu"))
        return 2;
    evwatch_free(a);
    evwatch_prepare_new(base, frees, "f");
    a = evwatch_prepare_new(base, prepare, "g");
    second = a;
    event_active(u, EV_READ, 1);
    event_base_loop(base, EVLOOP_ONCE);
    if (!expect("b0f0cdu"))
        return 3;
    evwatch_prepare_new(base, activates, u);
    event_base_loop(base, EVLOOP_ONCE);
    if (!expect("bLcdu"))
        return 4;
    evwatch_free(NULL);
    event_free(t);
    event_free(u);
    event_base_free(base);
    puts("ok");
    return 0;
}
