/* harness: openssl; valgrind */
/* HTTPS: evhttp's server and client over TLS bufferevents, in both flavours; keep-alive, long bodies,
 * a server that is not there. */
#include "tls.h"
#include <event2/http.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#define BIG 700000
static struct event_base *base;
static int filter, accepted;

static struct bufferevent *make(int fd, SSL *ssl, int state)
{
    struct bufferevent *bev;
    if (!filter)
        return bufferevent_openssl_socket_new(base, fd, ssl, state, BEV_OPT_CLOSE_ON_FREE);
    bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    return bufferevent_openssl_filter_new(base, bev, ssl, state, BEV_OPT_CLOSE_ON_FREE);
}
static struct bufferevent *server_bev(struct event_base *b, void *arg)
{
    accepted++;
    return make(-1, tls_server(), BUFFEREVENT_SSL_ACCEPTING);
}
static void handle(struct evhttp_request *req, void *arg)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(req), *out = evbuffer_new();
    if (strstr(evhttp_request_get_uri(req), "big")) {
        unsigned char *p = malloc(BIG);
        fill(p, BIG, 0);
        evbuffer_add(out, p, BIG);
        free(p);
    } else
        evbuffer_add_printf(out, "%s with %zu bytes", evhttp_request_get_uri(req), evbuffer_get_length(in));
    evhttp_send_reply(req, 200, "OK", out);
    evbuffer_free(out);
}
static void on_reply(struct evhttp_request *req, void *arg)
{
    if (!req || !evhttp_request_get_response_code(req))
        printf(" %s: no reply\n", (char *)arg);
    else {
        struct evbuffer *in = evhttp_request_get_input_buffer(req);
        size_t n = evbuffer_get_length(in);
        if (n == BIG)
            printf(" %s: %d, %zu bytes, %s\n", (char *)arg, evhttp_request_get_response_code(req), n,
                   is_stream(evbuffer_pullup(in, -1), n, 0) ? "as sent" : "changed");
        else
            printf(" %s: %d %.*s\n", (char *)arg, evhttp_request_get_response_code(req), (int)n,
                   (char *)evbuffer_pullup(in, -1));
    }
    event_base_loopbreak(base);
}
static void ask(struct evhttp_connection *c, const char *uri, size_t post)
{
    struct evhttp_request *req = evhttp_request_new(on_reply, (void *)uri);
    evhttp_add_header(evhttp_request_get_output_headers(req), "Host", "localhost");
    if (post) {
        unsigned char *p = malloc(post);
        fill(p, post, 0);
        evbuffer_add(evhttp_request_get_output_buffer(req), p, post);
        free(p);
    }
    if (evhttp_make_request(c, req, post ? EVHTTP_REQ_POST : EVHTTP_REQ_GET, uri) < 0)
        printf(" cannot ask\n");
    run_for(base, 5000);
}
int main(void)
{
    tls_init(0);
    base = event_base_new();
    for (filter = 0; filter < 2; filter++) {
        struct evhttp *http = evhttp_new(base);
        struct evhttp_bound_socket *h;
        struct evhttp_connection *c;
        struct sockaddr_in sin;
        socklen_t len = sizeof sin;
        accepted = 0;
        printf("%s\n", filter ? "filter" : "socket");
        evhttp_set_gencb(http, handle, NULL);
        evhttp_set_bevcb(http, server_bev, NULL);
        h = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
        getsockname(evhttp_bound_socket_get_fd(h), (struct sockaddr *)&sin, &len);
        /* The client's bufferevent is one over a socket: evhttp connects it. */
        c = evhttp_connection_base_bufferevent_new(base, NULL,
            bufferevent_openssl_socket_new(base, -1, tls_client(), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE),
            "127.0.0.1", ntohs(sin.sin_port));
        ask(c, "/one", 0);
        ask(c, "/two", 100000);
        ask(c, "/big", 0);
        ask(c, "/three", 0);
        printf(" connections: %d\n", accepted);
        evhttp_connection_free(c);
        event_base_loop(base, EVLOOP_NONBLOCK);
        evhttp_free(http);
        /* Nobody listens there any more. */
        c = evhttp_connection_base_bufferevent_new(base, NULL,
            bufferevent_openssl_socket_new(base, -1, tls_client(), BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE),
            "127.0.0.1", ntohs(sin.sin_port));
        evhttp_connection_set_timeout(c, 2);
        ask(c, "/gone", 0);
        evhttp_connection_free(c);
        event_base_loop(base, EVLOOP_NONBLOCK);
    }
    event_base_free(base);
    tls_done();
    return 0;
}
