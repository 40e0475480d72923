/* event_set_mem_functions: what the utilities hand out goes through the hooks, and failing hooks are
 * a failure, not a crash. */
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>
#include <event2/util.h>

static int fail, live;

static void *my_malloc(size_t n)
{
    void *p = fail ? NULL : malloc(n);
    live += p != NULL;
    return p;
}

static void *my_realloc(void *old, size_t n)
{
    void *p = fail ? NULL : realloc(old, n);
    live += p && !old;
    return p;
}

static void my_free(void *p)
{
    live -= p != NULL;
    free(p);
}

int main(void)
{
    struct evutil_monotonic_timer *t;

    event_set_mem_functions(my_malloc, my_realloc, my_free);
    t = evutil_monotonic_timer_new();
    printf("%d %d\n", t != NULL, live);
    evutil_monotonic_timer_free(t);
    printf("%d\n", live);
    fail = 1;
    printf("%d %d\n", evutil_monotonic_timer_new() != NULL, live);
    fail = 0;
    event_set_mem_functions(NULL, NULL, NULL);
    t = evutil_monotonic_timer_new();
    printf("%d %d\n", t != NULL, live);
    evutil_monotonic_timer_free(t);
    return 0;
}
