/* harness: expect=proxy.out; valgrind; asan
 *
 * CONNECT through a proxy: the answer is told at once and the connection stays, bytes that come
 * with the answer are the tunnel's; and whatever fails is told (le#946).
 *
 * Other than with libevent, a refusal has its body (RFC 9112, 6.3: only 2xx ends with its head), and
 * a tunnel whose first bytes come with the answer stays open. */
#include "client_kit.h"

static int take_over;

static void
through(struct bufferevent *b, void *arg)
{
	char text[32];
	int n = (int)bufferevent_read(b, text, sizeof text);
	(void)arg;
	printf("through the tunnel: %.*s\n", n, text);
}

static void
tunnel(struct evhttp_request *r, void *arg)
{
	struct bufferevent *b;
	struct evbuffer *in;
	char text[32];
	int n;
	done(r, arg);
	if (!r)
		return;
	b = evhttp_connection_get_bufferevent(con);
	in = bufferevent_get_input(b);
	n = (int)evbuffer_copyout(in, text, sizeof text);
	printf("in the tunnel: %.*s\n", n, text);
	if (take_over) {
		evbuffer_drain(in, 3);
		bufferevent_setcb(b, through, NULL, NULL, NULL);
		bufferevent_write(b, "body", 4);
	}
}

static struct evhttp_request *
connect_request(const char *tag)
{
	struct evhttp_request *r = evhttp_request_new(tunnel, (void *)(size_t)tag);
	evhttp_request_set_error_cb(r, failed);
	evhttp_add_header(evhttp_request_get_output_headers(r), "Host", "far:443");
	return r;
}

static void
to(const char *title, const char *reply, int close)
{
	printf("== %s\n", title);
	fresh();
	if (reply)
		next_reply(reply, close);
	ask(connect_request("a"), EVHTTP_REQ_CONNECT, "far:443");
}

static void
at_host(const char *title, const char *host, int port)
{
	printf("== %s\n", title);
	con = evhttp_connection_base_new(base, NULL, host, (ev_uint16_t)port);
	evhttp_connection_set_closecb(con, on_close, NULL);
	ask(connect_request("a"), EVHTTP_REQ_CONNECT, "far:443");
	evhttp_connection_free(con);
	con = NULL;
}

int
main(void)
{
	static char host[120];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in sin;
	socklen_t len = sizeof sin;
	script_start();
	to("established", "HTTP/1.1 200 Connection Established\r\nProxy-agent: x\r\n\r\n", 0);
	printf("== a request through it\n");
	next_reply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 0);
	ask(request("b", 0), EVHTTP_REQ_GET, "/x");
	take_over = 1;
	to("taken over", "HTTP/1.1 200 OK\r\n\r\nSSH-2.0", 0);
	next_reply(", more", 0);
	bufferevent_write(evhttp_connection_get_bufferevent(con), "body", 4);
	turn(0.05);
	take_over = 0;
	to("with a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 0);
	to("refused", "HTTP/1.1 503 No\r\nContent-Length: 4\r\n\r\nsad\n", 0);
	to("refused, closed", "HTTP/1.1 502 Bad Gateway\r\n\r\nsad\n", 1);
	to("old", "HTTP/1.0 200 OK\r\n\r\n", 0);
	to("rubbish", "SSH-2.0-x\r\n\r\n", 0);
	con = (evhttp_connection_free(con), NULL);
	turn(0.02);
	memset(host, 'x', 100);
	at_host("no such proxy", host, 80);
	/* A port that nobody listens on. */
	memset(&sin, 0, sizeof sin);
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&sin, sizeof sin) || getsockname(fd, (struct sockaddr *)&sin, &len))
		die("bind");
	at_host("nobody there", "127.0.0.1", ntohs(sin.sin_port));
	close(fd);
	script_end();
	return 0;
}
