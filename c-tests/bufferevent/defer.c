/* harness: valgrind
 * Deferred callbacks: merged, in order, and triggering by hand. */
#include "kit.h"

static struct event_base *base;
static int inside;

static void r(struct bufferevent *b, void *a) { (void)b; printf(" %s read%s\n", (char *)a, inside ? " at once" : ""); }
static void w(struct bufferevent *b, void *a) { (void)b; printf(" %s write%s\n", (char *)a, inside ? " at once" : ""); }
static void e(struct bufferevent *b, short what, void *a)
{
    int err = errno;
    (void)b;
    printf(" %s%s%s errno %d\n", (char *)a, what_name(what), inside ? " at once" : "", err);
}

static void trigger(struct bufferevent *b, short what, int options)
{
    printf("trigger %x %x\n", what, options);
    inside = 1;
    bufferevent_trigger(b, what, options);
    inside = 0;
    turns(base, 2);
}
static void trigger_event(struct bufferevent *b, short what, int options)
{
    printf("trigger_event %x %x\n", what, options);
    inside = 1;
    errno = 0;
    bufferevent_trigger_event(b, what, options);
    inside = 0;
    errno = 0;
    turns(base, 2);
}

int main(void)
{
    int options[] = { 0, BEV_OPT_DEFER_CALLBACKS, BEV_OPT_DEFER_CALLBACKS | BEV_OPT_UNLOCK_CALLBACKS };
    unsigned i;
    base = event_base_new();
    for (i = 0; i < 3; i++) {
        int fd[2];
        struct bufferevent *b;
        connected(PAIR, fd);
        printf("== options %x\n", options[i]);
        b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE | options[i]);
        bufferevent_setcb(b, r, w, e, "t");
        trigger(b, EV_READ, 0);
        trigger(b, EV_WRITE, 0);
        trigger(b, EV_READ | EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
        bufferevent_setwatermark(b, EV_READ, 5, 0);
        trigger(b, EV_READ | EV_WRITE, 0);
        trigger(b, EV_READ, BEV_TRIG_IGNORE_WATERMARKS);
        trigger(b, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
        trigger(b, 0, 0);
        trigger_event(b, BEV_EVENT_EOF, 0);
        trigger_event(b, BEV_EVENT_EOF | BEV_EVENT_READING, BEV_TRIG_DEFER_CALLBACKS);
        trigger_event(b, BEV_EVENT_CONNECTED, 0);
        printf("merged\n");
        bufferevent_setwatermark(b, EV_READ, 0, 0);
        bufferevent_trigger_event(b, BEV_EVENT_EOF, BEV_TRIG_DEFER_CALLBACKS);
        bufferevent_trigger(b, EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
        bufferevent_trigger_event(b, BEV_EVENT_TIMEOUT | BEV_EVENT_READING, BEV_TRIG_DEFER_CALLBACKS);
        bufferevent_trigger(b, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
        bufferevent_trigger_event(b, BEV_EVENT_CONNECTED, BEV_TRIG_DEFER_CALLBACKS);
        bufferevent_trigger(b, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
        turns(base, 3);
        printf("callbacks taken away\n");
        bufferevent_trigger(b, EV_READ | EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
        bufferevent_setcb(b, NULL, NULL, NULL, NULL);
        turns(base, 3);
        printf("freed with callbacks waiting\n");
        bufferevent_setcb(b, r, w, e, "t");
        bufferevent_trigger(b, EV_READ | EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
        bufferevent_free(b);
        turns(base, 3);
        close(fd[1]);
    }
    event_base_free(base);
    return 0;
}
