/* harness: valgrind
 * Return values, defaults, limits of arguments, what each kind supports. */
#include "kit.h"

static void defaults(const char *name, struct bufferevent *b)
{
    size_t low = 99, high = 99;
    bufferevent_data_cb r, w;
    bufferevent_event_cb e;
    void *arg;
    printf("%s: enabled %x, base %d, fd %d, underlying %d, partner %d\n", name,
        bufferevent_get_enabled(b), bufferevent_get_base(b) != NULL, (int)bufferevent_getfd(b),
        bufferevent_get_underlying(b) != NULL, bufferevent_pair_get_partner(b) != NULL);
    printf(" max single %zd %zd, limits %d %d, to move %zd %zd\n", bufferevent_get_max_single_read(b),
        bufferevent_get_max_single_write(b), bufferevent_get_read_limit(b) == EV_SSIZE_MAX,
        bufferevent_get_write_limit(b) == EV_SSIZE_MAX, bufferevent_get_max_to_read(b),
        bufferevent_get_max_to_write(b));
    printf(" marks %d", bufferevent_getwatermark(b, EV_READ, &low, &high));
    printf(" %zu %zu", low, high);
    printf(", both %d, none %d, NULLs %d\n", bufferevent_getwatermark(b, EV_READ | EV_WRITE, &low, &high),
        bufferevent_getwatermark(b, 0, &low, &high), bufferevent_getwatermark(b, EV_WRITE, NULL, NULL));
    bufferevent_setcb(b, say_read, say_write, say_event, &low);
    bufferevent_getcb(b, &r, &w, &e, &arg);
    printf(" callbacks %d %d %d %d\n", r == say_read, w == say_write, e == say_event, arg == &low);
    bufferevent_getcb(b, NULL, NULL, NULL, NULL);
    bufferevent_setcb(b, NULL, NULL, NULL, NULL);
    printf(" priority %d, set 0 %d, set 9 %d, set -1 %d\n", bufferevent_get_priority(b),
        bufferevent_priority_set(b, 0), bufferevent_priority_set(b, 9), bufferevent_priority_set(b, -1));
    printf(" base_set %d\n", bufferevent_base_set(bufferevent_get_base(b), b));
    printf(" add to input %d, prepend to output %d, add to output %d, drain output %d\n",
        evbuffer_add(bufferevent_get_input(b), "x", 1),
        evbuffer_prepend(bufferevent_get_output(b), "x", 1),
        evbuffer_add(bufferevent_get_output(b), "y", 1),
        evbuffer_drain(bufferevent_get_output(b), 0));
    printf(" disable all %d, enable all %d -> %x\n", bufferevent_disable(b, EV_READ | EV_WRITE),
        bufferevent_enable(b, EV_READ | EV_WRITE), bufferevent_get_enabled(b));
    bufferevent_enable(b, 0x7f);
    printf(" odd bits %x\n", bufferevent_get_enabled(b));
    bufferevent_disable(b, 0x7f);
    printf(" dns error %d, cfg %d\n", bufferevent_socket_get_dns_error(b),
        bufferevent_get_token_bucket_cfg(b) != NULL);
    printf(" flush %d %d %d\n", bufferevent_flush(b, EV_READ, BEV_NORMAL),
        bufferevent_flush(b, EV_WRITE, BEV_NORMAL), bufferevent_flush(b, 0, BEV_FLUSH));
    bufferevent_incref(b);
    printf(" decref %d\n", bufferevent_decref(b));
    bufferevent_lock(b);
    bufferevent_unlock(b);
}

int main(void)
{
    struct event_base *base = event_base_new();
    struct bufferevent *b, *pair[2], *f;
    struct timeval tv = { 5, 0 }, zero = { 0, 0 };
    int fd[2], option;
    char big[8];
    struct evbuffer *buf = evbuffer_new();

    b = bufferevent_socket_new(base, -1, 0);
    defaults("socket", b);
    printf("setfd %d\n", bufferevent_setfd(b, -1));
    bufferevent_free(b);
    bufferevent_pair_new(base, 0, pair);
    defaults("pair", pair[0]);
    printf("setfd %d\n", bufferevent_setfd(pair[0], 3));
    f = bufferevent_filter_new(pair[1], NULL, NULL, BEV_OPT_CLOSE_ON_FREE, NULL, NULL);
    defaults("filter", f);
    printf("underlying is the end: %d\n", bufferevent_get_underlying(f) == pair[1]);
    bufferevent_free(f);
    bufferevent_free(pair[0]);

    for (option = 0; option < 16; option++) {
        b = bufferevent_socket_new(base, -1, option & ~BEV_OPT_THREADSAFE);
        printf("options %x: %s\n", option, b ? "made" : "NULL");
        if (b)
            bufferevent_free(b);
    }

    connected(PAIR, fd);
    b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
    printf("fd is ours: %d\n", bufferevent_getfd(b) == fd[0]);
    printf("timeouts %d %d %d\n", bufferevent_set_timeouts(b, &tv, NULL),
        bufferevent_set_timeouts(b, &zero, &tv), bufferevent_set_timeouts(b, NULL, NULL));
    printf("write nothing %d, huge %d\n", bufferevent_write(b, "", 0),
        bufferevent_write(b, big, (size_t)-1));
    printf("output %zu\n", evbuffer_get_length(bufferevent_get_output(b)));
    printf("read nothing %zu\n", bufferevent_read(b, big, sizeof big));
    printf("read_buffer %d, write_buffer %d\n", bufferevent_read_buffer(b, buf),
        bufferevent_write_buffer(b, buf));
    evbuffer_add(buf, "hello", 5);
    printf("write_buffer %d, left %zu, output %zu\n", bufferevent_write_buffer(b, buf),
        evbuffer_get_length(buf), evbuffer_get_length(bufferevent_get_output(b)));
    printf("max single: %d %zd", bufferevent_set_max_single_read(b, 100),
        bufferevent_get_max_single_read(b));
    printf(" %d", bufferevent_set_max_single_read(b, 0));
    printf(" %zd", bufferevent_get_max_single_read(b));
    printf(" %d", bufferevent_set_max_single_write(b, (size_t)-1));
    printf(" %zd\n", bufferevent_get_max_single_write(b));
    bufferevent_set_max_single_write(b, 77);
    printf("max to write %zd\n", bufferevent_get_max_to_write(b));
    turns(base, 3);
    printf("arrived: %zd\n", recv(fd[1], big, 8, MSG_DONTWAIT));
    bufferevent_free(b);
    close(fd[1]);
    turns(base, 2);
    printf("closed: %d\n", fcntl(fd[0], F_GETFD) == -1);
    evbuffer_free(buf);
    event_base_free(base);
    return 0;
}
