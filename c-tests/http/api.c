/* Settings and callbacks of a server: paths, virtual hosts, sockets, timeouts, streaming,
 * answering later, peers (checklist 13). */
#include "raw.h"

static void
say(struct evhttp_request *r, void *arg)
{
	struct evbuffer *b = evbuffer_new();
	evbuffer_add_printf(b, "%s", (char *)arg);
	printf("%s: %s\n", (char *)arg, evhttp_request_get_uri(r));
	evhttp_send_reply(r, 200, "OK", b);
	evbuffer_free(b);
}

static void
paths(void)
{
	printf("set %d %d %d\n", evhttp_set_cb(http, "/a", say, "a"), evhttp_set_cb(http, "/a", say, "again"),
	    evhttp_set_cb(http, "/b c", say, "b c"));
	printf("del %d %d\n", evhttp_del_cb(http, "/zz"), evhttp_set_cb(http, "/gone", say, "gone"));
	printf("del %d\n", evhttp_del_cb(http, "/gone"));
	RAW("path", "GET /a HTTP/1.1\r\n\r\n");
	RAW("with a query", "GET /a?x=/b HTTP/1.1\r\n\r\n");
	RAW("escaped", "GET /%61 HTTP/1.1\r\n\r\n");
	RAW("escaped blank", "GET /b%20c HTTP/1.1\r\n\r\n");
	RAW("plus stays", "GET /b+c HTTP/1.1\r\n\r\n");
	RAW("other case", "GET /A HTTP/1.1\r\n\r\n");
	RAW("longer", "GET /a/ HTTP/1.1\r\n\r\n");
	RAW("absolute", "GET http://h/a HTTP/1.1\r\n\r\n");
	evhttp_set_gencb(http, say, "rest");
	RAW("the rest", "GET /gone HTTP/1.1\r\n\r\n");
}

static void
hosts(void)
{
	struct evhttp *one = evhttp_new(NULL), *two = evhttp_new(NULL), *inner = evhttp_new(NULL);
	evhttp_set_gencb(one, say, "one");
	evhttp_set_gencb(two, say, "two");
	evhttp_set_gencb(inner, say, "inner");
	printf("hosts %d %d %d\n", evhttp_add_virtual_host(http, "*.One", one), evhttp_add_virtual_host(http, "two", two),
	    evhttp_add_virtual_host(one, "x.one", inner));
	printf("alias %d %d\n", evhttp_add_server_alias(two, "Deux"), evhttp_add_server_alias(http, "main"));
	RAW("no host", "GET / HTTP/1.1\r\n\r\n");
	RAW("pattern", "GET / HTTP/1.1\r\nHost: A.oNe:80\r\n\r\n");
	RAW("inner", "GET / HTTP/1.1\r\nHost: x.one\r\n\r\n");
	RAW("pattern without a dot", "GET / HTTP/1.1\r\nHost: one\r\n\r\n");
	RAW("exact", "GET / HTTP/1.1\r\nHost: two\r\n\r\n");
	RAW("alias", "GET / HTTP/1.1\r\nHost: dEUX\r\n\r\n");
	RAW("unknown", "GET / HTTP/1.1\r\nHost: three\r\n\r\n");
	printf("remove alias %d %d\n", evhttp_remove_server_alias(two, "deux"), evhttp_remove_server_alias(two, "deux"));
	RAW("alias gone", "GET / HTTP/1.1\r\nHost: deux\r\n\r\n");
	printf("remove %d %d\n", evhttp_remove_virtual_host(http, two), evhttp_remove_virtual_host(http, two));
	RAW("host gone", "GET / HTTP/1.1\r\nHost: two\r\n\r\n");
	evhttp_free(two);
	evhttp_remove_server_alias(http, "main");
}

static int sockets;
static void
count(struct evhttp_bound_socket *b, void *arg)
{
	printf("socket %d fd %d listener %d\n", *(int *)arg, evhttp_bound_socket_get_fd(b) >= 0,
	    evconnlistener_get_fd(evhttp_bound_socket_get_listener(b)) == evhttp_bound_socket_get_fd(b));
	sockets++;
}

static void
listening(void)
{
	struct evhttp_bound_socket *b;
	int seven = 7, fd, port = http_port;
	struct sockaddr_in sin;
	socklen_t len = sizeof sin;
	b = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
	evhttp_foreach_bound_socket(http, count, &seven);
	printf("sockets %d\n", sockets);
	getsockname(evhttp_bound_socket_get_fd(b), (struct sockaddr *)&sin, &len);
	http_port = ntohs(sin.sin_port);
	RAW("second socket", "GET / HTTP/1.1\r\n\r\n");
	evhttp_del_accept_socket(http, b);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	printf("refused %d\n", connect(fd, (struct sockaddr *)&sin, sizeof sin) != 0);
	close(fd);
	printf("taken port %d\n", evhttp_bind_socket(http, "127.0.0.1", (ev_uint16_t)port));
	printf("bad address %d\n", evhttp_bind_socket(http, "256.1.1.1", 0));
	http_port = port;
	printf("flags %d %d %d\n", evhttp_set_flags(http, 0), evhttp_set_flags(http, EVHTTP_SERVER_LINGERING_CLOSE),
	    evhttp_set_flags(http, 0x4000));
}

static void
lingering(void)
{
	evhttp_set_max_body_size(http, 10);
	RAW("over the limit, read to its end", "POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\n01234567890123456789");
	RAW("over the limit, in chunks", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n8\r\n01234567\r\n0\r\n\r\n");
	evhttp_set_flags(http, 0);
	evhttp_set_max_body_size(http, -1);
}

static struct evhttp_request *kept;
static void
later_cb(evutil_socket_t fd, short what, void *arg)
{
	struct evbuffer *b = evbuffer_new();
	(void)fd;
	(void)what;
	evbuffer_add_printf(b, "late %s", (char *)arg);
	evhttp_send_reply(kept, 200, NULL, b);
	evbuffer_free(b);
}
static void
later(struct evhttp_request *r, void *arg)
{
	struct timeval tv = { 0, 20000 };
	kept = r;
	printf("kept %s\n", evhttp_request_get_uri(r));
	event_base_once(base, -1, EV_TIMEOUT, later_cb, arg, &tv);
}

static struct evhttp_request *streaming;
static int pieces;
static void
more(struct evhttp_connection *c, void *arg)
{
	struct evbuffer *b;
	(void)arg;
	printf("piece %d has gone out, connection %d\n", pieces, c == evhttp_request_get_connection(streaming));
	if (++pieces == 4) {
		evhttp_send_reply_end(streaming);
		return;
	}
	b = evbuffer_new();
	evbuffer_add_printf(b, "piece %d\n", pieces);
	evhttp_send_reply_chunk_with_cb(streaming, b, more, NULL);
	evbuffer_free(b);
}
static void
complete(struct evhttp_request *r, void *arg)
{
	printf("complete %s, code %d\n", (char *)arg, evhttp_request_get_response_code(r));
}
static void
stream(struct evhttp_request *r, void *arg)
{
	struct evbuffer *b = evbuffer_new();
	(void)arg;
	streaming = r;
	pieces = 0;
	evhttp_request_set_on_complete_cb(r, complete, "stream");
	evhttp_send_reply_start(r, 200, "OK");
	evbuffer_add_printf(b, "piece 0\n");
	evhttp_send_reply_chunk_with_cb(r, b, more, NULL);
	evbuffer_free(b);
}

static void
peer(struct evhttp_request *r, void *arg)
{
	struct evhttp_connection *c = evhttp_request_get_connection(r);
	char *address;
	ev_uint16_t port;
	const struct sockaddr *sa = evhttp_connection_get_addr(c);
	evhttp_connection_get_peer(c, &address, &port);
	printf("peer %s port %d, same as in the request %d, address family %d\n", address, port > 0,
	    r->remote_port == port && !strcmp(r->remote_host, address), sa ? sa->sa_family == AF_INET : -1);
	printf("base %d server %d bufferevent %d\n", evhttp_connection_get_base(c) == base, evhttp_connection_get_server(c) == http,
	    evhttp_connection_get_bufferevent(c) != NULL);
	printf("owned %d\n", evhttp_request_is_owned(r));
	say(r, arg);
}

static void
timeouts(void)
{
	struct timeval tv = { 0, 60000 };
	evhttp_set_timeout_tv(http, &tv);
	raw_quiet = 0.2;
	RAW("idle", "");
	RAW("half a line", "GET / HT");
	RAW("half a body", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab");
	RAW("idle after a reply", "GET / HTTP/1.1\r\n\r\n");
	raw_quiet = 0.05;
	evhttp_set_timeout(http, 50);
}

/* The address stays known when the connection has ended, and in its close callback. */
static void
ended(struct evhttp_connection *c, void *arg)
{
	const struct sockaddr *sa = evhttp_connection_get_addr(c);
	printf("%s: family %d\n", (char *)arg, sa ? sa->sa_family == AF_INET : -1);
}

static void
watch_end(struct evhttp_request *r, void *arg)
{
	evhttp_connection_set_closecb(evhttp_request_get_connection(r), ended, "server");
	say(r, arg);
}

static void
answered(struct evhttp_request *r, void *arg)
{
	printf("answer %d\n", r ? evhttp_request_get_response_code(r) : -1);
	event_base_loopbreak(base);
	(void)arg;
}

static void
addresses(void)
{
	struct evhttp_connection *c = evhttp_connection_base_new(base, NULL, "127.0.0.1", (ev_uint16_t)http_port);
	struct evhttp_request *r = evhttp_request_new(answered, NULL);
	int i;
	evhttp_set_cb(http, "/end", watch_end, NULL);
	evhttp_connection_set_closecb(c, ended, "client");
	evhttp_add_header(evhttp_request_get_output_headers(r), "Connection", "close");
	evhttp_make_request(c, r, EVHTTP_REQ_GET, "/end");
	event_base_dispatch(base);
	for (i = 0; i < 10; i++) {
		raw_turn();
		usleep(1000);
	}
	ended(c, "afterwards");
	evhttp_connection_free(c);
	RAW("blanks behind the version", "GET /end HTTP/1.0   \r\n\r\n");
}

int
main(void)
{
	raw_server();
	paths();
	hosts();
	listening();
	addresses();
	lingering();
	evhttp_set_gencb(http, later, "a");
	RAW("answered later", "GET /1 HTTP/1.1\r\n\r\n");
	RAW("pipelined, answered later", "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
	evhttp_set_gencb(http, stream, NULL);
	RAW("streaming", "GET / HTTP/1.1\r\n\r\n");
	RAW("streaming to 1.0", "GET / HTTP/1.0\r\n\r\n");
	evhttp_set_gencb(http, peer, "peer");
	RAW("peer", "GET / HTTP/1.1\r\n\r\n");
	evhttp_set_gencb(http, say, "x");
	timeouts();
	raw_done();
	return 0;
}
