/* harness: only=evrs; valgrind; asan
 *
 * Answers from other threads (le#203, le#695, le#883), whole, in pieces, errors and none, while
 * clients come and go and the loop runs; libevent corrupts its memory. */
#include <pthread.h>

#include <event2/thread.h>

#include "raw.h"

enum { WORKERS = 3, CLIENTS = 4, ROUNDS = 40, PIECES = 20 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static struct { struct evhttp_request *r; int kind; } queue[4096];
static int head, tail, stop, answered, written;

static void handler(struct evhttp_request *r, void *arg)
{
    const char *uri = evhttp_request_get_uri(r);

    (void)arg;
    pthread_mutex_lock(&lock);
    CHECK(tail < 4096);
    queue[tail].r = r;
    queue[tail++].kind = uri[1] - '0';
    pthread_cond_signal(&cond);
    pthread_mutex_unlock(&lock);
}

static void piece_written(struct evhttp_connection *c, void *arg)
{
    (void)c;
    (void)arg;
    written++; /* in the loop's thread */
}

static void answer(struct evhttp_request *r, int kind)
{
    struct evbuffer *b = evbuffer_new();
    int i;

    evhttp_add_header(evhttp_request_get_output_headers(r), "X-Kind", "some");
    switch (kind) {
    case 0:
        evbuffer_add_printf(b, "whole");
        evhttp_send_reply(r, 200, "OK", b);
        CHECK(evbuffer_get_length(b) == 0);
        break;
    case 1:
        evhttp_send_reply_start(r, 200, "OK");
        for (i = 0; i < PIECES; i++) {
            evbuffer_add_printf(b, "%05000d", i);
            if (i % 2)
                evhttp_send_reply_chunk(r, b);
            else
                evhttp_send_reply_chunk_with_cb(r, b, piece_written, NULL);
            CHECK(evbuffer_get_length(b) == 0);
            if (i % 7 == 0)
                usleep(200);
        }
        evhttp_send_reply_end(r);
        break;
    case 2:
        evhttp_send_error(r, 500, "no");
        break;
    default:
        evhttp_request_free(r);
    }
    evbuffer_free(b);
}

static void *worker(void *arg)
{
    (void)arg;
    for (;;) {
        struct evhttp_request *r;
        int kind;

        pthread_mutex_lock(&lock);
        while (head == tail && !stop)
            pthread_cond_wait(&cond, &lock);
        if (head == tail) {
            pthread_mutex_unlock(&lock);
            return NULL;
        }
        r = queue[head].r;
        kind = queue[head++].kind;
        pthread_mutex_unlock(&lock);
        answer(r, kind);
        pthread_mutex_lock(&lock);
        answered++;
        pthread_mutex_unlock(&lock);
    }
}

static int asked;

/* A client that waits for its answers, except now and then. */
static void *client(void *arg)
{
    int id = (int)(size_t)arg, round;
    static const size_t sizes[] = { 5, PIECES * 5000, 30, 0 };

    for (round = 0; round < ROUNDS; round++) {
        int fd = raw_connect(), kind = (round + id) % 4, leave = (round / 4 + id) % 5 == 4;
        char text[80], buf[4096];
        size_t have = 0;

        fcntl(fd, F_SETFL, 0);
        sprintf(text, "GET /%d HTTP/1.1\r\nConnection: close\r\n\r\n", kind);
        CHECK(send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text));
        pthread_mutex_lock(&lock);
        asked++;
        pthread_mutex_unlock(&lock);
        for (;;) {
            ssize_t n = recv(fd, buf, sizeof(buf), 0);

            if (n <= 0)
                break;
            if (have == 0)
                CHECK(!memcmp(buf, kind == 2 ? "HTTP/1.1 500" : "HTTP/1.1 200", 12));
            have += (size_t)n;
            if (leave)
                break;
        }
        CHECK(leave || kind == 3 ? have < 200000 : have >= sizes[kind]);
        close(fd);
    }
    return NULL;
}

static void stop_loop(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    pthread_mutex_lock(&lock);
    if (stop == 1 && answered == tail)
        event_base_loopbreak(base);
    pthread_mutex_unlock(&lock);
}

static void *clients(void *arg)
{
    pthread_t t[CLIENTS];
    size_t i;

    (void)arg;
    for (i = 0; i < CLIENTS; i++)
        CHECK(!pthread_create(&t[i], NULL, client, (void *)i));
    for (i = 0; i < CLIENTS; i++)
        pthread_join(t[i], NULL);
    pthread_mutex_lock(&lock);
    stop = 1;
    pthread_cond_broadcast(&cond);
    pthread_mutex_unlock(&lock);
    return NULL;
}

/* The n-th allocation of a thread fails. */
static __thread int fail_at, allocations;

static void *failing_malloc(size_t n)
{
    return fail_at && ++allocations == fail_at ? NULL : malloc(n);
}

static void *failing_realloc(void *p, size_t n)
{
    return fail_at && ++allocations == fail_at ? NULL : realloc(p, n);
}

static void quiet(int severity, const char *text)
{
    (void)severity;
    (void)text;
}

/* Without the threads: what is said before the loop has looked is done in order, and is not lost
 * when the server goes. */
static struct evhttp_request *kept;

static void keep(struct evhttp_request *r, void *arg)
{
    (void)arg;
    kept = r;
}

static void *say(void *arg)
{
    struct evbuffer *b = evbuffer_new();

    evbuffer_add_printf(b, "one");
    if (arg)
        fail_at = *(int *)arg;
    evhttp_send_reply_start(kept, 200, "OK");
    evhttp_send_reply_chunk(kept, b);
    if (arg)
        evhttp_send_reply_end(kept);
    fail_at = 0;
    evbuffer_free(b);
    return NULL;
}

/* Without memory the connection ends; half a reply is never taken for a whole one. */
static void without_memory(void)
{
    int at, closed, fd, whole = 0;
    char buf[4096];
    pthread_t t;
    size_t n;

    evhttp_set_gencb(http, keep, NULL);
    for (at = 1; at < 20; at++) {
        kept = NULL;
        fd = raw_connect();
        raw_send(fd, "GET / HTTP/1.1\r\n\r\n", 18);
        while (!kept)
            raw_turn();
        CHECK(!pthread_create(&t, NULL, say, &at));
        pthread_join(t, NULL);
        n = raw_read(fd, buf, sizeof(buf) - 1, 0.05, &closed);
        buf[n] = 0;
        if (strstr(buf, "3\r\none\r\n0\r\n\r\n"))
            whole++;
        else
            CHECK(closed && !strstr(buf, "0\r\n\r\n"));
        close(fd);
    }
    CHECK(whole > 5 && whole < 19);
}

static void in_order(int server_goes)
{
    struct evbuffer *b = evbuffer_new();
    char buf[4096];
    int fd = raw_connect(), closed, owned = server_goes == 2;
    pthread_t t;
    size_t n;

    kept = NULL;
    evhttp_set_gencb(http, keep, NULL);
    raw_send(fd, "GET / HTTP/1.1\r\n\r\n", 18);
    while (!kept)
        raw_turn();
    if (owned)
        evhttp_request_own(kept);
    CHECK(!pthread_create(&t, NULL, say, NULL));
    pthread_join(t, NULL);
    /* Behind what the thread has said, although this is the loop's thread. */
    evbuffer_add_printf(b, "two");
    evhttp_send_reply_chunk(kept, b);
    evbuffer_free(b);
    evhttp_send_reply_end(kept);
    if (server_goes) {
        evhttp_free(http);
        if (owned)
            evhttp_request_free(kept);
        event_base_free(base);
    } else {
        n = raw_read(fd, buf, sizeof(buf) - 1, 0.05, &closed);
        buf[n] = 0;
        CHECK(strstr(buf, "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
    }
    close(fd);
}

int main(void)
{
    pthread_t t[WORKERS], c;
    struct timeval tv = { 0, 2000 };
    struct event *timer;
    int i;

    event_set_mem_functions(failing_malloc, failing_realloc, free);
    event_set_log_callback(quiet);
    CHECK(!evthread_use_pthreads());
    raw_server();
    evhttp_set_gencb(http, handler, NULL);
    for (i = 0; i < WORKERS; i++)
        CHECK(!pthread_create(&t[i], NULL, worker, NULL));
    timer = event_new(base, -1, EV_PERSIST, stop_loop, NULL);
    event_add(timer, &tv);
    CHECK(!pthread_create(&c, NULL, clients, NULL));
    event_base_dispatch(base);
    pthread_join(c, NULL);
    for (i = 0; i < WORKERS; i++)
        pthread_join(t[i], NULL);
    event_free(timer);
    CHECK(answered == tail && asked == CLIENTS * ROUNDS);
    for (i = 0; i < 10; i++)
        raw_turn();
    without_memory();
    in_order(0);
    in_order(1);
    raw_server();
    in_order(2);
    printf("ok\n");
    return 0;
}
