/* harness: valgrind; timeout=100; serial; libs=-levent_pthreads
 * Every kind of bufferevent over a socket, with every option, over every kind of socket, and peers
 * that are slow, close one half, close, or reset. */
#include "kit.h"
#include <pthread.h>
#include <signal.h>
#include <event2/thread.h>

static struct event_base *base;
static size_t got;
static int reads, writes;

enum layers { BARE, FILTER, TWICE, LAYERS };

static enum bufferevent_filter_result pass(struct evbuffer *src, struct evbuffer *dst,
    ev_ssize_t limit, enum bufferevent_flush_mode mode, void *ctx)
{
    (void)mode, (void)ctx;
    return evbuffer_remove_buffer(src, dst, limit < 0 ? (size_t)100000 : (size_t)limit) > 0 ? BEV_OK
                                                                                       : BEV_NEED_MORE;
}

static void on_read(struct bufferevent *b, void *ctx)
{
    struct evbuffer *in = bufferevent_get_input(b);
    (void)ctx;
    reads++;
    got += evbuffer_get_length(in);
    evbuffer_drain(in, evbuffer_get_length(in));
}
static void on_write(struct bufferevent *b, void *ctx)
{
    (void)b, (void)ctx;
    writes++;
}
static void on_event(struct bufferevent *b, short what, void *ctx)
{
    int err = errno;
    (void)ctx;
    printf("  event%s, enabled %x", what_name(what), bufferevent_get_enabled(b));
    if (what & BEV_EVENT_ERROR)
        printf(", %s", strerror(err));
    printf(", so far %zu read\n", got);
}

static struct bufferevent *make(int fd, enum layers layers, int options)
{
    struct bufferevent *b;
    int above = options & BEV_OPT_CLOSE_ON_FREE ? options : options | BEV_OPT_CLOSE_ON_FREE;
    b = bufferevent_socket_new(base, fd, above);
    if (layers >= FILTER)
        b = bufferevent_filter_new(b, NULL, NULL, above, NULL, NULL);
    if (layers >= TWICE)
        b = bufferevent_filter_new(b, pass, pass, above, NULL, NULL);
    bufferevent_setcb(b, on_read, on_write, on_event, NULL);
    got = 0;
    reads = writes = 0;
    return b;
}

static void over(struct bufferevent *b, int fd)
{
    bufferevent_free(b);
    if (fd >= 0)
        close(fd);
    turns(base, 3);
}

static char big[100000];

static void meet(enum kind k, enum layers layers, int options)
{
    struct linger none = { 1, 0 };
    struct bufferevent *b;
    int fd[2], i;
    size_t n;
    ssize_t r;

    printf("== %s, layers %d, options %x\n", kind_name(k), layers, options);

    printf(" half closed, then answered\n");
    connected(k, fd);
    b = make(fd[0], layers, options);
    bufferevent_enable(b, EV_READ);
    if (write(fd[1], "last words", 10) != 10)
        exit(1);
    shutdown(fd[1], SHUT_WR);
    turns(base, 6);
    bufferevent_write(b, "answer", 6);
    turns(base, 6);
    r = recv(fd[1], big, sizeof big, MSG_DONTWAIT);
    printf("  got %zu, arrived %zd, written %d\n", got, r, writes > 0);
    over(b, fd[1]);

    printf(" closed with data on the way\n");
    connected(k, fd);
    b = make(fd[0], layers, options);
    bufferevent_enable(b, EV_READ);
    if (write(fd[1], big, 5000) != 5000)
        exit(1);
    close(fd[1]);
    turns(base, 6);
    printf("  got %zu\n", got);
    bufferevent_write(b, "into the void", 13);
    turns(base, 4);
    bufferevent_write(b, "again", 5);
    turns(base, 4);
    over(b, -1);

    if (k == TCP) {
        printf(" reset\n");
        connected(k, fd);
        b = make(fd[0], layers, options);
        bufferevent_enable(b, EV_READ);
        setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &none, sizeof none);
        turns(base, 2);
        close(fd[1]);
        turns(base, 6);
        over(b, -1);
        printf(" reset with output waiting\n");
        connected(k, fd);
        b = make(fd[0], layers, options);
        bufferevent_setcb(b, on_read, NULL, on_event, NULL);
        /* More than the kernel takes; the reset comes while the rest waits. */
        for (i = 0; i < 80; i++)
            bufferevent_write(b, big, sizeof big);
        turns(base, 6);
        setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &none, sizeof none);
        close(fd[1]);
        turns(base, 6);
        over(b, -1);
    }

    printf(" slow in reading\n");
    connected(k, fd);
    b = make(fd[0], layers, options);
    for (i = 0; i < 10; i++)
        bufferevent_write(b, big, sizeof big);
    for (n = 0, i = 0; n < 1000000 && i < 5000; i++) {
        event_base_loop(base, EVLOOP_NONBLOCK);
        r = recv(fd[1], big, 20000, MSG_DONTWAIT);
        if (r > 0)
            n += (size_t)r;
        else
            ms(1);
    }
    turns(base, 4);
    printf("  arrived %zu, left %zu, written %d\n", n, evbuffer_get_length(bufferevent_get_output(b)),
        writes > 0);
    over(b, fd[1]);

    printf(" slow in writing\n");
    connected(k, fd);
    b = make(fd[0], layers, options);
    bufferevent_setwatermark(b, EV_READ, 3, 0);
    bufferevent_enable(b, EV_READ);
    for (i = 0; i < 10; i++) {
        if (write(fd[1], "x", 1) != 1)
            exit(1);
        turns(base, layers + 2);
    }
    printf("  read in %d, left %zu\n", reads, evbuffer_get_length(bufferevent_get_input(b)));
    over(b, fd[1]);
}

int main(void)
{
    static const int options[] = { 0, BEV_OPT_THREADSAFE, BEV_OPT_DEFER_CALLBACKS,
        BEV_OPT_DEFER_CALLBACKS | BEV_OPT_UNLOCK_CALLBACKS,
        BEV_OPT_THREADSAFE | BEV_OPT_DEFER_CALLBACKS,
        BEV_OPT_THREADSAFE | BEV_OPT_DEFER_CALLBACKS | BEV_OPT_UNLOCK_CALLBACKS };
    int k, layers;
    size_t o;
    signal(SIGPIPE, SIG_IGN);
    evthread_use_pthreads();
    base = event_base_new();
    memset(big, 'b', sizeof big);
    for (k = 0; k < KINDS; k++)
        for (layers = 0; layers < LAYERS; layers++)
            for (o = 0; o < sizeof options / sizeof *options; o++)
                meet((enum kind)k, (enum layers)layers, options[o]);
    event_base_free(base);
    return 0;
}
