/* A client and a scripted server in one loop. */
#ifndef HTTP_CLIENT_KIT_H
#define HTTP_CLIENT_KIT_H
#include "raw.h"

#define SCRIPT_MAX 16
static struct { const char *text; int close; } script[SCRIPT_MAX];
static int script_len, script_at, quiet_server;
static struct evconnlistener *script_listener;
static int script_port, done_count;
static struct evhttp_connection *con;

/* What the server sends to the next request; with `close` it closes then. */
static void
next_reply(const char *text, int close)
{
	if (script_at == script_len)
		script_at = script_len = 0;
	script[script_len].text = text;
	script[script_len++].close = close;
}

static void
srv_event(struct bufferevent *b, short what, void *arg)
{
	(void)what;
	(void)arg;
	bufferevent_free(b);
}

static void
srv_write(struct bufferevent *b, void *arg)
{
	(void)arg;
	if (script_at > 0 && script[script_at - 1].close)
		bufferevent_free(b);
}

static void
srv_read(struct bufferevent *b, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(b);
	size_t n = evbuffer_get_length(in);
	char *p = malloc(n + 1);
	(void)arg;
	evbuffer_copyout(in, p, n);
	p[n] = 0;
	if (strstr(p, "\r\n\r\n") || !strncmp(p, "body", 4)) {
		if (!quiet_server) {
			printf("-- server got:\n");
			raw_print(p, n);
		}
		evbuffer_drain(in, n);
		if (script_at < script_len) {
			const char *text = script[script_at++].text;
			if (*text)
				bufferevent_write(b, text, strlen(text));
		}
	}
	free(p);
}

static void
srv_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
	struct bufferevent *b = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	(void)l;
	(void)sa;
	(void)len;
	(void)arg;
	printf("-- accepted\n");
	bufferevent_setcb(b, srv_read, srv_write, srv_event, NULL);
	bufferevent_enable(b, EV_READ | EV_WRITE);
}

static void
done(struct evhttp_request *r, void *arg)
{
	done_count++;
	if (!r) {
		printf("done %s: NULL\n", (char *)arg);
		return;
	}
	printf("done %s: %d [%s]\n", (char *)arg, evhttp_request_get_response_code(r),
	    evhttp_request_get_response_code_line(r) ? evhttp_request_get_response_code_line(r) : "(null)");
	{
		struct evkeyval *h;
		size_t n = evbuffer_get_length(evhttp_request_get_input_buffer(r));
		char *p = malloc(n + 1);
		for (h = evhttp_request_get_input_headers(r)->tqh_first; h; h = h->next.tqe_next)
			printf("  [%s]=[%s]\n", h->key, h->value);
		evbuffer_copyout(evhttp_request_get_input_buffer(r), p, n);
		raw_print(p, n);
		free(p);
	}
}

static void
failed(enum evhttp_request_error e, void *arg)
{
	printf("error %s: %d\n", (char *)arg, (int)e);
}

static void
on_chunk(struct evhttp_request *r, void *arg)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(r);
	char p[64];
	int n = (int)evbuffer_copyout(in, p, sizeof p);
	printf("chunk %s: %lu %.*s\n", (char *)arg, (unsigned long)evbuffer_get_length(in), n, p);
}

static int
on_header(struct evhttp_request *r, void *arg)
{
	printf("headers %s: %d\n", (char *)arg, evhttp_request_get_response_code(r));
	return 0;
}

static void
on_close(struct evhttp_connection *c, void *arg)
{
	(void)c;
	(void)arg;
	printf("closed\n");
}

static void
turn(double seconds)
{
	double until = raw_now() + seconds;
	while (raw_now() < until) {
		raw_turn();
		usleep(300);
	}
}

enum { CHUNKS = 1, HEADERS = 2 };

static struct evhttp_request *
request(const char *tag, int flags)
{
	struct evhttp_request *r = evhttp_request_new(done, (void *)(size_t)tag);
	evhttp_request_set_error_cb(r, failed);
	if (flags & CHUNKS)
		evhttp_request_set_chunked_cb(r, on_chunk);
	if (flags & HEADERS)
		evhttp_request_set_header_cb(r, on_header);
	evhttp_add_header(evhttp_request_get_output_headers(r), "Host", "h");
	return r;
}

static void
fresh(void)
{
	if (con)
		evhttp_connection_free(con);
	con = evhttp_connection_base_new(base, NULL, "127.0.0.1", (ev_uint16_t)script_port);
	evhttp_connection_set_closecb(con, on_close, NULL);
	script_at = script_len = 0;
	turn(0.02);
}

/* Asks and waits until the answer is there and a little longer. */
static void
ask(struct evhttp_request *r, enum evhttp_cmd_type type, const char *uri)
{
	int before = done_count;
	double until = raw_now() + 0.3;
	evhttp_make_request(con, r, type, uri);
	while (done_count == before && raw_now() < until) {
		raw_turn();
		usleep(300);
	}
	turn(0.02);
	fflush(stdout);
}

static void
script_start(void)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof sin;
	base = event_base_new();
	memset(&sin, 0, sizeof sin);
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	script_listener = evconnlistener_new_bind(base, srv_accept, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1,
	    (struct sockaddr *)&sin, sizeof sin);
	if (!script_listener || getsockname(evconnlistener_get_fd(script_listener), (struct sockaddr *)&sin, &len))
		die("listener");
	script_port = ntohs(sin.sin_port);
}

static void
script_end(void)
{
	if (con)
		evhttp_connection_free(con);
	con = NULL;
	evconnlistener_free(script_listener);
	turn(0.02);
	event_base_free(base);
}

/* A port of the loopback where nobody listens; the descriptor keeps it so. */
static int
dead_port(int *fd)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof sin;
	*fd = socket(AF_INET, SOCK_STREAM, 0);
	memset(&sin, 0, sizeof sin);
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(*fd, (struct sockaddr *)&sin, sizeof sin) || getsockname(*fd, (struct sockaddr *)&sin, &len))
		die("dead port");
	return ntohs(sin.sin_port);
}
#endif
