/* harness: only=evrs; valgrind */
/* Every allocation of every operation fails in turn: the operation fails, has changed nothing, and
 * nothing is lost. */
#include "failalloc.h"
#include <event2/buffer.h>
#include <event2/buffer_compat.h>
#include <fcntl.h>
#include <unistd.h>

static int cleanups, bad;
static char data[40000], out[40000];

static void gone(const void *p, size_t n, void *arg)
{
	(void)p, (void)n, (void)arg;
	cleanups++;
}
static void told(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	(void)b, (void)info, (void)arg;
}

static struct evbuffer *a, *b;

/* The content of both as one number. */
static unsigned state(void)
{
	unsigned h = 5381;
	struct evbuffer *x[2];
	int i;
	x[0] = a;
	x[1] = b;
	for (i = 0; i < 2; i++) {
		size_t k, n = evbuffer_get_length(x[i]);
		evbuffer_copyout(x[i], out, n < sizeof out ? n : sizeof out);
		for (k = 0; k < n && k < sizeof out; k++)
			h = h * 33 + (unsigned char)out[k];
		h = h * 33 + (unsigned)n;
	}
	return h;
}

static int fd, dupped;
static unsigned before;

static int free_line(char *line)
{
	int ok = line != NULL;
	/* From the hooks, and back to them. */
	failalloc_free(line);
	return ok;
}

/* What add_file did not take over is still ours to close. */
static int dup_fd(void)
{
	return dupped = dup(fd);
}
static int close_dup(void)
{
	if (close(dupped))
		bad = 1, printf("add_file: closed on failure\n");
	return 0;
}

static void prepare(void)
{
	a = evbuffer_new();
	b = evbuffer_new();
	if (a) {
		evbuffer_add(a, data, 900);
		evbuffer_add_reference(a, data, 10000, NULL, NULL);
		evbuffer_add(a, "line\r\n", 6);
	}
	if (b)
		evbuffer_add(b, "b", 1);
}

#define OPERATION(name, expr)                                              \
	static int name(void)                                              \
	{                                                                  \
		long at = failalloc_at;                                    \
		int ok;                                                    \
		failalloc_at = 0;                                          \
		prepare();                                                 \
		before = state();                                          \
		failalloc_seen = 0;                                        \
		failalloc_at = at;                                         \
		ok = (expr);                                               \
		failalloc_at = 0;                                          \
		if (!ok && state() != before)                              \
			bad = 1, printf("%s: changed by a failure\n", #name); \
		evbuffer_free(a);                                          \
		evbuffer_free(b);                                          \
		return ok;                                                 \
	}

OPERATION(add, evbuffer_add(a, data, 20000) == 0)
OPERATION(prepend, evbuffer_prepend(a, data, 20000) == 0)
OPERATION(expand, evbuffer_expand(a, 20000) == 0)
OPERATION(pullup, evbuffer_pullup(a, -1) != NULL)
OPERATION(readln, (free_line(evbuffer_readln(a, NULL, EVBUFFER_EOL_CRLF))))
OPERATION(readline, (free_line(evbuffer_readline(a))))
OPERATION(find, evbuffer_find(a, (const unsigned char *)"line", 4) != NULL)
OPERATION(reference, evbuffer_add_reference(a, data, 5, gone, NULL) == 0)
OPERATION(buffer_reference, evbuffer_add_buffer_reference(b, a) == 0)
OPERATION(add_buffer, evbuffer_add_buffer(b, a) == 0)
OPERATION(remove_buffer, evbuffer_remove_buffer(a, b, 100) == 100)
OPERATION(remove_buffer_more, evbuffer_remove_buffer(a, b, 950) == 950)
OPERATION(remove_buffer_big, evbuffer_remove_buffer(a, b, 10000) == 10000)
OPERATION(printf_short, evbuffer_add_printf(a, "%2000d", 5) == 2000)
OPERATION(printf_long, evbuffer_add_printf(a, "%30000d", 5) == 30000)
OPERATION(callback, evbuffer_add_cb(a, told, NULL) != NULL)
OPERATION(old_callback, evbuffer_setcb(a, NULL, NULL) == 0)
OPERATION(read_file, (lseek(fd, 0, SEEK_SET), evbuffer_read(a, fd, 4000) == 4000))
OPERATION(add_file, evbuffer_add_file(a, dup_fd(), 0, 3000) == 0 || close_dup())

static int iovec(void)
{
	struct evbuffer_iovec v[2];
	size_t n;
	long at = failalloc_at;
	failalloc_at = 0;
	prepare();
	failalloc_seen = 0;
	failalloc_at = at;
	v[0].iov_base = v[1].iov_base = data;
	v[0].iov_len = v[1].iov_len = 9000;
	n = evbuffer_add_iovec(a, v, 2);
	failalloc_at = 0;
	if (evbuffer_get_length(a) != 10906 + n)
		bad = 1, printf("iovec: lengths differ\n");
	evbuffer_free(a);
	evbuffer_free(b);
	return n == 18000;
}

static int reserve(void)
{
	struct evbuffer_iovec v[3];
	int n;
	long at = failalloc_at;
	failalloc_at = 0;
	prepare();
	failalloc_seen = 0;
	failalloc_at = at;
	n = evbuffer_reserve_space(a, 9000, v, 3);
	failalloc_at = 0;
	if (n > 0)
		n = evbuffer_commit_space(a, v, n) == 0;
	evbuffer_free(a);
	evbuffer_free(b);
	return n > 0;
}

static int make(void)
{
	struct evbuffer *x = evbuffer_new();
	if (x)
		evbuffer_free(x);
	return x != NULL;
}

static int segment(void)
{
	struct evbuffer_file_segment *s = evbuffer_file_segment_new(fd, 0, 3000,
	    EVBUF_FS_DISABLE_MMAP | EVBUF_FS_DISABLE_SENDFILE);
	if (s)
		evbuffer_file_segment_free(s);
	return s != NULL;
}

int main(void)
{
	char name[] = "./alloc-XXXXXX";
	int failed = 0;
	failalloc_install();
	memset(data, 'd', sizeof data);
	fd = mkstemp(name);
	if (fd < 0 || unlink(name) || write(fd, data, 5000) != 5000)
		return 1;
#define SWEEP(f) failed |= failalloc_sweep(#f, f, 1000)
	SWEEP(make);
	SWEEP(add);
	SWEEP(prepend);
	SWEEP(expand);
	SWEEP(pullup);
	SWEEP(readln);
	SWEEP(readline);
	SWEEP(find);
	SWEEP(reference);
	SWEEP(buffer_reference);
	SWEEP(add_buffer);
	SWEEP(remove_buffer);
	SWEEP(remove_buffer_more);
	SWEEP(remove_buffer_big);
	SWEEP(printf_short);
	SWEEP(printf_long);
	SWEEP(callback);
	SWEEP(old_callback);
	SWEEP(read_file);
	SWEEP(add_file);
	SWEEP(iovec);
	SWEEP(reserve);
	SWEEP(segment);
	printf("bad %d failed %d\n", bad, failed);
	return bad || failed;
}
