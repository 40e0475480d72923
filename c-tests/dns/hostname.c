/* harness: valgrind; asan
 *
 * Connections by name over a resolver: bufferevents and HTTP. */
#include "kit.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/listener.h>

static struct event_base *base;
static struct server s;
static int port;

/* local.example is this host, dead.example has an address that refuses before the one that does not. */
static void serve_local(struct evdns_server_request *req, void *arg)
{
    struct in_addr a[2];
    const char *asked = req->questions[0]->name;
    char name[256];
    int a_type = req->questions[0]->type == EVDNS_TYPE_A;

    lower(name, asked, sizeof(name));
    a[0].s_addr = htonl(0x7f000001);
    if (!strcmp(name, "local.example")) {
        printf("  asked: %s %s\n", name, type_name(req->questions[0]->type));
        if (a_type)
            evdns_server_request_add_a_reply(req, asked, 1, a, 100);
        evdns_server_request_respond(req, 0);
        return;
    }
    serve(req, arg);
}

static void accepted(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    (void)l;
    (void)sa;
    (void)len;
    (void)arg;
    send(fd, "hello", 5, 0);
    evutil_closesocket(fd);
}

static void events(struct bufferevent *bev, short what, void *arg)
{
    printf("%s: event %x, dns error %d\n", (char *)arg, (unsigned)what,
           bufferevent_socket_get_dns_error(bev));
    if (what & BEV_EVENT_CONNECTED)
        return;
    printf("  input %d\n", (int)evbuffer_get_length(bufferevent_get_input(bev)));
    event_base_loopbreak(base);
}

static void connect_to(struct evdns_base *dns, int family, const char *name)
{
    struct bufferevent *bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);

    bufferevent_setcb(bev, NULL, NULL, events, (void *)name);
    bufferevent_enable(bev, EV_READ);
    printf("connect to %s: %d\n", name,
           bufferevent_socket_connect_hostname(bev, dns, family, name, port));
    run_for(base, 500);
    bufferevent_free(bev);
    run_for(base, 20);
}

static void http_cb(struct evhttp_request *req, void *arg)
{
    (void)arg;
    evhttp_send_reply(req, 200, "OK", NULL);
}

static void http_done(struct evhttp_request *req, void *arg)
{
    printf("http: %d\n", req ? evhttp_request_get_response_code(req) : -1);
    event_base_loopbreak(arg);
}

static void http_get(struct evdns_base *dns, const char *host, int http_port)
{
    struct evhttp_connection *c =
        evhttp_connection_base_new(base, dns, host, (unsigned short)http_port);
    struct evhttp_request *req = evhttp_request_new(http_done, base);

    evhttp_add_header(evhttp_request_get_output_headers(req), "Host", host);
    printf("get from %s: %d\n", host, evhttp_make_request(c, req, EVHTTP_REQ_GET, "/"));
    run_for(base, 300);
    evhttp_connection_free(c);
}

int main(void)
{
    struct evdns_base *dns;
    struct evconnlistener *listener;
    struct sockaddr_in sin;
    socklen_t len = sizeof(sin);
    struct bufferevent *bev;
    struct evhttp *http;
    struct evhttp_bound_socket *bound;

    base = event_base_new();
    server_start_with(&s, base, serve_local);
    dns = resolver(base, s.text);
    evdns_base_set_option(dns, "timeout", "0.1");
    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = evconnlistener_new_bind(base, accepted, NULL, LEV_OPT_CLOSE_ON_FREE, 16,
                                       (struct sockaddr *)&sin, sizeof(sin));
    getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&sin, &len);
    port = ntohs(sin.sin_port);

    connect_to(dns, AF_INET, "local.example");
    connect_to(dns, AF_UNSPEC, "local.example");
    connect_to(dns, AF_INET, "missing.example");
    connect_to(dns, AF_UNSPEC, "missing.example");
    connect_to(dns, AF_INET, "slow.example");
    connect_to(dns, AF_INET, "127.0.0.1");

    evdns_base_set_option(dns, "timeout", "5");
    printf("freed while the name is looked up\n");
    bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(bev, NULL, NULL, events, "freed");
    printf("%d\n", bufferevent_socket_connect_hostname(bev, dns, AF_INET, "slow.example", port));
    run_for(base, 20);
    bufferevent_free(bev);
    run_for(base, 50);
    printf("freed at once\n");
    bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(bev, NULL, NULL, events, "freed");
    printf("%d\n", bufferevent_socket_connect_hostname(bev, dns, AF_INET, "local.example", port));
    bufferevent_free(bev);
    run_for(base, 100);

    http = evhttp_new(base);
    evhttp_set_gencb(http, http_cb, NULL);
    bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    len = sizeof(sin);
    getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&sin, &len);
    http_get(dns, "local.example", ntohs(sin.sin_port));
    http_get(dns, "missing.example", ntohs(sin.sin_port));
    evhttp_free(http);

    printf("resolver freed while a connection looks a name up\n");
    bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(bev, NULL, NULL, events, "resolver freed");
    bufferevent_socket_connect_hostname(bev, dns, AF_INET, "slow.example", port);
    run_for(base, 20);
    evdns_base_free(dns, 1);
    run_for(base, 50);
    bufferevent_free(bev);

    evconnlistener_free(listener);
    server_stop(&s);
    event_base_free(base);
    return 0;
}
