/* harness: valgrind; asan
 *
 * The client's side: calls over one and over several connections, queued calls, hooks, broken
 * answers, timeouts. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event_compat.h>

#include "message.h"

static struct event_base *base;
static struct evrpc_base *rpc;
static struct evrpc_pool *pool;
static ev_uint16_t port;
static int left;

static EVRPC_STRUCT(Ask) *held[4];
static int hold, holding;

static void ask_cb(EVRPC_STRUCT(Ask) *call, void *arg)
{
    char *text = NULL, reply[80];

    (void)arg;
    EVTAG_GET(call->request, text, &text);
    printf("server: %s\n", text);
    evutil_snprintf(reply, sizeof(reply), "re: %s", text);
    EVTAG_ASSIGN(call->reply, text, reply);
    if (hold) {
        held[holding++ & 3] = call;
        return;
    }
    EVRPC_REQUEST_DONE(call);
}

static void done(struct evrpc_status *status, struct question *q, struct answer *a, void *arg)
{
    char *asked = NULL, *text = NULL;

    EVTAG_GET(q, text, &asked);
    printf("done %s: error %d, http %d code %d, arg %s", asked, status->error,
           status->http_req != NULL,
           status->http_req ? evhttp_request_get_response_code(status->http_req) : -1,
           (const char *)arg);
    printf(", text %d", EVTAG_GET(a, text, &text));
    printf(" %s\n", text ? text : "-");
    question_free(q);
    answer_free(a);
    if (--left == 0)
        event_base_loopbreak(base);
}

static void ask(const char *text)
{
    struct question *q = question_new_with_arg(NULL);
    struct answer *a = answer_new_with_arg(NULL);

    EVTAG_ASSIGN(q, text, text);
    EVTAG_ASSIGN(q, times, 3);
    left++;
    printf("ask %s: %d\n", text, EVRPC_MAKE_REQUEST(Ask, pool, q, a, done, (void *)"arg"));
}

static void run(void)
{
    struct timeval tv = { 10, 0 };

    if (left == 0)
        return;
    event_base_loopexit(base, &tv);
    event_base_dispatch(base);
    printf("left: %d\n", left);
}

static int verdict = EVRPC_CONTINUE;
static void *paused;

static void resume_cb(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    printf("resume %s: %d\n", (const char *)arg, evrpc_resume_request(pool, paused, EVRPC_CONTINUE));
}

static int hook(void *ctx, struct evhttp_request *req, struct evbuffer *data, void *arg)
{
    void *note = NULL;
    size_t size = 0;
    int r;

    printf("hook %s code %d", (const char *)arg, evhttp_request_get_response_code(req));
    dump("", data);
    printf("connection: %d\n", evrpc_hook_get_connection(ctx) != NULL);
    r = evrpc_hook_find_meta(ctx, "note", &note, &size);
    printf("note: %d %.*s\n", r, (int)size, note ? (char *)note : "");
    evrpc_hook_add_meta(ctx, "note", arg, strlen(arg));
    if (verdict == EVRPC_PAUSE) {
        struct timeval tv = { 0, 2000 };

        paused = ctx;
        event_base_once(base, -1, EV_TIMEOUT, resume_cb, arg, &tv);
    }
    return verdict;
}

static struct evhttp_connection *connect_to(ev_uint16_t to)
{
    return evhttp_connection_base_new(base, NULL, "127.0.0.1", to);
}

/* A server that answers every POST with what it is told. */
static const char *nonsense;
static size_t nonsense_size;

static void nonsense_cb(struct evhttp_request *req, void *arg)
{
    struct evbuffer *b = evbuffer_new();

    (void)arg;
    evbuffer_add(b, nonsense, nonsense_size);
    evhttp_send_reply(req, 200, "OK", b);
    evbuffer_free(b);
}

#define NONSENSE(text) (nonsense = text, nonsense_size = sizeof(text) - 1)

int main(void)
{
    struct evhttp *http, *other;
    struct evhttp_connection *con;
    struct evrpc_request_wrapper *ctx;
    struct question *q;
    struct answer *a;
    ev_uint16_t other_port;
    void *in, *out;
    int i;

    /* A pool without a base of its own: with one, the reference takes no connection that has a base,
     * and a connection cannot be made without. */
    base = event_init();
    http = http_server(base, &port);
    rpc = evrpc_init(http);
    EVRPC_REGISTER(rpc, Ask, question, answer, ask_cb, NULL);
    other = http_server(base, &other_port);
    evhttp_set_gencb(other, nonsense_cb, NULL);

    pool = evrpc_pool_new(NULL);
    con = connect_to(port);
    evrpc_pool_add_connection(pool, con);
    ask("one");
    run();
    for (i = 0; i < 5; i++) {
        char text[2] = { (char)('a' + i), 0 };

        ask(text);
    }
    run();

    printf("-- context\n");
    q = question_new_with_arg(NULL);
    a = answer_new_with_arg(NULL);
    EVTAG_ASSIGN(q, text, "context");
    ctx = EVRPC_MAKE_CTX(Ask, question, answer, NULL, q, a, NULL, NULL);
    printf("pool: %d\n", evrpc_request_get_pool(ctx) == NULL);
    evrpc_request_set_pool(ctx, pool);
    printf("pool: %d\n", evrpc_request_get_pool(ctx) == pool);
    evrpc_request_set_cb(ctx, (void (*)(struct evrpc_status *, void *, void *, void *))done,
                         (void *)"set");
    left++;
    printf("make: %d\n", evrpc_make_request(ctx));
    run();

    printf("-- hooks\n");
    in = evrpc_add_hook(pool, EVRPC_INPUT, hook, (void *)"in");
    out = evrpc_add_hook(pool, EVRPC_OUTPUT, hook, (void *)"out");
    ask("hooked");
    run();
    verdict = EVRPC_PAUSE;
    ask("paused");
    run();
    verdict = EVRPC_TERMINATE;
    ask("ended");
    run();
    printf("remove: %d\n", evrpc_remove_hook(pool, EVRPC_OUTPUT, out));
    ask("ended in");
    run();
    printf("remove: %d\n", evrpc_remove_hook(pool, EVRPC_INPUT, in));

    printf("-- no such procedure\n");
    EVRPC_UNREGISTER(rpc, Ask);
    ask("nobody");
    run();
    EVRPC_REGISTER(rpc, Ask, question, answer, ask_cb, NULL);

    printf("-- timeout\n");
    evrpc_pool_set_timeout(pool, 1);
    hold = 1;
    ask("slow");
    ask("slow too");
    run();
    hold = 0;
    for (i = 0; i < holding; i++)
        EVRPC_REQUEST_DONE(held[i]);
    ask("after");
    run();

    printf("-- several connections\n");
    evrpc_pool_add_connection(pool, connect_to(port));
    evrpc_pool_add_connection(pool, connect_to(port));
    hold = 1;
    holding = 0;
    ask("x");
    ask("x");
    ask("x");
    while (holding < 3)
        event_base_loop(base, EVLOOP_ONCE);
    hold = 0;
    for (i = 0; i < 3; i++)
        EVRPC_REQUEST_DONE(held[i]);
    run();

    printf("-- a connection taken out\n");
    evrpc_pool_remove_connection(pool, con);
    evhttp_connection_free(con);
    ask("others");
    run();
    evrpc_pool_free(pool);

    printf("-- nonsense\n");
    pool = evrpc_pool_new(NULL);
    evrpc_pool_set_timeout(pool, 5);
    evrpc_pool_add_connection(pool, connect_to(other_port));
    NONSENSE("");
    ask("empty");
    run();
    NONSENSE("\x01\x05he");
    ask("cut");
    run();
    NONSENSE("\x01\x01x\x01\x01y");
    ask("twice");
    run();
    NONSENSE("\x01\x7f\xff\xff\xff\xf0");
    ask("huge");
    run();
    NONSENSE("\xff\xff\xff\xff\xff\xff");
    ask("endless tag");
    run();
    NONSENSE("\x01\x04" "fine");
    ask("fine");
    run();
    evrpc_pool_free(pool);

    printf("-- refused\n");
    evhttp_free(other);
    pool = evrpc_pool_new(NULL);
    evrpc_pool_add_connection(pool, connect_to(other_port));
    ask("refused");
    run();
    evrpc_pool_free(pool);

    printf("messages: %d\n", messages_live);
    evrpc_free(rpc);
    evhttp_free(http);
    event_base_free(base);
    return 0;
}
