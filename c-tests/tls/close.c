/* harness: openssl; valgrind; expect=close.out */
/* How a session ends: with a farewell, without, allowed or not; by whom; what is still read.
 *
 * evrs differs from libevent 2.1.12 with OpenSSL 3, which has a reason of its own for a connection
 * cut off: 2.1.12 calls that an error even where dirty shutdowns are allowed, libevent 2.2 and evrs do
 * not. And what comes in the same turn as the end is delivered before it. */
#include "tls.h"

static struct event_base *base;
static struct side here = {.name = " here"};
static int seen_connected;

static void on_read(struct bufferevent *bev, void *arg)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    note(&here, " read %zu", evbuffer_get_length(in));
    evbuffer_drain(in, evbuffer_get_length(in));
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    unsigned long e;
    if (what & BEV_EVENT_CONNECTED) {
        seen_connected = 1;
        note(&here, " connected");
        return;
    }
    note(&here, " %s", what_text(what));
    while ((e = bufferevent_get_openssl_error(bev)))
        note(&here, " (%d %d)", ERR_GET_LIB(e), ERR_GET_REASON(e));
    event_base_loopbreak(base);
}

/* The peer is a blocking SSL in this thread, driven between turns. */
enum end { FAREWELL, CUT, DATA_FAREWELL, DATA_CUT };

static void end(const char *name, enum end how, int dirty, int filter, int options)
{
    int fd[2], i;
    SSL *peer = tls_client();
    struct bufferevent *bev;

    tls_pair(fd);
    seen_connected = 0;
    if (filter) {
        bev = bufferevent_socket_new(base, fd[0], BEV_OPT_CLOSE_ON_FREE);
        bev = bufferevent_openssl_filter_new(base, bev, tls_server(), BUFFEREVENT_SSL_ACCEPTING,
                                             options | BEV_OPT_CLOSE_ON_FREE);
    } else
        bev = bufferevent_openssl_socket_new(base, fd[0], tls_server(), BUFFEREVENT_SSL_ACCEPTING,
                                             options | BEV_OPT_CLOSE_ON_FREE);
    here.name = name;
    bufferevent_setcb(bev, on_read, NULL, on_event, NULL);
    bufferevent_openssl_set_allow_dirty_shutdown(bev, dirty);
    note(&here, " dirty %d:", bufferevent_openssl_get_allow_dirty_shutdown(bev));
    bufferevent_enable(bev, EV_READ);
    SSL_set_fd(peer, fd[1]);
    SSL_set_connect_state(peer);
    for (i = 0; i < 200 && !(seen_connected && SSL_is_init_finished(peer)); i++) {
        SSL_do_handshake(peer);
        event_base_loop(base, EVLOOP_NONBLOCK);
    }
    if (how == DATA_FAREWELL || how == DATA_CUT)
        SSL_write(peer, "0123456789", 10);
    if (how == FAREWELL || how == DATA_FAREWELL)
        SSL_shutdown(peer);
    else
        shutdown(fd[1], SHUT_RDWR);
    run_for(base, 10000);
    /* Nothing more comes of it. */
    event_base_loop(base, EVLOOP_NONBLOCK);
    event_base_loop(base, EVLOOP_NONBLOCK);
    note(&here, " enabled %d", bufferevent_get_enabled(bev));
    if (how == FAREWELL) {
        /* Our direction is open still. */
        char buf[100];
        int n;
        bufferevent_write(bev, "bye", 3);
        event_base_loop(base, EVLOOP_NONBLOCK);
        event_base_loop(base, EVLOOP_NONBLOCK);
        n = SSL_read(peer, buf, sizeof buf);
        note(&here, " peer reads %d", n);
    }
    show(&here);
    bufferevent_free(bev);
    SSL_free(peer);
    close(fd[1]);
    event_base_loop(base, EVLOOP_NONBLOCK);
}

int main(void)
{
    int filter;
    tls_init(0);
    base = event_base_new();
    for (filter = 0; filter < 2; filter++) {
        printf("%s\n", filter ? "filter" : "socket");
        end(" farewell", FAREWELL, 0, filter, 0);
        end(" farewell, deferred", FAREWELL, 0, filter, BEV_OPT_DEFER_CALLBACKS);
        end(" farewell", FAREWELL, 1, filter, 0);
        end(" cut", CUT, 0, filter, 0);
        end(" cut", CUT, 1, filter, 0);
        end(" cut, deferred", CUT, 1, filter, BEV_OPT_DEFER_CALLBACKS);
        end(" data, farewell", DATA_FAREWELL, 0, filter, 0);
        end(" data, cut", DATA_CUT, 0, filter, 0);
        end(" data, cut", DATA_CUT, 1, filter, 0);
    }
    event_base_free(base);
    tls_done();
    return 0;
}
