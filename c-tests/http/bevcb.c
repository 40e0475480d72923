/* harness: valgrind; asan
 *
 * Bufferevents of the program's own, with and without BEV_OPT_CLOSE_ON_FREE: the server closes the
 * sockets it has accepted either way. With evrs also when memory runs out anywhere. */
#include <dirent.h>

#include "raw.h"

static int options, fail_at, allocations;

static void *failing_malloc(size_t n)
{
    return fail_at && ++allocations == fail_at ? NULL : malloc(n);
}

static void *failing_realloc(void *p, size_t n)
{
    return fail_at && ++allocations == fail_at ? NULL : realloc(p, n);
}

static int descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;

    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static struct bufferevent *make(struct event_base *b, void *arg)
{
    (void)arg;
    return bufferevent_socket_new(b, -1, options);
}

static void handler(struct evhttp_request *r, void *arg)
{
    (void)arg;
    evhttp_send_reply(r, 200, "OK", NULL);
}

/* One connection; how many bytes came back. */
static size_t talk(const char *text)
{
    static char buf[4096];
    int fd = raw_connect(), closed, i;
    size_t n;

    allocations = 0;
    raw_turn();
    raw_turn();
    raw_send(fd, text, strlen(text));
    n = raw_read(fd, buf, sizeof(buf), fail_at ? 0.005 : 0.05, &closed);
    fail_at = 0;
    close(fd);
    for (i = 0; i < 5; i++)
        raw_turn();
    return n;
}

int main(void)
{
    static const char last[] = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
    static const char more[] = "GET / HTTP/1.1\r\n\r\n";
    const char *variant = getenv("TEST_VARIANT");
    int at, before;

    event_set_mem_functions(failing_malloc, failing_realloc, free);
    raw_server();
    evhttp_set_gencb(http, handler, NULL);
    evhttp_set_bevcb(http, make, NULL);
    talk(last);
    for (options = 0; options < 2; options++) {
        before = descriptors();
        printf("answered: %d", talk(last) > 0);
        printf(" %d", talk(more) > 0);
        printf(" %d", talk("rubbish\r\n\r\n") > 0);
        printf(" %d\n", talk("GET / HT") > 0);
        printf("left open: %d\n", descriptors() - before);
        if (variant && !strcmp(variant, "reference"))
            continue;
        for (at = 1; at < 30; at++) {
            fail_at = at;
            talk(last);
        }
        if (descriptors() != before) {
            printf("left open without memory: %d\n", descriptors() - before);
            return 1;
        }
    }
    raw_done();
    return 0;
}
