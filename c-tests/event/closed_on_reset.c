/* Who waits only for the peer's close learns of a reset, too: libevent under epoll reported nothing
 * and turned round for ever (its issue 1038). */
/* harness: only=evrs; backends=epoll,poll */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

static int got;

static void cb(evutil_socket_t fd, short what, void *arg)
{
    (void)fd; (void)arg;
    got = what;
}

int main(void)
{
    struct event_base *base = event_base_new();
    struct sockaddr_in sin;
    socklen_t len = sizeof(sin);
    struct linger l = {1, 0};
    struct timeval tv = {5, 0};
    struct event *ev;
    int s = socket(AF_INET, SOCK_STREAM, 0), a, b;

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(s, (struct sockaddr *)&sin, sizeof(sin)) < 0 || listen(s, 5) < 0 ||
        getsockname(s, (struct sockaddr *)&sin, &len) < 0)
        return 1;
    a = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(a, (struct sockaddr *)&sin, sizeof(sin)) < 0)
        return 1;
    b = accept(s, NULL, NULL);
    ev = event_new(base, a, EV_CLOSED, cb, NULL);
    event_add(ev, &tv);
    setsockopt(b, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
    close(b);
    event_base_dispatch(base);
    printf("0x%x\n", got);
    event_free(ev);
    event_base_free(base);
    close(a);
    close(s);
    return got != EV_CLOSED;
}
