/* harness: valgrind
 * Connecting: every way it can go, over TCP and Unix sockets. */
#include "kit.h"
#include <sys/resource.h>

static struct event_base *base;

static struct bufferevent *fresh(const char *name)
{
    struct bufferevent *b = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    printf("-- %s\n", name);
    bufferevent_setcb(b, say_read, say_write, say_event, (void *)name);
    return b;
}

static void finish(struct bufferevent *b, int r)
{
    printf("returns %d, has fd %d\n", r, bufferevent_getfd(b) >= 0);
    turns(base, 8);
    printf("enabled %x, has fd %d, output %zu\n", bufferevent_get_enabled(b), bufferevent_getfd(b) >= 0,
        evbuffer_get_length(bufferevent_get_output(b)));
    bufferevent_free(b);
    turns(base, 1);
}

int main(void)
{
    struct sockaddr_storage sa;
    struct sockaddr_un un;
    struct sockaddr odd;
    socklen_t len;
    struct bufferevent *b;
    int l, k, fd, peer;
    char buf[100];
    base = event_base_new();

    for (k = TCP; k <= UNIX; k++) {
        printf("== %s\n", kind_name(k));
        l = listen_on((enum kind)k, &sa, &len);
        b = fresh("plain");
        finish(b, bufferevent_socket_connect(b, (struct sockaddr *)&sa, (int)len));
        close(accept(l, NULL, NULL));

        b = fresh("output before");
        bufferevent_write(b, "hello", 5);
        finish(b, bufferevent_socket_connect(b, (struct sockaddr *)&sa, (int)len));
        peer = accept(l, NULL, NULL);
        printf("peer got %zd\n", recv(peer, buf, sizeof buf, MSG_DONTWAIT));
        close(peer);

        b = fresh("output after");
        fd = bufferevent_socket_connect(b, (struct sockaddr *)&sa, (int)len);
        bufferevent_write(b, "hello", 5);
        finish(b, fd);
        peer = accept(l, NULL, NULL);
        printf("peer got %zd\n", recv(peer, buf, sizeof buf, MSG_DONTWAIT));
        close(peer);

        b = fresh("reading enabled");
        bufferevent_enable(b, EV_READ);
        fd = bufferevent_socket_connect(b, (struct sockaddr *)&sa, (int)len);
        peer = accept(l, NULL, NULL);
        if (write(peer, "greeting", 8) != 8)
            return 1;
        finish(b, fd);
        close(peer);

        /* A Unix socket connects at once, which the reference does not tell in this case. */
        b = fresh("writing disabled");
        if (k == UNIX)
            bufferevent_enable(b, EV_WRITE);
        else
            bufferevent_disable(b, EV_WRITE);
        bufferevent_write(b, "hello", 5);
        finish(b, bufferevent_socket_connect(b, (struct sockaddr *)&sa, (int)len));
        close(accept(l, NULL, NULL));

        b = fresh("fd of the user");
        fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
        bufferevent_setfd(b, fd);
        finish(b, bufferevent_socket_connect(b, (struct sockaddr *)&sa, (int)len));
        close(accept(l, NULL, NULL));

        b = fresh("already connecting");
        fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fd, (struct sockaddr *)&sa, len);
        bufferevent_setfd(b, fd);
        finish(b, bufferevent_socket_connect(b, NULL, 0));
        close(accept(l, NULL, NULL));

        b = fresh("freed while connecting");
        bufferevent_socket_connect(b, (struct sockaddr *)&sa, (int)len);
        bufferevent_free(b);
        turns(base, 4);
        close(accept(l, NULL, NULL));

        close(l);
        b = fresh("refused");
        finish(b, bufferevent_socket_connect(b, (struct sockaddr *)&sa, (int)len));
        b = fresh("refused, reading enabled");
        bufferevent_enable(b, EV_READ);
        finish(b, bufferevent_socket_connect(b, (struct sockaddr *)&sa, (int)len));
    }
    memset(&un, 0, sizeof un);
    un.sun_family = AF_UNIX;
    strcpy(un.sun_path, "nobody");
    b = fresh("no such path");
    finish(b, bufferevent_socket_connect(b, (struct sockaddr *)&un, sizeof un));
    memset(&odd, 0, sizeof odd);
    odd.sa_family = 9999;
    b = fresh("no such family");
    finish(b, bufferevent_socket_connect(b, &odd, sizeof odd));
    b = fresh("no address, no fd");
    finish(b, bufferevent_socket_connect(b, NULL, 0));
    return 0;
}
