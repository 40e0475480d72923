/* harness: backends=epoll,poll,select; valgrind
 * What a callback may do to its listener: disable it, free it, replace its callback. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>
#include <event2/thread.h>
#include <event2/util.h>

static struct event_base *base;
static int calls;

enum { NOTHING, DISABLE, FREE, DISABLE_FREE, OTHER_CB, NO_CB, DISABLE_ENABLE, BREAK };

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg);

static void other_cb(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    (void)l;
    (void)sa;
    (void)len;
    printf("other %s\n", (char *)arg);
    close(fd);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    (void)sa;
    (void)len;
    calls++;
    close(fd);
    switch (*(int *)arg) {
    case DISABLE:
        printf("disable %d\n", evconnlistener_disable(l));
        break;
    case FREE:
        evconnlistener_free(l);
        break;
    case DISABLE_FREE:
        evconnlistener_disable(l);
        evconnlistener_free(l);
        break;
    case OTHER_CB:
        evconnlistener_set_cb(l, other_cb, "argument");
        break;
    case NO_CB:
        evconnlistener_set_cb(l, NULL, NULL);
        break;
    case DISABLE_ENABLE:
        evconnlistener_disable(l);
        evconnlistener_enable(l);
        break;
    case BREAK:
        event_base_loopbreak(base);
        break;
    }
}

int main(void)
{
    int what, i, fds[4], safe;

    evthread_use_pthreads();
    base = event_base_new();
    for (safe = 0; safe < 2; safe++)
        for (what = NOTHING; what <= BREAK; what++) {
            struct sockaddr_un un;
            struct evconnlistener *l;
            int fd;
            /* Unix sockets: when connect() returns, the connection is in the queue, whatever the load. */
            memset(&un, 0, sizeof(un));
            un.sun_family = AF_UNIX;
            strcpy(un.sun_path, "listener.sock");
            unlink(un.sun_path);
            l = evconnlistener_new_bind(base, on_accept, &what,
                LEV_OPT_CLOSE_ON_FREE | (safe ? LEV_OPT_THREADSAFE : 0), -1, (struct sockaddr *)&un, sizeof(un));
            fd = evconnlistener_get_fd(l);
            for (i = 0; i < 4; i++) {
                fds[i] = socket(AF_UNIX, SOCK_STREAM, 0);
                connect(fds[i], (struct sockaddr *)&un, sizeof(un));
            }
            calls = 0;
            event_base_loop(base, EVLOOP_NONBLOCK);
            printf("%d: calls %d in the first pass", what, calls);
            for (i = 0; i < 3; i++)
                event_base_loop(base, EVLOOP_NONBLOCK);
            printf(", %d in all, open %d, events %d\n", calls, fcntl(fd, F_GETFD) >= 0,
                event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED));
            for (i = 0; i < 4; i++)
                close(fds[i]);
            if (what != FREE && what != DISABLE_FREE)
                evconnlistener_free(l);
        }
    event_base_free(base);
    return 0;
}
