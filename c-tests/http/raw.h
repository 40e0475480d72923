/* Kit of the HTTP tests: a server and raw sockets as its clients in one program and one loop.
 *
 * Everything a client receives is printed with CR as "\r" and the Date masked, so that the
 * output is the same on every machine. */
#ifndef HTTP_RAW_H
#define HTTP_RAW_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <event2/util.h>

#define RAW_MAX (1 << 20)

/* Ends a test at what must not be. */
#define CHECK(x) do { \
	if (!(x)) { \
		printf("line %d: %s\n", __LINE__, #x); \
		exit(1); \
	} \
} while (0)

static struct event_base *base;
static struct evhttp *http;
static int http_port;

static void
die(const char *what)
{
	perror(what);
	exit(99);
}

static double
raw_now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* A server on a free port of the loopback. */
static void
raw_server(void)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof sin;
	struct evhttp_bound_socket *b;
	base = event_base_new();
	http = evhttp_new(base);
	if (!base || !http)
		die("evhttp_new");
	b = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
	if (!b || getsockname(evhttp_bound_socket_get_fd(b), (struct sockaddr *)&sin, &len))
		die("bind");
	http_port = ntohs(sin.sin_port);
}

static int
raw_connect(void)
{
	struct sockaddr_in sin;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	memset(&sin, 0, sizeof sin);
	sin.sin_family = AF_INET;
	sin.sin_port = htons((unsigned short)http_port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sin, sizeof sin))
		die("connect");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void
raw_turn(void)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Sends all of it, letting the server read meanwhile. */
static void
raw_send(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t r = send(fd, p, n, MSG_NOSIGNAL);
		if (r > 0) {
			p += r;
			n -= (size_t)r;
		} else if (r < 0 && errno != EAGAIN && errno != EINTR)
			return;
		raw_turn();
	}
}

/* Reads until the server closes ("[closed]"), or is quiet for `quiet` seconds ("[open]").
 * Returns the number of bytes in buf, *closed says which. */
static size_t
raw_read(int fd, char *buf, size_t max, double quiet, int *closed)
{
	size_t have = 0;
	double last = raw_now();
	*closed = 0;
	while (have < max) {
		struct pollfd p;
		ssize_t r;
		raw_turn();
		p.fd = fd;
		p.events = POLLIN;
		poll(&p, 1, 1);
		r = recv(fd, buf + have, max - have, 0);
		if (r > 0) {
			have += (size_t)r;
			last = raw_now();
		} else if (r == 0 || (errno != EAGAIN && errno != EINTR)) {
			*closed = r == 0 ? 1 : 2;
			break;
		} else if (raw_now() - last > quiet)
			break;
	}
	return have;
}

/* Prints bytes of a reply: one line per line, "\r" visible, Date masked, long lines cut. */
static void
raw_print(const char *p, size_t n)
{
	while (n) {
		const char *lf = memchr(p, '\n', n);
		size_t len = lf ? (size_t)(lf - p) : n, i;
		if (len > 6 && !memcmp(p, "Date: ", 6))
			printf("| Date: X%s", p[len - 1] == '\r' ? "\\r" : "");
		else {
			printf("| ");
			for (i = 0; i < len && i < 200; i++) {
				unsigned char c = (unsigned char)p[i];
				if (c == '\r')
					printf("\\r");
				else if (c < 32 || c > 126)
					printf("\\x%02x", c);
				else
					putchar(c);
			}
			if (len > i)
				printf("... (%lu)", (unsigned long)len);
		}
		printf(lf ? "\n" : "$\n");
		p += len + (lf ? 1 : 0);
		n -= len + (lf ? 1 : 0);
	}
}

static double raw_quiet = 0.05;

/* One connection: sends, prints what comes back and how it ended. */
static void
raw_exchange(const char *title, const char *p, size_t n)
{
	static char buf[RAW_MAX];
	int closed, fd = raw_connect();
	size_t have;
	printf("== %s\n", title);
	raw_send(fd, p, n);
	have = raw_read(fd, buf, sizeof buf, raw_quiet, &closed);
	raw_print(buf, have);
	printf(closed ? "[closed]\n" : "[open]\n");
	fflush(stdout);
	close(fd);
	raw_turn();
	raw_turn();
}

#define RAW(title, text) raw_exchange(title, text, sizeof(text) - 1)

/* The request as the callback sees it. */
static void
raw_describe(struct evhttp_request *r)
{
	struct evkeyval *h;
	struct evbuffer *in = evhttp_request_get_input_buffer(r);
	const char *host = evhttp_request_get_host(r);
	size_t n = evbuffer_get_length(in);
	char *body = malloc(n + 1);
	printf("request: cmd=%d uri=%s host=%s version=%d.%d\n", (int)evhttp_request_get_command(r),
	    evhttp_request_get_uri(r), host ? host : "(null)", r->major, r->minor);
	for (h = evhttp_request_get_input_headers(r)->tqh_first; h; h = h->next.tqe_next)
		printf("  [%s]=[%s]\n", h->key, h->value);
	evbuffer_copyout(in, body, n);
	if (n) {
		printf("  body %lu: ", (unsigned long)n);
		raw_print(body, n > 60 ? 60 : n);
	}
	free(body);
}

static void
raw_done(void)
{
	evhttp_free(http);
	event_base_free(base);
}
#endif
