/* harness: only=evrs; valgrind; asan */
/* What callbacks and cleanup functions may do: free the buffer, change it, remove each other. The
 * reference crashes in some of this. */
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;
#define CHECK(e) do { if (!(e)) { printf("line %d: %s\n", __LINE__, #e); failures++; } } while (0)

static int calls;
static struct evbuffer_cb_entry *entry[3];

static void frees(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	(void)info, (void)arg;
	calls++;
	evbuffer_free(b);
}

static void counts(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	(void)b, (void)info, (void)arg;
	calls++;
}

static void frees_other(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	(void)b, (void)info;
	calls++;
	evbuffer_free(arg);
}

static void removes_all(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	int i;
	(void)info, (void)arg;
	calls++;
	for (i = 0; i < 3; i++)
		CHECK(evbuffer_remove_cb_entry(b, entry[i]) == 0);
	CHECK(evbuffer_remove_cb_entry(b, entry[0]) == -1);
}

static void deep(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	(void)arg;
	calls++;
	if (info->n_added && calls < 50)
		evbuffer_add(b, "x", 1);
}

static void cleanup_adds(const void *data, size_t len, void *arg)
{
	(void)data, (void)len;
	calls++;
	evbuffer_add(arg, "from cleanup", 12);
}

static void cleanup_frees(const void *data, size_t len, void *arg)
{
	(void)data, (void)len;
	calls++;
	evbuffer_free(arg);
}

static struct evbuffer *full(void)
{
	struct evbuffer *b = evbuffer_new();
	evbuffer_add(b, "0123456789\r\n", 12);
	return b;
}

int main(void)
{
	struct evbuffer *a, *b;
	struct event_base *base;
	char out[100];
	int i;

	/* Every operation, with a callback that frees the buffer. */
	for (i = 0; i < 12; i++) {
		struct evbuffer_iovec v[2];
		a = full();
		b = full();
		calls = 0;
		if (i == 8) {
			CHECK(evbuffer_reserve_space(a, 10, v, 1) == 1);
			v[0].iov_len = 3;
		}
		evbuffer_add_cb(a, counts, NULL);
		evbuffer_add_cb(a, frees, NULL);
		switch (i) {
		case 0: CHECK(evbuffer_add(a, "x", 1) == 0); break;
		case 1: CHECK(evbuffer_drain(a, 1) == 0); break;
		case 2: CHECK(evbuffer_remove(a, out, 2) == 2); break;
		case 3: CHECK(evbuffer_prepend(a, "x", 1) == 0); break;
		case 4: CHECK(evbuffer_add_buffer(a, b) == 0); break;
		case 5: CHECK(evbuffer_add_buffer(b, a) == 0); break;
		case 6: CHECK(evbuffer_remove_buffer(a, b, 2) == 2); break;
		case 7: free(evbuffer_readln(a, NULL, EVBUFFER_EOL_CRLF)); break;
		case 8: CHECK(evbuffer_commit_space(a, v, 1) == 0); break;
		case 9: CHECK(evbuffer_add_printf(a, "%d", 1) == 1); break;
		case 10: CHECK(evbuffer_add_reference(a, "ref", 3, NULL, NULL) == 0); break;
		case 11:
			v[0].iov_base = v[1].iov_base = (void *)"abc";
			v[0].iov_len = v[1].iov_len = 3;
			evbuffer_add_iovec(a, v, 2);
			break;
		}
		/* The older callback is not told once the buffer is freed. */
		CHECK(calls == 1);
		evbuffer_free(b);
	}

	/* The source's callback frees the target. */
	a = full();
	b = full();
	calls = 0;
	evbuffer_add_cb(a, frees_other, b);
	evbuffer_add_cb(b, counts, NULL);
	CHECK(evbuffer_add_buffer(b, a) == 0);
	CHECK(calls == 1);
	evbuffer_free(a);

	/* Callbacks that remove each other. */
	a = full();
	calls = 0;
	entry[0] = evbuffer_add_cb(a, counts, NULL);
	entry[1] = evbuffer_add_cb(a, removes_all, NULL);
	entry[2] = evbuffer_add_cb(a, counts, NULL);
	evbuffer_add(a, "x", 1);
	CHECK(calls == 2);
	evbuffer_add(a, "x", 1);
	CHECK(calls == 2);
	CHECK(evbuffer_remove_cb(a, counts, NULL) == -1);

	/* Changes from within, nested. */
	calls = 0;
	evbuffer_add_cb(a, deep, NULL);
	evbuffer_add(a, "x", 1);
	CHECK(calls == 50);
	evbuffer_free(a);

	/* Cleanup functions that use the buffer. */
	a = full();
	calls = 0;
	evbuffer_add_reference(a, "ref", 3, cleanup_adds, a);
	evbuffer_drain(a, 100);
	CHECK(calls == 1 && evbuffer_get_length(a) == 12);
	evbuffer_add_reference(a, "ref", 3, cleanup_frees, a);
	evbuffer_add_reference(a, "more", 4, NULL, NULL);
	evbuffer_drain(a, 100);
	CHECK(calls == 2);

	/* NULL for cb removes all. */
	a = full();
	calls = 0;
	evbuffer_add_cb(a, counts, NULL);
	evbuffer_add_cb(a, counts, NULL);
	CHECK(evbuffer_add_cb(a, NULL, NULL) == NULL);
	evbuffer_drain(a, 1);
	CHECK(calls == 0);
	evbuffer_free(a);

	/* Freed while a deferred run is scheduled. */
	base = event_base_new();
	a = full();
	calls = 0;
	CHECK(evbuffer_defer_callbacks(a, base) == 0);
	evbuffer_add_cb(a, counts, NULL);
	evbuffer_add(a, "x", 1);
	CHECK(calls == 0);
	evbuffer_free(a);
	event_base_loop(base, EVLOOP_NONBLOCK);
	CHECK(calls == 0);
	/* Freed from within a deferred run; deferred twice. */
	a = full();
	CHECK(evbuffer_defer_callbacks(a, base) == 0);
	evbuffer_add_cb(a, frees, NULL);
	evbuffer_add(a, "x", 1);
	CHECK(evbuffer_defer_callbacks(a, base) == 0);
	evbuffer_add(a, "x", 1);
	event_base_loop(base, EVLOOP_NONBLOCK);
	CHECK(calls == 1);
	event_base_free(base);

	/* Cleanup functions that use the buffer that is being freed have nothing to see. */
	a = full();
	evbuffer_add_reference(a, "ref", 3, NULL, NULL);
	evbuffer_free(a);
	printf("%d failures\n", failures);
	return failures != 0;
}
