/*
 * Allocation failure on demand, through the public hook event_set_mem_functions().
 *
 *     static int once(void)
 *     {
 *         struct evbuffer *b = evbuffer_new();
 *         int done;
 *         if (!b)
 *             return 0;
 *         done = evbuffer_add(b, "x", 1) == 0;
 *         evbuffer_free(b);
 *         return done;
 *     }
 *     int main(void) { failalloc_install(); return failalloc_sweep("add", once, 1000); }
 *
 * The sweep calls the function with the first allocation failing, then the second, and so on,
 * until a call in which nothing failed. After every call the blocks in use have to be what they
 * were before it; the call that met no failure has to return nonzero.
 *
 * failalloc_install() must come before the first call into the library.
 */
#ifndef EVRS_KIT_FAILALLOC_H
#define EVRS_KIT_FAILALLOC_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

static long failalloc_at;      /* the n-th allocation from now fails; 0: none */
static int failalloc_from;     /* every later one fails as well */
static long failalloc_seen;    /* allocations since failalloc_arm */
static long failalloc_failed;  /* how many of them failed */
static long failalloc_live;    /* blocks in use */

static inline int failalloc_now(void)
{
    failalloc_seen++;
    if (failalloc_at && (failalloc_seen == failalloc_at ||
                         (failalloc_from && failalloc_seen > failalloc_at))) {
        failalloc_failed++;
        errno = ENOMEM;
        return 1;
    }
    return 0;
}

static void *failalloc_malloc(size_t n)
{
    void *p = failalloc_now() ? NULL : malloc(n ? n : 1);
    if (p)
        failalloc_live++;
    return p;
}

static void *failalloc_realloc(void *old, size_t n)
{
    void *p = failalloc_now() ? NULL : realloc(old, n ? n : 1);
    if (p && !old)
        failalloc_live++;
    return p;
}

static void failalloc_free(void *p)
{
    if (p)
        failalloc_live--;
    free(p);
}

static void failalloc_quiet(int severity, const char *msg)
{
    (void)severity;
    (void)msg;
}

/* Puts the hooks in place. */
static inline void failalloc_install(void)
{
    event_set_mem_functions(failalloc_malloc, failalloc_realloc, failalloc_free);
    event_set_log_callback(failalloc_quiet);
}

/* The n-th allocation from now fails (0: none); with `from` every later one fails too. */
static inline void failalloc_arm(long n, int from)
{
    failalloc_at = n;
    failalloc_from = from;
    failalloc_seen = 0;
    failalloc_failed = 0;
}

/* One sweep; prints `NAME: ok` and returns 0, or says what went wrong and returns 1. */
static inline int failalloc_sweep_mode(const char *name, int (*once)(void), long limit, int from)
{
    long n;

    for (n = 1; n <= limit; n++) {
        long before = failalloc_live;
        int done;

        failalloc_arm(n, from);
        done = once();
        failalloc_at = 0;
        if (failalloc_live != before) {
            printf("%s: %ld blocks more after allocation %ld failed\n", name,
                   failalloc_live - before, n);
            return 1;
        }
        if (failalloc_failed == 0) {
            if (!done) {
                printf("%s: fails with memory enough\n", name);
                return 1;
            }
            printf("%s: ok\n", name);
            return 0;
        }
    }
    printf("%s: more than %ld allocations\n", name, limit);
    return 1;
}

/* Both sweeps: one failure alone, and everything failing from the n-th on. What the library keeps
 * for good at its first use has to be made before, so the function runs once unarmed. */
static inline int failalloc_sweep(const char *name, int (*once)(void), long limit)
{
    failalloc_arm(0, 0);
    if (!once()) {
        printf("%s: fails before any failure\n", name);
        return 1;
    }
    return failalloc_sweep_mode(name, once, limit, 0) |
           failalloc_sweep_mode(name, once, limit, 1);
}

#endif
