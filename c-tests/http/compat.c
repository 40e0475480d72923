/* The names before 2.0: a server on the current base, a connection whose base comes later. */
#include <evhttp.h>
#include <event2/listener.h>
#include "raw.h"

static void
gen(struct evhttp_request *r, void *arg)
{
	struct evbuffer *b = evbuffer_new();
	printf("request %s %s\n", evhttp_request_uri(r), (char *)arg);
	evbuffer_add_printf(b, "hi");
	evhttp_send_reply(r, 200, "OK", b);
	evbuffer_free(b);
}

static void
done(struct evhttp_request *r, void *arg)
{
	printf("done %d %lu\n", r ? r->response_code : -1, (unsigned long)(r ? evbuffer_get_length(r->input_buffer) : 0));
	event_base_loopexit((struct event_base *)arg, NULL);
}

int
main(void)
{
	struct evhttp_connection *c;
	struct event_base *b = event_init();
	struct sockaddr_in sin;
	socklen_t len = sizeof sin;
	int fd = socket(AF_INET, SOCK_STREAM, 0), port;
	struct evhttp *h;
	memset(&sin, 0, sizeof sin);
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&sin, sizeof sin) || getsockname(fd, (struct sockaddr *)&sin, &len))
		return 77;
	port = ntohs(sin.sin_port);
	close(fd);
	h = evhttp_start("127.0.0.1", (unsigned short)port);
	printf("start %d, again %d\n", h != NULL, evhttp_start("127.0.0.1", (unsigned short)port) != NULL);
	evhttp_set_gencb(h, gen, "arg");
	c = evhttp_connection_new("127.0.0.1", (unsigned short)port);
	evhttp_connection_set_base(c, b);
	evhttp_connection_set_timeout(c, 5);
	evhttp_connection_set_local_address(c, "127.0.0.1");
	printf("make %d\n", evhttp_make_request(c, evhttp_request_new(done, b), EVHTTP_REQ_GET, "/x"));
	event_dispatch();
	evhttp_connection_free(c);
	evhttp_free(h);
	event_base_free(b);
	return 0;
}
