/* harness: only=evrs; valgrind
 *
 * A callback may free everything, from everywhere: each action at each point, on a server and on a
 * client. libevent crashes in several of them. */
#include "raw.h"

enum { NOTHING, FREE_REQUEST, FREE_CONNECTION, FREE_SERVER, REPLY, REPLY_TWICE, ERROR_TOO, END, LOOPBREAK, OWN, N_ACTIONS };
enum { HANDLER, NEWREQ, HEADER, CHUNK, COMPLETE, CLOSE, PIECE, ERRORPAGE, N_POINTS };

static int action, point, happened;
static struct evhttp_request *owned;
static struct evhttp_request *unended; /* its reply in pieces goes on, with or without its client */

static void
reply(struct evhttp_request *r)
{
	struct evbuffer *b = evbuffer_new();
	evbuffer_add_printf(b, "hello");
	evhttp_send_reply(r, 200, "OK", b);
	evbuffer_free(b);
}

/* 1 when the request is gone or answered. */
static int
act(int here, struct evhttp_request *r, struct evhttp_connection *c)
{
	if (here != point || happened)
		return 0;
	happened = 1;
	switch (action) {
	case FREE_REQUEST:
		if (r)
			evhttp_request_free(r);
		return 1;
	case FREE_CONNECTION:
		if (!c && r)
			c = evhttp_request_get_connection(r);
		if (c)
			evhttp_connection_free(c);
		return 1;
	case FREE_SERVER:
		evhttp_free(http);
		http = NULL;
		return 1;
	case REPLY:
		if (r)
			reply(r);
		return 1;
	case REPLY_TWICE:
		if (r) {
			reply(r);
			reply(r);
		}
		return 1;
	case ERROR_TOO:
		if (r) {
			evhttp_send_error(r, 500, NULL);
			reply(r);
		}
		return 1;
	case END:
		if (r)
			evhttp_send_reply_end(r);
		return 0;
	case LOOPBREAK:
		event_base_loopbreak(base);
		return 0;
	case OWN:
		if (r) {
			evhttp_request_own(r);
			owned = r;
		}
		return 0;
	}
	return 0;
}

static void
piece(struct evhttp_connection *c, void *arg)
{
	struct evhttp_request *r = arg;
	if (act(PIECE, r, c)) {
		if (action == REPLY || action == REPLY_TWICE || action == ERROR_TOO)
			unended = r;
		return;
	}
	evhttp_send_reply_end(r);
}

static void
complete(struct evhttp_request *r, void *arg)
{
	(void)arg;
	act(COMPLETE, r, NULL);
}

static void
closed(struct evhttp_connection *c, void *arg)
{
	(void)arg;
	act(CLOSE, NULL, c);
}

static void
chunk(struct evhttp_request *r, void *arg)
{
	(void)arg;
	act(CHUNK, r, NULL);
}

static int
header(struct evhttp_request *r, void *arg)
{
	(void)arg;
	act(HEADER, r, NULL);
	return 0;
}

static int
newreq(struct evhttp_request *r, void *arg)
{
	(void)arg;
	evhttp_request_set_chunked_cb(r, chunk);
	evhttp_request_set_header_cb(r, header);
	evhttp_request_set_on_complete_cb(r, complete, NULL);
	evhttp_connection_set_closecb(evhttp_request_get_connection(r), closed, NULL);
	act(NEWREQ, r, NULL);
	return 0;
}

static int
page(struct evhttp_request *r, struct evbuffer *b, int code, const char *reason, void *arg)
{
	(void)arg;
	(void)reason;
	evbuffer_add_printf(b, "page %d", code);
	act(ERRORPAGE, r, NULL);
	return 0;
}

static void
gen(struct evhttp_request *r, void *arg)
{
	struct evbuffer *b;
	(void)arg;
	if (act(HANDLER, r, NULL))
		return;
	if (!strcmp(evhttp_request_get_uri(r), "/missing")) {
		evhttp_send_error(r, 404, NULL);
		return;
	}
	if (strcmp(evhttp_request_get_uri(r), "/pieces")) {
		reply(r);
		return;
	}
	b = evbuffer_new();
	evbuffer_add_printf(b, "piece");
	evhttp_send_reply_start(r, 200, "OK");
	evhttp_send_reply_chunk_with_cb(r, b, piece, r);
	evbuffer_free(b);
}

static void
server_case(void)
{
	static char buf[65536];
	static const char text[] = "POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"
		"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
		"GET /pieces HTTP/1.1\r\n\r\nGET /missing HTTP/1.1\r\n\r\n";
	int closed_by, fd, i;
	happened = 0;
	owned = unended = NULL;
	raw_server();
	evhttp_set_gencb(http, gen, NULL);
	evhttp_set_newreqcb(http, newreq, NULL);
	evhttp_set_errorcb(http, page, NULL);
	fd = raw_connect();
	raw_send(fd, text, sizeof text - 1);
	raw_read(fd, buf, sizeof buf, 0.02, &closed_by);
	close(fd);
	for (i = 0; i < 5; i++)
		raw_turn();
	if (unended)
		evhttp_send_reply_end(unended);
	if (owned)
		evhttp_request_free(owned);
	if (http)
		evhttp_free(http);
	event_base_free(base);
}

/* The client's half. */
enum { DONE, C_HEADER, C_CHUNK, C_ERROR, C_CLOSE, N_CPOINTS };
enum { C_NOTHING, C_FREE_REQUEST, C_FREE_CONNECTION, C_CANCEL, C_AGAIN, C_OWN, N_CACTIONS };

static struct evhttp_connection *con;
static struct evhttp_request *creq;
static int answers;

static void done(struct evhttp_request *r, void *arg);
static void failed(enum evhttp_request_error e, void *arg);
static void cchunk(struct evhttp_request *r, void *arg);
static int cheader(struct evhttp_request *r, void *arg);

static void
ask(const char *uri)
{
	struct evhttp_request *r = evhttp_request_new(done, NULL);
	evhttp_request_set_error_cb(r, failed);
	evhttp_request_set_chunked_cb(r, cchunk);
	evhttp_request_set_header_cb(r, cheader);
	creq = r;
	evhttp_make_request(con, r, EVHTTP_REQ_GET, uri);
}

static void
cact(int here, struct evhttp_request *r)
{
	if (here != point || happened)
		return;
	happened = 1;
	switch (action) {
	case C_FREE_REQUEST:
		if (r)
			evhttp_request_free(r);
		break;
	case C_FREE_CONNECTION:
		if (con)
			evhttp_connection_free(con);
		con = NULL;
		break;
	case C_CANCEL:
		if (r && here != DONE)
			evhttp_cancel_request(r);
		break;
	case C_AGAIN:
		if (con)
			ask("/again");
		break;
	case C_OWN:
		if (r) {
			evhttp_request_own(r);
			owned = r;
		}
		break;
	}
}

static void
done(struct evhttp_request *r, void *arg)
{
	(void)arg;
	answers++;
	cact(DONE, r);
}
static void
failed(enum evhttp_request_error e, void *arg)
{
	(void)e;
	(void)arg;
	cact(C_ERROR, NULL);
}
static void
cchunk(struct evhttp_request *r, void *arg)
{
	(void)arg;
	cact(C_CHUNK, r);
}
static int
cheader(struct evhttp_request *r, void *arg)
{
	(void)arg;
	cact(C_HEADER, r);
	return 0;
}
static void
cclosed(struct evhttp_connection *c, void *arg)
{
	(void)c;
	(void)arg;
	cact(C_CLOSE, NULL);
}

static void
cgen(struct evhttp_request *r, void *arg)
{
	(void)arg;
	if (!strcmp(evhttp_request_get_uri(r), "/drop"))
		evhttp_connection_free(evhttp_request_get_connection(r));
	else if (!strcmp(evhttp_request_get_uri(r), "/close")) {
		evhttp_add_header(evhttp_request_get_output_headers(r), "Connection", "close");
		reply(r);
	} else
		reply(r);
}

static void
client_case(void)
{
	int i;
	happened = 0;
	owned = NULL;
	raw_server();
	evhttp_set_gencb(http, cgen, NULL);
	con = evhttp_connection_base_new(base, NULL, "127.0.0.1", (ev_uint16_t)http_port);
	evhttp_connection_set_closecb(con, cclosed, NULL);
	ask("/1");
	ask("/close");
	ask("/drop");
	ask("/2");
	for (i = 0; i < 60; i++) {
		raw_turn();
		usleep(200);
	}
	if (owned)
		evhttp_request_free(owned);
	if (con)
		evhttp_connection_free(con);
	evhttp_free(http);
	event_base_free(base);
}

int
main(void)
{
	for (point = 0; point < N_POINTS; point++)
		for (action = 0; action < N_ACTIONS; action++) {
			fprintf(stderr, "server: action %d at %d\n", action, point);
			server_case();
		}
	for (point = 0; point < N_CPOINTS; point++)
		for (action = 0; action < N_CACTIONS; action++) {
			fprintf(stderr, "client: action %d at %d\n", action, point);
			client_case();
		}
	printf("alive, %d answers\n", answers > 0);
	return 0;
}
