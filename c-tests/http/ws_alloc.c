/* harness: only=evrs; valgrind; timeout=60
 *
 * WebSocket sessions when memory runs out: whatever allocation fails, there is an answer or an end,
 * no half message, and nothing is lost. And from other threads, with BEV_OPT_THREADSAFE. */
#include <pthread.h>

#include <event2/thread.h>

#include "ws_kit.h"

static __thread long fail_at, allocations;
static long live;

static void *my_malloc(size_t n)
{
    void *p = fail_at && ++allocations == fail_at ? NULL : malloc(n);

    if (p)
        __atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
    return p;
}

static void *my_realloc(void *old, size_t n)
{
    void *p = fail_at && ++allocations == fail_at ? NULL : realloc(old, n);

    if (p && !old)
        __atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
    return p;
}

static void my_free(void *p)
{
    if (p)
        __atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
    free(p);
}

static void quiet(int severity, const char *text)
{
    (void)severity;
    (void)text;
}

/* A conversation; how far it came. */
static int talk(void)
{
    static char big[5000];
    unsigned char all[12000];
    size_t n;
    int fd = dial(), stage = 0, i;

    memcpy(all, HELLO, sizeof(HELLO) - 1);
    n = sizeof(HELLO) - 1;
    n += frame(all + n, 0x02, big, sizeof(big));
    n += frame(all + n, 0x89, "ping", 4);
    n += frame(all + n, 0x80, big, sizeof(big));
    n += frame(all + n, 0x88, "\3\xe8", 2);
    raw_send(fd, (char *)all, n);
    receive(fd);
    if (got_len > 12 && !memcmp(got, "HTTP/1.1 101", 12)) {
        size_t head = (size_t)(strstr((char *)got, "\r\n\r\n") + 4 - (char *)got);

        stage = 1;
        /* The echo is whole or not there. */
        if (got_len > head + 6 + 10000) {
            CHECK(!memcmp(got + head, "\x8a\4ping\x82\x7e\x27\x10", 10));
            stage = 2;
        }
        if (!memcmp(got + got_len - 4, "\x88\2\3\xe8", 4))
            stage++;
    }
    close(fd);
    fail_at = 0;
    for (i = 0; i < 10; i++)
        raw_turn();
    if (session)
        evws_connection_free(session);
    session = NULL;
    return stage;
}

static void sweep(void)
{
    long at, before = 0;
    int stage = 0, i;

    talk();
    before = live;
    for (at = 1; at < 200; at++) {
        allocations = 0;
        fail_at = at;
        stage = talk();
        for (i = 0; i < 5; i++)
            raw_turn();
        if (allocations < at)
            break;
        if (live > before) {
            /* A connection object or two may stay in the pools of the library. */
            CHECK(live - before < 40);
        }
    }
    CHECK(at > 5 && at < 200 && stage == 3);
    fprintf(stderr, "%ld allocations\n", at);
}

/* Threads that send to one session until one of them closes it. */
static int sent;

static void *sender(void *arg)
{
    int i;

    for (i = 0; i < 200; i++) {
        evws_send_text(arg, "from a thread");
        __atomic_add_fetch(&sent, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

static void threads(void)
{
    pthread_t t[3];
    int fd, i;
    size_t at = 0, count = 0;

    options = BEV_OPT_THREADSAFE;
    patience = 0.1;
    fd = upgrade();
    for (i = 0; i < 3; i++)
        CHECK(!pthread_create(&t[i], NULL, sender, session));
    while (__atomic_load_n(&sent, __ATOMIC_RELAXED) < 600)
        put(fd, 0x81, "echo", 4);
    for (i = 0; i < 3; i++)
        pthread_join(t[i], NULL);
    evws_close(session, 1000);
    receive(fd);
    while (at + 2 <= got_len && got[at] == 0x81) {
        count += got[at + 1] == 13 && !memcmp(got + at + 2, "from a thread", 13);
        CHECK(got[at + 1] == 13 || got[at + 1] == 4);
        at += 2u + got[at + 1];
    }
    CHECK(count == 600 && at + 4 == got_len && got[at] == 0x88);
    ask(fd, 0x88, "\3\xe8", 2);
    CHECK(got_end && !session);
    close(fd);
}

int main(void)
{
    event_set_mem_functions(my_malloc, my_realloc, my_free);
    event_set_log_callback(quiet);
    evthread_use_pthreads();
    ws_start();
    sweep();
    options = BEV_OPT_THREADSAFE;
    sweep();
    threads();
    raw_done();
    printf("ok\n");
    return 0;
}
