/* harness: openssl; valgrind */
/* Connecting: to an address, to a name, to nobody; bufferevent_setfd; an SSL that has its descriptor. */
#include "tls.h"
#include <arpa/inet.h>
#include <event2/listener.h>
#include <netinet/in.h>

static struct event_base *base;
static struct side here = {.name = " here"};
static struct bufferevent *servers[16];
static int n_servers, port;

static void server_read(struct bufferevent *bev, void *arg)
{
    bufferevent_write_buffer(bev, bufferevent_get_input(bev));
}
static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    struct bufferevent *bev = bufferevent_openssl_socket_new(base, fd, tls_server(), BUFFEREVENT_SSL_ACCEPTING,
                                                             BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(bev, server_read, NULL, NULL, NULL);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    servers[n_servers++] = bev;
}
static void on_read(struct bufferevent *bev, void *arg)
{
    char buf[100];
    int n = evbuffer_remove(bufferevent_get_input(bev), buf, sizeof buf);
    note(&here, " read %.*s", n, buf);
    event_base_loopbreak(base);
}
static void on_event(struct bufferevent *bev, short what, void *arg)
{
    int err = EVUTIL_SOCKET_ERROR();
    note(&here, " %s", what_text(what));
    if (what & BEV_EVENT_CONNECTED)
        bufferevent_write(bev, "hello", 5);
    else {
        note(&here, " errno %d", err);
        event_base_loopbreak(base);
    }
}
static void finish(struct bufferevent *bev, const char *name)
{
    printf("%s\n", name);
    bufferevent_setcb(bev, on_read, NULL, on_event, NULL);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    run_for(base, 10000);
    show(&here);
    printf(" fd is the SSL's: %d\n", bufferevent_getfd(bev) == SSL_get_fd(bufferevent_openssl_get_ssl(bev)));
    bufferevent_free(bev);
    event_base_loop(base, EVLOOP_NONBLOCK);
}
static struct bufferevent *client(int fd)
{
    return bufferevent_openssl_socket_new(base, fd, tls_client(), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
}
static int tcp(void)
{
    struct sockaddr_in sin = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    sin.sin_port = htons(port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&sin, sizeof sin))
        abort();
    evutil_make_socket_nonblocking(fd);
    return fd;
}
int main(void)
{
    struct sockaddr_in sin = {.sin_family = AF_INET}, closed;
    socklen_t len = sizeof sin;
    struct evconnlistener *l;
    struct bufferevent *bev, *below;
    SSL *ssl;
    int fd, other;

    tls_init(0);
    base = event_base_new();
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    l = evconnlistener_new_bind(base, on_accept, NULL, LEV_OPT_CLOSE_ON_FREE, -1, (struct sockaddr *)&sin, sizeof sin);
    getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&sin, &len);
    port = ntohs(sin.sin_port);

    bev = client(-1);
    printf("fd %d, ", bufferevent_getfd(bev));
    printf("connect %d\n", bufferevent_socket_connect(bev, (struct sockaddr *)&sin, sizeof sin));
    finish(bev, "to an address");

    bev = client(-1);
    bufferevent_enable(bev, EV_READ);
    bufferevent_socket_connect(bev, (struct sockaddr *)&sin, sizeof sin);
    finish(bev, "enabled before");

    bev = client(-1);
    printf("connect %d\n", bufferevent_socket_connect_hostname(bev, NULL, AF_INET, "127.0.0.1", port));
    finish(bev, "to a name");

    bev = client(-1);
    bufferevent_setfd(bev, tcp());
    finish(bev, "setfd");

    ssl = tls_client();
    fd = tcp();
    SSL_set_fd(ssl, fd);
    bev = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    printf("learnt from the SSL: %d\n", bufferevent_getfd(bev) == fd);
    finish(bev, "the SSL's own descriptor");
    printf(" closed: %d\n", fcntl(fd, F_GETFD));

    ssl = tls_client();
    fd = tcp();
    other = dup(fd);
    SSL_set_fd(ssl, fd);
    bev = bufferevent_openssl_socket_new(base, other, ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    printf("two descriptors: %d\n", bev != NULL);
    close(fd);
    close(other);

    below = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    bev = bufferevent_openssl_filter_new(base, below, tls_client(), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_socket_connect(below, (struct sockaddr *)&sin, sizeof sin);
    printf("through one below\n");
    bufferevent_setcb(bev, on_read, NULL, on_event, NULL);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
    run_for(base, 10000);
    show(&here);
    bufferevent_free(bev);
    event_base_loop(base, EVLOOP_NONBLOCK);

    /* A port that nobody listens on. */
    closed = sin;
    fd = socket(AF_INET, SOCK_STREAM, 0);
    closed.sin_port = 0;
    bind(fd, (struct sockaddr *)&closed, sizeof closed);
    len = sizeof closed;
    getsockname(fd, (struct sockaddr *)&closed, &len);
    bev = client(-1);
    printf("connect %d\n", bufferevent_socket_connect(bev, (struct sockaddr *)&closed, sizeof closed));
    finish(bev, "to nobody");
    close(fd);

    while (n_servers)
        bufferevent_free(servers[--n_servers]);
    evconnlistener_free(l);
    event_base_loop(base, EVLOOP_NONBLOCK);
    event_base_free(base);
    tls_done();
    return 0;
}
