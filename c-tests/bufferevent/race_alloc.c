/* harness: only=evrs; netns; timeout=60; valgrind
 * Every allocation fails in turn while a name with several addresses is connected to: an error
 * return or one event, nothing leaked, no descriptor left. (The reference crashes.) */
#define _GNU_SOURCE
#include <netdb.h>
#include "failalloc.h"
#include "kit.h"

static struct event_base *base;
static struct sockaddr_in good, dead;
static int heard, listener;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res)
{
    static struct addrinfo a[3];
    int i;
    (void)node, (void)service, (void)hints;
    for (i = 0; i < 3; i++) {
        a[i].ai_family = AF_INET;
        a[i].ai_socktype = SOCK_STREAM;
        a[i].ai_addrlen = sizeof good;
        a[i].ai_addr = (struct sockaddr *)(i < 2 ? &dead : &good);
        a[i].ai_next = i < 2 ? &a[i + 1] : NULL;
    }
    *res = a;
    return 0;
}

void freeaddrinfo(struct addrinfo *a) { (void)a; }

static void event(struct bufferevent *b, short what, void *ctx)
{
    (void)b, (void)ctx;
    heard = what;
}

static int once(void)
{
    struct bufferevent *b = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    int i, fd, ok = 0;
    if (!b)
        return 0;
    heard = 0;
    bufferevent_setcb(b, NULL, NULL, event, NULL);
    if (!bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80)) {
        for (i = 0; i < 500 && !heard; i++) {
            event_base_loop(base, EVLOOP_NONBLOCK);
            ms(1);
        }
        if (!heard)
            printf("nothing heard\n");
        ok = heard == BEV_EVENT_CONNECTED;
    }
    bufferevent_free(b);
    event_base_loop(base, EVLOOP_NONBLOCK);
    event_base_loop(base, EVLOOP_NONBLOCK);
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
        close(fd);
    return ok;
}

int main(void)
{
    struct sockaddr_storage sa;
    socklen_t len;
    int bad, fd;
    failalloc_install();
    base = event_base_new();
    listener = listen_on(TCP, &sa, &len);
    memcpy(&dead, &sa, sizeof dead);
    close(listener);
    listener = listen_on(TCP, &sa, &len);
    memcpy(&good, &sa, sizeof good);
    nonblock(listener);
    if (good.sin_port == dead.sin_port)
        dead.sin_addr.s_addr = htonl(0x7f000002);
    bad = failalloc_sweep("several addresses", once, 200);
    event_base_free(base);
    fd = dup(0);
    printf("%d descriptors left\n", fd - listener - 1);
    return bad;
}
