/* Variadic exports with register and stack arguments of every kind, and the undeclared event_warn
 * family that generated RPC code calls. */
/* harness: valgrind */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/util.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void event_err(int eval, const char *fmt, ...);
void event_errx(int eval, const char *fmt, ...);
void event_warn(const char *fmt, ...);
void event_warnx(const char *fmt, ...);
void event_msgx(const char *fmt, ...);
void event_sock_err(int eval, evutil_socket_t sock, const char *fmt, ...);
void event_sock_warn(evutil_socket_t sock, const char *fmt, ...);

static void on_log(int severity, const char *msg)
{
    printf("log %d '%s'\n", severity, msg);
    fflush(stdout);
}

static void on_fatal(int err)
{
    printf("fatal %d\n", err);
    fflush(stdout);
    _exit(err & 0xff);
}

static void end(int which, int fatal)
{
    int status = 0;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        if (fatal)
            event_set_fatal_callback(on_fatal);
        errno = ENOENT;
        if (which == 0)
            event_err(3, "err %d", 1);
        else if (which == 1)
            event_errx(4, "errx %s", "x");
        else
            event_sock_err(5, 0, "sock_err %c", 'c');
        _exit(99);
    }
    waitpid(pid, &status, 0);
    printf("%s %d\n", WIFEXITED(status) ? "exit" : "signal",
           WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

int main(void)
{
    char text[400], longer[3000];
    struct evbuffer *b = evbuffer_new();
    int n, i;

    n = evutil_snprintf(text, sizeof(text), "%d %s %ld %.3f %c %llu %p %d %d %g %s|", 1, "two", 3L, 4.25, '5', 6ULL,
                        (void *)0x77, 8, 9, 10.5, "eleven");
    printf("%d %s\n", n, text);
    n = evutil_snprintf(text, 8, "%s", "much longer than that");
    printf("%d %s\n", n, text);
    n = evutil_snprintf(text, 0, "%s", "nothing");
    printf("%d\n", n);

    n = evbuffer_add_printf(b, "%d %s %f %ld %d %d %d %d %f %f\n", -1, "text", 1.5, 1L << 40, 5, 6, 7, 8, 2.5, 3.5);
    printf("%d %zu\n", n, evbuffer_get_length(b));
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = 0;
    for (i = 0; i < 5; i++)
        printf("%d\n", evbuffer_add_printf(b, "<%s>", longer));
    printf("%d\n", evbuffer_add_printf(b, "%s", ""));
    fwrite(evbuffer_pullup(b, -1), 1, evbuffer_get_length(b), stdout);
    evbuffer_free(b);
    puts("");

    event_set_log_callback(on_log);
    errno = ENOENT;
    event_warn("warn %d %s", 42, "text");
    errno = EAGAIN;
    event_warnx("warnx %ld %.2f", 7L, 0.5);
    event_msgx("msgx %s", "hello");
    errno = EPIPE;
    event_sock_warn(0, "sock_warn %d", 9);
    event_warnx("%s", longer);
    errno = EINTR;
    event_warn("%s", longer);
    event_msgx("no argument");
    for (i = 0; i < 3; i++) {
        end(i, 0);
        end(i, 1);
    }
    return 0;
}
