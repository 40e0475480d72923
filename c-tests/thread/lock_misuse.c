/* Lock debugging finds locks that are released though not held, and frees of held locks. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/thread.h>

static void fatal_cb(int code)
{
    printf("fatal %x\n", (unsigned)code);
    fflush(stdout);
    _exit(9);
}

static void quiet(int severity, const char *msg)
{
    fprintf(stderr, "log %d %s\n", severity, msg);
}

static void child(const char *what, void (*f)(void))
{
    int status;
    fflush(stdout);
    if (fork() == 0) {
        f();
        printf("fine\n");
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    printf("%s: %d\n", what, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
}

static struct evbuffer *locked(void)
{
    struct evbuffer *b = evbuffer_new();
    evbuffer_enable_locking(b, NULL);
    return b;
}

static void balanced(void)
{
    struct evbuffer *b = locked();
    evbuffer_lock(b);
    evbuffer_lock(b);
    evbuffer_add(b, "x", 1);
    evbuffer_unlock(b);
    evbuffer_unlock(b);
    evbuffer_free(b);
}

static void not_held(void)
{
    struct evbuffer *b = locked();
    evbuffer_unlock(b);
}

static void once_too_often(void)
{
    struct evbuffer *b = locked();
    evbuffer_lock(b);
    evbuffer_unlock(b);
    evbuffer_unlock(b);
}

static void base(void)
{
    struct event_base *b = event_base_new();
    event_base_loop(b, EVLOOP_NONBLOCK);
    event_base_free(b);
}

int main(void)
{
    event_set_log_callback(quiet);
    event_set_fatal_callback(fatal_cb);
    evthread_use_pthreads();
    evthread_enable_lock_debugging();
    child("balanced", balanced);
    child("not held", not_held);
    child("once too often", once_too_often);
    child("base", base);
    return 0;
}
