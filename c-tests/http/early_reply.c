/* A server that answers before it has the whole request. The client hears of the failure, unless
 * EVHTTP_CON_READ_ON_WRITE_ERROR asks for what the server said; a server that goes on to take the
 * request gets its answer through in any case. */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* More than the buffers of a socket hold. */
#define BODY (24 << 20)

static struct event_base *base;

/* How the server ends: 0 closes with data unread, 1 ends its side and takes the rest, 2 takes the rest
 * and then closes. */
static pid_t serve(int fd, int how)
{
	static const char reply[] = "HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlarge";
	pid_t pid = fork();
	char buf[65536];
	int s;
	if (pid)
		return pid;
	s = accept(fd, NULL, NULL);
	if (read(s, buf, 1000) <= 0 || write(s, reply, sizeof reply - 1) < 0)
		_exit(1);
	if (how == 1) {
		/* The client sees the end while it still has something to send. */
		shutdown(s, SHUT_WR);
		usleep(300000);
	}
	if (how) {
		size_t left = BODY;
		ssize_t n;
		while (left && (n = read(s, buf, sizeof buf)) > 0)
			left -= (size_t)n < left ? (size_t)n : left;
	}
	close(s);
	_exit(0);
}

static void failed(enum evhttp_request_error e, void *arg)
{
	(void)arg;
	printf("  error %d\n", (int)e);
}

static void done(struct evhttp_request *r, void *arg)
{
	if (!r)
		printf("  no reply\n");
	else
		printf("  code %d, %d bytes\n", evhttp_request_get_response_code(r),
		    (int)evbuffer_get_length(evhttp_request_get_input_buffer(r)));
	event_base_loopexit(base, NULL);
	(void)arg;
}

int main(void)
{
	static char body[BODY];
	struct sockaddr_in sin;
	socklen_t len = sizeof sin;
	int how, flags, room = 16384, fd = socket(AF_INET, SOCK_STREAM, 0);
	memset(body, 'b', sizeof body);
	memset(&sin, 0, sizeof sin);
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* Small, so that most of the request stays with the client. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
	if (bind(fd, (struct sockaddr *)&sin, sizeof sin) || listen(fd, 5) || getsockname(fd, (struct sockaddr *)&sin, &len))
		return 1;
	setvbuf(stdout, NULL, _IONBF, 0);
	signal(SIGPIPE, SIG_IGN);
	base = event_base_new();
	for (how = 0; how < 3; how++)
		for (flags = 0; flags < 2; flags++) {
			pid_t pid = serve(fd, how);
			struct evhttp_connection *c = evhttp_connection_base_new(base, NULL, "127.0.0.1", ntohs(sin.sin_port));
			struct evhttp_request *r = evhttp_request_new(done, NULL);
			printf("server %d, flag %d\n", how, flags);
			evhttp_connection_set_timeout(c, 10);
			if (flags)
				evhttp_connection_set_flags(c, EVHTTP_CON_READ_ON_WRITE_ERROR);
			evhttp_request_set_error_cb(r, failed);
			evbuffer_add_reference(evhttp_request_get_output_buffer(r), body, sizeof body, NULL, NULL);
			evhttp_make_request(c, r, EVHTTP_REQ_POST, "/");
			event_base_dispatch(base);
			evhttp_connection_free(c);
			waitpid(pid, NULL, 0);
		}
	close(fd);
	event_base_free(base);
	return 0;
}
