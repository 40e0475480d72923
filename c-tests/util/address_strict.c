/* harness: only=evrs
 * Text that the reference takes for addresses by accident, and lengths that hurt it. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/util.h>

static int failures;
#define CHECK(x) do { if (!(x)) { printf("line %d: %s\n", __LINE__, #x); failures++; } } while (0)

static int pton6(const char *text)
{
    unsigned char a[16];
    return evutil_inet_pton(AF_INET6, text, a);
}

static int port(const char *text)
{
    struct sockaddr_storage ss;
    int len = sizeof(ss);
    return evutil_parse_sockaddr_port(text, (struct sockaddr *)&ss, &len);
}

int main(void)
{
    struct in_addr a;
    struct in6_addr a6;
    struct sockaddr_storage ss;
    unsigned scope;
    char buf[64];
    int len;
    char *text;
    size_t big;

    CHECK(pton6("1:2:3:4:5:6:7:8:") == 0);
    CHECK(pton6("1::2:") == 0);
    CHECK(pton6("0x1::") == 0);
    CHECK(evutil_inet_pton(AF_INET, "4294967297.2.3.4", &a) == 0);
    CHECK(evutil_inet_pton_scope(AF_INET6, "::1%4294967297", &a6, &scope) == 0);
    CHECK(evutil_inet_pton_scope(AF_INET6, "::1%-1", &a6, &scope) == 0);
    CHECK(port("1.2.3.4:4294967376") == -1);

    memset(&a6, 0xff, sizeof(a6));
    CHECK(evutil_inet_ntop(AF_INET6, &a6, buf, 39) == NULL);

    /* CVE-2016-10196: what stands in brackets may be of any length */
    for (big = 1; big <= (1u << 20); big *= 4) {
        text = malloc(big + 8);
        memset(text, '1', big + 8);
        text[0] = '[';
        strcpy(text + big + 1, "]:80");
        CHECK(port(text) == -1);
        text[0] = '1';
        strcpy(text + big + 1, ":80");
        CHECK(port(text) == -1);
        free(text);
    }

    len = sizeof(ss);
    CHECK(evutil_parse_sockaddr_port(NULL, (struct sockaddr *)&ss, &len) == -1);
    CHECK(evutil_parse_sockaddr_port("1.2.3.4", NULL, &len) == -1);
    CHECK(evutil_parse_sockaddr_port("1.2.3.4", (struct sockaddr *)&ss, NULL) == -1);
    len = -1;
    CHECK(evutil_parse_sockaddr_port("1.2.3.4", (struct sockaddr *)&ss, &len) == -1 && len == -1);
    CHECK(evutil_inet_pton(AF_INET, NULL, &a) == -1);
    CHECK(evutil_inet_pton(AF_INET, "1.2.3.4", NULL) == -1);
    CHECK(evutil_inet_pton_scope(AF_INET6, "::1", &a6, NULL) == 1);
    CHECK(evutil_inet_pton_scope(AF_INET6, NULL, &a6, &scope) == -1 && scope == 0);
    CHECK(evutil_inet_ntop(AF_INET, NULL, buf, sizeof(buf)) == NULL);
    CHECK(evutil_inet_ntop(AF_INET, &a, NULL, 64) == NULL);
    CHECK(evutil_sockaddr_cmp(NULL, NULL, 1) == 0);
    return failures != 0;
}
