/* Socket helpers: pairs, flags, options, bad descriptors and what is logged about them. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/util.h>

static void log_cb(int severity, const char *msg)
{
    printf("log %d %s\n", severity, msg);
}

static int option(int fd, int level, int name)
{
    int v = -1;
    socklen_t len = sizeof(v);
    getsockopt(fd, level, name, &v, &len);
    return v;
}

static void result(const char *what, int r, int e)
{
    printf("%s: %d %s\n", what, r, r < 0 ? strerror(e) : "");
}

#define TRY(call) do { int r_; errno = 0; r_ = (call); result(#call, r_, errno); } while (0)

int main(void)
{
    int sv[2] = { -7, -7 }, fd, i;
    char c = 'x';
    const int families[] = { AF_UNIX, AF_INET, AF_INET6, -1 };

    event_set_log_callback(log_cb);
    for (i = 0; i < 4; i++) {
        int r;
        sv[0] = sv[1] = -7;
        errno = 0;
        r = evutil_socketpair(families[i], SOCK_STREAM, 0, sv);
        printf("pair %d: %d %s\n", i, r, r < 0 ? strerror(errno) : "");
        if (r == 0) {
            printf("blocking %d cloexec %d ", !(fcntl(sv[0], F_GETFL) & O_NONBLOCK), fcntl(sv[1], F_GETFD));
            printf("%d ", (int)write(sv[0], "y", 1));
            printf("%d %c\n", (int)read(sv[1], &c, 1), c);
            TRY(evutil_make_socket_nonblocking(sv[0]));
            TRY(evutil_make_socket_nonblocking(sv[0]));
            TRY(evutil_make_socket_closeonexec(sv[0]));
            TRY(evutil_make_socket_closeonexec(sv[0]));
            printf("blocking %d %d cloexec %d %d\n", !(fcntl(sv[0], F_GETFL) & O_NONBLOCK),
                !(fcntl(sv[1], F_GETFL) & O_NONBLOCK), fcntl(sv[0], F_GETFD), fcntl(sv[1], F_GETFD));
            TRY(evutil_closesocket(sv[0]));
            TRY(evutil_closesocket(sv[0]));
            TRY(EVUTIL_CLOSESOCKET(sv[1]));
        }
    }
    TRY(evutil_socketpair(AF_UNIX, SOCK_DGRAM, 0, sv));
    close(sv[0]);
    close(sv[1]);
    TRY(evutil_socketpair(AF_UNIX, SOCK_STREAM, 77, sv));
    TRY(evutil_socketpair(AF_UNIX, 77, 0, sv));

    fd = socket(AF_INET6, SOCK_STREAM, 0);
    if (fd < 0) {
        fprintf(stderr, "no IPv6\n");
        return 77;
    }
    TRY(evutil_make_listen_socket_reuseable(fd));
    TRY(evutil_make_listen_socket_reuseable_port(fd));
    TRY(evutil_make_listen_socket_ipv6only(fd));
    TRY(evutil_make_tcp_listen_socket_deferred(fd));
    printf("options %d %d %d %d\n", option(fd, SOL_SOCKET, SO_REUSEADDR), option(fd, SOL_SOCKET, SO_REUSEPORT),
        option(fd, IPPROTO_IPV6, IPV6_V6ONLY), option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT) > 0);
    close(fd);

    fd = socket(AF_INET, SOCK_STREAM, 0);
    TRY(evutil_make_listen_socket_ipv6only(fd));
    close(fd);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(evutil_make_listen_socket_reuseable(fd));
    TRY(evutil_make_listen_socket_reuseable_port(fd));
    TRY(evutil_make_tcp_listen_socket_deferred(fd));
    close(fd);

    for (i = 0; i < 2; i++) {
        int bad = i ? -1 : 900;
        TRY(evutil_make_socket_nonblocking(bad));
        TRY(evutil_make_socket_closeonexec(bad));
        TRY(evutil_make_listen_socket_reuseable(bad));
        TRY(evutil_make_listen_socket_reuseable_port(bad));
        TRY(evutil_make_listen_socket_ipv6only(bad));
        TRY(evutil_make_tcp_listen_socket_deferred(bad));
        TRY(evutil_closesocket(bad));
    }
    EVUTIL_SET_SOCKET_ERROR(ECONNREFUSED);
    printf("%d %s\n", EVUTIL_SOCKET_ERROR() == ECONNREFUSED, evutil_socket_error_to_string(ECONNREFUSED));
    printf("%d\n", evutil_socket_geterror(0) == ECONNREFUSED);
    return 0;
}
