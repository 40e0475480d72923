/* harness: valgrind */
/* Files in buffers: every strategy, offset and way out; who closes the descriptor, and when. */
#include <event2/buffer.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char content[30000], out[30000];

static int file(size_t n)
{
	char name[] = "./segment-XXXXXX";
	int fd = mkstemp(name);
	if (fd < 0 || unlink(name) || write(fd, content, n) != (ssize_t)n)
		exit(1);
	return fd;
}

static int is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void gone(struct evbuffer_file_segment const *seg, int flags, void *arg)
{
	(void)seg;
	printf("  segment cleanup %s, flags %d\n", (char *)arg, flags);
}

/* Everything in `b` to a socket, and compared with `want`. */
static void drain_to_socket(struct evbuffer *b, const char *want, size_t n)
{
	int s[2];
	size_t got = 0;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		exit(1);
	fcntl(s[0], F_SETFL, O_NONBLOCK);
	while (evbuffer_get_length(b)) {
		ssize_t r;
		int w = evbuffer_write(b, s[0]);
		if (w <= 0 && errno != EAGAIN) {
			printf("  write fails\n");
			break;
		}
		while ((r = recv(s[1], out + got, sizeof out - got, MSG_DONTWAIT)) > 0)
			got += (size_t)r;
	}
	printf("  %zu bytes %s\n", got, got == n && !memcmp(out, want, n) ? "right" : "WRONG");
	close(s[0]);
	close(s[1]);
}

static void variant(unsigned flags, int sendfile, off_t offset, off_t length, int before)
{
	struct evbuffer *b = evbuffer_new();
	struct evbuffer_file_segment *seg;
	int fd = file(20000), r, n = length < 0 ? 20000 - (int)offset : (int)length;
	static char want[30000];
	if (sendfile)
		evbuffer_set_flags(b, EVBUFFER_FLAG_DRAINS_TO_FD);
	memset(want, '.', 100);
	if (before)
		evbuffer_add(b, want, 100);
	seg = evbuffer_file_segment_new(fd, offset, length, flags | EVBUF_FS_CLOSE_ON_FREE);
	printf("flags %u drains %d offset %d length %d before %d: %s\n", flags, sendfile, (int)offset,
	    (int)length, before, seg ? "made" : "refused");
	if (!seg) {
		printf("  open %d\n", is_open(fd));
		close(fd);
		evbuffer_free(b);
		return;
	}
	evbuffer_file_segment_add_cleanup_cb(seg, gone, (void *)"x");
	r = evbuffer_add_file_segment(b, seg, 0, n);
	printf("  add %d, length %zu\n", r, evbuffer_get_length(b));
	r = evbuffer_add_file_segment(b, seg, 10, 7);
	printf("  add part %d, length %zu\n", r, evbuffer_get_length(b));
	evbuffer_file_segment_free(seg);
	printf("  open %d\n", is_open(fd));
	evbuffer_add(b, "end", 3);
	memcpy(want + (before ? 100 : 0), content + offset, (size_t)n);
	memcpy(want + (before ? 100 : 0) + n, content + offset + 10, 7);
	memcpy(want + (before ? 100 : 0) + n + 7, "end", 3);
	n += 10 + (before ? 100 : 0);
	if (!sendfile) {
		printf("  pullup %s\n", memcmp(evbuffer_pullup(b, n / 2), want, (size_t)n / 2) ? "WRONG" : "right");
		evbuffer_copyout(b, out, (size_t)n);
		printf("  copyout %s\n", memcmp(out, want, (size_t)n) ? "WRONG" : "right");
	}
	drain_to_socket(b, want, (size_t)n);
	printf("  open %d\n", is_open(fd));
	evbuffer_free(b);
}

int main(void)
{
	static const unsigned flags[] = { 0, EVBUF_FS_DISABLE_MMAP, EVBUF_FS_DISABLE_SENDFILE,
	    EVBUF_FS_DISABLE_MMAP | EVBUF_FS_DISABLE_SENDFILE, EVBUF_FS_DISABLE_LOCKING };
	struct evbuffer *a, *b;
	struct evbuffer_file_segment *seg;
	size_t i;
	int fd, drains, before;
	for (i = 0; i < sizeof content; i++)
		content[i] = (char)('a' + i * 7 % 26);

	for (i = 0; i < sizeof flags / sizeof *flags; i++)
		for (drains = 0; drains < 2; drains++)
			for (before = 0; before < 2; before++) {
				variant(flags[i], drains, 0, 20000, before);
				variant(flags[i], drains, 5000, 12345, before);
				variant(flags[i], drains, 4096, 100, before);
			}
	variant(0, 0, 0, -1, 0);
	variant(0, 1, 0, -1, 1);

	printf("-- ranges that are none\n");
	b = evbuffer_new();
	fd = file(1000);
	printf("%d\n", evbuffer_file_segment_new(fd, -1, 10, 0) != NULL);
	printf("%d\n", evbuffer_file_segment_new(fd, 0, -2, 0) != NULL);
	printf("%d\n", evbuffer_file_segment_new(-1, 0, -1, 0) != NULL);
	printf("%d\n", evbuffer_file_segment_new(-1, 0, 10, EVBUF_FS_DISABLE_SENDFILE) != NULL);
	seg = evbuffer_file_segment_new(fd, 100, 500, 0);
	printf("%d\n", evbuffer_add_file_segment(b, seg, 500, 0));
	printf("%d\n", evbuffer_add_file_segment(b, seg, 400, 50));
	printf("%zu\n", evbuffer_get_length(b));
	printf("%d\n", evbuffer_add_file_segment(b, seg, 450, -1));
	printf("%zu\n", evbuffer_get_length(b));
	evbuffer_drain(b, 1000);
	evbuffer_file_segment_free(seg);
	printf("open %d\n", is_open(fd));

	printf("-- add_file takes the descriptor\n");
	printf("%d ", evbuffer_add_file(b, fd, 0, 1000));
	printf("%zu open %d\n", evbuffer_get_length(b), is_open(fd));
	evbuffer_drain(b, 999);
	printf("open %d\n", is_open(fd));
	evbuffer_drain(b, 1);
	printf("open %d\n", is_open(fd));
	fd = file(1000);
	printf("%d ", evbuffer_add_file(b, fd, 5, 10));
	evbuffer_add(b, "|", 1);
	printf("%s %zu\n", evbuffer_pullup(b, -1) && !memcmp(evbuffer_pullup(b, -1), content + 5, 10) ? "right" : "WRONG",
	    evbuffer_get_length(b));
	printf("open %d\n", is_open(fd));
	evbuffer_free(b);

	printf("-- one segment, two buffers\n");
	a = evbuffer_new();
	b = evbuffer_new();
	fd = file(1000);
	seg = evbuffer_file_segment_new(fd, 0, 1000, EVBUF_FS_CLOSE_ON_FREE);
	evbuffer_file_segment_add_cleanup_cb(seg, gone, (void *)"two");
	evbuffer_add_file_segment(a, seg, 0, 100);
	evbuffer_add_file_segment(b, seg, 100, 100);
	evbuffer_file_segment_free(seg);
	printf("reference of a file %d\n", evbuffer_add_buffer_reference(a, b));
	evbuffer_add_buffer(a, b);
	evbuffer_free(b);
	printf("open %d\n", is_open(fd));
	evbuffer_copyout(a, out, 200);
	printf("%s\n", memcmp(out, content, 200) ? "WRONG" : "right");
	evbuffer_drain(a, 150);
	printf("open %d\n", is_open(fd));
	evbuffer_free(a);
	printf("open %d\n", is_open(fd));
	return 0;
}
