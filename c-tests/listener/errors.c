/* harness: backends=epoll,poll,select; serial
 * Out of descriptors: the error callback hears of it, may free or disable, and when descriptors are there
 * again the connection is taken. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>

static struct event_base *base;
static int hole, errors, calls, logs;
enum { DISABLE, FREE, LET_IN } ;

static void log_cb(int severity, const char *msg)
{
    if (!logs++)
        printf("log %d %s\n", severity, msg);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    (void)l;
    (void)sa;
    (void)len;
    (void)arg;
    calls++;
    close(fd);
    event_base_loopbreak(base);
}

static void on_error(struct evconnlistener *l, void *arg)
{
    int e = EVUTIL_SOCKET_ERROR();
    if (!errors++)
        printf("error %s\n", strerror(e));
    switch (*(int *)arg) {
    case DISABLE:
        printf("disable %d\n", evconnlistener_disable(l));
        break;
    case FREE:
        evconnlistener_free(l);
        break;
    case LET_IN:
        if (errors == 2)
            close(hole);
        break;
    }
}

static void stop(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    close(hole);
}

int main(void)
{
    struct rlimit limit = { 100, 100 };
    int what;

    event_set_log_callback(log_cb);
    setrlimit(RLIMIT_NOFILE, &limit);
    base = event_base_new();
    for (what = DISABLE; what <= LET_IN + 1; what++) {
        struct sockaddr_in sin;
        socklen_t len = sizeof(sin);
        struct evconnlistener *l;
        int client, fds[100], n = 0, fd;
        struct timeval tv = { 0, 100000 }, end = { 5, 0 };

        memset(&sin, 0, sizeof(sin));
        sin.sin_family = AF_INET;
        sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        l = evconnlistener_new_bind(base, on_accept, &what, LEV_OPT_CLOSE_ON_FREE, -1, (struct sockaddr *)&sin,
            sizeof(sin));
        if (what <= LET_IN)
            evconnlistener_set_error_cb(l, on_error);
        fd = evconnlistener_get_fd(l);
        getsockname(fd, (struct sockaddr *)&sin, &len);
        client = socket(AF_INET, SOCK_STREAM, 0);
        connect(client, (struct sockaddr *)&sin, len);
        while ((fds[n] = dup(0)) >= 0)
            n++;
        hole = fds[n - 1];
        errors = calls = 0;
        if (what <= FREE) {
            usleep(10000); /* for the connection to reach the queue */
            event_base_loop(base, EVLOOP_NONBLOCK);
            event_base_loop(base, EVLOOP_NONBLOCK);
            printf("%d: errors %d calls %d events %d open %d\n", what, errors, calls,
                event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), fcntl(fd, F_GETFD) >= 0);
        } else {
            /* without an error callback a timer makes room */
            if (what > LET_IN)
                event_base_once(base, -1, EV_TIMEOUT, stop, NULL, &tv);
            event_base_loopexit(base, &end);
            event_base_dispatch(base);
            printf("%d: errors %d calls %d\n", what, errors, calls);
        }
        close(client);
        while (n)
            close(fds[--n]);
        if (what != FREE)
            evconnlistener_free(l);
    }
    event_base_free(base);
    return 0;
}
