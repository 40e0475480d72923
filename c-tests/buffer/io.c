/* harness: valgrind */
/* Reading and writing: amounts, ends, errors, frozen buffers. */
#include <event2/buffer.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char data[200000], out[200000];

static const char *reason(int r)
{
	return r >= 0 ? "" : errno == EAGAIN ? "EAGAIN" : errno == EBADF ? "EBADF" : errno == EPIPE ? "EPIPE" : "?";
}

#define SAY(e) do { int r_; errno = 0; r_ = (int)(e); \
	printf("%s = %d %s, length %zu\n", #e, r_, reason(r_), evbuffer_get_length(b)); } while (0)

int main(void)
{
	struct evbuffer *b = evbuffer_new();
	int s[2], i, small;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		return 1;
	fcntl(s[0], F_SETFL, O_NONBLOCK);
	fcntl(s[1], F_SETFL, O_NONBLOCK);
	small = 400000;
	setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	setsockopt(s[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	for (i = 0; i < (int)sizeof data; i++)
		data[i] = (char)('a' + i % 23);

	SAY(evbuffer_read(b, s[0], -1));
	SAY(evbuffer_read(b, s[0], 100));
	SAY(write(s[1], data, 20000) == 20000);
	SAY(evbuffer_read(b, s[0], 10));
	SAY(evbuffer_read(b, s[0], 1000));
	SAY(evbuffer_read(b, s[0], -1));
	SAY(evbuffer_read(b, s[0], 100000));
	SAY(evbuffer_read(b, s[0], 4096));
	SAY(evbuffer_read(b, s[0], 4097));
	SAY(evbuffer_read(b, s[0], 2617));
	SAY(evbuffer_read(b, s[0], 5000));
	SAY(evbuffer_read(b, s[0], 5000));
	evbuffer_copyout(b, out, 20000);
	SAY(memcmp(out, data, 20000));
	SAY(evbuffer_drain(b, 19900));
	for (i = 0; i < 30; i++) {
		(void)!write(s[1], data, (size_t)(i * 100));
		SAY(evbuffer_read(b, s[0], -1));
		if (i % 7 == 3)
			SAY(evbuffer_drain(b, 3000));
	}
	SAY(evbuffer_drain(b, 100000));
	SAY(evbuffer_freeze(b, 0));
	SAY(write(s[1], data, 5) == 5);
	SAY(evbuffer_read(b, s[0], -1));
	SAY(evbuffer_unfreeze(b, 0));
	SAY(evbuffer_read(b, s[0], -1));
	SAY(evbuffer_read(b, -1, 10));
	SAY(evbuffer_drain(b, 5));

	printf("-- writing\n");
	SAY(evbuffer_write(b, s[0]));
	SAY(evbuffer_add(b, data, 3000));
	SAY(evbuffer_prepend(b, "0123456789", 10));
	SAY(evbuffer_write_atmost(b, s[0], 5));
	SAY(evbuffer_write_atmost(b, s[0], 0));
	SAY(evbuffer_write_atmost(b, s[0], 10));
	SAY(evbuffer_freeze(b, 1));
	SAY(evbuffer_write(b, s[0]));
	SAY(evbuffer_unfreeze(b, 1));
	SAY(evbuffer_write_atmost(b, s[0], 100000));
	SAY(read(s[1], out, sizeof out));
	SAY(memcmp(out, "0123456789", 10) || memcmp(out + 10, data, 3000));
	for (i = 0; i < 50; i++)
		evbuffer_add_reference(b, data + i * 100, 100, NULL, NULL);
	SAY(evbuffer_write(b, s[0]));
	SAY(read(s[1], out, sizeof out));
	SAY(memcmp(out, data, 5000));
	SAY(evbuffer_add(b, "x", 1));
	SAY(evbuffer_write(b, -1));
	close(s[1]);
	SAY(send(s[0], "x", 1, MSG_NOSIGNAL));
	SAY(evbuffer_read(b, s[0], -1));
	close(s[0]);

	printf("-- a pipe and its end\n");
	if (pipe(s))
		return 1;
	SAY(evbuffer_write(b, s[1]));
	SAY(evbuffer_read(b, s[0], -1));
	close(s[1]);
	SAY(evbuffer_read(b, s[0], -1));
	close(s[0]);
	evbuffer_free(b);
	return 0;
}
