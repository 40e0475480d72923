/* harness: backends=epoll,poll,select; valgrind
 * Making listeners, taking connections, switching off and on, freeing. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>

static struct event_base *base;
static int calls, closed;

static void log_cb(int severity, const char *msg)
{
    printf("log %d %s\n", severity, msg);
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    struct sockaddr_in *sin = (struct sockaddr_in *)sa;
    printf("accept '%s' family %d length %d from %s blocking %d cloexec %d base %d\n", (char *)arg,
        sa->sa_family == AF_INET, len, ntohl(sin->sin_addr.s_addr) == INADDR_LOOPBACK ? "loopback" : "?",
        !(fcntl(fd, F_GETFL) & O_NONBLOCK), fcntl(fd, F_GETFD), evconnlistener_get_base(l) == base);
    calls++;
    evutil_closesocket(fd);
}

static int dial(struct evconnlistener *l)
{
    struct sockaddr_in sin;
    socklen_t len = sizeof(sin);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&sin, &len);
    if (connect(fd, (struct sockaddr *)&sin, len) < 0)
        printf("connect: %s\n", strerror(errno));
    return fd;
}

/* Whether the other end closes the connection; not a byte is ever sent. */
static int gone(int fd)
{
    char c;
    struct timeval tv = { 2, 0 };
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
    return recv(fd, &c, 1, 0) == 0;
}

static void turn(void)
{
    int i;
    /* On a loaded machine a connection may reach the queue after connect() has returned. */
    for (i = 0; i < 3; i++) {
        usleep(3000);
        event_base_loop(base, EVLOOP_NONBLOCK);
    }
}

static struct evconnlistener *make(unsigned flags, int backlog, evconnlistener_cb cb, void *arg)
{
    struct sockaddr_in sin;
    struct evconnlistener *l;
    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    l = evconnlistener_new_bind(base, cb, arg, flags, backlog, (struct sockaddr *)&sin, sizeof(sin));
    if (!l && backlog)
        printf("no listener: %s\n", strerror(errno));
    return l;
}

static int option(int fd, int level, int name)
{
    int v = -1;
    socklen_t len = sizeof(v);
    getsockopt(fd, level, name, &v, &len);
    return v;
}

static void count(const char *when)
{
    printf("%s: %d events, calls %d\n", when, event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), calls);
}

int main(void)
{
    struct evconnlistener *l;
    int fd, a, b;
    struct sockaddr_in sin;
    socklen_t len = sizeof(sin);

    event_set_log_callback(log_cb);
    base = event_base_new();

    l = make(0, -1, on_accept, "one");
    fd = evconnlistener_get_fd(l);
    printf("fd %d base %d blocking %d cloexec %d reuse %d keepalive %d listens %d\n", fd >= 0,
        evconnlistener_get_base(l) == base, !(fcntl(fd, F_GETFL) & O_NONBLOCK), fcntl(fd, F_GETFD),
        option(fd, SOL_SOCKET, SO_REUSEADDR), option(fd, SOL_SOCKET, SO_KEEPALIVE),
        option(fd, SOL_SOCKET, SO_ACCEPTCONN));
    count("made");
    a = dial(l);
    b = dial(l);
    turn();
    count("two dialled");
    printf("gone %d %d\n", gone(a), gone(b));
    close(a);
    close(b);

    printf("disable %d\n", evconnlistener_disable(l));
    printf("disable %d\n", evconnlistener_disable(l));
    a = dial(l);
    turn();
    count("disabled");
    printf("enable %d\n", evconnlistener_enable(l));
    printf("enable %d\n", evconnlistener_enable(l));
    turn();
    count("enabled");
    close(a);

    evconnlistener_set_cb(l, on_accept, "two");
    a = dial(l);
    turn();
    count("other argument");
    close(a);

    evconnlistener_set_cb(l, NULL, NULL);
    a = dial(l);
    b = dial(l);
    turn();
    turn();
    count("no callback");
    printf("gone %d %d\n", gone(a), gone(b));
    close(a);
    close(b);
    evconnlistener_free(l);
    /* without CLOSE_ON_FREE the socket is still there */
    printf("still open %d\n", fcntl(fd, F_GETFD) >= 0);
    close(fd);
    count("freed");

    l = make(LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE | LEV_OPT_LEAVE_SOCKETS_BLOCKING, 5,
        on_accept, "flags");
    fd = evconnlistener_get_fd(l);
    printf("cloexec %d reuse %d\n", fcntl(fd, F_GETFD), option(fd, SOL_SOCKET, SO_REUSEADDR) != 0);
    a = dial(l);
    turn();
    count("flags");
    close(a);
    evconnlistener_free(l);
    printf("closed %d\n", fcntl(fd, F_GETFD) < 0);

    l = make(LEV_OPT_DISABLED | LEV_OPT_CLOSE_ON_FREE, -1, on_accept, "later");
    count("born disabled");
    a = dial(l);
    turn();
    count("dialled");
    evconnlistener_enable(l);
    turn();
    count("enabled");
    close(a);
    evconnlistener_free(l);

    l = make(LEV_OPT_CLOSE_ON_FREE, -1, NULL, NULL);
    count("born without callback");
    printf("enable %d\n", evconnlistener_enable(l));
    count("enabled");
    a = dial(l);
    turn();
    evconnlistener_set_cb(l, on_accept, "at last");
    count("given one");
    turn();
    count("turned");
    close(a);
    evconnlistener_free(l);

    l = make(LEV_OPT_CLOSE_ON_FREE | LEV_OPT_DISABLED, -1, NULL, NULL);
    evconnlistener_set_cb(l, on_accept, "x");
    count("disabled, given one");
    evconnlistener_free(l);

    /* a socket of one's own */
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd, (struct sockaddr *)&sin, sizeof(sin));
    l = evconnlistener_new(base, on_accept, "own", LEV_OPT_CLOSE_ON_FREE, 1, fd);
    printf("own %d %d\n", l != NULL, evconnlistener_get_fd(l) == fd);
    a = dial(l);
    turn();
    close(a);
    evconnlistener_free(l);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    bind(fd, (struct sockaddr *)&sin, sizeof(sin));
    listen(fd, 3);
    l = evconnlistener_new(base, on_accept, "listens already", LEV_OPT_CLOSE_ON_FREE, 0, fd);
    a = dial(l);
    turn();
    close(a);
    evconnlistener_free(l);
    count("own");

    /* refusals */
    printf("bad fd %d\n", evconnlistener_new(base, on_accept, NULL, 0, -1, -1) != NULL);
    fd = open("/dev/null", O_RDWR);
    errno = 0;
    printf("no socket %d", evconnlistener_new(base, on_accept, NULL, LEV_OPT_CLOSE_ON_FREE, -1, fd) != NULL);
    printf(" %s, open %d\n", strerror(errno), fcntl(fd, F_GETFD) >= 0);
    close(fd);
    printf("backlog 0 %d\n", make(0, 0, on_accept, NULL) != NULL);
    errno = 0;
    printf("no address %d\n", evconnlistener_new_bind(base, on_accept, NULL, 0, -1, NULL, 0) != NULL);
    errno = 0;
    printf("short address %d", evconnlistener_new_bind(base, on_accept, NULL, 0, -1, (struct sockaddr *)&sin, 5) != NULL);
    printf(" %s\n", strerror(errno));
    sin.sin_family = 77;
    printf("strange family %d\n",
        evconnlistener_new_bind(base, on_accept, NULL, 0, -1, (struct sockaddr *)&sin, sizeof(sin)) != NULL);
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(0xc0000201);
    errno = 0;
    printf("foreign address %d", evconnlistener_new_bind(base, on_accept, NULL, 0, -1, (struct sockaddr *)&sin, sizeof(sin)) != NULL);
    printf(" %s\n", strerror(errno));
    l = make(LEV_OPT_CLOSE_ON_FREE, -1, on_accept, NULL);
    getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&sin, &len);
    errno = 0;
    printf("in use %d", evconnlistener_new_bind(base, on_accept, NULL, 0, -1, (struct sockaddr *)&sin, sizeof(sin)) != NULL);
    printf(" %s\n", strerror(errno));
    errno = 0;
    sin.sin_port = 0;
    printf("v6only for v4 %d\n", evconnlistener_new_bind(base, on_accept, NULL, LEV_OPT_BIND_IPV6ONLY, -1,
        (struct sockaddr *)&sin, sizeof(sin)) != NULL);
    evconnlistener_free(l);
    count("end");
    event_base_free(base);
    (void)closed;
    return 0;
}
