/*
 * The libev API: lines from standard input, until none has come for five seconds.
 *
 *     gcc -o stdin-timeout stdin-timeout.c -levrs
 *     ./stdin-timeout
 */
#include <ev.h>

#include <stdio.h>
#include <unistd.h>

struct input {
    ev_io io;
    ev_timer idle;
    unsigned long bytes;
};

static void on_input(struct ev_loop *loop, ev_io *w, int revents)
{
    struct input *in = w->data;
    char buf[4096];
    ssize_t n = read(w->fd, buf, sizeof(buf));

    (void)revents;
    if (n <= 0) {
        ev_break(loop, EVBREAK_ALL);
        return;
    }
    in->bytes += (unsigned long)n;
    /* Each input starts the five seconds anew. */
    ev_timer_again(loop, &in->idle);
}

static void on_idle(struct ev_loop *loop, ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    puts("nothing for five seconds");
    ev_break(loop, EVBREAK_ALL);
}

int main(void)
{
    struct ev_loop *loop = EV_DEFAULT;
    struct input in = {.bytes = 0};

    if (!loop)
        return 1;
    ev_io_init(&in.io, on_input, STDIN_FILENO, EV_READ);
    ev_init(&in.idle, on_idle);
    in.idle.repeat = 5.;
    in.io.data = &in;

    ev_io_start(loop, &in.io);
    ev_timer_again(loop, &in.idle);
    ev_run(loop, 0);

    ev_io_stop(loop, &in.io);
    ev_timer_stop(loop, &in.idle);
    printf("%lu bytes\n", in.bytes);
    return 0;
}
