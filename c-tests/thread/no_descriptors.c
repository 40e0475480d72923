/* A base for threads needs no descriptor of its own once it is made: the loop runs, and another thread
 * wakes it, although the process has none left. */
#include <event2/event.h>
#include <event2/thread.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static struct event_base *base;
static struct event *ev;

static void called(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)arg;
	printf("called %d\n", what);
	event_base_loopbreak(base);
}

static void *other(void *arg)
{
	usleep(20000);
	event_active(ev, EV_WRITE, 1);
	return arg;
}

int main(void)
{
	struct rlimit r = { 64, 64 };
	struct timeval tv = { 5, 0 };
	pthread_t t;
	int n = 0;
	evthread_use_pthreads();
	base = event_base_new();
	ev = event_new(base, -1, EV_PERSIST, called, NULL);
	event_add(ev, &tv);
	setrlimit(RLIMIT_NOFILE, &r);
	while (open("/dev/null", O_RDONLY) >= 0)
		n++;
	pthread_create(&t, NULL, other, NULL);
	printf("loop %d\n", event_base_dispatch(base));
	pthread_join(t, NULL);
	printf("none left %d\n", n > 0 && n < 64);
	event_free(ev);
	event_base_free(base);
	return 0;
}
