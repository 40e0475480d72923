/* Uses something of both APIs, a variadic function, and an exported variable. */
#include <ev.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

static void on_timer(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    ev_break(loop, EVBREAK_ALL);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    ++*(int *)arg;
}

int main(void)
{
    struct timeval tv = {0, 1000};
    int fired = 0;
    struct event_base *base = event_base_new();
    struct evbuffer *b = evbuffer_new();
    struct ev_loop *loop = ev_default_loop(0);
    ev_timer t;

    if (!base || !b || !loop)
        return 1;
    if (event_base_once(base, -1, EV_TIMEOUT, on_event, &fired, &tv) < 0)
        return 2;
    event_base_dispatch(base);
    ev_timer_init(&t, on_timer, 0.001, 0.);
    ev_timer_start(EV_DEFAULT_UC_ &t);
    ev_run(EV_DEFAULT_UC_ 0);
    if (evbuffer_add_printf(b, "%s %d %.1f %ld", "fired", fired, 1.5, 7L) != 13)
        return 3;
    fwrite(evbuffer_pullup(b, -1), 1, evbuffer_get_length(b), stdout);
    puts(EV_DEFAULT_UC == loop ? " same loop" : " other loop");
    evbuffer_free(b);
    event_base_free(base);
    return 0;
}
