/* harness: only=evrs
 *
 * The n-th allocation fails, for every n: nothing crashes, nothing leaks, failures are told. */
#include "raw.h"
#include "failalloc.h"

static int
uris(void)
{
	struct evhttp_uri *u = evhttp_uri_parse("http://u@h:80/p?q#f");
	int ok = u && !evhttp_uri_set_host(u, "other") && !evhttp_uri_set_path(u, "/x");
	evhttp_uri_free(u);
	return ok;
}

static int
strings(void)
{
	char *a = evhttp_encode_uri("a b"), *b = evhttp_decode_uri("a%20b"), *c = evhttp_htmlescape("<a>");
	int ok = a && b && c;
	failalloc_free(a);
	failalloc_free(b);
	failalloc_free(c);
	return ok;
}

static int
lists(void)
{
	struct evkeyvalq q;
	int ok = !evhttp_parse_query_str("a=b&c=d&e=%41", &q) && !evhttp_add_header(&q, "x", "y");
	evhttp_clear_headers(&q);
	return ok;
}

static int
requests(void)
{
	struct evhttp_request *r = evhttp_request_new(NULL, NULL);
	int ok = r && !evhttp_add_header(evhttp_request_get_output_headers(r), "a", "b");
	evhttp_request_free(r);
	return ok;
}

static void
gen(struct evhttp_request *r, void *arg)
{
	struct evbuffer *b = evbuffer_new();
	(void)arg;
	if (b)
		evbuffer_add_printf(b, "hello %s", evhttp_request_get_uri(r));
	evhttp_add_header(evhttp_request_get_output_headers(r), "X", "y");
	if (!strcmp(evhttp_request_get_uri(r), "/pieces")) {
		evhttp_send_reply_start(r, 200, "OK");
		if (b)
			evhttp_send_reply_chunk(r, b);
		evhttp_send_reply_end(r);
	} else
		evhttp_send_reply(r, 200, "OK", b);
	if (b)
		evbuffer_free(b);
}

static int
settings(void)
{
	struct evhttp *h = evhttp_new(base), *v = evhttp_new(base);
	int ok = h && v && !evhttp_set_cb(h, "/a", gen, NULL) && !evhttp_add_server_alias(h, "x");
	if (ok && !evhttp_add_virtual_host(h, "*.x", v))
		v = NULL;
	else
		ok = 0;
	ok = ok && !evhttp_bind_socket(h, "127.0.0.1", 0);
	evhttp_free(h);
	evhttp_free(v);
	return ok;
}

static int replies;
static void
done(struct evhttp_request *r, void *arg)
{
	(void)arg;
	if (r && evhttp_request_get_response_code(r) == 200)
		replies++;
}

static int
exchange(void)
{
	struct evhttp_connection *c = evhttp_connection_base_new(base, NULL, "127.0.0.1", (ev_uint16_t)http_port);
	int i;
	replies = 0;
	if (c) {
		struct evhttp_request *r = evhttp_request_new(done, NULL);
		if (r) {
			evbuffer_add_printf(evhttp_request_get_output_buffer(r), "body");
			evhttp_make_request(c, r, EVHTTP_REQ_POST, "/a");
		}
		r = evhttp_request_new(done, NULL);
		if (r)
			evhttp_make_request(c, r, EVHTTP_REQ_GET, "/pieces");
		for (i = 0; i < 20; i++)
			raw_turn();
		evhttp_connection_free(c);
	}
	for (i = 0; i < 5; i++)
		raw_turn();
	return replies == 2;
}

int
main(void)
{
	int bad = 0;
	failalloc_install();
	raw_server();
	evhttp_set_gencb(http, gen, NULL);
	bad |= failalloc_sweep("uris", uris, 1000);
	bad |= failalloc_sweep("strings", strings, 1000);
	bad |= failalloc_sweep("lists", lists, 1000);
	bad |= failalloc_sweep("requests", requests, 1000);
	bad |= failalloc_sweep("settings", settings, 1000);
	bad |= failalloc_sweep("exchange", exchange, 1000);
	raw_done();
	return bad;
}
