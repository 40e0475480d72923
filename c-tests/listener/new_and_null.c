/* harness: only=evrs; valgrind
 * LEV_OPT_BIND_IPV4_AND_IPV6 (libevent 2.2), blocking sockets, NULL arguments, no memory. */
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>
#include <event2/thread.h>

#include "failalloc.h"

static int failures, calls;
#define CHECK(x) do { if (!(x)) { printf("line %d: %s\n", __LINE__, #x); failures++; } } while (0)

static struct event_base *base;

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    (void)l;
    (void)sa;
    (void)len;
    (void)arg;
    calls++;
    close(fd);
}

static int fds(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

static int once(void)
{
    struct sockaddr_in sin;
    struct evconnlistener *l;
    int before = fds(), done;
    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    l = evconnlistener_new_bind(base, on_accept, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_THREADSAFE, -1,
        (struct sockaddr *)&sin, sizeof(sin));
    done = l != NULL;
    if (l) {
        evconnlistener_disable(l);
        evconnlistener_enable(l);
        evconnlistener_free(l);
    }
    if (fds() != before) {
        printf("a descriptor is lost\n");
        failures++;
    }
    return done;
}

int main(void)
{
    struct sockaddr_in6 sin6;
    struct sockaddr_in sin;
    socklen_t len = sizeof(sin6);
    struct evconnlistener *l;
    int fd, client;

    failalloc_install();
    evthread_use_pthreads();
    base = event_base_new();

    evconnlistener_free(NULL);
    CHECK(evconnlistener_enable(NULL) == -1);
    CHECK(evconnlistener_disable(NULL) == -1);
    CHECK(evconnlistener_get_base(NULL) == NULL);
    CHECK(evconnlistener_get_fd(NULL) == -1);
    evconnlistener_set_cb(NULL, on_accept, NULL);
    evconnlistener_set_error_cb(NULL, NULL);
    CHECK(evconnlistener_new_bind(base, on_accept, NULL, 0, -1, (struct sockaddr *)&sin6, -1) == NULL);
    CHECK(evconnlistener_new_bind(base, on_accept, NULL, 0, -1, (struct sockaddr *)&sin6, 0) == NULL);

    /* one socket for both families */
    memset(&sin6, 0, sizeof(sin6));
    sin6.sin6_family = AF_INET6;
    l = evconnlistener_new_bind(base, on_accept, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_BIND_IPV4_AND_IPV6, -1,
        (struct sockaddr *)&sin6, sizeof(sin6));
    if (l) {
        getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&sin6, &len);
        memset(&sin, 0, sizeof(sin));
        sin.sin_family = AF_INET;
        sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        sin.sin_port = sin6.sin6_port;
        client = socket(AF_INET, SOCK_STREAM, 0);
        CHECK(connect(client, (struct sockaddr *)&sin, sizeof(sin)) == 0);
        event_base_loop(base, EVLOOP_ONCE);
        CHECK(calls == 1);
        close(client);
        evconnlistener_free(l);
    }

    /* A blocking socket must not stop the loop. */
    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    bind(fd, (struct sockaddr *)&sin, sizeof(sin));
    l = evconnlistener_new(base, on_accept, NULL, LEV_OPT_CLOSE_ON_FREE, -1, fd);
    len = sizeof(sin);
    getsockname(fd, (struct sockaddr *)&sin, &len);
    client = socket(AF_INET, SOCK_STREAM, 0);
    connect(client, (struct sockaddr *)&sin, sizeof(sin));
    calls = 0;
    event_base_loop(base, EVLOOP_ONCE);
    CHECK(calls == 1);
    close(client);
    evconnlistener_free(l);

    failures += failalloc_sweep("listener", once, 30);
    event_base_free(base);
    return failures != 0;
}
