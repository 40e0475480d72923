/* harness: only=evrs; valgrind
 * Priority inheritance (libevent 2.2), NULL arguments, and no memory. */
#include <pthread.h>
#include <stdio.h>

#include <event2/event.h>
#include <event2/thread.h>

#include "failalloc.h"

/* exported by the library, in no header */
struct evthread_lock_callbacks *evthread_get_lock_callbacks(void);
struct evthread_condition_callbacks *evthread_get_condition_callbacks(void);

static int failures;
#define CHECK(x) do { if (!(x)) { printf("line %d: %s\n", __LINE__, #x); failures++; } } while (0)

static int once(void)
{
    struct evthread_lock_callbacks *l = evthread_get_lock_callbacks();
    struct evthread_condition_callbacks *c = evthread_get_condition_callbacks();
    void *lock = l->alloc(EVTHREAD_LOCKTYPE_RECURSIVE), *cond = c->alloc_condition(0);
    int done = lock && cond;
    if (lock)
        l->free(lock, EVTHREAD_LOCKTYPE_RECURSIVE);
    if (cond)
        c->free_condition(cond);
    return done;
}

int main(void)
{
    struct evthread_lock_callbacks *l = evthread_get_lock_callbacks();
    void *lock;

    failalloc_install();
    CHECK(evthread_make_base_notifiable(NULL) == -1);
    CHECK(evthread_use_pthreads_with_flags(EVTHREAD_PTHREAD_PRIO_INHERIT) == 0);
    lock = l->alloc(EVTHREAD_LOCKTYPE_RECURSIVE);
    CHECK(lock && l->lock(0, lock) == 0 && l->lock(EVTHREAD_TRY, lock) == 0);
    CHECK(l->unlock(0, lock) == 0 && l->unlock(0, lock) == 0);
    l->free(lock, EVTHREAD_LOCKTYPE_RECURSIVE);
    CHECK(evthread_use_pthreads_with_flags(0) == 0);
    CHECK(evthread_use_pthreads() == 0);
    failures += failalloc_sweep("lock and condition", once, 10);
    return failures != 0;
}
