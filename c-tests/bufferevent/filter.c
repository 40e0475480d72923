/* harness: valgrind
 * Filters: over pairs and sockets, with watermarks, limits, errors, flush modes. */
#include "kit.h"

static struct event_base *base;

struct state {
    int calls, quiet;
    const char *name;
};

/* Doubles every byte. */
static enum bufferevent_filter_result twice(struct evbuffer *src, struct evbuffer *dst,
    ev_ssize_t limit, enum bufferevent_flush_mode mode, void *ctx)
{
    struct state *s = ctx;
    size_t n = evbuffer_get_length(src);
    char all[200];
    unsigned i;
    s->calls++;
    if (!s->quiet)
        printf("  %s: out filter, %zu, limit %ld, mode %d\n", s->name, n, (long)limit, mode);
    if (!n)
        return BEV_NEED_MORE;
    /* Added in one piece: the reference comes back in here for every piece. */
    if (n > sizeof all / 2)
        n = sizeof all / 2;
    evbuffer_remove(src, all, n);
    for (i = (unsigned)n; i-- > 0;)
        all[2 * i] = all[2 * i + 1] = all[i];
    evbuffer_add(dst, all, 2 * n);
    return BEV_OK;
}

/* Takes two bytes for one, as far as the limit allows. */
static enum bufferevent_filter_result half(struct evbuffer *src, struct evbuffer *dst,
    ev_ssize_t limit, enum bufferevent_flush_mode mode, void *ctx)
{
    struct state *s = ctx;
    size_t n = evbuffer_get_length(src) / 2;
    s->calls++;
    if (!s->quiet)
        printf("  %s: in filter, %zu, limit %ld, mode %d\n", s->name, evbuffer_get_length(src),
            (long)limit, mode);
    if (!n)
        return BEV_NEED_MORE;
    if (limit >= 0 && n > (size_t)limit)
        n = (size_t)limit;
    if (!n)
        return BEV_NEED_MORE;
    while (n--) {
        char c[2];
        evbuffer_remove(src, c, 2);
        evbuffer_add(dst, c, 1);
    }
    return BEV_OK;
}

static enum bufferevent_filter_result broken(struct evbuffer *src, struct evbuffer *dst,
    ev_ssize_t limit, enum bufferevent_flush_mode mode, void *ctx)
{
    (void)src; (void)dst; (void)limit; (void)mode; (void)ctx;
    printf("  broken filter\n");
    return BEV_ERROR;
}

static void freed(void *ctx)
{
    printf("  %s: context freed\n", ((struct state *)ctx)->name);
}

static void lens(const char *what, struct bufferevent *b)
{
    printf("  %s: input %zu, output %zu\n", what, evbuffer_get_length(bufferevent_get_input(b)),
        evbuffer_get_length(bufferevent_get_output(b)));
}

static char eaten[100];
static void eat(struct bufferevent *b, void *ctx)
{
    int n = evbuffer_remove(bufferevent_get_input(b), eaten, sizeof eaten - 1);
    eaten[n] = 0;
    printf("  %s: eats %s\n", (char *)ctx, eaten);
}

static size_t total, calls;
static void count_all(struct bufferevent *b, void *ctx)
{
    (void)ctx;
    calls++;
    total += evbuffer_get_length(bufferevent_get_input(b));
    evbuffer_drain(bufferevent_get_input(b), (size_t)-1);
}

int main(void)
{
    struct bufferevent *p[2], *f, *g;
    struct state sa = { 0, 0, "a" }, sb = { 0, 0, "b" };
    struct timeval tv = { 0, 50000 };
    int fd[2], i;
    static char big[5000];
    char buf[100];
    base = event_base_new();

    printf("== over a pair\n");
    bufferevent_pair_new(base, 0, p);
    f = bufferevent_filter_new(p[0], half, twice, BEV_OPT_CLOSE_ON_FREE, freed, &sa);
    g = bufferevent_filter_new(p[1], half, twice, BEV_OPT_CLOSE_ON_FREE, freed, &sb);
    bufferevent_setcb(f, eat, say_write, say_event, "a");
    bufferevent_setcb(g, eat, say_write, say_event, "b");
    bufferevent_write(f, "hello", 5);
    lens("a", f);
    turns(base, 2);
    printf("enable b\n");
    bufferevent_enable(g, EV_READ);
    turns(base, 3);
    bufferevent_write(g, "back", 4);
    turns(base, 2);
    bufferevent_enable(f, EV_READ);
    turns(base, 3);
    bufferevent_disable(f, EV_WRITE);
    bufferevent_write(f, "held", 4);
    lens("a", f);
    bufferevent_enable(f, EV_WRITE);
    printf("flush %d\n", bufferevent_flush(f, EV_WRITE, BEV_FLUSH));
    turns(base, 3);
    bufferevent_free(f);
    bufferevent_free(g);
    turns(base, 2);

    printf("== NULL functions over a socket\n");
    for (i = 0; i < KINDS; i++) {
        connected((enum kind)i, fd);
        f = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
        f = bufferevent_filter_new(f, NULL, NULL, BEV_OPT_CLOSE_ON_FREE, NULL, NULL);
        printf("fd %d\n", bufferevent_getfd(f) == fd[0]);
        bufferevent_setcb(f, eat, NULL, say_event, "f");
        bufferevent_enable(f, EV_READ);
        if (write(fd[1], "question", 8) != 8)
            return 1;
        turns(base, 3);
        bufferevent_write(f, "answer", 6);
        turns(base, 3);
        printf("arrived %zd\n", recv(fd[1], buf, sizeof buf, MSG_DONTWAIT));
        shutdown(fd[1], SHUT_WR);
        turns(base, 3);
        bufferevent_free(f);
        turns(base, 2);
        printf("closed %d\n", fcntl(fd[0], F_GETFD) == -1);
        close(fd[1]);
    }

    printf("== an error of the filter\n");
    bufferevent_pair_new(base, 0, p);
    f = bufferevent_filter_new(p[0], broken, broken, 0, NULL, NULL);
    bufferevent_setcb(f, say_read, say_write, say_event, "f");
    bufferevent_enable(f, EV_READ);
    bufferevent_write(f, "x", 1);
    bufferevent_write(p[1], "y", 1);
    turns(base, 3);
    bufferevent_free(f);
    turns(base, 2);
    printf("the one below is left: %d\n", bufferevent_write(p[0], "z", 1));
    bufferevent_free(p[0]);
    bufferevent_free(p[1]);
    turns(base, 1);

    printf("== write watermark below\n");
    sa.quiet = 0;
    bufferevent_pair_new(base, 0, p);
    bufferevent_setwatermark(p[0], EV_WRITE, 0, 8);
    f = bufferevent_filter_new(p[0], half, twice, BEV_OPT_CLOSE_ON_FREE, NULL, &sa);
    bufferevent_setcb(f, NULL, say_write, say_event, "f");
    bufferevent_write(f, "abcdefghij", 10);
    lens("f", f);
    bufferevent_write(f, "klm", 3);
    lens("f", f);
    bufferevent_enable(p[1], EV_READ);
    turns(base, 3);
    lens("f", f);
    bufferevent_free(f);
    bufferevent_free(p[1]);
    turns(base, 1);

    printf("== read watermark of the filter: nothing stays behind\n");
    sa.quiet = 1;
    memset(big, 'q', sizeof big);
    connected(PAIR, fd);
    f = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
    f = bufferevent_filter_new(f, half, twice, BEV_OPT_CLOSE_ON_FREE, NULL, &sa);
    bufferevent_setcb(f, count_all, NULL, say_event, "f");
    bufferevent_setwatermark(f, EV_READ, 0, 2048);
    bufferevent_enable(f, EV_READ);
    if (write(fd[1], big, 4996) != 4996)
        return 1;
    turns(base, 10);
    printf("total %zu, more than one call %d\n", total, calls > 1);
    bufferevent_free(f);
    close(fd[1]);
    turns(base, 2);

    printf("== timeouts\n");
    bufferevent_pair_new(base, 0, p);
    f = bufferevent_filter_new(p[0], NULL, NULL, BEV_OPT_CLOSE_ON_FREE, NULL, NULL);
    bufferevent_setcb(f, say_read, say_write, say_event, "f");
    bufferevent_set_timeouts(f, &tv, NULL);
    bufferevent_enable(f, EV_READ);
    run_ms(base, 100);
    bufferevent_free(f);
    bufferevent_free(p[1]);
    turns(base, 2);

    printf("== filter on filter, freed with data\n");
    bufferevent_pair_new(base, 0, p);
    f = bufferevent_filter_new(p[0], half, twice, BEV_OPT_CLOSE_ON_FREE, freed, &sa);
    g = bufferevent_filter_new(f, half, twice, BEV_OPT_CLOSE_ON_FREE, freed, &sb);
    sb.quiet = 1;
    bufferevent_enable(p[1], EV_READ);
    bufferevent_write(g, "ab", 2);
    turns(base, 2);
    bufferevent_setcb(p[1], eat, NULL, NULL, "raw");
    bufferevent_trigger(p[1], EV_READ, 0);
    turns(base, 2);
    bufferevent_write(g, "cd", 2);
    bufferevent_free(g);
    bufferevent_free(p[1]);
    turns(base, 2);
    event_base_free(base);
    return 0;
}
