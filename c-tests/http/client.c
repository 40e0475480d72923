/* The client, byte for byte and callback for callback (checklist 14). */
#include "client_kit.h"

#define REPLY(text) next_reply(text, 0)
#define LAST(text) next_reply(text, 1)

/* Nothing tells whether the connection is freed but a checker of leaks. */
static void
done_with_the_connection(struct evhttp_request *r, void *arg)
{
	done(r, arg);
	evhttp_connection_free_on_completion(con);
	con = NULL;
}

int
main(void)
{
	struct evhttp_request *r;
	struct timeval tv = { 0, 60000 };
	int fd, port;
	char *address;
	ev_uint16_t peer_port;

	script_start();
	fresh();
	evhttp_connection_get_peer(con, &address, &peer_port);
	printf("peer %s %d\n", address, peer_port == script_port);
	printf("== GET\n");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello");
	ask(request("a", HEADERS), EVHTTP_REQ_GET, "/x?y");
	printf("addr %d base %d server %d\n", evhttp_connection_get_addr(con) != NULL, evhttp_connection_get_base(con) == base,
	    evhttp_connection_get_server(con) != NULL);
	printf("== the next one, 204\n");
	REPLY("HTTP/1.1 204 No\r\n\r\n");
	ask(request("b", HEADERS), EVHTTP_REQ_GET, "/2");
	printf("== chunks, with a callback\n");
	REPLY("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
	ask(request("c", CHUNKS), EVHTTP_REQ_GET, "/c");
	printf("== chunks and a trailer\n");
	REPLY("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\nT: u\r\n\r\n");
	ask(request("d", 0), EVHTTP_REQ_GET, "/d");
	printf("== until close\n");
	LAST("HTTP/1.1 200 OK\r\n\r\nuntil close");
	ask(request("e", CHUNKS), EVHTTP_REQ_GET, "/e");
	printf("== POST\n");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	r = request("f", 0);
	evbuffer_add_printf(evhttp_request_get_output_buffer(r), "body");
	ask(r, EVHTTP_REQ_POST, "/f");
	printf("== without a body\n");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	ask(request("g", 0), EVHTTP_REQ_POST, "/post");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	ask(request("g", 0), EVHTTP_REQ_PUT, "/put");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	ask(request("g", 0), EVHTTP_REQ_PATCH, "/patch");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	ask(request("g", 0), EVHTTP_REQ_DELETE, "/delete");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	ask(request("g", 0), EVHTTP_REQ_OPTIONS, "*");
	printf("== own version and length\n");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	r = request("h", 0);
	evhttp_add_header(evhttp_request_get_output_headers(r), "Content-Length", "0");
	ask(r, EVHTTP_REQ_POST, "/h");
	printf("== HEAD\n");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
	ask(request("i", 0), EVHTTP_REQ_HEAD, "/i");
	printf("== 304\n");
	REPLY("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n");
	ask(request("i", 0), EVHTTP_REQ_GET, "/i");
	printf("== short body\n");
	LAST("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
	ask(request("j", 0), EVHTTP_REQ_GET, "/j");
	printf("== bad status lines\n");
	REPLY("HTTP/1.1 abc\r\n\r\n");
	ask(request("k", 0), EVHTTP_REQ_GET, "/k");
	REPLY("HTTP/1.1 0 x\r\n\r\n");
	ask(request("k", 0), EVHTTP_REQ_GET, "/k");
	REPLY("HTTP/2.0 200 OK\r\n\r\n");
	ask(request("k", 0), EVHTTP_REQ_GET, "/k");
	REPLY("nonsense\r\n\r\n");
	ask(request("k", 0), EVHTTP_REQ_GET, "/k");
	printf("== bad header\n");
	REPLY("HTTP/1.1 200 OK\r\nnonsense\r\n\r\n");
	ask(request("l", 0), EVHTTP_REQ_GET, "/l");
	printf("== end instead of a reply\n");
	LAST("HTTP/1.1 2");
	ask(request("m", 0), EVHTTP_REQ_GET, "/m");
	printf("== no reason\n");
	REPLY("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n");
	ask(request("n", 0), EVHTTP_REQ_GET, "/n");
	printf("== a queue, and a close in it\n");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n2");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3");
	evhttp_make_request(con, request("q1", 0), EVHTTP_REQ_GET, "/q1");
	evhttp_make_request(con, request("q2", 0), EVHTTP_REQ_GET, "/q2");
	ask(request("q3", 0), EVHTTP_REQ_GET, "/q3");
	turn(0.05);
	printf("== length and chunks\n");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
	ask(request("o", 0), EVHTTP_REQ_GET, "/o");
	printf("== limits\n");
	evhttp_connection_set_max_body_size(con, 3);
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde");
	ask(request("p", 0), EVHTTP_REQ_GET, "/p");
	REPLY("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n");
	ask(request("p", 0), EVHTTP_REQ_GET, "/p");
	evhttp_connection_set_max_body_size(con, -1);
	evhttp_connection_set_max_headers_size(con, 20);
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde");
	ask(request("p", 0), EVHTTP_REQ_GET, "/p");
	evhttp_connection_set_max_headers_size(con, -1);
	printf("== cancelled under way, another waits\n");
	REPLY("");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3");
	r = request("r", 0);
	evhttp_make_request(con, r, EVHTTP_REQ_GET, "/r");
	evhttp_make_request(con, request("r2", 0), EVHTTP_REQ_GET, "/r2");
	turn(0.05);
	evhttp_cancel_request(r);
	turn(0.05);
	printf("== cancelled in the queue\n");
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3");
	evhttp_make_request(con, request("s", 0), EVHTTP_REQ_GET, "/s");
	r = request("s2", 0);
	evhttp_make_request(con, r, EVHTTP_REQ_GET, "/s2");
	evhttp_cancel_request(r);
	turn(0.05);
	printf("== timeout\n");
	evhttp_connection_set_timeout_tv(con, &tv);
	REPLY("");
	ask(request("t", 0), EVHTTP_REQ_GET, "/t");
	printf("== freed under way\n");
	fresh();
	REPLY("");
	evhttp_make_request(con, request("u", 0), EVHTTP_REQ_GET, "/u");
	turn(0.03);
	evhttp_connection_free(con);
	printf("== refused, then with retries\n");
	port = dead_port(&fd);
	con = evhttp_connection_base_new(base, NULL, "127.0.0.1", (ev_uint16_t)port);
	evhttp_connection_set_closecb(con, on_close, NULL);
	ask(request("v", 0), EVHTTP_REQ_GET, "/v");
	tv.tv_usec = 20000;
	evhttp_connection_set_retries(con, 2);
	evhttp_connection_set_initial_retry_tv(con, &tv);
	evhttp_make_request(con, request("w1", 0), EVHTTP_REQ_GET, "/w");
	ask(request("w2", 0), EVHTTP_REQ_GET, "/w");
	close(fd);
	printf("== freed while it waits to retry\n");
	port = dead_port(&fd);
	evhttp_connection_free(con);
	con = evhttp_connection_base_new(base, NULL, "127.0.0.1", (ev_uint16_t)port);
	evhttp_connection_set_retries(con, -1);
	evhttp_make_request(con, request("x", 0), EVHTTP_REQ_GET, "/x");
	turn(0.05);
	evhttp_connection_free(con);
	close(fd);
	con = NULL;
	printf("== freed on completion\n");
	fresh();
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n2");
	evhttp_connection_free_on_completion(con);
	ask(request("y", 0), EVHTTP_REQ_GET, "/y");
	con = NULL;
	printf("== freed on completion, says the callback\n");
	fresh();
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n2");
	ask(evhttp_request_new(done_with_the_connection, (void *)(size_t)"y2"), EVHTTP_REQ_GET, "/y2");
	printf("== owned\n");
	fresh();
	REPLY("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2");
	r = request("z", 0);
	evhttp_request_own(r);
	ask(r, EVHTTP_REQ_GET, "/z");
	printf("still there: %d, owned %d, connection %d\n", evhttp_request_get_response_code(r), evhttp_request_is_owned(r),
	    evhttp_request_get_connection(r) != NULL);
	evhttp_request_free(r);
	printf("flags %d %d\n", evhttp_connection_set_flags(con, 1), evhttp_connection_set_flags(con, EVHTTP_CON_READ_ON_WRITE_ERROR));
	script_end();
	return 0;
}
