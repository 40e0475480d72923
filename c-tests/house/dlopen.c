/* Loaded and unloaded by hand, as plug-ins do: what a base and a loop held is given back, and a
 * second load starts afresh. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>

static int descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

static void *open_lib(const char *reference)
{
    const char *variant = getenv("TEST_VARIANT");

    return dlopen(variant && strcmp(variant, "reference") ? "libevrs.so.0" : reference, RTLD_NOW | RTLD_LOCAL);
}

int main(void)
{
    int round, before = descriptors();

    for (round = 0; round < 3; round++) {
        void *event = open_lib("libevent-2.1.so.7"), *ev = open_lib("libev.so.4");
        void *(*base_new)(void), *(*loop_new)(unsigned);
        void (*base_free)(void *), (*loop_destroy)(void *);
        int (*base_loop)(void *, int), (*run)(void *, int);
        void *base, *loop;

        if (!event || !ev) {
            puts(dlerror());
            return 1;
        }
        base_new = (void *(*)(void))dlsym(event, "event_base_new");
        base_free = (void (*)(void *))dlsym(event, "event_base_free");
        base_loop = (int (*)(void *, int))dlsym(event, "event_base_loop");
        loop_new = (void *(*)(unsigned))dlsym(ev, "ev_loop_new");
        loop_destroy = (void (*)(void *))dlsym(ev, "ev_loop_destroy");
        run = (int (*)(void *, int))dlsym(ev, "ev_run");
        if (!base_new || !base_free || !base_loop || !loop_new || !loop_destroy || !run)
            return 2;
        base = base_new();
        loop = loop_new(0);
        printf("round %d: %s %s, loop %d, run %d\n", round, base ? "base" : "none", loop ? "loop" : "none",
               base_loop(base, 2), run(loop, 1));
        base_free(base);
        loop_destroy(loop);
        dlclose(event);
        dlclose(ev);
    }
    printf("descriptors left: %d\n", descriptors() - before);
    return 0;
}
