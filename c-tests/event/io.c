/* Descriptors: what is reported, to whom, on every back end. */
/* harness: backends=epoll,poll,select; valgrind; timeout=10 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

static struct event_base *base;
static int p[2], closed_ok;

static void say(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    /* select cannot see a close */
    printf("  %s 0x%x\n", (char *)arg, what);
}

static void loop(const char *name)
{
    printf("%s\n", name);
    /* one pass: what stays ready would keep EVLOOP_NONBLOCK alone going for ever */
    event_base_loopexit(base, NULL);
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static void fresh(void)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p) < 0)
        _exit(1);
}

static void done(void)
{
    close(p[0]);
    if (p[1] >= 0)
        close(p[1]);
}

static void tcp_pair(int fd[2])
{
    struct sockaddr_in sin;
    socklen_t len = sizeof(sin);
    int l = socket(AF_INET, SOCK_STREAM, 0);

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(l, (struct sockaddr *)&sin, sizeof(sin)) < 0 || listen(l, 5) < 0 ||
        getsockname(l, (struct sockaddr *)&sin, &len) < 0)
        _exit(1);
    fd[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd[0], (struct sockaddr *)&sin, sizeof(sin)) < 0)
        _exit(1);
    fd[1] = accept(l, NULL, NULL);
    evutil_make_socket_nonblocking(fd[0]);
    evutil_make_socket_nonblocking(fd[1]);
    close(l);
}

static void several(short extra)
{
    struct event *e[5];
    int i;

    fresh();
    e[0] = event_new(base, p[0], EV_READ | EV_PERSIST | extra, say, "r0");
    e[1] = event_new(base, p[0], EV_READ | EV_WRITE | EV_PERSIST | extra, say, "rw1");
    e[2] = event_new(base, p[0], EV_WRITE | extra, say, "w2");
    e[3] = event_new(base, p[0], EV_READ | extra, say, "r3");
    e[4] = event_new(base, p[1], EV_READ | EV_PERSIST | extra, say, "other");
    for (i = 0; i < 5; i++)
        printf("%d", event_add(e[i], NULL));
    puts("");
    loop("writable");
    if (write(p[1], "x", 1) != 1)
        _exit(1);
    loop("both");
    event_del(e[1]);
    loop("without rw1");
    event_add(e[3], NULL);
    event_add(e[2], NULL);
    loop("one-shots again");
    event_del(e[0]);
    loop("without r0");
    event_add(e[0], NULL);
    loop("r0 again");
    for (i = 0; i < 5; i++)
        event_free(e[i]);
    done();
}

static void closes(short events, int how)
{
    struct event *e;
    char name[64];

    fresh();
    e = event_new(base, p[0], events | EV_PERSIST, say, "x");
    snprintf(name, sizeof(name), "events 0x%x closed by %d", events, how);
    event_add(e, NULL);
    if (how == 0)
        shutdown(p[1], SHUT_WR);
    else {
        close(p[1]);
        p[1] = -1;
    }
    if ((events & (EV_READ | EV_WRITE)) || closed_ok)
        loop(name);
    event_free(e);
    done();
}

static void resets(short events)
{
    struct event *e;
    struct linger l = {1, 0};
    char name[64];

    tcp_pair(p);
    e = event_new(base, p[0], events, say, "x");
    snprintf(name, sizeof(name), "events 0x%x reset", events);
    event_add(e, NULL);
    setsockopt(p[1], SOL_SOCKET, SO_LINGER, &l, sizeof(l));
    close(p[1]);
    p[1] = -1;
    usleep(20000);
    loop(name);
    event_free(e);
    done();
}

static void by_hand(void)
{
    struct event *e[4];
    struct timeval never = {1000, 0};
    short what[] = {EV_READ, EV_WRITE, EV_READ | EV_WRITE, EV_CLOSED, EV_TIMEOUT, EV_TIMEOUT | EV_READ, EV_SIGNAL};
    int i;

    fresh();
    e[0] = event_new(base, p[0], EV_READ | EV_PERSIST, say, "r");
    e[1] = event_new(base, p[0], EV_READ | EV_WRITE | EV_PERSIST, say, "rw");
    e[2] = event_new(base, p[0], EV_READ | EV_CLOSED | EV_PERSIST, say, "rc");
    e[3] = event_new(base, p[0], EV_READ | EV_PERSIST, say, "rt");
    for (i = 0; i < 4; i++)
        event_add(e[i], i == 3 ? &never : NULL);
    for (i = 0; i < 7; i++) {
        printf("by fd 0x%x\n", what[i]);
        event_base_active_by_fd(base, p[0], what[i]);
        event_base_loop(base, EVLOOP_NONBLOCK | EVLOOP_ONCE);
    }
    event_base_active_by_fd(base, p[1], EV_READ);
    event_base_active_by_fd(base, -1, EV_READ);
    event_base_active_by_fd(base, 100000, EV_READ);
    for (i = 0; i < 4; i++)
        event_free(e[i]);
    done();
}

int main(void)
{
    short sets[] = {EV_READ, EV_WRITE, EV_CLOSED, EV_READ | EV_WRITE, EV_READ | EV_CLOSED, EV_WRITE | EV_CLOSED,
        EV_READ | EV_WRITE | EV_CLOSED, EV_READ | EV_CLOSED | EV_ET};
    struct event *e;
    int i;

    base = event_base_new();
    closed_ok = (event_base_get_features(base) & EV_FEATURE_EARLY_CLOSE) != 0;
    several(0);
    several(EV_ET);
    for (i = 0; i < 8; i++) {
        closes(sets[i], 0);
        closes(sets[i], 1);
    }
    resets(EV_READ);
    resets(EV_WRITE);
    resets(EV_READ | EV_WRITE);
    by_hand();

    fresh();
    puts("edges");
    e = event_new(base, p[0], EV_READ | EV_PERSIST | EV_ET, say, "edge");
    event_add(e, NULL);
    if (write(p[1], "x", 1) != 1)
        return 1;
    loop("first");
    loop("second");
    if (write(p[1], "x", 1) != 1)
        return 1;
    loop("more");
    event_del(e);
    event_add(e, NULL);
    loop("added anew");
    event_free(e);
    done();
    event_base_free(base);
    return 0;
}
