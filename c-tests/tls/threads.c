/* harness: openssl; valgrind; timeout=60 */
/* Two loops in two threads with the two ends, and the main thread writes to both: with
 * BEV_OPT_THREADSAFE everything arrives, in order. */
#include "tls.h"
#include <event2/thread.h>
#include <pthread.h>

#define ROUNDS 300
static struct event_base *base[2];
static struct bufferevent *b[2];
static size_t got[2], bad;
static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static int connected;

static void on_read(struct bufferevent *bev, void *arg)
{
    int i = *(int *)arg;
    struct evbuffer *in = bufferevent_get_input(bev);
    size_t n = evbuffer_get_length(in), at = 0;
    unsigned char *p = evbuffer_pullup(in, (ev_ssize_t)n);
    pthread_mutex_lock(&m);
    if (!is_stream(p, n, got[i]))
        bad++;
    got[i] += n;
    pthread_cond_signal(&c);
    pthread_mutex_unlock(&m);
    (void)at;
    evbuffer_drain(in, n);
}
static void on_event(struct bufferevent *bev, short what, void *arg)
{
    if (what & BEV_EVENT_CONNECTED) {
        pthread_mutex_lock(&m);
        connected++;
        pthread_cond_signal(&c);
        pthread_mutex_unlock(&m);
    }
}
static void *loop(void *arg)
{
    event_base_loop(arg, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}
static void go(int filter, int options)
{
    static int index[2] = {0, 1};
    pthread_t t[2];
    int fd[2], i, r;
    size_t total = 0;
    unsigned char *data;
    got[0] = got[1] = bad = 0;
    connected = 0;
    tls_pair(fd);
    for (i = 0; i < 2; i++) {
        SSL *ssl = i ? tls_client() : tls_server();
        int state = i ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING;
        base[i] = event_base_new();
        options |= BEV_OPT_CLOSE_ON_FREE | BEV_OPT_THREADSAFE;
        if (filter)
            b[i] = bufferevent_openssl_filter_new(base[i], bufferevent_socket_new(base[i], fd[i], BEV_OPT_CLOSE_ON_FREE | BEV_OPT_THREADSAFE),
                                                  ssl, state, options);
        else
            b[i] = bufferevent_openssl_socket_new(base[i], fd[i], ssl, state, options);
        bufferevent_setcb(b[i], on_read, NULL, on_event, &index[i]);
        bufferevent_enable(b[i], EV_READ | EV_WRITE);
    }
    for (i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, loop, base[i]);
    pthread_mutex_lock(&m);
    while (connected < 2)
        pthread_cond_wait(&c, &m);
    pthread_mutex_unlock(&m);
    data = malloc(2000);
    for (r = 0; r < ROUNDS; r++) {
        size_t n = 1 + (size_t)(r * 37) % 2000;
        fill(data, n, total);
        total += n;
        for (i = 0; i < 2; i++)
            bufferevent_write(b[i], data, n);
    }
    free(data);
    pthread_mutex_lock(&m);
    while (got[0] < total || got[1] < total)
        pthread_cond_wait(&c, &m);
    pthread_mutex_unlock(&m);
    printf("%s, options %d: all there, %zu wrong\n", filter ? "filter" : "socket", options, bad);
    for (i = 0; i < 2; i++)
        bufferevent_free(b[i]);
    for (i = 0; i < 2; i++) {
        struct timeval tv = {0, 20000};
        event_base_loopexit(base[i], &tv);
        pthread_join(t[i], NULL);
        event_base_free(base[i]);
    }
}
int main(void)
{
    evthread_use_pthreads();
    tls_init(0);
    go(0, 0);
    go(1, 0);
    go(0, BEV_OPT_DEFER_CALLBACKS);
    go(1, BEV_OPT_DEFER_CALLBACKS);
    go(0, BEV_OPT_DEFER_CALLBACKS | BEV_OPT_UNLOCK_CALLBACKS);
    tls_done();
    libevent_global_shutdown();
    return 0;
}
