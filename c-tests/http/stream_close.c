/* harness: valgrind
 * A reply in pieces ends with its client, also while nothing is being sent: that is how a program
 * learns that nobody listens any more. The request stays the program's. */
#include "raw.h"

static struct evhttp_request *open_request;
static int pieces, free_in_callback;

static void left(struct evhttp_connection *c, void *arg)
{
	(void)c;
	(void)arg;
	printf("  close callback, connection %d\n", open_request && evhttp_request_get_connection(open_request) != NULL);
	if (free_in_callback) {
		evhttp_request_free(open_request);
		open_request = NULL;
	}
}

static void completed(struct evhttp_request *r, void *arg)
{
	(void)r;
	(void)arg;
	printf("  complete\n");
}

static void handle(struct evhttp_request *r, void *arg)
{
	struct evbuffer *b = evbuffer_new();
	int i;
	(void)arg;
	open_request = r;
	evhttp_connection_set_closecb(evhttp_request_get_connection(r), left, NULL);
	evhttp_request_set_on_complete_cb(r, completed, NULL);
	evhttp_send_reply_start(r, 200, "OK");
	for (i = 0; i < pieces; i++) {
		evbuffer_add_printf(b, "piece %d", i);
		evhttp_send_reply_chunk(r, b);
	}
	evbuffer_free(b);
}

int main(void)
{
	static const char text[] = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", old[] = "GET /a HTTP/1.0\r\n\r\n";
	static char buf[65536];
	int how, i;
	for (how = 0; how < 2 * 2 * 2 * 3; how++) {
		struct evbuffer *b;
		size_t n;
		int fd, closed;
		pieces = how % 3;
		free_in_callback = how / 3 % 2;
		printf("pieces %d, free %d, %s, 1.%d\n", pieces, free_in_callback, how / 6 % 2 ? "half" : "whole", !(how / 12));
		raw_server();
		evhttp_set_gencb(http, handle, NULL);
		fd = raw_connect();
		if (how / 12)
			raw_send(fd, old, sizeof old - 1);
		else
			raw_send(fd, text, sizeof text - 1);
		n = raw_read(fd, buf, sizeof buf, 0.02, &closed);
		printf("  got %d bytes, closed %d\n", (int)n, closed);
		if (how / 6 % 2) {
			shutdown(fd, SHUT_WR);
			raw_read(fd, buf, sizeof buf, 0.02, &closed);
			printf("  closed %d\n", closed);
		} else {
			close(fd);
			fd = -1;
			for (i = 0; i < 10; i++) {
				raw_turn();
				usleep(1000);
			}
		}
		if (open_request) {
			printf("  connection %d\n", evhttp_request_get_connection(open_request) != NULL);
			b = evbuffer_new();
			evbuffer_add_printf(b, "more");
			evhttp_send_reply_chunk(open_request, b);
			evbuffer_free(b);
			evhttp_send_reply_end(open_request);
			open_request = NULL;
		}
		for (i = 0; i < 5; i++)
			raw_turn();
		if (fd >= 0)
			close(fd);
		evhttp_free(http);
		event_base_free(base);
	}
	return 0;
}
