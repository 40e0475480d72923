/* harness: expect=strict.out
 *
 * Where evrs differs from libevent 2.1.12 on purpose. In each case two HTTP implementations have
 * been known to read the same bytes in different ways, or the reply breaks the rules of HTTP:
 * - a body whose framing is not certain is refused with 400: a last coding other than chunked,
 *   chunked before the last, Transfer-Encoding in 1.0, repeated lengths (CVE-2026-63382, RFC 9112 6.1-6.3), a signed length or one
 *   that does not fit 63 bits;
 * - chunk sizes are digits, lines end with CRLF (le#1542); extensions are fine (RFC 9112 7.1.1), where
 *   the reference answers 413 to both;
 * - a version is two digits (le#1541), tabs around values go too (le#1696);
 * - names are not empty and hold no blanks, values hold no NUL (le#1686, CVE-2026-63385);
 * - replies to HEAD, and 204, have no body, pieces for 1.0 end with the connection. */
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
		evhttp_send_reply(r, 204, NULL, b);
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
	RAW("gzip alone", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nabc");
	RAW("identity", "POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\nabc");
	RAW("chunked in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	RAW("chunked twice", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n");
	RAW("chunk line with a bare LF", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n");
	RAW("chunk size in letters", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n");
	RAW("chunk size 0x3", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n");
	RAW("chunk size +3", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n");
	RAW("chunk size -0", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-0\r\n\r\n");
	RAW("blank before a size", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n 3\r\nabc\r\n0\r\n\r\n");
	RAW("chunk longer than said", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n");
	RAW("chunk extension", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n0\r\n\r\n");
	RAW("equal lengths", "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc");
	RAW("different lengths", "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc");
	RAW("list of lengths", "POST / HTTP/1.1\r\nContent-Length: 3, 3\r\n\r\nabc");
	RAW("length +3", "POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc");
	RAW("length too large", "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\nabc");
	RAW("empty name", "GET / HTTP/1.1\r\n: b\r\n\r\n");
	RAW("blank before the colon", "POST / HTTP/1.1\r\nContent-Length : 3\r\n\r\nabc");
	RAW("NUL in a value", "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n");
	RAW("huge version", "GET / HTTP/4294967295.255\r\n\r\n");
	RAW("blanks around values", "GET / HTTP/1.1\r\nA: \t b c \t\r\nD:e\r\nF:\r\n\r\n");
	RAW("chunked, gzip", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	RAW("body for HEAD", "HEAD / HTTP/1.1\r\n\r\n");
	RAW("error for HEAD", "HEAD /err HTTP/1.1\r\n\r\n");
	RAW("body for 204", "GET /204 HTTP/1.1\r\n\r\n");
	RAW("pieces for 1.0 keep-alive", "GET /chunk HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	evhttp_set_allowed_methods(http, 0xffff);
	RAW("CONNECT to no host", "CONNECT /x HTTP/1.1\r\n\r\n");
	raw_done();
	return 0;
}
