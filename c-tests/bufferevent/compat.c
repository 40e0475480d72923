/* harness: valgrind
 * Programs of the time before 2.0: the current base, the fields, the old names. */
#include <event.h>
#include "kit.h"
#include <event2/bufferevent_struct.h>

static void readcb(struct bufferevent *bev, void *arg)
{
    printf("read %zu %s\n", (size_t)EVBUFFER_LENGTH(bev->input), (char *)arg);
    if (EVBUFFER_LENGTH(EVBUFFER_INPUT(bev)) >= 5) {
        evbuffer_add_buffer(bev->output, bev->input);
        bufferevent_enable(bev, EV_WRITE);
    }
}
static void writecb(struct bufferevent *bev, void *arg)
{
    printf("write %zu %s\n", (size_t)EVBUFFER_LENGTH(EVBUFFER_OUTPUT(bev)), (char *)arg);
}
static void errorcb(struct bufferevent *bev, short what, void *arg)
{
    printf("error %x %s, enabled %x\n", what, (char *)arg, bev->enabled);
    if (what & EVBUFFER_EOF)
        printf("eof\n");
}

int main(void)
{
    struct event_base *base = event_init(), *other;
    struct bufferevent *bev;
    char buf[100];
    int fd[2];
    connected(PAIR, fd);
    bev = bufferevent_new(fd[0], readcb, writecb, errorcb, "arg");
    /* The reference says NULL here. */
    fprintf(stderr, "base %d\n", bufferevent_get_base(bev) == base);
    printf("fd %d, cbarg %s\n", bev->ev_read.ev_fd == fd[0],
        (char *)bev->cbarg);
    printf("callbacks %d %d %d\n", bev->readcb == readcb, bev->writecb == writecb,
        bev->errorcb == errorcb);
    printf("enabled %x\n", bev->enabled);
    bufferevent_settimeout(bev, 3, 4);
    printf("timeouts %d %d\n", (int)bev->timeout_read.tv_sec, (int)bev->timeout_write.tv_sec);
    bufferevent_settimeout(bev, 0, 0);
    bufferevent_setwatermark(bev, EV_READ, 5, 0);
    printf("marks %zu %zu %zu\n", bev->wm_read.low, bev->wm_read.high, bev->wm_write.low);
    bufferevent_enable(bev, EV_READ);
    if (write(fd[1], "abc", 3) != 3)
        return 1;
    turns(base, 3);
    if (write(fd[1], "defgh", 5) != 5)
        return 1;
    turns(base, 4);
    printf("back %zd\n", recv(fd[1], buf, sizeof buf, MSG_DONTWAIT));
    bufferevent_priority_set(bev, 0);
    close(fd[1]);
    turns(base, 3);
    bufferevent_free(bev);
    turns(base, 2);
    printf("descriptor left open %d\n", fcntl(fd[0], F_GETFD) != -1);
    close(fd[0]);

    other = event_base_new();
    connected(PAIR, fd);
    bev = bufferevent_new(fd[0], readcb, writecb, errorcb, "other");
    printf("base_set %d", bufferevent_base_set(other, bev));
    printf(", base %d\n", bufferevent_get_base(bev) == other);
    bufferevent_setwatermark(bev, EV_READ, 0, 0);
    bufferevent_enable(bev, EV_READ);
    if (write(fd[1], "abc", 3) != 3)
        return 1;
    turns(base, 3);
    printf("other base\n");
    turns(other, 3);
    bufferevent_free(bev);
    turns(other, 2);
    close(fd[0]);
    close(fd[1]);
    event_base_free(other);
    event_base_free(base);
    return 0;
}
