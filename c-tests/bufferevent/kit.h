/* What the bufferevent tests share: sockets of every kind, and callbacks that say what they see. */
#ifndef EVRS_BEV_KIT_H
#define EVRS_BEV_KIT_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/util.h>

enum kind { TCP, UNIX, PAIR, KINDS };
#define kind_name(k) ((k) == TCP ? "tcp" : (k) == UNIX ? "unix" : "socketpair")

static inline void nonblock(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* A listening socket; its address in *sa. */
static inline int listen_on(enum kind k, struct sockaddr_storage *sa, socklen_t *len)
{
    int fd;
    memset(sa, 0, sizeof *sa);
    if (k == UNIX) {
        struct sockaddr_un *un = (struct sockaddr_un *)sa;
        un->sun_family = AF_UNIX;
        strcpy(un->sun_path, "listener");
        unlink("listener");
        *len = sizeof *un;
        fd = socket(AF_UNIX, SOCK_STREAM, 0);
    } else {
        struct sockaddr_in *in = (struct sockaddr_in *)sa;
        in->sin_family = AF_INET;
        in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        *len = sizeof *in;
        fd = socket(AF_INET, SOCK_STREAM, 0);
    }
    if (fd < 0 || bind(fd, (struct sockaddr *)sa, *len) || listen(fd, 16)) {
        perror("listen");
        exit(1);
    }
    *len = sizeof *sa;
    getsockname(fd, (struct sockaddr *)sa, len);
    if (k == UNIX)
        *len = sizeof(struct sockaddr_un);
    return fd;
}

/* Two connected stream sockets: fd[0] non-blocking for a bufferevent, fd[1] blocking for the test. */
static inline void connected(enum kind k, int fd[2])
{
    struct sockaddr_storage sa;
    socklen_t len;
    if (k == PAIR) {
        if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd))
            exit(1);
    } else {
        int l = listen_on(k, &sa, &len);
        fd[1] = socket(sa.ss_family, SOCK_STREAM, 0);
        if (connect(fd[1], (struct sockaddr *)&sa, len))
            exit(1);
        fd[0] = accept(l, NULL, NULL);
        close(l);
    }
    nonblock(fd[0]);
}

static inline void ms(int n)
{
    struct timespec t = { n / 1000, (n % 1000) * 1000000L };
    nanosleep(&t, NULL);
}

/* Runs the loop for n milliseconds. */
static inline void run_ms(struct event_base *base, int n)
{
    struct timeval tv;
    tv.tv_sec = n / 1000;
    tv.tv_usec = (n % 1000) * 1000;
    event_base_loopexit(base, &tv);
    event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
}

/* Some turns without waiting. */
static inline void turns(struct event_base *base, int n)
{
    while (n-- > 0) {
        event_base_loop(base, EVLOOP_NONBLOCK);
        ms(2);
    }
}

static inline const char *what_name(short what)
{
    static char text[100];
    text[0] = 0;
    if (what & BEV_EVENT_READING) strcat(text, " READING");
    if (what & BEV_EVENT_WRITING) strcat(text, " WRITING");
    if (what & BEV_EVENT_EOF) strcat(text, " EOF");
    if (what & BEV_EVENT_ERROR) strcat(text, " ERROR");
    if (what & BEV_EVENT_TIMEOUT) strcat(text, " TIMEOUT");
    if (what & BEV_EVENT_CONNECTED) strcat(text, " CONNECTED");
    return text;
}

/* Callbacks that print; ctx is a name. */
static inline void say_read(struct bufferevent *bev, void *ctx)
{
    printf("%s: read, %zu in input\n", (char *)ctx, evbuffer_get_length(bufferevent_get_input(bev)));
}
static inline void say_write(struct bufferevent *bev, void *ctx)
{
    printf("%s: write, %zu in output\n", (char *)ctx,
        evbuffer_get_length(bufferevent_get_output(bev)));
}
static inline void say_event(struct bufferevent *bev, short what, void *ctx)
{
    int err = errno;
    printf("%s: event%s, enabled %x", (char *)ctx, what_name(what), bufferevent_get_enabled(bev));
    if (what & BEV_EVENT_ERROR)
        printf(", %s", strerror(err));
    printf("\n");
}

#endif
