/* NULL for a base means the one that event_init() made last, wherever the reference lets it through. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_compat.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void say(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	printf("%s %d\n", (char *)arg, what);
}

static void say_read(struct bufferevent *b, void *arg)
{
	char text[20];
	size_t n = bufferevent_read(b, text, sizeof text);
	printf("%s read %.*s\n", (char *)arg, (int)n, text);
}

static void accepted(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int n, void *arg)
{
	(void)l, (void)sa, (void)n, (void)arg;
	printf("accepted\n");
	close(fd);
}

int main(void)
{
	struct event_base *base = event_init();
	struct bufferevent *p[2], *b;
	struct evconnlistener *l;
	struct evhttp *http;
	struct evhttp_connection *c;
	struct event *e = event_new(NULL, -1, 0, say, "event");
	struct sockaddr_in sin;
	socklen_t len = sizeof sin;
	int i;

	printf("event %d\n", event_get_base(e) == base);
	event_active(e, EV_WRITE, 1);
	printf("pair %d\n", bufferevent_pair_new(NULL, 0, p));
	bufferevent_setcb(p[1], say_read, NULL, NULL, "pair");
	bufferevent_enable(p[1], EV_READ);
	bufferevent_enable(p[0], EV_WRITE);
	bufferevent_write(p[0], "hello", 5);
	printf("once %d\n", event_base_once(NULL, -1, EV_TIMEOUT, say, "once", NULL));

	memset(&sin, 0, sizeof sin);
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	l = evconnlistener_new_bind(NULL, accepted, NULL, LEV_OPT_CLOSE_ON_FREE, 5, (struct sockaddr *)&sin, sizeof sin);
	printf("listener %d\n", l != NULL);
	getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&sin, &len);
	b = bufferevent_socket_new(NULL, -1, BEV_OPT_CLOSE_ON_FREE);
	printf("socket %d\n", b != NULL);
	printf("connect %d\n", bufferevent_socket_connect(b, (struct sockaddr *)&sin, sizeof sin));
	for (i = 0; i < 20; i++) {
		event_loop(EVLOOP_NONBLOCK);
		usleep(1000);
	}
	http = evhttp_new(NULL);
	printf("http %d\n", http != NULL);
	c = evhttp_connection_base_new(NULL, NULL, "127.0.0.1", 1);
	printf("connection %d\n", c != NULL);
	evhttp_connection_free(c);
	evhttp_free(http);
	bufferevent_free(b);
	bufferevent_free(p[0]);
	bufferevent_free(p[1]);
	evconnlistener_free(l);
	event_free(e);
	event_loop(EVLOOP_NONBLOCK);
	event_base_free(NULL);
	printf("current %d\n", event_new(NULL, -1, 0, say, NULL) != NULL);
	return 0;
}
