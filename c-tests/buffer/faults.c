/* harness: only=evrs; valgrind; asan */
/* Faults of the original, each by its number in its tracker or its advisory. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int failures;
#define CHECK(e) do { if (!(e)) { printf("%s: line %d: %s\n", __func__, __LINE__, #e); failures++; } } while (0)

static int is(struct evbuffer *b, const char *text)
{
	size_t n = strlen(text);
	return evbuffer_get_length(b) == n && (!n || !memcmp(evbuffer_pullup(b, -1), text, n));
}

/* 335: expand and add in turns keep the order. */
static void issue_335(void)
{
	struct evbuffer *b = evbuffer_new();
	char want[2000] = "";
	int i;
	for (i = 0; i < 60; i++) {
		char text[20];
		evbuffer_expand(b, (size_t)(i * 37 % 900));
		snprintf(text, sizeof text, "<%d>", i);
		if (i % 3 == 2)
			evbuffer_add_printf(b, "%s", text);
		else
			evbuffer_add(b, text, strlen(text));
		strcat(want, text);
	}
	CHECK(is(b, want));
	evbuffer_free(b);
}

/* 340: small expands over and over do not make a block each. */
static void issue_340(void)
{
	struct evbuffer *b = evbuffer_new();
	struct evbuffer_iovec v[4];
	int i;
	for (i = 0; i < 1000; i++) {
		evbuffer_expand(b, 10);
		evbuffer_add(b, "0123456789", 10);
	}
	CHECK(evbuffer_peek(b, -1, NULL, NULL, 0) < 12);
	evbuffer_drain(b, 100000);
	for (i = 0; i < 1000; i++) {
		int n = evbuffer_reserve_space(b, 10, v, 1);
		CHECK(n == 1);
		memcpy(v[0].iov_base, "0123456789", 10);
		v[0].iov_len = 10;
		CHECK(evbuffer_commit_space(b, v, 1) == 0);
	}
	CHECK(evbuffer_get_length(b) == 10000);
	CHECK(evbuffer_peek(b, -1, NULL, NULL, 0) < 12);
	evbuffer_free(b);
}

static struct evbuffer_cb_info last;
static void remember(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	(void)b, (void)arg;
	last = *info;
}

/* 349: the callback of a prepend says how much was prepended. */
static void issue_349(void)
{
	static char data[5000];
	static const size_t sizes[] = { 1, 100, 976, 977, 5000 };
	size_t i;
	for (i = 0; i < 5; i++) {
		struct evbuffer *b = evbuffer_new();
		evbuffer_add_cb(b, remember, NULL);
		CHECK(evbuffer_prepend(b, data, sizes[i]) == 0);
		CHECK(last.n_added == sizes[i] && last.orig_size == 0 && last.n_deleted == 0);
		evbuffer_drain(b, 1);
		CHECK(evbuffer_prepend(b, data, sizes[i]) == 0);
		CHECK(last.n_added == sizes[i] && last.orig_size == sizes[i] - 1);
		evbuffer_free(b);
	}
}

/* 306: a file from an offset beyond a page, behind other content. */
static void issue_306(void)
{
	char name[] = "./faults-XXXXXX";
	int fd = mkstemp(name), i;
	struct evbuffer *b = evbuffer_new();
	static char data[20000];
	unlink(name);
	for (i = 0; i < 20000; i++)
		data[i] = (char)('a' + i % 19);
	CHECK(write(fd, data, sizeof data) == (ssize_t)sizeof data);
	evbuffer_add(b, "head", 4);
	CHECK(evbuffer_add_file(b, fd, 5001, 7777) == 0);
	CHECK(evbuffer_get_length(b) == 7781);
	CHECK(!memcmp(evbuffer_pullup(b, -1), "head", 4));
	CHECK(!memcmp(evbuffer_pullup(b, -1) + 4, data + 5001, 7777));
	evbuffer_free(b);
	CHECK(close(fd) == -1 && errno == EBADF);
}

static int seg_gone;
static void segment_gone(struct evbuffer_file_segment const *seg, int flags, void *arg)
{
	(void)seg, (void)flags, (void)arg;
	seg_gone++;
}

/* 964 and 539f73e3: counts of a segment stay right when it cannot be added, and for empty files. */
static void issue_964(void)
{
	char name[] = "./faults-XXXXXX";
	int fd = mkstemp(name);
	struct evbuffer *b = evbuffer_new();
	struct evbuffer_file_segment *s;
	unlink(name);
	CHECK(write(fd, "0123456789", 10) == 10);
	s = evbuffer_file_segment_new(fd, 0, 10, 0);
	evbuffer_file_segment_add_cleanup_cb(s, segment_gone, NULL);
	evbuffer_freeze(b, 0);
	CHECK(evbuffer_add_file_segment(b, s, 0, 10) == -1);
	evbuffer_unfreeze(b, 0);
	CHECK(evbuffer_add_file_segment(b, s, 5, 6) == -1);
	CHECK(evbuffer_add_file_segment(b, s, 11, -1) == -1);
	CHECK(evbuffer_add_file_segment(b, s, -1, 2) == -1);
	CHECK(evbuffer_add_file_segment(b, s, INT64_MAX, 2) == -1);
	CHECK(evbuffer_add_file_segment(b, s, 2, INT64_MAX) == -1);
	CHECK(seg_gone == 0);
	CHECK(evbuffer_add_file_segment(b, s, 0, 10) == 0);
	evbuffer_file_segment_free(s);
	CHECK(seg_gone == 0 && is(b, "0123456789"));
	evbuffer_free(b);
	CHECK(seg_gone == 1);
	CHECK(close(fd) == 0);
	/* A file that cannot be read after all: the descriptor stays the caller's. */
	b = evbuffer_new();
	fd = open("/proc/self/mem", O_WRONLY);
	if (fd >= 0) {
		CHECK(evbuffer_add_file(b, fd, 0, 100) == -1);
		CHECK(close(fd) == 0);
	}
	evbuffer_free(b);
}

/* c37069c, fdfabbec: remove_buffer when the first block is empty. */
static void issue_c37069c(void)
{
	struct evbuffer *a = evbuffer_new(), *b = evbuffer_new();
	struct evbuffer_iovec v[2];
	evbuffer_expand(a, 100);
	CHECK(evbuffer_reserve_space(a, 3000, v, 2) == 2);
	v[0].iov_len = 0;
	memcpy(v[1].iov_base, "content", 7);
	v[1].iov_len = 7;
	CHECK(evbuffer_commit_space(a, v, 2) == 0);
	CHECK(evbuffer_get_contiguous_space(a) == 7);
	CHECK(evbuffer_remove_buffer(a, b, 3) == 3);
	CHECK(evbuffer_search(a, "tent", 4, NULL).pos == 0);
	CHECK(is(b, "con") && is(a, "tent"));
	CHECK(evbuffer_remove_buffer(a, b, 4) == 4);
	CHECK(is(b, "content") && is(a, ""));
	evbuffer_free(a);
	evbuffer_free(b);
}

static int cleanups;
static void gone(const void *p, size_t n, void *arg)
{
	(void)p, (void)n, (void)arg;
	cleanups++;
}

/* CVE-2026-63381: a reference into a buffer that holds one empty block. */
static void cve_2026_63381(void)
{
	struct evbuffer *a = evbuffer_new(), *b = evbuffer_new();
	evbuffer_add(a, "content", 7);
	evbuffer_add_reference(b, "", 0, gone, NULL);
	CHECK(cleanups == 0);
	CHECK(evbuffer_add_buffer_reference(b, a) == 0);
	CHECK(cleanups == 1);
	evbuffer_add(b, "!", 1);
	CHECK(is(b, "content!"));
	evbuffer_free(a);
	CHECK(is(b, "content!"));
	evbuffer_free(b);
	cleanups = 0;
}

/* Multicast: source drained, changed, freed; the copies stay as they were. */
static void multicast(void)
{
	struct evbuffer *a = evbuffer_new(), *b = evbuffer_new(), *c = evbuffer_new();
	evbuffer_add(a, "0123456789", 10);
	evbuffer_add_reference(a, "reference", 9, gone, NULL);
	CHECK(evbuffer_add_buffer_reference(b, a) == 0 && evbuffer_add_buffer_reference(c, a) == 0);
	evbuffer_drain(a, 5);
	evbuffer_prepend(a, "xyz", 3);
	evbuffer_add(a, "more", 4);
	evbuffer_add(b, "B", 1);
	evbuffer_prepend(c, "C", 1);
	CHECK(is(a, "xyz56789referencemore"));
	CHECK(is(b, "0123456789referenceB"));
	CHECK(is(c, "C0123456789reference"));
	evbuffer_free(a);
	CHECK(is(b, "0123456789referenceB"));
	evbuffer_free(b);
	CHECK(cleanups == 0 || cleanups == 1);
	CHECK(is(c, "C0123456789reference"));
	evbuffer_free(c);
	CHECK(cleanups == 1);
	cleanups = 0;
}

/* 1842: the content of a bufferevent's buffer, referenced; the bufferevent is freed; the survivor
 * is locked and used. */
static void issue_1842(void)
{
	struct event_base *base = event_base_new();
	struct bufferevent *pair[2];
	struct evbuffer *b = evbuffer_new();
	CHECK(evbuffer_enable_locking(b, NULL) == 0);
	CHECK(bufferevent_pair_new(base, BEV_OPT_THREADSAFE, pair) == 0);
	evbuffer_add(bufferevent_get_output(pair[0]), "content", 7);
	CHECK(evbuffer_add_buffer_reference(b, bufferevent_get_output(pair[0])) == 0);
	bufferevent_free(pair[0]);
	bufferevent_free(pair[1]);
	event_base_loop(base, EVLOOP_NONBLOCK);
	evbuffer_lock(b);
	CHECK(is(b, "content"));
	evbuffer_drain(b, 3);
	evbuffer_unlock(b);
	evbuffer_free(b);
	event_base_free(base);
}

/* A deferred callback of a bufferevent's buffer keeps both alive until it has run. */
static int calls;
static void count(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	(void)b, (void)info, (void)arg;
	calls++;
}
static void deferred_in_bufferevent(void)
{
	struct event_base *base = event_base_new();
	struct bufferevent *pair[2];
	struct evbuffer *out;
	CHECK(bufferevent_pair_new(base, BEV_OPT_THREADSAFE, pair) == 0);
	out = bufferevent_get_output(pair[0]);
	CHECK(evbuffer_defer_callbacks(out, base) == 0);
	evbuffer_add_cb(out, count, NULL);
	bufferevent_write(pair[0], "text", 4);
	CHECK(calls == 0);
	bufferevent_free(pair[0]);
	bufferevent_free(pair[1]);
	event_base_loop(base, EVLOOP_NONBLOCK);
	CHECK(calls <= 1);
	event_base_free(base);
}

/* What frees references frees them once, on each way out. */
static void cleanup_once(void)
{
	struct evbuffer *a, *b;
	char out[40];
	int way;
	for (way = 0; way < 8; way++) {
		a = evbuffer_new();
		b = evbuffer_new();
		evbuffer_add_reference(a, "reference", 9, gone, NULL);
		evbuffer_add(a, "x", 1);
		switch (way) {
		case 0: evbuffer_drain(a, 9); break;
		case 1: evbuffer_remove(a, out, 10); break;
		case 2: evbuffer_pullup(a, 10); break;
		case 3: evbuffer_add_buffer(b, a); evbuffer_drain(b, 100); break;
		case 4: evbuffer_remove_buffer(a, b, 5); evbuffer_remove_buffer(a, b, 5); evbuffer_drain(b, 10); break;
		case 5: evbuffer_prepend_buffer(b, a); evbuffer_drain(b, 9); break;
		case 6: evbuffer_add_buffer_reference(b, a); evbuffer_drain(a, 10); evbuffer_drain(b, 10); break;
		case 7: evbuffer_write(a, 2000); break;
		}
		if (way != 7)
			CHECK(cleanups == 1);
		evbuffer_free(a);
		evbuffer_free(b);
		CHECK(cleanups == 1);
		cleanups = 0;
	}
}

int main(void)
{
	evthread_use_pthreads();
	issue_335();
	issue_340();
	issue_349();
	issue_306();
	issue_964();
	issue_c37069c();
	cve_2026_63381();
	multicast();
	issue_1842();
	deferred_in_bufferevent();
	cleanup_once();
	printf("%d failures\n", failures);
	return failures != 0;
}
