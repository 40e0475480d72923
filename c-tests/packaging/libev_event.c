/* libev's own event_*: a program that is linked with libev.so.4 alone, as elinks is, and means
 * that library's structure, bits and rules. They stand in no public header of ours, so here. */
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PERSIST = 0x10, ONCE = EVRUN_ONCE, NONBLOCK = EVRUN_NOWAIT };
typedef void (*fn)(int, short, void *);
struct event {
	union { ev_io io; ev_signal sig; } iosig;
	ev_timer to;
	void *ev_base;
	fn ev_callback;
	void *ev_arg;
	int ev_fd, ev_pri, ev_res, ev_flags;
	short ev_events;
};
const char *event_get_version(void), *event_get_method(void), *event_base_get_method(const void *);
void *event_init(void), *event_base_new(void);
void event_base_free(void *);
int event_loop(int), event_loopexit(struct timeval *), event_dispatch(void);
void event_set(struct event *, int, short, fn, void *);
int event_once(int, short, fn, void *, struct timeval *);
int event_add(struct event *, struct timeval *), event_del(struct event *);
void event_active(struct event *, int, short);
int event_pending(struct event *, short, struct timeval *);
int event_priority_init(int), event_priority_set(struct event *, int);
int event_base_set(void *, struct event *), event_base_loop(void *, int);
int event_base_loopexit(void *, struct timeval *), event_base_dispatch(void *);
int event_base_once(void *, int, short, fn, void *, struct timeval *), event_base_priority_init(void *, int);
fn event_get_callback(const struct event *);

static struct event a, b;
static int sv[2];

static void
show(const char *when, int ret)
{
	printf("%s: %d, flags %#x, res %#x, waits for %#x\n", when, ret, a.ev_flags, a.ev_res, event_pending(&a, -1, NULL));
}

static void
cb(int fd, short what, void *arg)
{
	char x[8];
	if (what & EV_READ && fd == sv[0] && read(fd, x, sizeof x) < 0)
		perror("read");
	printf("  %s called with %#x\n", (char *)arg, what);
	show("  inside", 0);
}

static void
set(int fd, short events, const char *name)
{
	event_set(&a, fd, events, cb, (void *)name);
	show(name, 0);
}

int
main(void)
{
	struct timeval soon = { 0, 20000 }, zero = { 0, 0 }, later = { 10, 0 };
	void *base = event_init(), *other;

	setvbuf(stdout, NULL, _IONBF, 0);
	printf("%s %s %s, default loop: %d\n", event_get_version(), event_get_method(), event_base_get_method(base), base == (void *)EV_DEFAULT);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv))
		return 1;

	set(-1, 0, "timer");
	printf("base %d fd %d pri %d callback %d\n", a.ev_base == base, a.ev_fd, a.ev_pri, event_get_callback(&a) == cb);
	show("add", event_add(&a, &soon));
	show("dispatch", event_dispatch());
	show("add 0", event_add(&a, &zero));
	show("loop", event_loop(ONCE));

	set(sv[0], EV_READ, "read");
	show("add", event_add(&a, NULL));
	if (write(sv[1], "x", 1) != 1) return 1;
	show("loop", event_loop(ONCE));

	set(sv[0], EV_READ | PERSIST, "read for good");
	show("add", event_add(&a, &later));
	if (write(sv[1], "x", 1) != 1) return 1;
	show("loop", event_loop(ONCE));
	show("add without timeout", event_add(&a, NULL));
	show("add with", event_add(&a, &soon));
	show("loop", event_loop(ONCE));
	show("del", event_del(&a));
	show("del", event_del(&a));

	set(SIGUSR1, EV_SIGNAL, "signal");
	show("add", event_add(&a, NULL));
	raise(SIGUSR1);
	event_loop(ONCE);
	show("loop", event_loop(NONBLOCK));
	show("del", event_del(&a));

	set(sv[0], EV_READ | EV_WRITE, "by hand");
	event_active(&a, EV_READ, 1);
	show("active", 0);
	if (write(sv[1], "y", 1) != 1) return 1;
	show("loop", event_loop(NONBLOCK));
	event_add(&a, &later);
	event_active(&a, EV_TIMER, 1);
	show("loop", event_loop(NONBLOCK));

	show("once", event_once(sv[1], EV_WRITE, cb, (void *)"once", NULL));
	show("loop", event_loop(NONBLOCK));
	show("once", event_once(sv[0], EV_READ, cb, (void *)"once, late", &soon));
	show("dispatch", event_dispatch());
	show("once, never", event_once(-1, EV_TIMER, cb, (void *)"never", NULL));
	show("loop", event_loop(NONBLOCK));

	show("priorities", event_priority_init(2));
	show("priorities", event_base_priority_init(base, 5));
	show("priority", event_priority_set(&a, 1));
	printf("priority %d\n", a.ev_pri);

	set(sv[1], EV_WRITE | PERSIST, "write");
	event_add(&a, NULL);
	show("exit", event_loopexit(NULL));
	show("dispatch", event_dispatch());
	show("exit", event_base_loopexit(base, &soon));
	event_del(&a);
	event_set(&b, -1, 0, cb, "b");
	event_add(&b, &later);
	show("dispatch", event_base_dispatch(base));
	event_del(&b);

	other = event_base_new();
	set(-1, 0, "another base");
	show("base", event_base_set(other, &a));
	event_add(&a, &soon);
	show("loop", event_base_loop(other, 0));
	show("once", event_base_once(other, -1, EV_TIMER, cb, (void *)"there", &zero));
	show("loop", event_base_loop(other, 0));
	event_base_free(other);
	printf("a second init is another loop: %d\n", event_init() != base);
	return 0;
}
