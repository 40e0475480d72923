/* harness: valgrind
 * With event_enable_debug_mode: bufferevents leave no trace of their events. */
#include "kit.h"

int main(void)
{
    struct event_base *base;
    struct bufferevent *b, *p[2];
    int i, fd[2];
    event_enable_debug_mode();
    base = event_base_new();
    for (i = 0; i < 20; i++) {
        connected(PAIR, fd);
        b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
        bufferevent_setcb(b, say_read, say_write, say_event, "s");
        bufferevent_enable(b, EV_READ);
        bufferevent_setfd(b, fd[0]);
        if (write(fd[1], "x", 1) != 1)
            return 1;
        bufferevent_pair_new(base, 0, p);
        bufferevent_enable(p[0], EV_READ);
        bufferevent_write(p[1], "abc", 3);
        turns(base, 2);
        bufferevent_free(b);
        bufferevent_free(p[0]);
        bufferevent_free(p[1]);
        close(fd[1]);
        if (i % 3 == 0)
            turns(base, 1);
    }
    turns(base, 1);
    event_base_free(base);
    libevent_global_shutdown();
    printf("done\n");
    return 0;
}
