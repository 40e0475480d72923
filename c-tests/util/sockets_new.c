/* harness: only=evrs
 * Socket helpers of libevent 2.2, and NULL arguments. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/util.h>

static int failures;
#define CHECK(x) do { if (!(x)) { printf("line %d: %s\n", __LINE__, #x); failures++; } } while (0)

static int option(int fd, int level, int name)
{
    int v = -1;
    socklen_t len = sizeof(v);
    getsockopt(fd, level, name, &v, &len);
    return v;
}

int main(void)
{
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    char buf[40];
    struct tm tm;
    struct timeval tv;
    char *end = buf;

    if (fd < 0)
        return 77;
    CHECK(evutil_make_listen_socket_ipv6only(fd) == 0 && option(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 1);
    CHECK(evutil_make_listen_socket_not_ipv6only(fd) == 0 && option(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0);
    CHECK(evutil_set_tcp_keepalive(fd, 1, 0) == 0 && option(fd, SOL_SOCKET, SO_KEEPALIVE) == 0);
    CHECK(evutil_set_tcp_keepalive(fd, 1, -5) == 0 && option(fd, SOL_SOCKET, SO_KEEPALIVE) == 0);
    CHECK(evutil_set_tcp_keepalive(fd, 1, 60) == 0 && option(fd, SOL_SOCKET, SO_KEEPALIVE) == 1);
    CHECK(option(fd, IPPROTO_TCP, TCP_KEEPIDLE) == 60 && option(fd, IPPROTO_TCP, TCP_KEEPINTVL) == 20 &&
        option(fd, IPPROTO_TCP, TCP_KEEPCNT) == 3);
    CHECK(evutil_set_tcp_keepalive(fd, 1, 1) == 0 && option(fd, IPPROTO_TCP, TCP_KEEPINTVL) == 1);
    CHECK(evutil_set_tcp_keepalive(fd, 0, 60) == 0 && option(fd, SOL_SOCKET, SO_KEEPALIVE) == 0);
    errno = 0;
    CHECK(evutil_set_tcp_keepalive(-1, 1, 60) == -1 && errno == EBADF);
    close(fd);

    CHECK(evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, NULL) == -1);
    memset(&tm, 0, sizeof(tm));
    CHECK(evutil_date_rfc1123(NULL, 10, &tm) == -1);
    tm.tm_wday = 7;
    CHECK(evutil_date_rfc1123(buf, sizeof(buf), &tm) == -1);
    tm.tm_wday = -1;
    CHECK(evutil_date_rfc1123(buf, sizeof(buf), &tm) == -1);
    tm.tm_wday = 0;
    tm.tm_mon = 12;
    CHECK(evutil_date_rfc1123(buf, sizeof(buf), &tm) == -1);
    CHECK(evutil_gettime_monotonic(NULL, &tv) == -1);
    CHECK(evutil_configure_monotonic_time(NULL, 0) == -1);
    evutil_monotonic_timer_free(NULL);
    CHECK(evutil_snprintf(NULL, 10, "x") == 0);
    CHECK(evutil_snprintf(NULL, 0, "x") == 0);
    CHECK(evutil_strtoll(NULL, &end, 10) == 0 && end == NULL);
    CHECK(evutil_ascii_strcasecmp(NULL, NULL) == 0);
    CHECK(evutil_ascii_strcasecmp(NULL, "a") < 0 && evutil_ascii_strncasecmp("a", NULL, 1) > 0);
    CHECK(evutil_ascii_strncasecmp("a", NULL, 0) == 0);
    CHECK(evutil_getaddrinfo("127.0.0.1", "80", NULL, NULL) != 0);
    evutil_freeaddrinfo(NULL);
    evutil_secure_rng_get_bytes(NULL, 10);
    evutil_secure_rng_get_bytes(buf, 0);
    evutil_secure_rng_add_bytes(NULL, 10);
    return failures != 0;
}
