/* harness: valgrind */
/* Who is told what, in which order, at once and from the loop. */
#include <event2/buffer.h>
#include <event2/buffer_compat.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void told(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	printf("  %s: was %zu, +%zu, -%zu, is %zu\n", (char *)arg, info->orig_size, info->n_added,
	    info->n_deleted, evbuffer_get_length(b));
}

static void told_old(struct evbuffer *b, size_t old, size_t now, void *arg)
{
	printf("  %s (old style): %zu to %zu, is %zu\n", (char *)arg, old, now, evbuffer_get_length(b));
}

static struct evbuffer_cb_entry *self;
static void once(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	told(b, info, arg);
	evbuffer_remove_cb_entry(b, self);
}

static void drains(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	told(b, info, arg);
	if (info->n_added)
		evbuffer_drain(b, 2);
}

static void adds_another(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	told(b, info, arg);
	evbuffer_remove_cb(b, adds_another, arg);
	evbuffer_add_cb(b, told, (void *)"added from within");
}

#define DO(e) do { printf("%s\n", #e); e; } while (0)

int main(void)
{
	struct evbuffer *a = evbuffer_new(), *b = evbuffer_new();
	struct evbuffer_cb_entry *one, *two;
	struct evbuffer_iovec v[2];
	struct event_base *base;
	char out[5000], *line;
	size_t n;
	memset(out, '.', sizeof out);

	one = evbuffer_add_cb(a, told, (void *)"a1");
	two = evbuffer_add_cb(a, told, (void *)"a2");
	evbuffer_add_cb(b, told, (void *)"b");
	DO(evbuffer_add(a, "hello", 5));
	DO(evbuffer_add(a, "", 0));
	DO(evbuffer_drain(a, 0));
	DO(evbuffer_prepend(a, "abc", 3));
	DO(evbuffer_drain(a, 2));
	DO(evbuffer_remove(a, out, 1));
	DO(evbuffer_copyout(a, out, 1));
	DO(evbuffer_pullup(a, -1));
	DO(evbuffer_expand(a, 5000));
	DO(evbuffer_add_buffer(b, a));
	DO(evbuffer_add_buffer(b, a));
	DO(evbuffer_add_buffer(b, b));
	DO(evbuffer_prepend_buffer(a, b));
	DO(evbuffer_remove_buffer(a, b, 2));
	DO(evbuffer_remove_buffer(a, b, 100));
	DO(evbuffer_add_buffer_reference(a, b));
	DO(evbuffer_drain(a, 100));
	DO(evbuffer_add_reference(a, "reference", 9, NULL, NULL));
	DO(evbuffer_add_reference(a, "reference", 0, NULL, NULL));
	DO(evbuffer_add_printf(a, "%d %s", 42, "text"));
	DO(evbuffer_add_printf(a, "%s", ""));
	v[0].iov_base = v[1].iov_base = out;
	v[0].iov_len = 10;
	v[1].iov_len = 2000;
	DO(evbuffer_add_iovec(a, v, 2));
	DO(n = (size_t)evbuffer_reserve_space(a, 4000, v, 2));
	v[0].iov_len = 1;
	DO(evbuffer_commit_space(a, v, 1));
	evbuffer_drain(a, 10000);
	evbuffer_add(a, "one\r\ntwo\n\nthree", 15);
	DO(line = evbuffer_readln(a, &n, EVBUFFER_EOL_CRLF));
	free(line);
	DO(line = evbuffer_readln(a, &n, EVBUFFER_EOL_CRLF));
	free(line);
	DO(line = evbuffer_readln(a, &n, EVBUFFER_EOL_CRLF));
	free(line);
	DO(evbuffer_freeze(a, 0));
	DO(evbuffer_add(a, "x", 1));
	DO(evbuffer_unfreeze(a, 0));

	printf("-- disabled\n");
	printf("%d\n", evbuffer_cb_clear_flags(a, one, EVBUFFER_CB_ENABLED));
	DO(evbuffer_add(a, "x", 1));
	printf("%d\n", evbuffer_cb_clear_flags(a, two, EVBUFFER_CB_ENABLED));
	DO(evbuffer_add(a, "y", 1));
	printf("%d\n", evbuffer_cb_set_flags(a, one, EVBUFFER_CB_ENABLED));
	DO(evbuffer_add(a, "z", 1));

	printf("-- removing\n");
	printf("%d\n", evbuffer_remove_cb(a, told, (void *)"nobody"));
	printf("%d\n", evbuffer_remove_cb_entry(a, two));
	printf("%d\n", evbuffer_remove_cb_entry(a, one));
	DO(evbuffer_drain(a, 1));
	self = evbuffer_add_cb(a, once, (void *)"once");
	DO(evbuffer_drain(a, 1));
	DO(evbuffer_drain(a, 1));
	evbuffer_add_cb(a, adds_another, (void *)"adds");
	DO(evbuffer_drain(a, 1));
	DO(evbuffer_drain(a, 1));

	printf("-- setcb\n");
	printf("%d\n", evbuffer_setcb(a, told_old, (void *)"old"));
	DO(evbuffer_add(a, "xx", 2));
	printf("%d\n", evbuffer_setcb(a, told_old, (void *)"older"));
	DO(evbuffer_drain(a, 100));
	printf("%d\n", evbuffer_setcb(a, NULL, NULL));
	DO(evbuffer_add(a, "xx", 2));
	printf("%d\n", evbuffer_setcb(a, NULL, NULL));

	printf("-- from within\n");
	evbuffer_add_cb(a, drains, (void *)"drains");
	evbuffer_add_cb(a, told, (void *)"sees");
	DO(evbuffer_add(a, "0123456789", 10));
	evbuffer_setcb(a, NULL, NULL);

	printf("-- deferred\n");
	base = event_base_new();
	evbuffer_drain(a, 1000);
	printf("%d\n", evbuffer_defer_callbacks(a, base));
	one = evbuffer_add_cb(a, told, (void *)"waits");
	two = evbuffer_add_cb(a, told, (void *)"at once");
	evbuffer_cb_set_flags(a, two, 2);
	DO(evbuffer_add(a, "0123", 4));
	DO(evbuffer_add(a, "4567", 4));
	DO(evbuffer_drain(a, 3));
	DO(event_base_loop(base, EVLOOP_NONBLOCK));
	DO(event_base_loop(base, EVLOOP_NONBLOCK));
	DO(evbuffer_drain(a, 1));
	DO(evbuffer_add(a, "!", 1));
	DO(event_base_loop(base, EVLOOP_NONBLOCK));
	evbuffer_remove_cb_entry(a, one);
	DO(evbuffer_add(a, "??", 2));
	DO(event_base_loop(base, EVLOOP_NONBLOCK));
	evbuffer_free(a);
	evbuffer_free(b);
	event_base_free(base);
	return 0;
}
