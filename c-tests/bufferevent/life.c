/* harness: valgrind; timeout=100; serial
 * What a socket bufferevent tells of its peer's life: data, half close, close, reset, slowness. */
#include "kit.h"
#include <signal.h>

static struct event_base *base;
static size_t got, chunks;

static void drain_cb(struct bufferevent *bev, void *ctx)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    (void)ctx;
    chunks++;
    got += evbuffer_get_length(in);
    evbuffer_drain(in, (size_t)-1);
}

static struct bufferevent *on(int fd, const char *name, int options)
{
    struct bufferevent *b = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE | options);
    printf("-- %s\n", name);
    bufferevent_setcb(b, say_read, say_write, say_event, (void *)name);
    return b;
}

static void done(struct bufferevent *b, int fd)
{
    bufferevent_free(b);
    if (fd >= 0)
        close(fd);
    turns(base, 1);
}

static void reset(int fd)
{
    struct linger l = { 1, 0 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
    close(fd);
}

int main(void)
{
    static char big[300000];
    struct timeval tv;
    int fd[2], k, options;
    struct bufferevent *b;
    size_t n;
    signal(SIGPIPE, SIG_IGN);
    base = event_base_new();
    memset(big, 'x', sizeof big);

    for (options = 0; options <= BEV_OPT_DEFER_CALLBACKS; options += BEV_OPT_DEFER_CALLBACKS)
        for (k = 0; k < KINDS; k++) {
            printf("== %s, options %x\n", kind_name(k), options);
            connected((enum kind)k, fd);
            b = on(fd[0], "nothing enabled", options);
            if (write(fd[1], "abc", 3) != 3)
                return 1;
            turns(base, 4);
            bufferevent_enable(b, EV_READ);
            turns(base, 4);
            done(b, fd[1]);

            connected((enum kind)k, fd);
            b = on(fd[0], "enabling", options);
            bufferevent_enable(b, EV_READ | EV_WRITE);
            turns(base, 4);
            bufferevent_enable(b, EV_WRITE);
            turns(base, 4);
            bufferevent_disable(b, EV_WRITE);
            bufferevent_enable(b, EV_WRITE);
            turns(base, 4);
            done(b, fd[1]);

            connected((enum kind)k, fd);
            b = on(fd[0], "write", options);
            bufferevent_write(b, "abc", 3);
            turns(base, 4);
            bufferevent_write(b, "defg", 4);
            bufferevent_write(b, "h", 1);
            turns(base, 4);
            printf("arrived %zd\n", recv(fd[1], big, 100, MSG_DONTWAIT));
            bufferevent_disable(b, EV_WRITE);
            bufferevent_write(b, "later", 5);
            turns(base, 4);
            printf("arrived %zd\n", recv(fd[1], big, 100, MSG_DONTWAIT));
            bufferevent_enable(b, EV_WRITE);
            turns(base, 4);
            printf("arrived %zd\n", recv(fd[1], big, 100, MSG_DONTWAIT));
            done(b, fd[1]);

            connected((enum kind)k, fd);
            b = on(fd[0], "half close", options);
            bufferevent_enable(b, EV_READ);
            if (write(fd[1], "last", 4) != 4)
                return 1;
            shutdown(fd[1], SHUT_WR);
            turns(base, 4);
            bufferevent_write(b, "answer", 6);
            turns(base, 4);
            printf("arrived %zd\n", recv(fd[1], big, 100, MSG_DONTWAIT));
            bufferevent_enable(b, EV_READ);
            turns(base, 4);
            done(b, fd[1]);

            connected((enum kind)k, fd);
            b = on(fd[0], "close", options);
            bufferevent_enable(b, EV_READ);
            turns(base, 2);
            close(fd[1]);
            turns(base, 4);
            bufferevent_write(b, "answer", 6);
            turns(base, 4);
            bufferevent_write(b, "again", 5);
            turns(base, 4);
            done(b, -1);

            if (k == TCP) {
                connected((enum kind)k, fd);
                b = on(fd[0], "reset", options);
                bufferevent_enable(b, EV_READ);
                turns(base, 2);
                reset(fd[1]);
                turns(base, 4);
                done(b, -1);
                connected((enum kind)k, fd);
                b = on(fd[0], "reset, then write", options);
                turns(base, 2);
                reset(fd[1]);
                ms(5);
                bufferevent_write(b, "answer", 6);
                turns(base, 4);
                done(b, -1);
            }

            connected((enum kind)k, fd);
            b = on(fd[0], "write shut down", options);
            shutdown(fd[0], SHUT_WR);
            bufferevent_write(b, "answer", 6);
            turns(base, 4);
            done(b, fd[1]);

            /* Timeouts. */
            connected((enum kind)k, fd);
            b = on(fd[0], "read timeout", options);
            tv.tv_sec = 0;
            tv.tv_usec = 200000;
            bufferevent_set_timeouts(b, &tv, NULL);
            run_ms(base, 300);
            bufferevent_enable(b, EV_READ);
            run_ms(base, 120);
            if (write(fd[1], "x", 1) != 1)
                return 1;
            run_ms(base, 120);
            printf("still\n");
            run_ms(base, 200);
            run_ms(base, 100);
            bufferevent_enable(b, EV_READ);
            run_ms(base, 300);
            done(b, fd[1]);

            connected((enum kind)k, fd);
            b = on(fd[0], "write timeout", options);
            bufferevent_set_timeouts(b, NULL, &tv);
            run_ms(base, 300);
            printf("nothing to write, no timeout\n");
            bufferevent_setcb(b, say_read, NULL, say_event, "write timeout");
            while (evbuffer_get_length(bufferevent_get_output(b)) < 20000000)
                bufferevent_write(b, big, sizeof big);
            run_ms(base, 800);
            printf("output left %d\n", evbuffer_get_length(bufferevent_get_output(b)) > 0);
            done(b, fd[1]);

            connected((enum kind)k, fd);
            b = on(fd[0], "timeout cleared", options);
            bufferevent_set_timeouts(b, &tv, &tv);
            bufferevent_enable(b, EV_READ);
            bufferevent_set_timeouts(b, NULL, NULL);
            run_ms(base, 100);
            done(b, fd[1]);

            /* A slow reader gets everything. */
            connected((enum kind)k, fd);
            b = on(fd[0], "slow reader", options);
            bufferevent_setcb(b, NULL, say_write, say_event, "slow reader");
            for (n = 0; n < 10; n++)
                bufferevent_write(b, big, sizeof big);
            for (n = 0; n < 3000000;) {
                ssize_t r;
                event_base_loop(base, EVLOOP_NONBLOCK);
                r = recv(fd[1], big, 50000, MSG_DONTWAIT);
                if (r > 0)
                    n += (size_t)r;
            }
            turns(base, 3);
            printf("arrived %zu, left %zu\n", n, evbuffer_get_length(bufferevent_get_output(b)));
            done(b, fd[1]);

            /* A fast writer is read in full. */
            connected((enum kind)k, fd);
            b = on(fd[0], "fast writer", options);
            bufferevent_setcb(b, drain_cb, NULL, say_event, "fast writer");
            bufferevent_enable(b, EV_READ);
            nonblock(fd[1]);
            got = 0;
            for (n = 0; n < 3000000;) {
                ssize_t r = send(fd[1], big, 3000000 - n < sizeof big ? 3000000 - n : sizeof big, 0);
                if (r > 0)
                    n += (size_t)r;
                event_base_loop(base, EVLOOP_NONBLOCK);
            }
            close(fd[1]);
            turns(base, 300);
            printf("got %zu\n", got);
            done(b, -1);
        }
    event_base_free(base);
    return 0;
}
