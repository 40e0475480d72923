/* harness: only=evrs; valgrind; asan
 *
 * A callback of the program's on an output buffer changes the headers of the message that is being
 * written: what goes out is the head as it was. libevent walks freed headers. */
#include "raw.h"

enum { CLEAR, REMOVE, ADD, REPLACE, MODES };

static struct evhttp_request *current;
static int mode, calls, seen, done_count;

static void change(struct evkeyvalq *list)
{
    char name[30];

    calls++;
    if (mode == CLEAR) {
        evhttp_clear_headers(list);
    } else if (mode == REMOVE) {
        int i;

        for (i = 10; i < 30; i++) {
            sprintf(name, "X-%d", i);
            evhttp_remove_header(list, name);
        }
    } else if (mode == ADD && calls < 50) {
        sprintf(name, "Y-%d", calls);
        evhttp_add_header(list, name, "v");
    } else if (mode == REPLACE) {
        evhttp_clear_headers(list);
        evhttp_add_header(list, "Y-0", "v");
    }
}

static void on_change(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
    (void)b;
    (void)arg;
    if (info->n_added && current)
        change(evhttp_request_get_output_headers(current));
}

static void fill(struct evhttp_request *r)
{
    char name[30], value[101];
    int i;

    memset(value, 'v', sizeof(value) - 1);
    value[sizeof(value) - 1] = 0;
    for (i = 0; i < 40; i++) {
        sprintf(name, "X-%d", i);
        evhttp_add_header(evhttp_request_get_output_headers(r), name, value);
    }
}

/* How many of the headers of fill() there are; none of the later ones may be. */
static int count(struct evkeyvalq *list)
{
    struct evkeyval *h;
    int n = 0;

    for (h = list->tqh_first; h; h = h->next.tqe_next) {
        n += h->key[0] == 'X';
        CHECK(h->key[0] != 'Y');
    }
    return n;
}

static void handler(struct evhttp_request *r, void *arg)
{
    struct evhttp_connection *c = evhttp_request_get_connection(r);
    struct evbuffer *out = bufferevent_get_output(evhttp_connection_get_bufferevent(c));
    struct evbuffer *b = evbuffer_new();
    int pieces = arg != NULL;

    seen = count(evhttp_request_get_input_headers(r));
    fill(r);
    current = r;
    calls = 0;
    evbuffer_add_cb(out, on_change, NULL);
    evbuffer_add_printf(b, "hello");
    if (pieces) {
        evhttp_send_reply_start(r, 200, "OK");
        evhttp_send_reply_chunk(r, b);
        current = NULL;
        evbuffer_remove_cb(out, on_change, NULL);
        evhttp_send_reply_end(r);
    } else {
        evhttp_send_reply(r, 200, "OK", b);
        current = NULL;
        evbuffer_remove_cb(out, on_change, NULL);
    }
    CHECK(calls > 0);
    evbuffer_free(b);
}

static void done(struct evhttp_request *r, void *arg)
{
    struct evbuffer *in;

    (void)arg;
    done_count++;
    CHECK(r != NULL && evhttp_request_get_response_code(r) == 200);
    CHECK(count(evhttp_request_get_input_headers(r)) == 40);
    in = evhttp_request_get_input_buffer(r);
    CHECK(evbuffer_get_length(in) == 5 && !memcmp(evbuffer_pullup(in, -1), "hello", 5));
}

int main(void)
{
    int pieces;

    raw_server();
    for (pieces = 0; pieces < 2; pieces++) {
        evhttp_set_gencb(http, handler, pieces ? (void *)&pieces : NULL);
        for (mode = 0; mode < MODES; mode++) {
            struct evhttp_connection *con =
                evhttp_connection_base_new(base, NULL, "127.0.0.1", (unsigned short)http_port);
            struct evhttp_request *r = evhttp_request_new(done, NULL);
            struct evbuffer *out = bufferevent_get_output(evhttp_connection_get_bufferevent(con));
            int before = done_count;

            fill(r);
            evhttp_add_header(evhttp_request_get_output_headers(r), "Host", "x");
            evbuffer_add_cb(out, on_change, NULL);
            seen = 0;
            current = r;
            evhttp_make_request(con, r, EVHTTP_REQ_GET, "/");
            while (!seen)
                event_base_loop(base, EVLOOP_ONCE);
            while (done_count == before)
                event_base_loop(base, EVLOOP_ONCE);
            CHECK(seen == 40);
            evhttp_connection_free(con);
            event_base_loop(base, EVLOOP_NONBLOCK);
        }
    }
    raw_done();
    printf("ok\n");
    return 0;
}
