/* harness: only=evrs; valgrind; asan
 *
 * Freeing and starting anew from callbacks that life.c does not go through: those for methods, for
 * bufferevents, for buffers, and the client's close callback. libevent crashes or hangs in most. */
#include <signal.h>

#include "raw.h"

static struct evhttp_connection *con;
static int calls, done_count, last_code;

static void handler(struct evhttp_request *r, void *arg)
{
    struct evbuffer *b = evbuffer_new();

    (void)arg;
    evbuffer_add_printf(b, "hello");
    evhttp_send_reply(r, 200, "OK", b);
    evbuffer_free(b);
}

static void turns(int n)
{
    while (n-- > 0) {
        struct timeval tv = { 0, 1000 };

        event_base_loopexit(base, &tv);
        event_base_dispatch(base);
    }
}

/* Sends text to the server and returns how the connection ended: 0 when it is open. */
static int talk(const char *text)
{
    static char buf[RAW_MAX];
    int closed, fd = raw_connect();

    raw_send(fd, text, strlen(text));
    raw_read(fd, buf, sizeof(buf), 0.1, &closed);
    close(fd);
    raw_turn();
    return closed;
}

static void finish(void)
{
    if (http)
        evhttp_free(http);
    http = NULL;
    event_base_free(base);
}

/* The server's callback for methods. */
static int method_frees(struct evhttp_ext_method *m)
{
    calls++;
    if (m->method && http) {
        evhttp_free(http);
        http = NULL;
    }
    return -1;
}

static void method_in_server(void)
{
    raw_server();
    calls = 0;
    evhttp_set_gencb(http, handler, NULL);
    evhttp_set_ext_method_cmp(http, method_frees);
    CHECK(talk("STRANGE /a HTTP/1.1\r\nHost: x\r\n\r\n") != 0);
    CHECK(calls == 1);
    finish();
}

static void done(struct evhttp_request *r, void *arg)
{
    (void)arg;
    done_count++;
    last_code = r ? evhttp_request_get_response_code(r) : -1;
}

static void request_to(const char *path, enum evhttp_cmd_type type)
{
    struct evhttp_request *r = evhttp_request_new(done, NULL);

    evhttp_add_header(evhttp_request_get_output_headers(r), "Host", "x");
    if (strstr(path, "close"))
        evhttp_add_header(evhttp_request_get_output_headers(r), "Connection", "close");
    evhttp_make_request(con, r, type, path);
}

static int free_at;

static int client_method(struct evhttp_ext_method *m)
{
    if (++calls == free_at) {
        evhttp_connection_free(con);
        con = NULL;
    }
    m->method = "STRANGE";
    m->flags = EVHTTP_METHOD_HAS_BODY;
    return 0;
}

static void client(void)
{
    con = evhttp_connection_base_new(base, NULL, "127.0.0.1", (unsigned short)http_port);
    done_count = 0;
    last_code = -2;
}

static void method_in_client(void)
{
    for (free_at = 1; free_at < 6; free_at++) {
        raw_server();
        evhttp_set_gencb(http, handler, NULL);
        client();
        calls = 0;
        evhttp_connection_set_ext_method_cmp(con, client_method);
        request_to("/a", (enum evhttp_cmd_type)0x4000000);
        turns(10);
        if (con)
            evhttp_connection_free(con);
        turns(2);
        finish();
    }
}

/* The maker of bufferevents. */
static struct bufferevent *bev_frees(struct event_base *b, void *arg)
{
    calls++;
    if (arg) {
        evhttp_del_accept_socket(http, arg);
    } else {
        evhttp_free(http);
        http = NULL;
    }
    return calls % 2 ? bufferevent_socket_new(b, -1, 0) : NULL;
}

static struct evhttp_bound_socket *bound;

static void remember(struct evhttp_bound_socket *s, void *arg)
{
    (void)arg;
    bound = s;
}

static void bufferevents(void)
{
    int i;

    calls = 0;
    for (i = 0; i < 4; i++) {
        raw_server();
        evhttp_set_gencb(http, handler, NULL);
        evhttp_foreach_bound_socket(http, remember, NULL);
        if (i < 2)
            evhttp_set_bevcb(http, bev_frees, NULL);
        else
            evhttp_bound_set_bevcb(bound, bev_frees, bound);
        talk("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
        CHECK(calls == i + 1);
        turns(2);
        finish();
    }
}

/* A callback on a buffer of the connection. */
static struct evhttp_connection *victim;
static int left;

static void buffer_frees(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
    (void)b;
    (void)info;
    (void)arg;
    if (victim && left-- == 0) {
        struct evhttp_connection *c = victim;

        victim = NULL;
        evhttp_connection_free(c);
    }
}

static int kind_of_buffer;

static void buffer_handler(struct evhttp_request *r, void *arg)
{
    struct bufferevent *bev = evhttp_connection_get_bufferevent(evhttp_request_get_connection(r));
    struct evbuffer *b = evbuffer_new();
    int pieces = (int)(size_t)arg;

    victim = evhttp_request_get_connection(r);
    evbuffer_add_printf(b, "%05000d", 1);
    if (kind_of_buffer == 0)
        evbuffer_add_cb(bufferevent_get_output(bev), buffer_frees, NULL);
    else if (kind_of_buffer == 1)
        evbuffer_add_cb(b, buffer_frees, NULL);
    else
        evbuffer_add_cb(bufferevent_get_input(bev), buffer_frees, NULL);
    if (pieces) {
        evhttp_send_reply_start(r, 200, "OK");
        if (victim)
            evhttp_send_reply_chunk(r, b);
        if (victim)
            evhttp_send_reply_end(r);
    } else {
        evhttp_send_reply(r, 200, "OK", b);
    }
    evbuffer_free(b);
}

static void error_handler(struct evhttp_request *r, void *arg)
{
    struct bufferevent *bev = evhttp_connection_get_bufferevent(evhttp_request_get_connection(r));

    (void)arg;
    victim = evhttp_request_get_connection(r);
    evbuffer_add_cb(bufferevent_get_output(bev), buffer_frees, NULL);
    evhttp_send_error(r, 500, "x");
}

static void buffers(void)
{
    int when, pieces;

    for (kind_of_buffer = 0; kind_of_buffer < 3; kind_of_buffer++) {
        for (pieces = 0; pieces < 3; pieces++) {
            for (when = 0; when < 8; when++) {
                raw_server();
                evhttp_set_gencb(http, pieces == 2 ? error_handler : buffer_handler,
                                 (void *)(size_t)pieces);
                left = when;
                talk("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
                     "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
                victim = NULL;
                finish();
            }
        }
    }
}

/* A new request from the client's close callback. */
static int closes;

static void again(struct evhttp_connection *c, void *arg)
{
    (void)c;
    (void)arg;
    if (closes++ == 0)
        request_to("/again", EVHTTP_REQ_GET);
}

static struct evhttp_request *again_request;

static void again_and_cancel(struct evhttp_connection *c, void *arg)
{
    (void)arg;
    if (closes++ != 0)
        return;
    again_request = evhttp_request_new(done, NULL);
    evhttp_make_request(c, again_request, EVHTTP_REQ_GET, "/a");
    evhttp_cancel_request(again_request);
    request_to("/again", EVHTTP_REQ_GET);
}

static void silent(struct evhttp_request *r, void *arg)
{
    (void)arg;
    evhttp_connection_free(evhttp_request_get_connection(r));
}

static void close_callback(void)
{
    int i;

    for (i = 0; i < 4; i++) {
        raw_server();
        evhttp_set_gencb(http, handler, NULL);
        evhttp_set_cb(http, "/silent", silent, NULL);
        client();
        closes = 0;
        evhttp_connection_set_closecb(con, i % 2 ? again_and_cancel : again, NULL);
        request_to(i < 2 ? "/close" : "/silent", EVHTTP_REQ_GET);
        turns(100);
        CHECK(done_count == 2);
        CHECK(last_code == 200);
        evhttp_connection_free(con);
        turns(2);
        finish();
    }
}

/* A request that is freed while its body comes: the connection ends, and takes no more. */
static void chunk_frees(struct evhttp_request *r, void *arg)
{
    (void)arg;
    calls++;
    evhttp_request_free(r);
}

static int newreq(struct evhttp_request *r, void *arg)
{
    (void)arg;
    evhttp_request_set_chunked_cb(r, chunk_frees);
    return 0;
}

static void freed_body(void)
{
    raw_server();
    calls = 0;
    evhttp_set_gencb(http, handler, NULL);
    evhttp_set_newreqcb(http, newreq, NULL);
    CHECK(talk("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc") != 0);
    CHECK(talk("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n") != 0);
    CHECK(calls == 2);
    finish();
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    method_in_server();
    method_in_client();
    bufferevents();
    close_callback();
    freed_body();
    buffers();
    printf("ok\n");
    return 0;
}
