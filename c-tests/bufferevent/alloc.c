/* harness: only=evrs; timeout=60; valgrind
 * Every allocation fails in turn: an error return, nothing leaked, nothing half made.
 * The reference crashes on the first. */
#include "failalloc.h"
#include "kit.h"

static struct event_base *base;

static int make_socket(void)
{
    struct bufferevent *b = bufferevent_socket_new(base, -1, 0);
    if (!b)
        return 0;
    bufferevent_free(b);
    event_base_loop(base, EVLOOP_NONBLOCK);
    return 1;
}
static int make_pair(void)
{
    struct bufferevent *p[2];
    if (bufferevent_pair_new(base, 0, p))
        return 0;
    bufferevent_free(p[0]);
    bufferevent_free(p[1]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    return 1;
}
static int make_filter(void)
{
    struct bufferevent *b = bufferevent_socket_new(base, -1, 0), *f;
    int ok = 0;
    if (!b)
        return 0;
    f = bufferevent_filter_new(b, NULL, NULL, BEV_OPT_CLOSE_ON_FREE, NULL, NULL);
    if (f)
        bufferevent_free(f), ok = 1;
    else
        bufferevent_free(b);
    event_base_loop(base, EVLOOP_NONBLOCK);
    return ok;
}
static int write_some(void)
{
    struct bufferevent *b = bufferevent_socket_new(base, -1, 0);
    char data[5000] = "";
    int ok;
    if (!b)
        return 0;
    ok = bufferevent_write(b, data, sizeof data) == 0;
    if (evbuffer_get_length(bufferevent_get_output(b)) != (ok ? sizeof data : 0))
        printf("half written\n");
    bufferevent_free(b);
    event_base_loop(base, EVLOOP_NONBLOCK);
    return ok;
}
static int limit(void)
{
    struct bufferevent *b = bufferevent_socket_new(base, -1, 0);
    struct ev_token_bucket_cfg *c = ev_token_bucket_cfg_new(10, 10, 10, 10, NULL);
    struct bufferevent_rate_limit_group *g = c ? bufferevent_rate_limit_group_new(base, c) : NULL;
    int ok = b && c && g && !bufferevent_set_rate_limit(b, c) && !bufferevent_add_to_rate_limit_group(b, g);
    if (b)
        bufferevent_free(b);
    event_base_loop(base, EVLOOP_NONBLOCK);
    if (g)
        bufferevent_rate_limit_group_free(g);
    if (c)
        ev_token_bucket_cfg_free(c);
    return ok;
}
static int transport(void)
{
    struct bufferevent *b;
    int fd[2], ok;
    char buf[10];
    connected(PAIR, fd);
    b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
    if (!b) {
        close(fd[0]);
        close(fd[1]);
        return 0;
    }
    ok = !bufferevent_enable(b, EV_READ) && !bufferevent_write(b, "ping", 4) && write(fd[1], "x", 1) == 1;
    turns(base, 2);
    ok = ok && recv(fd[1], buf, 10, MSG_DONTWAIT) == 4 && bufferevent_read(b, buf, 10) == 1;
    bufferevent_free(b);
    close(fd[1]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    return ok;
}

int main(void)
{
    int bad = 0;
    failalloc_install();
    base = event_base_new();
    transport();
    bad += failalloc_sweep("socket", make_socket, 1000);
    bad += failalloc_sweep("pair", make_pair, 1000);
    bad += failalloc_sweep("filter", make_filter, 1000);
    bad += failalloc_sweep("write", write_some, 1000);
    bad += failalloc_sweep("limit", limit, 1000);
    bad += failalloc_sweep("transport", transport, 1000);
    event_base_free(base);
    return bad;
}
