/* harness: expect=finished.out; valgrind
 * BEV_FINISHED with nothing left to move: the peer hears of the end once, and of nothing else.
 * The reference calls the data callbacks of both sides with nothing to read (le#266). */
#include "kit.h"

int main(void)
{
    struct event_base *base = event_base_new();
    struct bufferevent *p[2], *f;
    bufferevent_pair_new(base, 0, p);
    bufferevent_setcb(p[0], say_read, say_write, say_event, "a");
    bufferevent_setcb(p[1], say_read, say_write, say_event, "b");
    printf("finished %d\n", bufferevent_flush(p[0], EV_WRITE, BEV_FINISHED));
    turns(base, 3);
    printf("both %d\n", bufferevent_flush(p[1], EV_READ | EV_WRITE, BEV_FINISHED));
    turns(base, 3);
    printf("with data\n");
    bufferevent_write(p[0], "bye", 3);
    printf("finished %d\n", bufferevent_flush(p[0], EV_WRITE, BEV_FINISHED));
    turns(base, 3);
    f = bufferevent_filter_new(p[0], NULL, NULL, BEV_OPT_CLOSE_ON_FREE, NULL, NULL);
    printf("through a filter %d\n", bufferevent_flush(f, EV_WRITE, BEV_FINISHED));
    turns(base, 3);
    bufferevent_free(f);
    bufferevent_free(p[1]);
    event_base_free(base);
    return 0;
}
