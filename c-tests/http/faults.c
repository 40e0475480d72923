/* harness: only=evrs; valgrind
 *
 * Inputs that broke libevent (known faults F and G), and the functions of 2.2: the test says what
 * has to come out. */
#include "client_kit.h"
#include <sys/un.h>

static int bad;
/* Here the others are still looked at. */
#undef CHECK
#define CHECK(x) do { if (!(x)) { bad++; printf("line %d: %s\n", __LINE__, #x); } } while (0)

static char reply_text[RAW_MAX];
static size_t
talk(const char *text, size_t n, int *closed)
{
	int fd = raw_connect();
	size_t have;
	raw_send(fd, text, n);
	have = raw_read(fd, reply_text, sizeof reply_text - 1, raw_quiet, closed);
	reply_text[have] = 0;
	close(fd);
	raw_turn();
	raw_turn();
	return have;
}

static int
occurrences(const char *what)
{
	int n = 0;
	const char *p = reply_text;
	while ((p = strstr(p, what))) {
		n++;
		p += strlen(what);
	}
	return n;
}

static int served;
static struct evhttp_request *kept;

static void
hello(struct evhttp_request *r, void *arg)
{
	struct evbuffer *b = evbuffer_new();
	(void)arg;
	served++;
	evbuffer_add_printf(b, "#%s#", evhttp_request_get_uri(r));
	evhttp_send_reply(r, 200, "OK", b);
	evbuffer_free(b);
}

static void
keep(struct evhttp_request *r, void *arg)
{
	(void)arg;
	served++;
	kept = r;
}

static void
pipelining(void)
{
	char *text = malloc(100 * 40), *p = text;
	int i, closed;
	for (i = 0; i < 100; i++)
		p += sprintf(p, "GET /%02d HTTP/1.1\r\n\r\n", i);
	served = 0;
	talk(text, (size_t)(p - text), &closed);
	CHECK(served == 100 && !closed);
	p = reply_text;
	for (i = 0; i < 100; i++) {
		char want[16];
		sprintf(want, "#/%02d#", i);
		p = strstr(p, want);
		CHECK(p != NULL);
		if (!p)
			break;
	}
	free(text);
}

/* One byte at a time: nothing depends on how the bytes arrive. */
static void
dribble(void)
{
	static const char text[] = "POST /slow HTTP/1.1\r\nTransfer-Encoding: chunked\r\nA: b\r\n c\r\n\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n"
		"GET /after HTTP/1.1\r\n\r\n";
	int fd = raw_connect(), closed;
	size_t i, n;
	served = 0;
	for (i = 0; i < sizeof text - 1; i++) {
		raw_send(fd, text + i, 1);
		raw_turn();
		raw_turn();
	}
	n = raw_read(fd, reply_text, sizeof reply_text - 1, raw_quiet, &closed);
	reply_text[n] = 0;
	CHECK(served == 2 && strstr(reply_text, "#/slow#") && strstr(reply_text, "#/after#"));
	close(fd);
	raw_turn();
}

/* A head of many lines and long ones. */
static void
large_heads(void)
{
	size_t n = 0, i;
	int closed;
	char *text = malloc(1 << 20);
	n += (size_t)sprintf(text, "GET /large HTTP/1.1\r\n");
	for (i = 0; i < 2000; i++)
		n += (size_t)sprintf(text + n, "X-%lu: %lu\r\n", (unsigned long)i, (unsigned long)i);
	n += (size_t)sprintf(text + n, "Long: ");
	memset(text + n, 'l', 100000);
	n += 100000;
	n += (size_t)sprintf(text + n, "\r\nFolded: a\r\n");
	for (i = 0; i < 20000; i++)
		n += (size_t)sprintf(text + n, " b\r\n");
	n += (size_t)sprintf(text + n, "\r\n");
	served = 0;
	talk(text, n, &closed);
	CHECK(served == 1 && occurrences("HTTP/1.1 200") == 1);
	free(text);
}

static void
half_closed(void)
{
	static const char text[] = "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n";
	int fd = raw_connect(), closed;
	size_t n;
	raw_send(fd, text, sizeof text - 1);
	shutdown(fd, SHUT_WR);
	n = raw_read(fd, reply_text, sizeof reply_text - 1, raw_quiet, &closed);
	reply_text[n] = 0;
	CHECK(occurrences("HTTP/1.1 200") == 2 && closed);
	close(fd);
}

/* The client closes first: nothing may be left (le#1764). */
static void
client_closes(void)
{
	int fd = raw_connect(), i;
	for (i = 0; i < 3; i++)
		raw_turn();
	CHECK(evhttp_get_connection_count(http) == 1);
	close(fd);
	for (i = 0; i < 3; i++)
		raw_turn();
	CHECK(evhttp_get_connection_count(http) == 0);
	/* In the middle of a folded header, whose text was kept. */
	fd = raw_connect();
	raw_send(fd, "GET / HTTP/1.1\r\nA: b\r\n c\r\n", 28);
	for (i = 0; i < 3; i++)
		raw_turn();
	close(fd);
	for (i = 0; i < 3; i++)
		raw_turn();
	CHECK(evhttp_get_connection_count(http) == 0);
}

/* Answers come later; meanwhile the client sends more, waits too long, or is gone (le#509, 5ff8eb26). */
static void
answered_later(void)
{
	struct timeval tv = { 0, 30000 };
	int fd, closed, i;
	size_t n;
	struct evbuffer *b = evbuffer_new();
	evhttp_set_timeout_tv(http, &tv);
	evhttp_set_gencb(http, keep, NULL);
	served = 0;
	fd = raw_connect();
	raw_send(fd, "GET /1 HTTP/1.1\r\n\r\n", 19);
	for (i = 0; i < 5; i++)
		raw_turn();
	CHECK(served == 1);
	raw_send(fd, "GET /2 HTTP/1.1\r\n\r\n", 19);
	turn(0.06);
	CHECK(served == 1 && evhttp_get_connection_count(http) == 1);
	evhttp_send_reply(kept, 200, NULL, NULL);
	for (i = 0; i < 5; i++)
		raw_turn();
	CHECK(served == 2);
	close(fd);
	turn(0.01);
	evbuffer_add_printf(b, "x");
	evhttp_send_reply(kept, 200, NULL, b);
	turn(0.01);
	CHECK(evhttp_get_connection_count(http) == 0);
	/* A stream whose client goes away: the request outlives the connection. */
	fd = raw_connect();
	raw_send(fd, "GET /3 HTTP/1.1\r\n\r\n", 19);
	for (i = 0; i < 5; i++)
		raw_turn();
	CHECK(served == 3);
	evhttp_send_reply_start(kept, 200, "OK");
	for (i = 0; i < 3; i++)
		raw_turn();
	close(fd);
	for (i = 0; i < 200 && evhttp_request_get_connection(kept); i++) {
		evbuffer_add_printf(b, "%0100d", i);
		evhttp_send_reply_chunk(kept, b);
		raw_turn();
	}
	CHECK(evhttp_request_get_connection(kept) == NULL);
	evhttp_send_reply_chunk(kept, b);
	evhttp_send_reply_end(kept);
	/* Pieces leave before the end is called (le#536). */
	fd = raw_connect();
	raw_send(fd, "GET /4 HTTP/1.1\r\n\r\n", 19);
	for (i = 0; i < 5; i++)
		raw_turn();
	evhttp_send_reply_start(kept, 200, "OK");
	evbuffer_drain(b, evbuffer_get_length(b));
	evbuffer_add_printf(b, "early");
	evhttp_send_reply_chunk(kept, b);
	n = raw_read(fd, reply_text, sizeof reply_text - 1, 0.01, &closed);
	reply_text[n] = 0;
	CHECK(strstr(reply_text, "5\r\nearly\r\n") && !closed);
	evhttp_send_reply_end(kept);
	n = raw_read(fd, reply_text, sizeof reply_text - 1, 0.01, &closed);
	reply_text[n] = 0;
	CHECK(!strcmp(reply_text, "0\r\n\r\n"));
	close(fd);
	evhttp_set_gencb(http, hello, NULL);
	evhttp_set_timeout(http, 50);
	evbuffer_free(b);
}

/* Bodies piece by piece (le#588): memory stays flat. */
static size_t got, largest;
static void
count_piece(struct evhttp_request *r, void *arg)
{
	size_t n = evbuffer_get_length(evhttp_request_get_input_buffer(r));
	(void)arg;
	got += n;
	if (n > largest)
		largest = n;
}
static int
want_pieces(struct evhttp_request *r, void *arg)
{
	(void)arg;
	evhttp_request_set_chunked_cb(r, count_piece);
	return 0;
}

static void
large_bodies(void)
{
	size_t n = 8 << 20;
	char *text = malloc(n + 100);
	int head, closed;
	evhttp_set_newreqcb(http, want_pieces, NULL);
	head = sprintf(text, "POST /body HTTP/1.1\r\nContent-Length: %lu\r\n\r\n", (unsigned long)n);
	memset(text + head, 'x', n);
	got = largest = 0;
	talk(text, n + (size_t)head, &closed);
	CHECK(got == n && largest < 1 << 20 && strstr(reply_text, "#/body#"));
	head = sprintf(text, "POST /chunk HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n%lx\r\n", (unsigned long)n - 100);
	memset(text + head, 'x', n - 100);
	memcpy(text + head + n - 100, "\r\n0\r\n\r\n", 7);
	got = largest = 0;
	talk(text, n - 100 + (size_t)head + 7, &closed);
	CHECK(got == n - 100 && largest < 1 << 20 && strstr(reply_text, "#/chunk#"));
	evhttp_set_newreqcb(http, NULL, NULL);
	free(text);
}

static void
injection(void)
{
	int closed;
	evhttp_set_gencb(http, keep, NULL);
	kept = NULL;
	{
		int fd = raw_connect(), i;
		size_t n;
		raw_send(fd, "GET / HTTP/1.1\r\n\r\n", 18);
		for (i = 0; i < 5; i++)
			raw_turn();
		evhttp_send_reply(kept, 200, "OK\r\nSet-Cookie: x\r\n\r\nbody", NULL);
		n = raw_read(fd, reply_text, sizeof reply_text - 1, 0.02, &closed);
		reply_text[n] = 0;
		CHECK(!strstr(reply_text, "\nSet-Cookie"));
		close(fd);
	}
	evhttp_set_gencb(http, hello, NULL);
	evhttp_set_cb(http, "/admin", keep, NULL);
	served = 0;
	talk("GET /admin%00.jpg HTTP/1.1\r\n\r\n", 30, &closed);
	CHECK(strstr(reply_text, "#/admin%00.jpg#"));
	evhttp_del_cb(http, "/admin");
}

static void
connections(void)
{
	int a, closed;
	evhttp_set_max_connections(http, 1);
	a = raw_connect();
	raw_turn();
	raw_turn();
	talk("GET / HTTP/1.1\r\n\r\n", 18, &closed);
	CHECK(occurrences("HTTP/1.1 503") == 1 && closed);
	close(a);
	turn(0.01);
	evhttp_set_max_connections(http, 0);
	talk("GET / HTTP/1.1\r\n\r\n", 18, &closed);
	CHECK(occurrences("HTTP/1.1 200") == 1);
}

static int
ext(struct evhttp_ext_method *m)
{
	if (m->method) {
		if (strcmp(m->method, "CUSTOM"))
			return -1;
		m->type = 0x8000;
		m->flags = EVHTTP_METHOD_HAS_BODY;
	} else {
		if (m->type != 0x10000)
			return -1;
		m->method = "CUSTOM";
	}
	return 0;
}

static void
methods(void)
{
	int closed;
	evhttp_set_ext_method_cmp(http, ext);
	evhttp_set_allowed_methods(http, 0x8001);
	talk("CUSTOM /c HTTP/1.1\r\n\r\n", 22, &closed);
	CHECK(strstr(reply_text, "#/c#"));
	talk("OTHER / HTTP/1.1\r\n\r\n", 20, &closed);
	CHECK(occurrences("HTTP/1.1 501") == 1);
	talk("POST / HTTP/1.1\r\n\r\n", 19, &closed);
	CHECK(occurrences("HTTP/1.1 501") == 1);
	evhttp_set_ext_method_cmp(http, NULL);
	evhttp_set_allowed_methods(http, 0x1f);
}

/* A server on a Unix socket, its client bound to a long path (CVE-2026-63388). */
static void
unix_sockets(void)
{
	struct sockaddr_un un, me;
	int l = socket(AF_UNIX, SOCK_STREAM, 0), fd = socket(AF_UNIX, SOCK_STREAM, 0), closed;
	size_t n;
	struct evhttp_bound_socket *b;
	memset(&un, 0, sizeof un);
	un.sun_family = AF_UNIX;
	strcpy(un.sun_path, "listen.sock");
	unlink(un.sun_path);
	CHECK(!bind(l, (struct sockaddr *)&un, sizeof un) && !listen(l, 5));
	b = evhttp_accept_socket_with_handle(http, l);
	CHECK(b != NULL);
	memset(&me, 'p', sizeof me);
	me.sun_family = AF_UNIX;
	me.sun_path[sizeof me.sun_path - 1] = 0;
	unlink(me.sun_path);
	CHECK(!bind(fd, (struct sockaddr *)&me, sizeof me));
	CHECK(!connect(fd, (struct sockaddr *)&un, sizeof un));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	raw_send(fd, "GET /unix HTTP/1.1\r\n\r\n", 22);
	n = raw_read(fd, reply_text, sizeof reply_text - 1, raw_quiet, &closed);
	reply_text[n] = 0;
	CHECK(strstr(reply_text, "#/unix#"));
	close(fd);
	/* Our client over it. */
	con = evhttp_connection_base_bufferevent_unix_new(base, NULL, "listen.sock");
	done_count = 0;
	quiet_server = 1;
	ask(request("unix", 0), EVHTTP_REQ_GET, "/client");
	CHECK(done_count == 1);
	evhttp_connection_free(con);
	con = NULL;
	evhttp_del_accept_socket(http, b);
	unlink(un.sun_path);
	unlink(me.sun_path);
}

static int last_code;
static void
code(struct evhttp_request *r, void *arg)
{
	(void)arg;
	done_count++;
	last_code = r ? evhttp_request_get_response_code(r) : -1;
}

static int
client_gets(const char *text, int close_after, int headers)
{
	struct evhttp_request *r = evhttp_request_new(code, NULL);
	(void)headers;
	last_code = -2;
	next_reply(text, close_after);
	ask(r, EVHTTP_REQ_GET, "/x");
	return last_code;
}

static void
client(void)
{
	struct evhttp_request *r;
	static const char *const bads[] = { "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip, chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\na",
		"HTTP/4294967295.255 200 OK\r\n\r\n" };
	size_t i;
	freopen("/dev/null", "w", stdout);
	fresh();
	/* An interim reply and the real one in one segment. */
	CHECK(client_gets("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 201 OK\r\nContent-Length: 1\r\n\r\na", 0, 0) == 201);
	CHECK(client_gets("HTTP/1.0 202 OK\r\nContent-Length: 1\r\n\r\na", 0, 0) == 202);
	/* Bytes behind a reply do not become the next one. */
	CHECK(client_gets("HTTP/1.1 203 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 299 Evil\r\n\r\n", 0, 0) == 203);
	CHECK(client_gets("HTTP/1.1 205 OK\r\nContent-Length: 0\r\n\r\n", 0, 0) == 205);
	for (i = 0; i < sizeof bads / sizeof *bads; i++)
		CHECK(client_gets(bads[i], 0, 0) == -1);
	CHECK(client_gets("HTTP/1.1 206 OK\r\nTransfer-Encoding: gzip\r\n\r\nto the end", 1, 0) == 206);
	/* The body goes only after 100 (0b46b39e). */
	script_at = script_len = 0;
	next_reply("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n", 0);
	r = evhttp_request_new(code, NULL);
	evhttp_add_header(evhttp_request_get_output_headers(r), "Expect", "100-continue");
	evbuffer_add_printf(evhttp_request_get_output_buffer(r), "body");
	ask(r, EVHTTP_REQ_POST, "/x");
	CHECK(last_code == 417);
	next_reply("HTTP/1.1 100 Continue\r\n\r\n", 0);
	next_reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0);
	r = evhttp_request_new(code, NULL);
	evhttp_add_header(evhttp_request_get_output_headers(r), "Expect", "100-continue");
	evbuffer_add_printf(evhttp_request_get_output_buffer(r), "body");
	ask(r, EVHTTP_REQ_POST, "/x");
	CHECK(last_code == 200);
	CHECK(evhttp_make_request(con, evhttp_request_new(code, NULL), EVHTTP_REQ_GET, "/\r\nX: y") == -1);
	/* A method of the user's own. */
	evhttp_connection_set_ext_method_cmp(con, ext);
	next_reply("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0);
	last_code = 0;
	ask(evhttp_request_new(code, NULL), (enum evhttp_cmd_type)0x10000, "/x");
	CHECK(last_code == 200);
}

static void
nulls(void)
{
	size_t n;
	evhttp_free(NULL);
	evhttp_set_gencb(NULL, NULL, NULL);
	evhttp_set_timeout(NULL, 1);
	evhttp_send_reply(NULL, 200, NULL, NULL);
	evhttp_send_error(NULL, 200, NULL);
	evhttp_send_reply_start(NULL, 200, NULL);
	evhttp_send_reply_chunk(NULL, NULL);
	evhttp_send_reply_end(NULL);
	evhttp_request_free(NULL);
	evhttp_request_own(NULL);
	evhttp_cancel_request(NULL);
	evhttp_connection_free(NULL);
	evhttp_connection_set_timeout(NULL, 1);
	evhttp_clear_headers(NULL);
	evhttp_uri_free(NULL);
	CHECK(!evhttp_bind_socket_with_handle(NULL, NULL, 0) && evhttp_bind_socket(NULL, NULL, 0) == -1);
	CHECK(evhttp_set_cb(http, NULL, hello, NULL) == -2 && evhttp_del_cb(http, NULL) == -1);
	CHECK(!evhttp_find_header(NULL, "a") && evhttp_add_header(NULL, "a", "b") == -1);
	CHECK(!evhttp_encode_uri(NULL) && !evhttp_decode_uri(NULL) && !evhttp_uridecode(NULL, 0, &n) && !evhttp_htmlescape(NULL));
	CHECK(!evhttp_uri_parse(NULL) && !evhttp_uri_get_host(NULL) && evhttp_uri_get_port(NULL) == -1);
	CHECK(!evhttp_uri_join(NULL, NULL, 0) && evhttp_parse_query_str(NULL, NULL) == -1);
	CHECK(!evhttp_connection_base_new(base, NULL, NULL, 0) && evhttp_make_request(NULL, NULL, EVHTTP_REQ_GET, "/") == -1);
	CHECK(!evhttp_request_get_uri(NULL) && !evhttp_request_get_host(NULL) && !evhttp_request_get_connection(NULL));
}

int
main(void)
{
	script_start();
	http = evhttp_new(base);
	{
		struct sockaddr_in sin;
		socklen_t len = sizeof sin;
		struct evhttp_bound_socket *b = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
		getsockname(evhttp_bound_socket_get_fd(b), (struct sockaddr *)&sin, &len);
		http_port = ntohs(sin.sin_port);
	}
	evhttp_set_gencb(http, hello, NULL);
	pipelining();
	dribble();
	large_heads();
	half_closed();
	client_closes();
	answered_later();
	large_bodies();
	injection();
	connections();
	methods();
	unix_sockets();
	nulls();
	evhttp_free(http);
	client();
	script_end();
	if (bad)
		fprintf(stderr, "%d checks failed\n", bad);
	return bad != 0;
}
