/* harness: openssl; only=evrs; timeout=120 */
/* Each allocation fails once, and all from each one on, while a session is made, used and freed. */
#include "tls.h"
#include "failalloc.h"

static int kind, done_reads;

static void on_read(struct bufferevent *bev, void *arg)
{
    if (evbuffer_get_length(bufferevent_get_input(bev)) >= 5)
        done_reads++;
    event_base_loopbreak(bufferevent_get_base(bev));
}
static void on_event(struct bufferevent *bev, short what, void *arg)
{
    if (what & BEV_EVENT_CONNECTED) {
        if (arg)
            bufferevent_write(bev, "hello", 5);
    } else
        event_base_loopbreak(bufferevent_get_base(bev));
}
static struct bufferevent *make(struct event_base *base, int fd, int client, int *closed)
{
    SSL *ssl = client ? tls_client() : tls_server();
    int state = client ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING;
    struct bufferevent *below, *bev;
    *closed = 0;
    if (kind == 0)
        return bufferevent_openssl_socket_new(base, fd, ssl, state, BEV_OPT_CLOSE_ON_FREE);
    below = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    bev = bufferevent_openssl_filter_new(base, below, ssl, state, BEV_OPT_CLOSE_ON_FREE);
    if (!bev && below) {
        bufferevent_free(below);
        *closed = 1;
    }
    return bev;
}
static int once(void)
{
    struct event_base *base = event_base_new();
    struct bufferevent *b[2] = {NULL, NULL};
    int fd[2], i, closed, ok = 0;
    if (!base)
        return 0;
    tls_pair(fd);
    done_reads = 0;
    for (i = 0; i < 2; i++) {
        b[i] = make(base, fd[i], i, &closed);
        if (!b[i]) {
            if (!closed)
                close(fd[i]);
            continue;
        }
        bufferevent_setcb(b[i], on_read, NULL, on_event, i ? &kind : NULL);
        bufferevent_enable(b[i], EV_READ | EV_WRITE);
    }
    if (b[0] && b[1]) {
        struct timeval tv = {0, 300000};
        /* Where nothing has failed it may take its time. */
        for (i = 0; i < 30 && !done_reads && (i == 0 || !failalloc_failed); i++)
            if (event_base_loopexit(base, &tv) == 0)
                event_base_dispatch(base);
        ok = done_reads;
    }
    for (i = 0; i < 2; i++)
        if (b[i])
            bufferevent_free(b[i]);
    event_base_loop(base, EVLOOP_NONBLOCK);
    event_base_free(base);
    return ok;
}
int main(void)
{
    int bad = 0;
    tls_init(0);
    failalloc_install();
    for (kind = 0; kind < 2; kind++)
        bad |= failalloc_sweep(kind ? "filter" : "socket", once, 300);
    tls_done();
    return bad;
}
