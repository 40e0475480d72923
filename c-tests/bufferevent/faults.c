/* harness: only=evrs; valgrind; timeout=60
 * Reports against the original: what went wrong there must not here. One line each; exit 1 if any
 * is not as it should be. */
#include "kit.h"
#include <netdb.h>
#include <sys/resource.h>

static struct event_base *base;
static int failed, events, reads, writes;
static short last;
static size_t got;

static void check(const char *what, int ok)
{
    printf("%s: %s\n", what, ok ? "ok" : "WRONG");
    if (!ok)
        failed = 1;
}
static void on_event(struct bufferevent *b, short what, void *ctx)
{
    (void)b;
    (void)ctx;
    events++;
    last = what;
}
static void on_read(struct bufferevent *b, void *ctx)
{
    (void)ctx;
    reads++;
    got = evbuffer_get_length(bufferevent_get_input(b));
}
static void on_write(struct bufferevent *b, void *ctx)
{
    (void)b;
    (void)ctx;
    writes++;
}
static void fresh(void)
{
    events = reads = writes = 0;
    last = 0;
    got = 0;
}

static int open_fds(void)
{
    int n = 0, i;
    for (i = 0; i < 100; i++)
        n += fcntl(i, F_GETFD) != -1;
    return n;
}

/* le#597: no descriptor left for connect_hostname. */
static void emfile(struct sockaddr_in *in)
{
    struct rlimit old, none;
    int before = open_fds(), r;
    struct bufferevent *b = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    fresh();
    bufferevent_setcb(b, NULL, NULL, on_event, NULL);
    turns(base, 1);
    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &none);
    r = bufferevent_socket_connect_hostname(b, NULL, AF_INET, "127.0.0.1", ntohs(in->sin_port));
    check("connect_hostname without descriptors is told later", r == 0 && events == 0);
    turns(base, 3);
    setrlimit(RLIMIT_NOFILE, &old);
    check("one error event", events == 1 && last == BEV_EVENT_ERROR);
    bufferevent_free(b);
    turns(base, 1);
    check("no descriptor leaked", open_fds() == before);
}

/* le#1115: the first address refuses, the second takes. */
static void every_address(struct sockaddr_in *in)
{
    struct addrinfo hints, *ai;
    struct bufferevent *b;
    int before = open_fds();
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo("localhost", "1", &hints, &ai) == 0) {
        int n = 0;
        struct addrinfo *a;
        for (a = ai; a; a = a->ai_next)
            n++;
        fprintf(stderr, "localhost has %d addresses\n", n);
        freeaddrinfo(ai);
    }
    b = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    fresh();
    bufferevent_setcb(b, NULL, NULL, on_event, NULL);
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "localhost", ntohs(in->sin_port));
    turns(base, 10);
    check("localhost over whichever family listens", events == 1 && last == BEV_EVENT_CONNECTED);
    bufferevent_free(b);
    turns(base, 1);
    b = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    fresh();
    bufferevent_setcb(b, NULL, NULL, on_event, NULL);
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "localhost", 1);
    turns(base, 10);
    check("all refuse: one error", events == 1 && last == BEV_EVENT_ERROR);
    bufferevent_free(b);
    turns(base, 1);
    /* Without hints the resolver gives each address once for every kind of socket. */
    b = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    fresh();
    bufferevent_setcb(b, NULL, NULL, on_event, NULL);
    bufferevent_socket_connect_hostname_hints(b, NULL, NULL, "127.0.0.1", 1);
    turns(base, 10);
    check("several addresses, all refuse: one error", events == 1 && last == BEV_EVENT_ERROR);
    bufferevent_free(b);
    turns(base, 1);
    check("no descriptor leaked", open_fds() == before);
}

/* le#891: input at the mark, and a callback that leaves it there. */
static void no_spin(void)
{
    int fd[2], i;
    struct bufferevent *b;
    char buf[100] = "";
    connected(PAIR, fd);
    b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
    fresh();
    bufferevent_setcb(b, on_read, NULL, NULL, NULL);
    bufferevent_setwatermark(b, EV_READ, 0, 16);
    bufferevent_enable(b, EV_READ);
    if (write(fd[1], buf, 64) != 64)
        exit(1);
    for (i = 0; i < 50; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
    check("high watermark without draining: no spin", reads == 1 && got == 16);
    bufferevent_free(b);
    close(fd[1]);
    turns(base, 1);
}

/* le#67: a write timeout needs something to write. */
static void idle_filter(void)
{
    struct bufferevent *p[2], *f;
    struct timeval tv = { 0, 20000 };
    bufferevent_pair_new(base, 0, p);
    f = bufferevent_filter_new(p[0], NULL, NULL, BEV_OPT_CLOSE_ON_FREE, NULL, NULL);
    fresh();
    bufferevent_setcb(f, NULL, NULL, on_event, NULL);
    bufferevent_enable(p[1], EV_READ);
    bufferevent_set_timeouts(f, NULL, &tv);
    bufferevent_enable(f, EV_WRITE);
    bufferevent_write(f, "x", 1);
    run_ms(base, 60);
    check("filter with nothing to write: no write timeout", events == 0);
    bufferevent_free(f);
    bufferevent_free(p[1]);
    turns(base, 1);
}

/* le#616: the filter's output is empty, the one below has it. */
static void last_bytes(void)
{
    int fd[2];
    char buf[10];
    struct bufferevent *f;
    connected(PAIR, fd);
    f = bufferevent_filter_new(bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE), NULL, NULL,
        BEV_OPT_CLOSE_ON_FREE, NULL, NULL);
    bufferevent_write(f, "last", 4);
    check("the filter's output is empty", evbuffer_get_length(bufferevent_get_output(f)) == 0);
    bufferevent_free(f);
    turns(base, 2);
    check("the bytes below are not dropped", recv(fd[1], buf, sizeof buf, MSG_DONTWAIT) == 4);
    close(fd[1]);
}

/* le#1350: each write callback writes more. */
static void more(struct bufferevent *b, void *ctx)
{
    static char block[100000];
    writes++;
    (void)ctx;
    bufferevent_write(b, block, sizeof block);
}
static void bounded(void)
{
    int fd[2], i;
    size_t most = 0;
    struct bufferevent *b;
    connected(PAIR, fd);
    fresh();
    b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(b, NULL, more, NULL, NULL);
    more(b, NULL);
    for (i = 0; i < 200; i++) {
        size_t n;
        event_base_loop(base, EVLOOP_NONBLOCK);
        n = evbuffer_get_length(bufferevent_get_output(b));
        most = n > most ? n : most;
    }
    check("writing on each write callback stays bounded", most <= 100000 && writes < 20);
    bufferevent_free(b);
    close(fd[1]);
    turns(base, 1);
}

/* le#1057: no SIGPIPE. */
static void sigpipe(void)
{
    int fd[2];
    struct bufferevent *b;
    connected(PAIR, fd);
    b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
    fresh();
    bufferevent_setcb(b, NULL, NULL, on_event, NULL);
    close(fd[1]);
    bufferevent_write(b, "x", 1);
    turns(base, 3);
    check("peer gone: EPIPE as an event, no signal",
        events == 1 && last == (BEV_EVENT_WRITING | BEV_EVENT_ERROR));
    bufferevent_free(b);
    turns(base, 1);
}

/* le#1809: nothing after disable and setcb(NULL) in a deferred read callback. */
static void stop_it(struct bufferevent *b, void *ctx)
{
    (void)ctx;
    reads++;
    bufferevent_trigger(b, EV_READ, 0);
    bufferevent_disable(b, EV_READ);
    bufferevent_setcb(b, NULL, NULL, NULL, NULL);
}
static void stopped(void)
{
    int fd[2];
    struct bufferevent *b;
    connected(PAIR, fd);
    b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    fresh();
    bufferevent_setcb(b, stop_it, NULL, NULL, NULL);
    bufferevent_enable(b, EV_READ);
    if (write(fd[1], "x", 1) != 1)
        exit(1);
    turns(base, 3);
    bufferevent_setcb(b, on_read, on_write, on_event, NULL);
    turns(base, 3);
    check("no stale read callback", reads == 1);
    bufferevent_free(b);
    close(fd[1]);
    turns(base, 1);
}

/* A connection that is closed before it stands gives its timeout once. */
static void slow_connect(void)
{
    struct sockaddr_in in;
    struct timeval tv = { 0, 50000 };
    struct bufferevent *b = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    memset(&in, 0, sizeof in);
    in.sin_family = AF_INET;
    in.sin_port = htons(9);
    /* TEST-NET: nobody answers; or there is no route, which is an answer too. */
    inet_pton(AF_INET, "192.0.2.1", &in.sin_addr);
    fresh();
    bufferevent_setcb(b, NULL, NULL, on_event, NULL);
    bufferevent_set_timeouts(b, NULL, &tv);
    if (bufferevent_socket_connect(b, (struct sockaddr *)&in, sizeof in) == 0) {
        run_ms(base, 300);
        check("connecting takes too long: one event", events == 1);
    } else
        check("connecting takes too long: one event", 1);
    bufferevent_free(b);
    turns(base, 1);
}

/* replacefd closes the old descriptor and carries on with the new one. */
static void replace(void)
{
    int a[2], c[2];
    char buf[10];
    struct bufferevent *b;
    connected(PAIR, a);
    connected(PAIR, c);
    b = bufferevent_socket_new(base, a[0], BEV_OPT_CLOSE_ON_FREE);
    fresh();
    bufferevent_setcb(b, on_read, NULL, NULL, NULL);
    bufferevent_enable(b, EV_READ);
    turns(base, 1);
    check("replacefd", bufferevent_replacefd(b, c[0]) == 0 && bufferevent_getfd(b) == c[0]);
    check("the old one is closed", recv(a[1], buf, sizeof buf, MSG_DONTWAIT) == 0);
    bufferevent_write(b, "new", 3);
    if (write(c[1], "hi", 2) != 2)
        exit(1);
    turns(base, 3);
    check("the new one is read and written", reads == 1 && recv(c[1], buf, 10, MSG_DONTWAIT) == 3);
    bufferevent_free(b);
    close(a[1]);
    close(c[1]);
    turns(base, 1);
}

/* le#1132: nothing can be read from a frozen input, and that is said with 0. */
static void frozen(void)
{
    struct bufferevent *p[2];
    char buf[10];
    bufferevent_pair_new(base, 0, p);
    bufferevent_enable(p[1], EV_READ);
    bufferevent_write(p[0], "data", 4);
    evbuffer_freeze(bufferevent_get_input(p[1]), 1);
    check("reading from a frozen input gives nothing", bufferevent_read(p[1], buf, sizeof buf) == 0);
    evbuffer_unfreeze(bufferevent_get_input(p[1]), 1);
    check("and something when it is thawed", bufferevent_read(p[1], buf, sizeof buf) == 4);
    bufferevent_free(p[0]);
    bufferevent_free(p[1]);
    turns(base, 1);
}

/* le#362, le#613: more than a filter's high watermark arrives; what is left over comes, too. */
static void left_over(void)
{
    int fd[2], round;
    for (round = 0; round < 2; round++) {
        static char buf[4343];
        struct bufferevent *b, *f;
        size_t all;
        connected(PAIR, fd);
        b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
        f = bufferevent_filter_new(b, NULL, NULL, BEV_OPT_CLOSE_ON_FREE, NULL, NULL);
        fresh();
        bufferevent_setcb(f, on_read, NULL, on_event, NULL);
        bufferevent_setwatermark(f, EV_READ, 0, 4096);
        bufferevent_enable(f, EV_READ);
        if (write(fd[1], buf, sizeof buf) != sizeof buf)
            exit(1);
        turns(base, 5);
        check("a filter's input stops at its mark", got == 4096 && reads == 1);
        all = got;
        if (round) {
            bufferevent_disable(f, EV_READ);
            evbuffer_drain(bufferevent_get_input(f), 4096);
            turns(base, 3);
            check("nothing comes while it is disabled", reads == 1);
            bufferevent_enable(f, EV_READ);
        } else
            evbuffer_drain(bufferevent_get_input(f), 4096);
        turns(base, 5);
        all += evbuffer_get_length(bufferevent_get_input(f));
        check("the rest comes", all == sizeof buf && reads == 2);
        bufferevent_free(f);
        close(fd[1]);
        turns(base, 2);
    }
}

/* le#1439, le#1049, heron#2848: freed while it waits for its own limit and for its group's. */
static void freed_in_debt(void)
{
    struct timeval tick = { 0, 20000 };
    struct ev_token_bucket_cfg *c = ev_token_bucket_cfg_new(10, 10, 10, 10, &tick);
    struct bufferevent_rate_limit_group *g = bufferevent_rate_limit_group_new(base, c);
    struct bufferevent *b[3];
    int fd[3][2], i;
    char buf[200] = "";
    fresh();
    bufferevent_rate_limit_group_set_min_share(g, 1);
    for (i = 0; i < 3; i++) {
        connected(PAIR, fd[i]);
        b[i] = bufferevent_socket_new(base, fd[i][0], BEV_OPT_CLOSE_ON_FREE);
        bufferevent_setcb(b[i], NULL, NULL, on_event, NULL);
        bufferevent_add_to_rate_limit_group(b[i], g);
        bufferevent_set_rate_limit(b[i], c);
        bufferevent_enable(b[i], EV_READ);
        bufferevent_write(b[i], buf, sizeof buf);
        if (write(fd[i][1], buf, sizeof buf) != sizeof buf)
            exit(1);
    }
    turns(base, 3);
    bufferevent_free(b[0]);
    turns(base, 2);
    bufferevent_free(b[1]);
    run_ms(base, 100); /* the group's refill finds the third alone */
    check("the one that is left goes on", evbuffer_get_length(bufferevent_get_input(b[2])) > 10);
    bufferevent_free(b[2]);
    run_ms(base, 50);
    check("freed in debt: nobody hears of it", events == 0);
    for (i = 0; i < 3; i++)
        close(fd[i][1]);
    bufferevent_rate_limit_group_free(g);
    ev_token_bucket_cfg_free(c);
}

static enum bufferevent_filter_result through(struct evbuffer *src, struct evbuffer *dst,
    ev_ssize_t limit, enum bufferevent_flush_mode mode, void *ctx)
{
    (void)limit, (void)mode, (void)ctx;
    return evbuffer_remove_buffer(src, dst, 100000) > 0 ? BEV_OK : BEV_NEED_MORE;
}
static void count_free(void *ctx) { ++*(int *)ctx; }

/* le#127, le#135: a filter that closes on free frees what is below once. */
static void freed_once(void)
{
    int fd[2], fd2, n = 0;
    struct bufferevent *b, *f, *g;
    connected(PAIR, fd);
    b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
    f = bufferevent_filter_new(b, through, through, BEV_OPT_CLOSE_ON_FREE, count_free, &n);
    g = bufferevent_filter_new(f, through, through, BEV_OPT_CLOSE_ON_FREE, count_free, &n);
    bufferevent_free(g);
    turns(base, 3);
    check("a filter of a filter: everything is freed once", n == 2 && fcntl(fd[0], F_GETFD) == -1);
    fd2 = dup(fd[1]);
    turns(base, 3);
    check("and the descriptor is closed once", fd2 != fd[0] || fcntl(fd2, F_GETFD) != -1);
    close(fd2);
    close(fd[1]);
}

int main(void)
{
    struct sockaddr_storage sa;
    socklen_t len;
    int l = listen_on(TCP, &sa, &len);
    base = event_base_new();
    emfile((struct sockaddr_in *)&sa);
    every_address((struct sockaddr_in *)&sa);
    no_spin();
    idle_filter();
    last_bytes();
    bounded();
    sigpipe();
    stopped();
    slow_connect();
    replace();
    frozen();
    left_over();
    freed_in_debt();
    freed_once();
    close(l);
    event_base_free(base);
    return failed;
}
