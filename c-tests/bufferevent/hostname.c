/* Connecting by name, without evdns: numeric names, so that no server is asked. */
#include "kit.h"

static struct event_base *base;

/* errno means something only if the name was found. */
static void event(struct bufferevent *b, short what, void *ctx)
{
    if (bufferevent_socket_get_dns_error(b))
        printf("%s: event%s, dns error\n", (char *)ctx, what_name(what));
    else
        say_event(b, what, ctx);
}

static void try(const char *name, int family, const char *host, int port)
{
    struct bufferevent *b = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    int r;
    printf("-- %s\n", name);
    bufferevent_setcb(b, say_read, say_write, event, (void *)name);
    r = bufferevent_socket_connect_hostname(b, NULL, family, host, port);
    printf("returns %d, dns error %d\n", r, bufferevent_socket_get_dns_error(b));
    turns(base, 8);
    printf("has fd %d\n", bufferevent_getfd(b) >= 0);
    bufferevent_free(b);
    turns(base, 1);
}

int main(void)
{
    struct sockaddr_storage sa;
    socklen_t len;
    int port, l = listen_on(TCP, &sa, &len);
    base = event_base_new();
    port = ntohs(((struct sockaddr_in *)&sa)->sin_port);
    try("v4", AF_INET, "127.0.0.1", port);
    try("any family", AF_UNSPEC, "127.0.0.1", port);
    try("wrong family", AF_INET6, "127.0.0.1", port);
    try("odd family", AF_UNIX, "127.0.0.1", port);
    try("port 0", AF_INET, "127.0.0.1", 0);
    try("port -1", AF_INET, "127.0.0.1", -1);
    try("port 65536", AF_INET, "127.0.0.1", 65536);
    close(l);
    try("refused", AF_INET, "127.0.0.1", port);
    event_base_free(base);
    return 0;
}
