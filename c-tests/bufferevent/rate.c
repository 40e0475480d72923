/* harness: serial; timeout=60
 * The measured rate is the configured one, within 5 %, over five seconds: reading, writing, and ten
 * members of a group. */
#include "kit.h"

#define SECONDS 5
static struct event_base *base;
static size_t got, each[10];

static void drain(struct bufferevent *b, void *ctx)
{
    size_t n = evbuffer_get_length(bufferevent_get_input(b));
    got += n;
    if (ctx)
        *(size_t *)ctx += n;
    evbuffer_drain(bufferevent_get_input(b), n);
}

static void more(struct bufferevent *b, void *ctx)
{
    static char block[20000];
    (void)ctx;
    bufferevent_write(b, block, sizeof block);
}

static void verdict(const char *what, double rate, double bytes, double burst)
{
    /* What the bucket held at the start comes on top. */
    double off = (bytes - burst) / SECONDS / rate;
    fprintf(stderr, "%s: %.3f of the rate\n", what, off);
    printf("%s: %s\n", what, off > 0.95 && off < 1.05 ? "within 5 %" : "off");
}

int main(void)
{
    struct timeval tick = { 0, 200000 }, later = { SECONDS, 20000 };
    struct ev_token_bucket_cfg *c = ev_token_bucket_cfg_new(20000, 20000, 20000, 20000, &tick);
    struct bufferevent *a, *b, *in[10], *out[10];
    struct bufferevent_rate_limit_group *g;
    int fd[2], i, fair = 1;
    base = event_base_new();

    connected(PAIR, fd);
    nonblock(fd[1]);
    a = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
    b = bufferevent_socket_new(base, fd[1], BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(a, NULL, more, NULL, NULL);
    bufferevent_setcb(b, drain, NULL, NULL, NULL);
    more(a, NULL);
    bufferevent_enable(b, EV_READ);
    bufferevent_set_rate_limit(b, c);
    event_base_loopexit(base, &later);
    event_base_dispatch(base);
    verdict("reading", 100000, (double)got, 20000);

    got = 0;
    bufferevent_set_rate_limit(b, NULL);
    run_ms(base, 100);
    bufferevent_disable(a, EV_WRITE);
    run_ms(base, 50);
    got = 0;
    bufferevent_set_rate_limit(a, c);
    bufferevent_enable(a, EV_WRITE);
    event_base_loopexit(base, &later);
    event_base_dispatch(base);
    verdict("writing", 100000, (double)got, 20000);
    bufferevent_free(a);
    bufferevent_free(b);
    run_ms(base, 20);

    got = 0;
    g = bufferevent_rate_limit_group_new(base, c);
    for (i = 0; i < 10; i++) {
        connected(PAIR, fd);
        nonblock(fd[1]);
        out[i] = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
        in[i] = bufferevent_socket_new(base, fd[1], BEV_OPT_CLOSE_ON_FREE);
        bufferevent_setcb(out[i], NULL, more, NULL, NULL);
        bufferevent_setcb(in[i], drain, NULL, NULL, &each[i]);
        more(out[i], NULL);
        bufferevent_add_to_rate_limit_group(in[i], g);
        bufferevent_enable(in[i], EV_READ);
    }
    event_base_loopexit(base, &later);
    event_base_dispatch(base);
    verdict("group", 100000, (double)got, 20000);
    for (i = 0; i < 10; i++)
        if (each[i] < got / 20 || each[i] > got / 5)
            fair = 0;
    printf("fair: %d\n", fair);
    for (i = 0; i < 10; i++) {
        bufferevent_free(in[i]);
        bufferevent_free(out[i]);
    }
    run_ms(base, 20);
    bufferevent_rate_limit_group_free(g);
    ev_token_bucket_cfg_free(c);
    event_base_free(base);
    return 0;
}
