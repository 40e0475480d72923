/* harness: openssl; only=evrs; valgrind; timeout=90 */
/* One bufferevent for several connections, after each kind of end; a failed connection leaves nothing
 * running; freeing while a limit of its own or a group's holds it; callbacks that change the
 * bufferevent under the library's feet. */
#include "tls.h"
#include <assert.h>
#include <netinet/in.h>
#include <time.h>

static struct event_base *base;
static int events, reads, last;
static int action;

static void on_read(struct bufferevent *bev, void *arg)
{
    reads++;
    evbuffer_drain(bufferevent_get_input(bev), 1000000);
    event_base_loopbreak(base);
}
static void on_event(struct bufferevent *bev, short what, void *arg)
{
    events++;
    last = what;
    if (what & BEV_EVENT_CONNECTED)
        bufferevent_write(bev, "hello", 5);
    else
        event_base_loopbreak(base);
}
static void echo(struct bufferevent *bev, void *arg)
{
    bufferevent_write_buffer(bev, bufferevent_get_input(bev));
}
static struct bufferevent *server(int fd)
{
    struct bufferevent *s = bufferevent_openssl_socket_new(base, fd, tls_server(), BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(s, echo, NULL, NULL, NULL);
    bufferevent_enable(s, EV_READ | EV_WRITE);
    return s;
}

static void again(int filter)
{
    struct bufferevent *c, *s;
    int i, fd[2];
    c = filter ? bufferevent_openssl_filter_new(base, bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE), tls_client(),
                                                BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE)
               : bufferevent_openssl_socket_new(base, -1, tls_client(), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(c, on_read, NULL, on_event, NULL);
    bufferevent_enable(c, EV_READ | EV_WRITE);
    event_base_loop(base, EVLOOP_NONBLOCK);
    for (i = 0; i < 3; i++) {
        events = reads = 0;
        tls_pair(fd);
        s = server(fd[0]);
        assert(bufferevent_setfd(c, fd[1]) == 0);
        assert(bufferevent_getfd(c) == fd[1]);
        run_for(base, 20000);
        assert(events == 1 && last == BEV_EVENT_CONNECTED && reads == 1);
        if (i == 0)
            SSL_shutdown(bufferevent_openssl_get_ssl(s));
        bufferevent_free(s);
        if (i < 2) {
            run_for(base, 20000);
            assert(events == 2);
            assert(!!(last & BEV_EVENT_EOF) == (i == 0));
            assert(bufferevent_enable(c, EV_READ | EV_WRITE) == 0);
        }
        /* Through a filter, the one below keeps its descriptor then. */
        if (i == 1)
            assert(bufferevent_setfd(filter ? bufferevent_get_underlying(c) : c, -1) == 0);
        if (i == 2)
            bufferevent_setfd(filter ? bufferevent_get_underlying(c) : c, -1);
        close(fd[1]);
    }
    bufferevent_free(c);
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static void refused(void)
{
    struct sockaddr_in sin = {.sin_family = AF_INET};
    socklen_t len = sizeof sin;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    clock_t before;
    struct bufferevent *c = bufferevent_openssl_socket_new(base, -1, tls_client(), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd, (struct sockaddr *)&sin, sizeof sin);
    getsockname(fd, (struct sockaddr *)&sin, &len);
    bufferevent_setcb(c, on_read, NULL, on_event, NULL);
    bufferevent_enable(c, EV_READ | EV_WRITE);
    events = 0;
    assert(bufferevent_socket_connect(c, (struct sockaddr *)&sin, sizeof sin) == 0);
    run_for(base, 20000);
    assert(events == 1 && (last & BEV_EVENT_ERROR));
    before = clock();
    run_for(base, 300);
    assert(events == 1);
    assert((clock() - before) * 1000 / CLOCKS_PER_SEC < 150);
    bufferevent_free(c);
    event_base_loop(base, EVLOOP_NONBLOCK);
    close(fd);
}

static void limited(int filter, int group)
{
    struct timeval tick = {0, 10000};
    struct ev_token_bucket_cfg *cfg = ev_token_bucket_cfg_new(500, 500, 500, 500, &tick);
    struct bufferevent_rate_limit_group *g = bufferevent_rate_limit_group_new(base, cfg);
    static char much[100000];
    struct bufferevent *c, *s;
    int fd[2];
    tls_pair(fd);
    s = server(fd[0]);
    c = filter ? bufferevent_openssl_filter_new(base, bufferevent_socket_new(base, fd[1], BEV_OPT_CLOSE_ON_FREE), tls_client(),
                                                BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE)
               : bufferevent_openssl_socket_new(base, fd[1], tls_client(), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    if (group)
        bufferevent_add_to_rate_limit_group(c, g);
    else
        bufferevent_set_rate_limit(c, cfg);
    bufferevent_setcb(c, NULL, NULL, on_event, NULL);
    bufferevent_enable(c, EV_READ | EV_WRITE);
    bufferevent_write(c, much, sizeof much);
    run_for(base, 60);
    bufferevent_free(c);
    bufferevent_free(s);
    event_base_loop(base, EVLOOP_NONBLOCK);
    bufferevent_rate_limit_group_free(g);
    ev_token_bucket_cfg_free(cfg);
}

/* A callback of the input or output buffer, in the middle of an operation, disables, frees or swaps. */
static struct bufferevent *target;
static int spare[2];
static void on_buffer(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
    struct bufferevent *bev = target;
    if (!bev || (arg ? !info->n_deleted : !info->n_added))
        return;
    switch (action) {
    case 0:
        bufferevent_disable(bev, EV_READ | EV_WRITE);
        break;
    case 1:
        target = NULL;
        bufferevent_free(bev);
        break;
    case 2:
        target = NULL;
        bufferevent_setfd(bev, spare[0]);
        break;
    case 3:
        target = NULL;
        bufferevent_write(bev, "more", 4);
        break;
    }
}
static void meddle(int filter, int output)
{
    struct bufferevent *c, *s;
    int fd[2], freed;
    tls_pair(fd);
    tls_pair(spare);
    s = server(fd[0]);
    c = filter ? bufferevent_openssl_filter_new(base, bufferevent_socket_new(base, fd[1], BEV_OPT_CLOSE_ON_FREE), tls_client(),
                                                BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE)
               : bufferevent_openssl_socket_new(base, fd[1], tls_client(), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    target = c;
    bufferevent_setcb(c, on_read, NULL, on_event, NULL);
    bufferevent_enable(c, EV_READ | EV_WRITE);
    evbuffer_add_cb(output ? bufferevent_get_output(c) : bufferevent_get_input(c), on_buffer, output ? &action : NULL);
    run_for(base, 200);
    freed = action == 1 && !target;
    target = NULL;
    if (!freed)
        bufferevent_free(c);
    bufferevent_free(s);
    event_base_loop(base, EVLOOP_NONBLOCK);
    close(spare[1]);
    if (action != 2)
        close(spare[0]);
    else
        close(fd[1]);
}

int main(void)
{
    int i, j;
    tls_init(0);
    base = event_base_new();
    again(0);
    again(1);
    refused();
    for (i = 0; i < 4; i++)
        limited(i & 1, i >> 1);
    for (action = 0; action < 4; action++)
        for (i = 0; i < 2; i++)
            for (j = 0; j < 2; j++)
                meddle(i, j);
    event_base_free(base);
    tls_done();
    return 0;
}
