/* harness: only=evrs; valgrind; asan
 *
 * Requests that are made while another thread runs the loop (le#217): on connections that end when
 * they are done, that end under the hands of whoever asks again, that nobody listens to, and that
 * are taken back. libevent has no lock there: it works as long as the threads do not meet. */
#include <pthread.h>

#include <event2/thread.h>

#include "raw.h"

enum { THREADS = 3, ROUNDS = 60, AGAIN = 30 };

static int port, nobody, answered, refused, running, ended;
static pthread_t loop_thread;

static int get(int *p) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); }
static void more(int *p) { __atomic_add_fetch(p, 1, __ATOMIC_SEQ_CST); }

static void wait_until(int *p, int v)
{
    int i;

    for (i = 0; i < 600000 && get(p) < v; i++)
        usleep(100);
    CHECK(get(p) == v);
}

static void serve(struct evhttp_request *r, void *arg)
{
    struct evbuffer *b = evbuffer_new();

    (void)arg;
    evbuffer_add_printf(b, "%s", evhttp_request_get_uri(r));
    evhttp_send_reply(r, 200, "OK", b);
    evbuffer_free(b);
}

static void done(struct evhttp_request *r, void *arg)
{
    (void)arg;
    CHECK(pthread_equal(pthread_self(), loop_thread));
    more(r && evhttp_request_get_response_code(r) == 200 ? &answered : &refused);
}

/* Whether the connection ends with the answer. */
static int last;

static struct evhttp_request *ask(struct evhttp_connection *c, const char *uri)
{
    struct evhttp_request *r = evhttp_request_new(done, NULL);

    evhttp_add_header(evhttp_request_get_output_headers(r), "Host", "x");
    if (last)
        evhttp_add_header(evhttp_request_get_output_headers(r), "Connection", "close");
    CHECK(evhttp_make_request(c, r, EVHTTP_REQ_GET, uri) == 0);
    return r;
}

static void *asker(void *arg)
{
    int i, id = (int)(size_t)arg;

    for (i = 0; i < ROUNDS; i++) {
        int deaf = (i + id) % 5 == 4;
        struct evhttp_connection *c =
            evhttp_connection_base_new(base, NULL, "127.0.0.1", (unsigned short)(deaf ? nobody : port));

        evhttp_connection_free_on_completion(c);
        ask(c, "/once");
        if (i % 20 == 0)
            usleep(2000);
    }
    return NULL;
}

static void up(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    more(&running);
}

static void *loop(void *arg)
{
    struct timeval now = { 0, 0 };

    (void)arg;
    loop_thread = pthread_self();
    event_base_once(base, -1, EV_TIMEOUT, up, NULL, &now);
    event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
    more(&ended);
    return NULL;
}

/* The loop stands still meanwhile. */
static int held, gate;

static void hold(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    more(&held);
    while (!get(&gate))
        usleep(50);
}

static void stand_still(void)
{
    struct timeval now = { 0, 0 };

    __atomic_store_n(&held, 0, __ATOMIC_SEQ_CST);
    __atomic_store_n(&gate, 0, __ATOMIC_SEQ_CST);
    event_base_once(base, -1, EV_TIMEOUT, hold, NULL, &now);
    wait_until(&held, 1);
}

int main(void)
{
    struct evhttp *http;
    struct evhttp_connection *c;
    struct evhttp_request *r;
    pthread_t runner, t[THREADS];
    size_t i;
    int fd;

    setvbuf(stdout, NULL, _IONBF, 0);
    CHECK(!evthread_use_pthreads());
    base = event_base_new();
    http = evhttp_new(base);
    evhttp_set_gencb(http, serve, NULL);
    fd = evhttp_bound_socket_get_fd(evhttp_bind_socket_with_handle(http, "127.0.0.1", 0));
    {
        struct sockaddr_in a;
        socklen_t len = sizeof(a);

        CHECK(!getsockname(fd, (struct sockaddr *)&a, &len));
        port = ntohs(a.sin_port);
        /* bound, and not listening */
        fd = socket(AF_INET, SOCK_STREAM, 0);
        a.sin_port = 0;
        CHECK(!bind(fd, (struct sockaddr *)&a, sizeof(a)));
        CHECK(!getsockname(fd, (struct sockaddr *)&a, &len));
        nobody = ntohs(a.sin_port);
    }
    CHECK(!pthread_create(&runner, NULL, loop, NULL));
    wait_until(&running, 1);

    last = 1;
    for (i = 0; i < THREADS; i++)
        CHECK(!pthread_create(&t[i], NULL, asker, (void *)i));
    for (i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    wait_until(&refused, THREADS * ROUNDS / 5);
    wait_until(&answered, THREADS * ROUNDS * 4 / 5);
    printf("each on a connection of its own: %d answered, %d refused\n", answered, refused);

    /* One connection, asked again and again. */
    answered = last = 0;
    c = evhttp_connection_base_new(base, NULL, "127.0.0.1", (unsigned short)port);
    for (i = 0; i < AGAIN; i++) {
        ask(c, "/again");
        if (i % 3 == 0)
            usleep(300);
    }
    wait_until(&answered, AGAIN);
    printf("on one connection: %d answered\n", answered);

    /* It is to go with its last request, and there are two when the loop looks again. */
    answered = 0;
    last = 1;
    stand_still();
    evhttp_connection_free_on_completion(c);
    ask(c, "/a");
    ask(c, "/b");
    more(&gate);
    wait_until(&answered, 2);
    printf("before the connection goes: %d answered\n", answered);

    /* Taken back before the loop has seen it. */
    answered = last = 0;
    stand_still();
    c = evhttp_connection_base_new(base, NULL, "127.0.0.1", (unsigned short)port);
    ask(c, "/stays");
    r = ask(c, "/goes");
    ask(c, "/stays too");
    evhttp_cancel_request(r);
    more(&gate);
    wait_until(&answered, 2);
    printf("one taken back: %d answered\n", answered);

    /* Freed with requests that the loop has not seen: nobody hears of them, as of others. */
    stand_still();
    ask(c, "/never");
    ask(c, "/never");
    evhttp_connection_free(c);
    more(&gate);

    event_base_loopbreak(base);
    pthread_join(runner, NULL);
    printf("freed: %d answered, loop ended: %d\n", answered, ended);
    close(fd);
    evhttp_free(http);
    event_base_free(base);
    libevent_global_shutdown();
    return 0;
}
