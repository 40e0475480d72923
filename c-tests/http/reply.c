/* What a server answers, byte for byte (checklist 13): heads, bodies, versions, keep-alive,
 * pipelining, errors, methods, request lines, headers, bodies, limits. */
#include "raw.h"

static void
gen(struct evhttp_request *r, void *arg)
{
	const char *u = evhttp_request_get_uri(r);
	struct evkeyvalq *out = evhttp_request_get_output_headers(r);
	struct evbuffer *b = evbuffer_new();
	(void)arg;
	raw_describe(r);
	evbuffer_add_printf(b, "hello");
	evhttp_add_header(out, "X-A", "1");
	if (!strncmp(u, "/chunk", 6)) {
		evhttp_send_reply_start(r, 200, "OK");
		evhttp_send_reply_chunk(r, b);
		evhttp_send_reply_chunk(r, b); /* empty by now: skipped */
		evhttp_send_reply_end(r);
	} else if (!strncmp(u, "/204", 4))
		evhttp_send_reply(r, 204, NULL, NULL);
	else if (!strncmp(u, "/empty", 6))
		evhttp_send_reply(r, 200, NULL, NULL);
	else if (!strncmp(u, "/err", 4))
		evhttp_send_error(r, 404, NULL);
	else if (!strncmp(u, "/why", 4))
		evhttp_send_error(r, 500, "broken <pipe>");
	else if (!strncmp(u, "/299", 4))
		evhttp_send_reply(r, 299, NULL, b);
	else if (!strncmp(u, "/600", 4))
		evhttp_send_reply(r, 600, NULL, b);
	else if (!strncmp(u, "/close", 6)) {
		evhttp_add_header(out, "Connection", "close");
		evhttp_send_reply(r, 200, "OK", b);
	} else if (!strncmp(u, "/own", 4)) {
		evhttp_add_header(out, "Date", "never");
		evhttp_add_header(out, "Content-Length", "5");
		evhttp_add_header(out, "Content-Type", "a/b");
		evhttp_send_reply(r, 200, "OK", b);
	} else if (!strncmp(u, "/both", 5)) {
		evbuffer_add_printf(evhttp_request_get_output_buffer(r), "first ");
		evhttp_send_reply(r, 200, "OK", b);
		printf("databuf left: %lu\n", (unsigned long)evbuffer_get_length(b));
	} else
		evhttp_send_reply(r, 200, "OK", b);
	evbuffer_free(b);
}

int
main(void)
{
	raw_server();
	evhttp_set_gencb(http, gen, NULL);
	RAW("1.1", "GET / HTTP/1.1\r\nHost: a:80\r\n\r\n");
	RAW("1.0", "GET / HTTP/1.0\r\n\r\n");
	RAW("1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	RAW("1.2", "GET / HTTP/1.2\r\n\r\n");
	RAW("chunks", "GET /chunk HTTP/1.1\r\n\r\n");
	RAW("chunks to 1.0", "GET /chunk HTTP/1.0\r\n\r\n");
	RAW("chunks to HEAD", "HEAD /chunk HTTP/1.1\r\n\r\n");
	RAW("204", "GET /204 HTTP/1.1\r\n\r\n");
	RAW("no body", "GET /empty HTTP/1.1\r\n\r\n");
	RAW("no body, HEAD", "HEAD /empty HTTP/1.1\r\n\r\n");
	RAW("no body, 1.0 keep-alive", "GET /empty HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	RAW("error", "GET /err HTTP/1.1\r\n\r\n");
	RAW("error to 1.0", "GET /err HTTP/1.0\r\n\r\n");
	RAW("error with reason", "GET /why HTTP/1.1\r\n\r\n");
	RAW("class phrase", "GET /299 HTTP/1.1\r\n\r\n");
	RAW("unknown class", "GET /600 HTTP/1.1\r\n\r\n");
	RAW("reply closes", "GET /close HTTP/1.1\r\n\r\n");
	RAW("own headers", "GET /own HTTP/1.1\r\n\r\n");
	RAW("output buffer first", "GET /both HTTP/1.1\r\n\r\n");
	RAW("request closes", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
	RAW("request closes, 1.0", "GET / HTTP/1.0\r\nConnection: close\r\n\r\n");
	RAW("no target", "GET\r\n\r\n");
	RAW("2.0", "GET / HTTP/2.0\r\n\r\n");
	RAW("junk behind the version", "GET / HTTP/1.1x\r\n\r\n");
	RAW("0.9", "GET /\r\n\r\n");
	RAW("leading empty line", "\r\nGET / HTTP/1.1\r\n\r\n");
	RAW("unknown method", "FOO / HTTP/1.1\r\n\r\n");
	RAW("lower case method", "get / HTTP/1.1\r\n\r\n");
	RAW("method that is not allowed", "PATCH / HTTP/1.1\r\n\r\n");
	RAW("no colon", "GET / HTTP/1.1\r\nfoo\r\n\r\n");
	RAW("folds", "GET / HTTP/1.1\r\nA: b\r\n  c  \r\n\td\r\nE: f\r\n\r\n");
	RAW("fold before any header", "GET / HTTP/1.1\r\n c\r\n\r\n");
	RAW("repeated", "GET / HTTP/1.1\r\nA: 1\r\na: 2\r\nA: 3\r\n\r\n");
	RAW("bare LF", "GET / HTTP/1.1\nA: b\n\n");
	RAW("bare CR", "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n");
	RAW("NUL in the request line", "GET /a\0b HTTP/1.1\r\n\r\n");
	RAW("8 bits", "GET /\xff HTTP/1.1\r\n\r\n");
	RAW("blank in the URI", "GET /a b HTTP/1.1\r\n\r\n");
	RAW("bad escape", "GET /%zz%00 HTTP/1.1\r\n\r\n");
	RAW("no slash", "GET x HTTP/1.1\r\n\r\n");
	RAW("bad authority", "GET //a^b/ HTTP/1.1\r\n\r\n");
	RAW("bad port", "GET //a:99999/ HTTP/1.1\r\n\r\n");
	RAW("absolute", "GET http://U@Ho.st:8080/x?y HTTP/1.1\r\nHost: other\r\n\r\n");
	RAW("length", "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
	RAW("length with GET", "GET / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
	RAW("length with DELETE", "DELETE / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
	RAW("no length", "POST / HTTP/1.1\r\n\r\n");
	RAW("length 0", "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
	RAW("negative length", "POST / HTTP/1.1\r\nContent-Length: -3\r\n\r\nabc");
	RAW("length that is none", "POST / HTTP/1.1\r\nContent-Length: 3x\r\n\r\nabc");
	RAW("length and chunks", "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
	RAW("chunked", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n");
	RAW("gzip, chunked", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	RAW("gzip and chunked", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	RAW("blank behind a size", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n0\r\n\r\n");
	RAW("trailer", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nAuthorization: x\r\n\r\n");
	RAW("expect, body at hand", "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
	RAW("expect, body to come", "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
	RAW("expect something else", "POST / HTTP/1.1\r\nExpect: foo\r\nContent-Length: 3\r\n\r\nabc");
	RAW("expect without a body", "POST / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n");
	RAW("pipelined", "GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET /3 HTTP/1.0\r\n\r\n");
	evhttp_set_allowed_methods(http, 0x1ff);
	RAW("TRACE", "TRACE / HTTP/1.1\r\n\r\n");
	RAW("OPTIONS", "OPTIONS * HTTP/1.1\r\n\r\n");
	RAW("PATCH", "PATCH / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
	evhttp_set_default_content_type(http, "x/y");
	RAW("other default type", "GET / HTTP/1.1\r\n\r\n");
	evhttp_set_default_content_type(http, NULL);
	RAW("no default type", "GET / HTTP/1.1\r\n\r\n");
	evhttp_set_max_body_size(http, 4);
	RAW("body over the limit", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde");
	RAW("body at the limit", "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd");
	RAW("body over the limit, asked first", "POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
	RAW("chunks over the limit", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n");
	evhttp_set_max_headers_size(http, 30);
	RAW("headers over the limit", "GET / HTTP/1.1\r\nA: 345678901234567890\r\n\r\n");
	RAW("request line over the limit", "GET /345678901234567890 HTTP/1.1\r\n\r\n");
	RAW("headers below the limit", "GET / HTTP/1.1\r\nA: 1\r\n\r\n");
	evhttp_set_max_headers_size(http, -1);
	evhttp_set_max_body_size(http, -1);
	evhttp_set_gencb(http, NULL, NULL);
	RAW("nobody answers", "GET /<x>&\"' HTTP/1.1\r\n\r\n");
	raw_done();
	return 0;
}
