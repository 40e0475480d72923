/* Which lock and condition functions may be set when, and what is said about it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <event2/thread.h>

/* exported by the library, in no header */
struct evthread_lock_callbacks *evthread_get_lock_callbacks(void);
struct evthread_condition_callbacks *evthread_get_condition_callbacks(void);

static void log_cb(int severity, const char *msg)
{
    printf("log %d %s\n", severity, msg);
}

static void *lock_alloc(unsigned type) { (void)type; return malloc(8); }
static void lock_free(void *l, unsigned type) { (void)type; free(l); }
static int lock_lock(unsigned mode, void *l) { (void)mode; (void)l; return 0; }
static int lock_unlock(unsigned mode, void *l) { (void)mode; (void)l; return 0; }
static int lock_other(unsigned mode, void *l) { (void)mode; (void)l; return 0; }
static void *cond_alloc(unsigned type) { (void)type; return malloc(8); }
static void cond_free(void *c) { free(c); }
static int cond_signal(void *c, int broadcast) { (void)c; (void)broadcast; return 0; }
static int cond_wait(void *c, void *l, const struct timeval *tv) { (void)c; (void)l; (void)tv; return 0; }

static void show(const char *when)
{
    struct evthread_lock_callbacks *l = evthread_get_lock_callbacks();
    struct evthread_condition_callbacks *c = evthread_get_condition_callbacks();
    printf("%s: %d %u %d %d / %d %d %d\n", when, l->lock_api_version, l->supported_locktypes,
        l->alloc == lock_alloc, l->unlock != NULL, c->condition_api_version,
        c->alloc_condition == cond_alloc, c->wait_condition != NULL);
}

int main(void)
{
    struct evthread_lock_callbacks l = { EVTHREAD_LOCK_API_VERSION, EVTHREAD_LOCKTYPE_RECURSIVE, lock_alloc,
        lock_free, lock_lock, lock_unlock }, part;
    struct evthread_condition_callbacks c = { EVTHREAD_CONDITION_API_VERSION, cond_alloc, cond_free,
        cond_signal, cond_wait }, cpart;

    event_set_log_callback(log_cb);
    show("start");
    printf("nothing to forget %d %d\n", evthread_set_lock_callbacks(NULL), evthread_set_condition_callbacks(NULL));

    part = l;
    part.unlock = NULL;
    printf("part %d\n", evthread_set_lock_callbacks(&part));
    part = l;
    part.alloc = NULL;
    printf("part %d\n", evthread_set_lock_callbacks(&part));
    show("after parts");
    printf("set %d\n", evthread_set_lock_callbacks(&l));
    show("set");
    printf("again %d\n", evthread_set_lock_callbacks(&l));
    part = l;
    printf("a copy %d\n", evthread_set_lock_callbacks(&part));
    part.lock = lock_other;
    printf("other %d\n", evthread_set_lock_callbacks(&part));
    part = l;
    part.lock_api_version = 2;
    printf("version %d\n", evthread_set_lock_callbacks(&part));
    part = l;
    part.supported_locktypes = 3;
    printf("types %d\n", evthread_set_lock_callbacks(&part));
    /* the library has a copy */
    l.lock = NULL;
    l.lock_api_version = 99;
    show("after change");

    cpart = c;
    cpart.wait_condition = NULL;
    printf("part %d\n", evthread_set_condition_callbacks(&cpart));
    show("after part");
    printf("set %d\n", evthread_set_condition_callbacks(&c));
    printf("again %d\n", evthread_set_condition_callbacks(&c));
    cpart = c;
    cpart.condition_api_version = 7;
    printf("other %d\n", evthread_set_condition_callbacks(&cpart));
    show("both");

    printf("pthreads over it %d\n", evthread_use_pthreads());
    show("still");
    printf("forget %d %d\n", evthread_set_lock_callbacks(NULL), evthread_set_condition_callbacks(NULL));
    show("forgotten");
    evthread_set_id_callback(NULL);
    return 0;
}
