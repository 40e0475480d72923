/* harness: valgrind
 * Low and high watermarks of reading and writing. */
#include "kit.h"

static struct event_base *base;
static size_t take;

static void take_cb(struct bufferevent *bev, void *ctx)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    printf("%s: read, %zu in input, takes %zu\n", (char *)ctx, evbuffer_get_length(in), take);
    evbuffer_drain(in, take);
}

static void send_n(int fd, int n)
{
    char b[1000];
    memset(b, 'm', sizeof b);
    if (write(fd, b, (size_t)n) != n)
        exit(1);
}

static size_t in_len(struct bufferevent *b)
{
    return evbuffer_get_length(bufferevent_get_input(b));
}

int main(void)
{
    int fd[2];
    char buf[1000];
    struct bufferevent *b;
    base = event_base_new();
    connected(PAIR, fd);
    b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(b, say_read, NULL, say_event, "low");
    bufferevent_setwatermark(b, EV_READ, 10, 0);
    bufferevent_enable(b, EV_READ);
    send_n(fd[1], 9);
    turns(base, 3);
    printf("9 there\n");
    send_n(fd[1], 1);
    turns(base, 3);
    send_n(fd[1], 5);
    turns(base, 3);
    evbuffer_drain(bufferevent_get_input(b), 100);

    printf("== high: stops at exactly that many\n");
    bufferevent_setcb(b, take_cb, NULL, say_event, "high");
    take = 100;
    bufferevent_setwatermark(b, EV_READ, 0, 16);
    send_n(fd[1], 40);
    turns(base, 8);
    printf("left %zu\n", in_len(b));

    printf("== high: half is taken each time\n");
    take = 8;
    send_n(fd[1], 40);
    turns(base, 12);
    printf("left %zu\n", in_len(b));
    evbuffer_drain(bufferevent_get_input(b), 100);

    printf("== lowered while full, then lifted\n");
    bufferevent_setcb(b, NULL, NULL, say_event, "high");
    send_n(fd[1], 40);
    turns(base, 3);
    printf("left %zu\n", in_len(b));
    bufferevent_setwatermark(b, EV_READ, 0, 8);
    turns(base, 3);
    printf("left %zu\n", in_len(b));
    bufferevent_setwatermark(b, EV_READ, 0, 20);
    turns(base, 3);
    printf("left %zu\n", in_len(b));
    bufferevent_setwatermark(b, EV_READ, 0, 0);
    turns(base, 3);
    printf("left %zu\n", in_len(b));
    evbuffer_drain(bufferevent_get_input(b), 100);

    printf("== drained from outside\n");
    bufferevent_setwatermark(b, EV_READ, 0, 16);
    send_n(fd[1], 40);
    turns(base, 3);
    evbuffer_drain(bufferevent_get_input(b), 10);
    turns(base, 3);
    printf("left %zu\n", in_len(b));
    bufferevent_disable(b, EV_READ);
    evbuffer_drain(bufferevent_get_input(b), 10);
    turns(base, 3);
    printf("left %zu, disabled\n", in_len(b));
    bufferevent_enable(b, EV_READ);
    turns(base, 3);
    printf("left %zu\n", in_len(b));

    printf("== read callback of less than low but at high\n");
    evbuffer_drain(bufferevent_get_input(b), 100);
    turns(base, 3);
    evbuffer_drain(bufferevent_get_input(b), 100);
    bufferevent_setcb(b, say_read, NULL, say_event, "both");
    bufferevent_setwatermark(b, EV_READ, 20, 16);
    send_n(fd[1], 40);
    turns(base, 5);
    printf("left %zu\n", in_len(b));
    bufferevent_free(b);
    close(fd[1]);
    turns(base, 1);

    printf("== write low\n");
    connected(PAIR, fd);
    b = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(b, NULL, say_write, say_event, "low");
    bufferevent_setwatermark(b, EV_WRITE, 10, 0);
    bufferevent_set_max_single_write(b, 6);
    memset(buf, 'w', sizeof buf);
    bufferevent_write(b, buf, 30);
    turns(base, 10);
    bufferevent_free(b);
    close(fd[1]);
    turns(base, 1);
    event_base_free(base);
    return 0;
}
