/* evthread_use_pthreads may be called as often as one likes. */
#include <stdio.h>

#include <event2/event.h>
#include <event2/thread.h>

static void log_cb(int severity, const char *msg)
{
    printf("log %d %s\n", severity, msg);
}

static unsigned long my_id(void)
{
    return 7;
}

int main(void)
{
    struct event_base *base;

    event_set_log_callback(log_cb);
    printf("%d %d\n", evthread_use_pthreads(), evthread_use_pthreads());
    base = event_base_new();
    /* outside debug mode that is too late for this base, but no mistake */
    printf("%d\n", evthread_use_pthreads());
    printf("notifiable %d", evthread_make_base_notifiable(base));
    printf(" %d\n", evthread_make_base_notifiable(base));
    evthread_set_id_callback(my_id);
    event_base_free(base);
    evthread_set_id_callback(NULL);
    return 0;
}
