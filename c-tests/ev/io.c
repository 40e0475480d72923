/* I/O watchers: masks, several on one descriptor, errors, files, closing and re-using numbers. */
/* harness: backends=epoll,poll,select; valgrind */
#include <ev.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void cb(EV_P_ ev_io *w, int revents)
{
    (void)loop;
    printf("  %s: %x\n", (char *)w->data, revents);
}

static ev_io w[6];

static void watch(struct ev_loop *l, int n, const char *name, int fd, int events)
{
    ev_io_init(&w[n], cb, fd, events);
    w[n].data = (void *)name;
    ev_io_start(l, &w[n]);
}

static void pass(struct ev_loop *l, const char *what)
{
    printf("%s\n", what);
    ev_run(l, EVRUN_NOWAIT);
}

int main(void)
{
    struct ev_loop *l = EV_DEFAULT;
    int s[2], p[2], f, i, other;
    char b[8];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) || pipe(p))
        return 1;
    watch(l, 0, "read", s[0], EV_READ);
    printf("events after start %x, active %d\n", w[0].events, w[0].active);
    pass(l, "nothing to read");
    watch(l, 1, "write", s[0], EV_WRITE);
    watch(l, 2, "both", s[0], EV_READ | EV_WRITE);
    watch(l, 3, "none", s[0], 0);
    pass(l, "writable");
    if (write(s[1], "x", 1) != 1)
        return 1;
    pass(l, "readable and writable");
    pass(l, "still");
    ev_io_stop(l, &w[2]);
    pass(l, "without both");
    puts("start again does nothing");
    ev_io_start(l, &w[0]);
    ev_io_stop(l, &w[0]);
    ev_io_stop(l, &w[0]);
    pass(l, "write only");
    ev_io_start(l, &w[0]);
    ev_io_stop(l, &w[0]);
    ev_io_start(l, &w[0]);
    pass(l, "stop and start in one pass");
    ev_io_stop(l, &w[0]);
    ev_io_modify(&w[0], EV_WRITE);
    printf("modified: %x\n", w[0].events);
    ev_io_start(l, &w[0]);
    pass(l, "modified");
    ev_feed_fd_event(l, s[0], EV_READ | EV_WRITE);
    puts("fed");
    ev_invoke_pending(l);
    close(s[1]);
    ev_io_stop(l, &w[0]);
    ev_io_stop(l, &w[1]);
    watch(l, 0, "read", s[0], EV_READ);
    pass(l, "hung up, read and none");
    ev_io_stop(l, &w[0]);
    ev_io_stop(l, &w[3]);
    close(s[0]);

    puts("-- reading end closed");
    watch(l, 0, "pipe write", p[1], EV_WRITE);
    close(p[0]);
    pass(l, "broken pipe");
    ev_io_stop(l, &w[0]);
    close(p[1]);

    puts("-- a number used again");
    for (i = 0; i < 3; i++) {
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
            return 1;
        watch(l, 0, "fresh", s[0], EV_READ);
        if (write(s[1], "x", 1) != 1)
            return 1;
        pass(l, "fresh");
        ev_io_stop(l, &w[0]);
        close(s[0]);
        close(s[1]);
    }

    puts("-- a dup keeps the old file open");
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
        return 1;
    watch(l, 0, "old", s[0], EV_READ);
    ev_run(l, EVRUN_NOWAIT);
    other = dup(s[0]);
    ev_io_stop(l, &w[0]);
    close(s[0]);
    if (write(s[1], "x", 1) != 1 || pipe(p))
        return 1;
    printf("same number: %d\n", p[0] == s[0]);
    watch(l, 0, "pipe", p[0], EV_READ);
    pass(l, "the old file is readable, the pipe is not");
    pass(l, "again");
    if (write(p[1], "y", 1) != 1)
        return 1;
    pass(l, "now the pipe is");
    ev_io_stop(l, &w[0]);
    close(other);
    close(s[1]);
    close(p[0]);
    close(p[1]);

    puts("-- a regular file and /dev/zero");
    f = open("file", O_RDWR | O_CREAT, 0600);
    watch(l, 0, "file", f, EV_READ | EV_WRITE);
    watch(l, 1, "file read", f, EV_READ);
    pass(l, "first pass");
    pass(l, "second pass");
    printf("a run that may block: ");
    fflush(stdout);
    ev_run(l, EVRUN_ONCE);
    ev_io_stop(l, &w[0]);
    ev_io_stop(l, &w[1]);
    pass(l, "stopped");
    close(f);
    if (pipe(p))
        return 1;
    watch(l, 0, "pipe after file", p[0], EV_READ);
    pass(l, "not readable");
    if (write(p[1], "y", 1) != 1)
        return 1;
    pass(l, "readable");
    if (read(p[0], b, 1) != 1)
        return 1;
    pass(l, "empty");
    ev_io_stop(l, &w[0]);
    f = open("/dev/zero", O_RDONLY);
    watch(l, 0, "zero", f, EV_READ);
    pass(l, "zero");
    ev_io_stop(l, &w[0]);
    ev_verify(l);
    ev_loop_destroy(l);
    return 0;
}
