/* harness: openssl; valgrind; serial */
/* Rate limits: they hold, nothing is lost, they count what the network carries; groups.
 *
 * The reference writes a long piece of output in one go, whatever the limit, and pauses afterwards. */
#include "tls.h"
#include <sys/time.h>

static struct event_base *base;
static size_t got, total;
static int connected;

static void on_read(struct bufferevent *bev, void *arg)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    size_t n = evbuffer_get_length(in);
    if (!is_stream(evbuffer_pullup(in, -1), n, got))
        printf(" wrong bytes\n");
    got += n;
    evbuffer_drain(in, n);
    if (got == total)
        event_base_loopbreak(base);
}
static void on_event(struct bufferevent *bev, short what, void *arg)
{
    if (what != BEV_EVENT_CONNECTED)
        printf(" %s\n", what_text(what));
    else if (++connected == 2)
        event_base_loopbreak(base);
}
static double now(void)
{
    struct timeval tv;
    gettimeofday(&tv, NULL);
    return tv.tv_sec + tv.tv_usec / 1e6;
}
static void go(int filter, int what)
{
    struct timeval tick = {0, 50000};
    struct ev_token_bucket_cfg *cfg = ev_token_bucket_cfg_new(10000, 10000, 10000, 10000, &tick);
    struct bufferevent_rate_limit_group *group = NULL;
    int fd[2], i;
    struct bufferevent *b[2];
    unsigned char *data = malloc(100000);
    double t;
    ev_ssize_t left;

    tls_pair(fd);
    connected = 0;
    got = 0;
    total = 100000;
    fill(data, total, 0);
    for (i = 0; i < 2; i++) {
        SSL *ssl = i ? tls_client() : tls_server();
        int state = i ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING;
        if (filter)
            b[i] = bufferevent_openssl_filter_new(base, bufferevent_socket_new(base, fd[i], BEV_OPT_CLOSE_ON_FREE),
                                                  ssl, state, BEV_OPT_CLOSE_ON_FREE);
        else
            b[i] = bufferevent_openssl_socket_new(base, fd[i], ssl, state, BEV_OPT_CLOSE_ON_FREE);
        bufferevent_setcb(b[i], on_read, NULL, on_event, NULL);
        bufferevent_enable(b[i], EV_READ | EV_WRITE);
    }
    run_for(base, 2000);
    t = now();
    if (what == 0)
        bufferevent_set_rate_limit(b[0], cfg);
    else if (what == 1)
        bufferevent_set_rate_limit(b[1], cfg);
    else {
        group = bufferevent_rate_limit_group_new(base, cfg);
        bufferevent_add_to_rate_limit_group(b[0], group);
    }
    bufferevent_write(b[1], data, total);
    run_for(base, 5000);
    t = now() - t;
    printf("%s, %s: %zu bytes, %s\n", filter ? "filter" : "socket",
           what == 0 ? "reading" : what == 1 ? "writing" : "group", got,
           t < 0.25 && !(what == 1 && tls_is_reference()) ? "too fast" : t > 3 ? "too slow" : "in time");
    if (what == 0) {
        left = bufferevent_get_read_limit(b[0]);
        printf(" reading is limited: %d, writing %d\n", left < 10000, bufferevent_get_write_limit(b[0]) >= 9900);
        bufferevent_set_rate_limit(b[0], NULL);
    } else if (what == 1)
        bufferevent_set_rate_limit(b[1], NULL);
    else {
        ev_uint64_t r, w;
        bufferevent_rate_limit_group_get_totals(group, &r, &w);
        printf(" more than the data: %d, written %d\n", r > 100000 && r < 102000, (int)w);
        bufferevent_remove_from_rate_limit_group(b[0]);
        bufferevent_rate_limit_group_free(group);
    }
    for (i = 0; i < 2; i++)
        bufferevent_free(b[i]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    ev_token_bucket_cfg_free(cfg);
    free(data);
}

/* A small limit from the beginning: the handshake has to come through. */
static void from_the_beginning(int filter)
{
    struct timeval tick = {0, 20000};
    struct ev_token_bucket_cfg *cfg = ev_token_bucket_cfg_new(400, 400, 400, 400, &tick);
    int fd[2], i;
    struct bufferevent *b[2];
    tls_pair(fd);
    connected = 0;
    for (i = 0; i < 2; i++) {
        SSL *ssl = i ? tls_client() : tls_server();
        int state = i ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING;
        if (filter)
            b[i] = bufferevent_openssl_filter_new(base, bufferevent_socket_new(base, fd[i], BEV_OPT_CLOSE_ON_FREE),
                                                  ssl, state, BEV_OPT_CLOSE_ON_FREE);
        else
            b[i] = bufferevent_openssl_socket_new(base, fd[i], ssl, state, BEV_OPT_CLOSE_ON_FREE);
        bufferevent_set_rate_limit(b[i], cfg);
        bufferevent_setcb(b[i], NULL, NULL, on_event, NULL);
    }
    run_for(base, 3000);
    printf("%s, a small limit: %d connected\n", filter ? "filter" : "socket", connected);
    for (i = 0; i < 2; i++) {
        bufferevent_set_rate_limit(b[i], NULL);
        bufferevent_free(b[i]);
    }
    event_base_loop(base, EVLOOP_NONBLOCK);
    ev_token_bucket_cfg_free(cfg);
}

int main(void)
{
    int i;
    tls_init(0);
    base = event_base_new();
    for (i = 0; i < 3; i++) {
        go(0, i);
        go(1, i);
    }
    from_the_beginning(0);
    from_the_beginning(1);
    event_base_free(base);
    tls_done();
    return 0;
}
