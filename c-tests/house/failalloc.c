/* The allocation-failure kit, on the functions that every other part stands on. */
/* harness: valgrind */
#include "failalloc.h"

#include <event2/buffer.h>

static int base_once(void)
{
    struct event_base *base = event_base_new();

    if (base)
        event_base_free(base);
    return base != NULL;
}

static void nothing(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
}

static int event_once(void)
{
    struct event_base *base = event_base_new();
    struct timeval tv = {0, 0};
    struct event *ev;
    int done = 0;

    if (!base)
        return 0;
    ev = event_new(base, -1, 0, nothing, NULL);
    if (ev) {
        done = event_add(ev, &tv) == 0 && event_base_once(base, -1, EV_TIMEOUT, nothing, NULL, &tv) == 0 &&
               event_base_loop(base, EVLOOP_NONBLOCK) >= 0;
        event_free(ev);
    }
    event_base_free(base);
    return done;
}

static int buffer_once(void)
{
    static char block[10000];
    struct evbuffer *b = evbuffer_new();
    size_t before;
    int done;

    if (!b)
        return 0;
    done = evbuffer_add(b, block, 100) == 0;
    before = evbuffer_get_length(b);
    if (evbuffer_add(b, block, sizeof(block)) < 0) {
        done = 0;
        if (evbuffer_get_length(b) != before)
            puts("a failed evbuffer_add has changed the buffer");
    }
    if (evbuffer_add_printf(b, "%5000d", 1) < 0)
        done = 0;
    evbuffer_free(b);
    return done;
}

int main(void)
{
    int bad;

    failalloc_install();
    bad = failalloc_sweep("evbuffer", buffer_once, 1000);
    bad |= failalloc_sweep("event_base", base_once, 1000);
    bad |= failalloc_sweep("event", event_once, 1000);
    return bad;
}
