/*
 * An echo server: a listener, a bufferevent per client, and a clean end on Ctrl-C.
 *
 *     gcc -o echo-server echo-server.c -levrs
 *     ./echo-server 7777            and in another terminal:  nc localhost 7777
 */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What came in goes out: the data is moved from one buffer to the other, not copied. */
static void on_read(struct bufferevent *bev, void *arg)
{
    (void)arg;
    evbuffer_add_buffer(bufferevent_get_output(bev), bufferevent_get_input(bev));
}

/* The last of a client's output has left: now the connection may go. */
static void on_flushed(struct bufferevent *bev, void *arg)
{
    (void)arg;
    bufferevent_free(bev);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    (void)arg;
    if (what & (BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) {
        bufferevent_free(bev);
    } else if (what & BEV_EVENT_EOF) {
        /* The client has finished sending; what it is still owed goes first. */
        bufferevent_disable(bev, EV_READ);
        if (evbuffer_get_length(bufferevent_get_output(bev)) == 0)
            bufferevent_free(bev);
        else
            bufferevent_setcb(bev, NULL, on_flushed, on_event, NULL);
    }
}

static void on_accept(struct evconnlistener *lev, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    struct timeval idle = {300, 0};
    struct bufferevent *bev =
        bufferevent_socket_new(evconnlistener_get_base(lev), fd, BEV_OPT_CLOSE_ON_FREE);

    (void)sa;
    (void)len;
    (void)arg;
    if (!bev) {
        evutil_closesocket(fd);
        return;
    }
    bufferevent_setcb(bev, on_read, NULL, on_event, NULL);
    bufferevent_set_timeouts(bev, &idle, &idle);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static void on_signal(evutil_socket_t sig, short what, void *arg)
{
    (void)sig;
    (void)what;
    event_base_loopexit(arg, NULL);
}

int main(int argc, char **argv)
{
    struct sockaddr_in sin = {0};
    socklen_t len = sizeof(sin);
    struct event_base *base = event_base_new();
    struct evconnlistener *lev;
    struct event *sig;

    if (!base)
        return 1;
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sin.sin_port = htons((unsigned short)(argc > 1 ? atoi(argv[1]) : 7777));

    lev = evconnlistener_new_bind(base, on_accept, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE,
                                  -1, (struct sockaddr *)&sin, sizeof(sin));
    sig = evsignal_new(base, SIGINT, on_signal, base);
    if (!lev || !sig || event_add(sig, NULL) < 0) {
        perror("echo-server");
        return 1;
    }
    if (getsockname(evconnlistener_get_fd(lev), (struct sockaddr *)&sin, &len) == 0)
        printf("listening on 127.0.0.1:%d (%s)\n", ntohs(sin.sin_port), event_base_get_method(base));
    fflush(stdout);

    event_base_dispatch(base);

    event_free(sig);
    evconnlistener_free(lev);
    event_base_free(base);
    puts("bye");
    return 0;
}
