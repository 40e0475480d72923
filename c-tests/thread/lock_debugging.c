/* Lock debugging lies over the user's functions: every lock is made recursive, passes through, and the
 * same functions may still be set. */
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>
#include <event2/thread.h>

/* exported by the library, in no header */
struct evthread_lock_callbacks *evthread_get_lock_callbacks(void);
struct evthread_condition_callbacks *evthread_get_condition_callbacks(void);

static void log_cb(int severity, const char *msg)
{
    printf("log %d %s\n", severity, msg);
}

static void *lock_alloc(unsigned type) { return type & 1 ? malloc(8) : NULL; }
static void lock_free(void *l, unsigned type) { (void)type; free(l); }
static int lock_lock(unsigned mode, void *l) { (void)mode; (void)l; return 0; }
static int lock_unlock(unsigned mode, void *l) { (void)mode; (void)l; return 0; }

int main(void)
{
    struct evthread_lock_callbacks l = { 1, 1, lock_alloc, lock_free, lock_lock, lock_unlock };

    event_set_log_callback(log_cb);
    evthread_enable_lock_debuging();
    evthread_enable_lock_debugging();
    printf("%d\n", evthread_get_lock_callbacks()->alloc == NULL);
    printf("set %d\n", evthread_set_lock_callbacks(&l));
    printf("again %d\n", evthread_set_lock_callbacks(&l));
    l.lock_api_version = 3;
    printf("other %d\n", evthread_set_lock_callbacks(&l));
    printf("%d\n", evthread_get_lock_callbacks()->alloc == lock_alloc);
    printf("%d\n", evthread_get_condition_callbacks()->alloc_condition == NULL);
    evthread_enable_lock_debugging();
    return 0;
}
