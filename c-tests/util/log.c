/* Log and fatal callbacks, what goes to stderr without them, how a fatal error ends, and the undeclared
 * exports that generated code calls. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/util.h>

/* exported by the library, in no header */
void event_warn(const char *fmt, ...);
void event_warnx(const char *fmt, ...);
void event_msgx(const char *fmt, ...);
void event_err(int eval, const char *fmt, ...);
void event_errx(int eval, const char *fmt, ...);
void event_sock_warn(evutil_socket_t sock, const char *fmt, ...);
void event_sock_err(int eval, evutil_socket_t sock, const char *fmt, ...);

static void log_cb(int severity, const char *msg)
{
    printf("log %d '%s'\n", severity, msg);
    fflush(stdout);
}

static void fatal_cb(int code)
{
    printf("fatal %d\n", code);
    fflush(stdout);
}

static void leave(int code)
{
    printf("leave %d\n", code);
    fflush(stdout);
    _exit(7);
}

enum { ERR, ERRX, SOCK_ERR, ABORT };

static void die(int how, int code, void (*fatal)(int), int log)
{
    int status, p[2], n, len = 0;
    char text[300];

    fflush(stdout);
    if (pipe(p) < 0)
        exit(1);
    if (fork() == 0) {
        dup2(p[1], 2);
        signal(SIGABRT, SIG_DFL);
        event_set_log_callback(log ? log_cb : NULL);
        event_set_fatal_callback(fatal);
        errno = ENOENT;
        if (how == ERR)
            event_err(code, "gone %d", 1);
        else if (how == ERRX)
            event_errx(code, "wrong %s", "thing");
        else
            event_sock_err(code, 0, "socket %d", 5);
        printf("came back\n");
        exit(0);
    }
    close(p[1]);
    while ((n = read(p[0], text + len, sizeof(text) - 1 - len)) > 0)
        len += n;
    close(p[0]);
    text[len] = 0;
    wait(&status);
    printf("stderr '%s' %s %d\n", text, WIFEXITED(status) ? "exit" : "signal",
        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

int main(void)
{
    char longtext[3000];
    int p[2], saved, n;
    char text[300];
    void (*fatals[])(int) = { NULL, fatal_cb, leave };
    int i, log;

    event_set_log_callback(log_cb);
    errno = EBADF;
    event_warn("a %s of %d", "warning", 2);
    errno = EINVAL;
    event_sock_warn(3, "socket %d", 3);
    event_warnx("plain %c", 'x');
    event_warnx("%s", "");
    event_msgx("message %ld", 77L);
    event_warnx("%d %d %d %d %d %d %d %f", 1, 2, 3, 4, 5, 6, 7, 8.5);
    memset(longtext, 'L', sizeof(longtext) - 1);
    longtext[sizeof(longtext) - 1] = 0;
    event_warnx("%s", longtext);
    errno = EPERM;
    event_warn("%s", longtext);

    /* the default goes to stderr */
    fflush(stdout);
    if (pipe(p) < 0)
        return 1;
    saved = dup(2);
    dup2(p[1], 2);
    event_set_log_callback(NULL);
    event_warnx("to stderr %d", 1);
    event_msgx("and this");
    errno = ENOMEM;
    event_warn("memory");
    dup2(saved, 2);
    n = read(p[0], text, sizeof(text) - 1);
    text[n > 0 ? n : 0] = 0;
    printf("%s", text);

    for (i = 0; i < 3; i++)
        for (log = 0; log < 2; log++) {
            die(ERR, 3, fatals[i], log);
            die(ERRX, 1, fatals[i], log);
            die(ERRX, (int)0xdeaddead, fatals[i], log);
            die(SOCK_ERR, 300, fatals[i], log);
        }

    /* asking for debug messages and taking it back */
    event_set_log_callback(log_cb);
    event_enable_debug_logging(EVENT_DBG_ALL);
    event_enable_debug_logging(EVENT_DBG_NONE);
    event_set_fatal_callback(NULL);
    return 0;
}
