/* evutil_getaddrinfo without a name server: numbers, nothing, hints, refusals. */
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/util.h>

static const struct {
    const char *node, *service;
    int flags, family, socktype, protocol;
} asks[] = {
    { "127.0.0.1", "80", 0, PF_UNSPEC, SOCK_STREAM, 0 },
    { "127.0.0.1", "80", 0, PF_UNSPEC, 0, 0 },
    { "127.0.0.1", "80", 0, PF_INET, SOCK_DGRAM, IPPROTO_UDP },
    { "127.0.0.1", "http", 0, PF_INET, SOCK_STREAM, 0 },
    { "127.0.0.1", "http", EVUTIL_AI_NUMERICSERV, PF_INET, SOCK_STREAM, 0 },
    { "127.0.0.1", "no-such-service", 0, PF_INET, SOCK_STREAM, 0 },
    { "127.0.0.1", NULL, 0, PF_INET6, SOCK_STREAM, 0 },
    { "127.0.0.1", "80", EVUTIL_AI_CANONNAME, PF_INET, SOCK_STREAM, 0 },
    { "::1", "80", 0, PF_UNSPEC, SOCK_STREAM, 0 },
    { "::1", "80", 0, PF_INET, SOCK_STREAM, 0 },
    { "::1", "80", EVUTIL_AI_NUMERICHOST, PF_INET6, SOCK_STREAM, 0 },
    { NULL, "80", 0, PF_INET, SOCK_STREAM, 0 },
    { NULL, "80", EVUTIL_AI_PASSIVE, PF_INET, SOCK_STREAM, 0 },
    { NULL, "80", EVUTIL_AI_PASSIVE, PF_INET6, SOCK_STREAM, 0 },
    { NULL, NULL, 0, PF_INET, SOCK_STREAM, 0 },
    { "not-a-number", "80", EVUTIL_AI_NUMERICHOST, PF_UNSPEC, SOCK_STREAM, 0 },
    { "127.0.0.1", "80", 0, PF_UNIX, SOCK_STREAM, 0 },
    { "127.0.0.1", "80", 0, PF_INET, 99, 0 },
    { "127.0.0.1", "80", 0x4000000, PF_INET, SOCK_STREAM, 0 },
    { "1.2.3.4", "65535", 0, PF_INET, SOCK_STREAM, 0 },
    { "localhost", "80", 0, PF_INET, SOCK_STREAM, 0 },
};

int main(void)
{
    unsigned i;

    for (i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
        struct evutil_addrinfo hints, *res = NULL, *ai;
        int r;
        memset(&hints, 0, sizeof(hints));
        hints.ai_flags = asks[i].flags;
        hints.ai_family = asks[i].family;
        hints.ai_socktype = asks[i].socktype;
        hints.ai_protocol = asks[i].protocol;
        r = evutil_getaddrinfo(asks[i].node, asks[i].service, &hints, &res);
        printf("%s %s: %s\n", asks[i].node ? asks[i].node : "-", asks[i].service ? asks[i].service : "-",
            r == EVUTIL_EAI_SYSTEM ? "system" : evutil_gai_strerror(r));
        for (ai = r ? NULL : res; ai; ai = ai->ai_next) {
            char buf[64];
            int port;
            if (ai->ai_family == PF_INET) {
                struct sockaddr_in *sin = (struct sockaddr_in *)ai->ai_addr;
                evutil_inet_ntop(AF_INET, &sin->sin_addr, buf, sizeof(buf));
                port = ntohs(sin->sin_port);
            } else {
                struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ai->ai_addr;
                evutil_inet_ntop(AF_INET6, &sin6->sin6_addr, buf, sizeof(buf));
                port = ntohs(sin6->sin6_port);
            }
            printf("  %s port %d type %d protocol %d length %d %s\n", buf, port, ai->ai_socktype,
                ai->ai_protocol, (int)ai->ai_addrlen, ai->ai_canonname ? ai->ai_canonname : "");
        }
        if (r == 0)
            evutil_freeaddrinfo(res);
    }
    {
        struct evutil_addrinfo *res = NULL;
        int r = evutil_getaddrinfo("127.0.0.1", "80", NULL, &res), n = 0;
        struct evutil_addrinfo *ai;
        for (ai = res; r == 0 && ai; ai = ai->ai_next)
            n++;
        printf("no hints: %d, %d\n", r, n);
        if (r == 0)
            evutil_freeaddrinfo(res);
    }
    return 0;
}
