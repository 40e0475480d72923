/* In debug mode lock functions have to be set before anything else; outside it, late is no mistake. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/thread.h>

static void log_cb(int severity, const char *msg)
{
    printf("log %d %s\n", severity, msg);
    fflush(stdout);
}

static void child(const char *what, void (*f)(void))
{
    int status;
    fflush(stdout);
    if (fork() == 0) {
        f();
        fflush(stdout);
        _exit(0);
    }
    wait(&status);
    printf("%s: %s %d\n", what, WIFEXITED(status) ? "exit" : "signal",
        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

static void early(void)
{
    event_enable_debug_mode();
    printf("%d\n", evthread_use_pthreads());
    event_base_free(event_base_new());
}

static void after_base(void)
{
    struct event_base *b;
    event_enable_debug_mode();
    b = event_base_new();
    printf("%d\n", evthread_use_pthreads());
    event_base_free(b);
}

static void null_after_base(void)
{
    struct event_base *b;
    event_enable_debug_mode();
    b = event_base_new();
    printf("%d\n", evthread_set_lock_callbacks(NULL));
    event_base_free(b);
}

static void conditions_after_base(void)
{
    struct event_base *b;
    event_enable_debug_mode();
    b = event_base_new();
    printf("%d\n", evthread_set_condition_callbacks(NULL));
    event_base_free(b);
}

static void plain(void)
{
    struct event_base *b = event_base_new();
    printf("%d\n", evthread_use_pthreads());
    event_base_free(b);
}

int main(void)
{
    event_set_log_callback(log_cb);
    child("early", early);
    child("after a base", after_base);
    child("NULL after a base", null_after_base);
    child("conditions after a base", conditions_after_base);
    child("without debug mode", plain);
    return 0;
}
