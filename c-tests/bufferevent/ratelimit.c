/* harness: valgrind; timeout=60
 * Rate limits: configurations, buckets, groups, by hand; no clock in it. */
#include "kit.h"

static void limits(const char *name, struct bufferevent *b)
{
    printf("%s: read %zd, write %zd, to read %zd, to write %zd\n", name, bufferevent_get_read_limit(b),
        bufferevent_get_write_limit(b), bufferevent_get_max_to_read(b), bufferevent_get_max_to_write(b));
}

static void cfg(const char *name, size_t a, size_t b, size_t c, size_t d, long sec, long usec)
{
    struct timeval tv;
    struct ev_token_bucket_cfg *x;
    tv.tv_sec = sec;
    tv.tv_usec = usec;
    x = ev_token_bucket_cfg_new(a, b, c, d, sec < 0 ? NULL : &tv);
    printf("%s: %s\n", name, x ? "made" : "NULL");
    if (x)
        ev_token_bucket_cfg_free(x);
}

int main(void)
{
    struct event_base *base = event_base_new();
    /* A tick that does not pass here. */
    struct timeval long_tick = { 1000, 0 }, other_tick = { 2000, 0 };
    struct ev_token_bucket_cfg *c, *small;
    struct bufferevent_rate_limit_group *g, *g2;
    struct bufferevent *b, *d, *p[2];
    ev_uint64_t r, w;
    int fd[2], i;
    static char buf[3000];

    cfg("plain", 1, 1, 1, 1, -1, 0);
    cfg("no read rate", 0, 1, 1, 1, -1, 0);
    cfg("no write rate", 1, 1, 0, 1, -1, 0);
    cfg("no burst", 1, 0, 1, 1, -1, 0);
    cfg("read rate over burst", 2, 1, 1, 1, -1, 0);
    cfg("write rate over burst", 1, 1, 2, 1, -1, 0);
    cfg("largest", EV_RATE_LIMIT_MAX, EV_RATE_LIMIT_MAX, EV_RATE_LIMIT_MAX, EV_RATE_LIMIT_MAX, -1, 0);
    cfg("too large", 1, (size_t)EV_RATE_LIMIT_MAX + 1, 1, 1, -1, 0);
    cfg("250 ms", 1, 1, 1, 1, 0, 250000);

    c = ev_token_bucket_cfg_new(1000, 2000, 500, 700, &long_tick);
    small = ev_token_bucket_cfg_new(10, 20, 5, 7, &long_tick);
    connected(PAIR, fd);
    b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
    limits("no limit", b);
    printf("set %d, again %d, cfg %d\n", bufferevent_set_rate_limit(b, c),
        bufferevent_set_rate_limit(b, c), bufferevent_get_token_bucket_cfg(b) == c);
    limits("limited", b);
    printf("decrement %d\n", bufferevent_decrement_read_limit(b, 1500));
    limits("in debt", b);
    bufferevent_decrement_read_limit(b, -700);
    limits("paid", b);
    bufferevent_decrement_write_limit(b, 500);
    limits("write used up", b);
    bufferevent_write(b, buf, 100);
    turns(base, 3);
    printf("arrived %zd\n", recv(fd[1], buf, sizeof buf, MSG_DONTWAIT));
    bufferevent_decrement_write_limit(b, -60);
    turns(base, 3);
    printf("arrived %zd\n", recv(fd[1], buf, sizeof buf, MSG_DONTWAIT));
    limits("after writing", b);
    bufferevent_set_rate_limit(b, small);
    limits("smaller", b);
    bufferevent_set_rate_limit(b, NULL);
    limits("lifted", b);
    turns(base, 3);
    printf("arrived %zd, cfg %d\n", recv(fd[1], buf, sizeof buf, MSG_DONTWAIT),
        bufferevent_get_token_bucket_cfg(b) != NULL);
    bufferevent_set_rate_limit(b, NULL);

    printf("reading stops at the limit\n");
    bufferevent_set_rate_limit(b, small);
    bufferevent_enable(b, EV_READ);
    if (write(fd[1], buf, 300) != 300)
        return 1;
    turns(base, 3);
    printf("input %zu, left %zd\n", evbuffer_get_length(bufferevent_get_input(b)),
        bufferevent_get_read_limit(b));
    printf("freed while suspended\n");
    bufferevent_free(b);
    turns(base, 2);
    close(fd[1]);

    g = bufferevent_rate_limit_group_new(base, c);
    g2 = bufferevent_rate_limit_group_new(base, small);
    printf("group: read %zd, write %zd\n", bufferevent_rate_limit_group_get_read_limit(g),
        bufferevent_rate_limit_group_get_write_limit(g));
    connected(PAIR, fd);
    b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
    d = bufferevent_socket_new(base, -1, 0);
    printf("remove from none %d\n", bufferevent_remove_from_rate_limit_group(b));
    printf("add %d %d %d\n", bufferevent_add_to_rate_limit_group(b, g),
        bufferevent_add_to_rate_limit_group(b, g), bufferevent_add_to_rate_limit_group(d, g));
    limits("one of two", b);
    printf("min share %d %d\n", bufferevent_rate_limit_group_set_min_share(g, 400),
        bufferevent_rate_limit_group_set_min_share(g, (size_t)-1));
    limits("one of two", b);
    bufferevent_rate_limit_group_set_min_share(g, 100000);
    limits("share above the rate", b);
    bufferevent_rate_limit_group_set_min_share(g, 64);
    bufferevent_enable(b, EV_READ);
    if (write(fd[1], buf, 300) != 300)
        return 1;
    bufferevent_write(b, buf, 100);
    turns(base, 3);
    printf("group: read %zd, write %zd\n", bufferevent_rate_limit_group_get_read_limit(g),
        bufferevent_rate_limit_group_get_write_limit(g));
    bufferevent_rate_limit_group_get_totals(g, &r, &w);
    printf("totals %d %d\n", (int)r, (int)w);
    bufferevent_rate_limit_group_get_totals(g, NULL, NULL);
    bufferevent_rate_limit_group_reset_totals(g);
    bufferevent_rate_limit_group_get_totals(g, &r, &w);
    printf("totals %d %d\n", (int)r, (int)w);
    printf("by hand %d %d\n", bufferevent_rate_limit_group_decrement_read(g, 1000),
        bufferevent_rate_limit_group_decrement_write(g, -50));
    printf("group: read %zd, write %zd\n", bufferevent_rate_limit_group_get_read_limit(g),
        bufferevent_rate_limit_group_get_write_limit(g));
    evbuffer_drain(bufferevent_get_input(b), 10000);
    if (write(fd[1], buf, 300) != 300)
        return 1;
    turns(base, 3);
    printf("suspended: input %zu\n", evbuffer_get_length(bufferevent_get_input(b)));
    bufferevent_rate_limit_group_decrement_read(g, -900);
    turns(base, 3);
    printf("resumed: input %zu\n", evbuffer_get_length(bufferevent_get_input(b)));
    printf("set cfg %d", bufferevent_rate_limit_group_set_cfg(g, small));
    printf(", read %zd, write %zd\n", bufferevent_rate_limit_group_get_read_limit(g),
        bufferevent_rate_limit_group_get_write_limit(g));
    ev_token_bucket_cfg_free(small);
    small = ev_token_bucket_cfg_new(10, 20, 5, 7, &other_tick);
    printf("other tick %d\n", bufferevent_rate_limit_group_set_cfg(g, small));
    printf("other group %d, own limit too %d\n", bufferevent_add_to_rate_limit_group(b, g2),
        bufferevent_set_rate_limit(b, c));
    limits("both", b);
    bufferevent_remove_from_rate_limit_group(b); /* NULL for the group crashes the reference */
    limits("own only", b);
    bufferevent_add_to_rate_limit_group(b, g);
    bufferevent_free(b);
    turns(base, 2);
    bufferevent_remove_from_rate_limit_group(d);
    bufferevent_rate_limit_group_free(g);
    bufferevent_rate_limit_group_free(g2);
    bufferevent_free(d);
    close(fd[1]);

    bufferevent_pair_new(base, 0, p);
    printf("pair: %d\n", bufferevent_set_rate_limit(p[0], c));
    for (i = 0; i < 2; i++)
        bufferevent_free(p[i]);
    turns(base, 2);
    ev_token_bucket_cfg_free(c);
    ev_token_bucket_cfg_free(small);
    event_base_free(base);
    return 0;
}
