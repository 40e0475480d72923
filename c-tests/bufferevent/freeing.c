/* harness: valgrind; timeout=60
 * Freed from within each of its callbacks, for every kind; with counts; with the other end's data. */
#include "kit.h"

static struct event_base *base;
static struct bufferevent *victim;

static void kill_it(const char *where)
{
    if (victim) {
        printf("  freed in %s\n", where);
        bufferevent_free(victim);
        victim = NULL;
    } else
        printf("  called after free: %s\n", where);
}
static void r(struct bufferevent *b, void *a) { (void)b; (void)a; kill_it("read"); }
static void w(struct bufferevent *b, void *a) { (void)b; (void)a; kill_it("write"); }
static void e(struct bufferevent *b, short what, void *a)
{
    (void)b;
    (void)a;
    printf(" %s", what_name(what));
    kill_it("event");
}
static void buffer_cb(struct evbuffer *buf, const struct evbuffer_cb_info *info, void *arg)
{
    (void)buf;
    (void)info;
    (void)arg;
    if (victim)
        kill_it("buffer callback");
}

static enum bufferevent_filter_result pass(struct evbuffer *src, struct evbuffer *dst,
    ev_ssize_t limit, enum bufferevent_flush_mode mode, void *ctx)
{
    (void)limit;
    (void)mode;
    if (ctx && victim)
        kill_it("filter");
    if (!evbuffer_get_length(src))
        return BEV_NEED_MORE;
    evbuffer_add_buffer(dst, src);
    return BEV_OK;
}

enum { SOCK, FILTER, PAIR_END };

int main(void)
{
    int kind, what, options, fd[2];
    struct timeval tv = { 0, 20000 };
    base = event_base_new();
    for (options = 0; options <= BEV_OPT_DEFER_CALLBACKS; options += BEV_OPT_DEFER_CALLBACKS)
        for (kind = SOCK; kind <= PAIR_END; kind++)
            for (what = 0; what < 7; what++) {
                struct bufferevent *p[2] = { NULL, NULL }, *b;
                printf("kind %d, case %d, options %x\n", kind, what, options);
                fd[0] = fd[1] = -1;
                if (kind == PAIR_END) {
                    bufferevent_pair_new(base, options, p);
                    b = p[0];
                    bufferevent_enable(p[1], EV_READ | EV_WRITE);
                } else {
                    connected(PAIR, fd);
                    b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE | options);
                    if (kind == FILTER)
                        b = bufferevent_filter_new(b, pass, pass, BEV_OPT_CLOSE_ON_FREE | options, NULL,
                            what == 6 ? b : NULL);
                }
                victim = b;
                bufferevent_setcb(b, what == 0 || what == 6 ? r : NULL, what == 1 ? w : NULL,
                    what >= 2 && what <= 4 ? e : NULL, NULL);
                if (what == 3)
                    bufferevent_set_timeouts(b, &tv, NULL);
                if (what == 5)
                    evbuffer_add_cb(bufferevent_get_input(b), buffer_cb, NULL);
                bufferevent_enable(b, EV_READ | EV_WRITE);
                if (what == 1)
                    bufferevent_write(b, "out", 3);
                if (what == 0 || what >= 5) {
                    if (p[1])
                        bufferevent_write(p[1], "in", 2);
                    else if (write(fd[1], "in", 2) != 2)
                        return 1;
                }
                if (what == 2) {
                    if (p[1])
                        bufferevent_flush(p[1], EV_WRITE, BEV_FINISHED);
                    else
                        shutdown(fd[1], SHUT_WR);
                }
                if (what == 4)
                    bufferevent_trigger_event(b, BEV_EVENT_EOF, 0);
                run_ms(base, 30);
                if (victim) {
                    printf("  not freed\n");
                    bufferevent_free(victim);
                    victim = NULL;
                }
                if (p[1]) {
                    bufferevent_write(p[1], "x", 1);
                    bufferevent_free(p[1]);
                }
                turns(base, 2);
                if (fd[0] >= 0) {
                    printf("  closed %d\n", fcntl(fd[0], F_GETFD) == -1);
                    close(fd[1]);
                }
            }
    {
        struct bufferevent *b;
        connected(PAIR, fd);
        b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
        bufferevent_incref(b);
        bufferevent_free(b);
        turns(base, 2);
        printf("counted: closed %d\n", fcntl(fd[0], F_GETFD) == -1);
        printf("last %d\n", bufferevent_decref(b));
        turns(base, 2);
        printf("closed %d\n", fcntl(fd[0], F_GETFD) == -1);
        close(fd[1]);
        connected(PAIR, fd);
        b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
        bufferevent_enable(b, EV_READ);
        bufferevent_write(b, "lost", 4);
        bufferevent_free(b);
        printf("base freed with it: closed %d", fcntl(fd[0], F_GETFD) == -1);
        event_base_free(base);
        printf(" %d\n", fcntl(fd[0], F_GETFD) == -1);
        close(fd[1]);
    }
    return 0;
}
