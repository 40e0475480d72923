/* Options of the listening socket: ports shared, IPv6 alone, deferred accept, Unix sockets. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>

static struct event_base *base;
static int calls;

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    (void)l;
    calls++;
    printf("accept %s family %d length %d\n", (char *)arg, sa->sa_family, len);
    close(fd);
}

static int option(int fd, int level, int name)
{
    int v = -1;
    socklen_t len = sizeof(v);
    getsockopt(fd, level, name, &v, &len);
    return v;
}

static struct evconnlistener *v4(unsigned flags, unsigned short *port)
{
    struct sockaddr_in sin;
    socklen_t len = sizeof(sin);
    struct evconnlistener *l;
    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sin.sin_port = *port;
    l = evconnlistener_new_bind(base, on_accept, "v4", flags | LEV_OPT_CLOSE_ON_FREE, -1, (struct sockaddr *)&sin,
        sizeof(sin));
    if (l) {
        getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&sin, &len);
        *port = sin.sin_port;
    }
    return l;
}

static struct evconnlistener *v6(unsigned flags, unsigned short *port)
{
    struct sockaddr_in6 sin6;
    socklen_t len = sizeof(sin6);
    struct evconnlistener *l;
    memset(&sin6, 0, sizeof(sin6));
    sin6.sin6_family = AF_INET6;
    sin6.sin6_port = *port;
    l = evconnlistener_new_bind(base, on_accept, "v6", flags | LEV_OPT_CLOSE_ON_FREE, -1, (struct sockaddr *)&sin6,
        sizeof(sin6));
    if (l) {
        getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&sin6, &len);
        *port = sin6.sin6_port;
    }
    return l;
}

static void dial(int family, const void *sa, socklen_t len, const char *data)
{
    int fd = socket(family, SOCK_STREAM, 0), i;
    printf("connect %d\n", connect(fd, sa, len));
    calls = 0;
    for (i = 0; i < 20 && !calls; i++) {
        event_base_loop(base, EVLOOP_NONBLOCK);
        if (data && i == 3) {
            printf("before data %d\n", calls);
            if (write(fd, data, strlen(data)) < 0)
                perror("write");
        }
        if (i >= 3)
            usleep(5000);
    }
    printf("calls %d\n", calls);
    close(fd);
}

int main(void)
{
    struct evconnlistener *a, *b;
    struct sockaddr_in sin;
    struct sockaddr_un un;
    unsigned short port = 0, other;
    socklen_t len;
    int fd;

    base = event_base_new();
    a = v4(0, &port);
    b = v4(0, &port);
    printf("plain %d %d\n", a != NULL, b != NULL);
    evconnlistener_free(a);
    port = 0;
    a = v4(LEV_OPT_REUSEABLE, &port);
    b = v4(LEV_OPT_REUSEABLE, &port);
    printf("reuseable %d %d\n", a != NULL, b != NULL);
    evconnlistener_free(a);
    port = 0;
    a = v4(LEV_OPT_REUSEABLE_PORT, &port);
    b = v4(LEV_OPT_REUSEABLE_PORT, &port);
    printf("shared port %d %d\n", a != NULL, b != NULL);
    if (b)
        evconnlistener_free(b);
    b = v4(0, &port);
    printf("with somebody who did not ask %d\n", b != NULL);
    evconnlistener_free(a);

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    port = 0;
    a = v6(LEV_OPT_BIND_IPV6ONLY, &port);
    if (!a) {
        fprintf(stderr, "no IPv6\n");
        return 77;
    }
    printf("v6only %d\n", option(evconnlistener_get_fd(a), IPPROTO_IPV6, IPV6_V6ONLY));
    other = port;
    b = v4(0, &other);
    printf("v4 beside it %d\n", b != NULL);
    if (b)
        evconnlistener_free(b);
    sin.sin_port = port;
    dial(AF_INET, &sin, sizeof(sin), NULL);
    evconnlistener_free(a);

    port = 0;
    a = v4(LEV_OPT_DEFERRED_ACCEPT, &port);
    printf("deferred %d\n", option(evconnlistener_get_fd(a), IPPROTO_TCP, TCP_DEFER_ACCEPT) > 0);
    sin.sin_port = port;
    dial(AF_INET, &sin, sizeof(sin), "data");
    evconnlistener_free(a);

    memset(&un, 0, sizeof(un));
    un.sun_family = AF_UNIX;
    strcpy(un.sun_path, "listener.sock");
    unlink(un.sun_path);
    len = offsetof(struct sockaddr_un, sun_path) + strlen(un.sun_path) + 1;
    a = evconnlistener_new_bind(base, on_accept, "unix", LEV_OPT_CLOSE_ON_FREE, -1, (struct sockaddr *)&un, len);
    printf("unix %d\n", a != NULL);
    dial(AF_UNIX, &un, len, NULL);
    /* a client with a name of its own, as long as they come */
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    {
        struct sockaddr_un mine;
        memset(&mine, 0, sizeof(mine));
        mine.sun_family = AF_UNIX;
        memset(mine.sun_path, 'p', sizeof(mine.sun_path));
        printf("bind %d\n", bind(fd, (struct sockaddr *)&mine, sizeof(mine)));
        printf("connect %d\n", connect(fd, (struct sockaddr *)&un, len));
        event_base_loop(base, EVLOOP_NONBLOCK);
        close(fd);
        unlink(mine.sun_path);
    }
    evconnlistener_free(a);
    errno = 0;
    a = evconnlistener_new_bind(base, on_accept, "unix", LEV_OPT_CLOSE_ON_FREE, -1, (struct sockaddr *)&un, len);
    printf("unix again %d %s\n", a != NULL, strerror(errno));
    unlink(un.sun_path);
    event_base_free(base);
    return 0;
}
