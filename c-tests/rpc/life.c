/* harness: only=evrs; valgrind; asan
 *
 * Everything freed from within everything else, arguments that the reference crashes on, calls
 * that outlive what they belong to. */
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "message.h"

#define CHECK(x) do { \
    if (!(x)) { \
        printf("line %d: %s\n", __LINE__, #x); \
        exit(1); \
    } \
} while (0)

static struct event_base *base;
static struct evhttp *http;
static struct evrpc_base *rpc;
static struct evrpc_pool *pool;
static struct evhttp_connection *con;
static int ended, last_error;
static struct question *asked[2];
static struct answer *answers[2];
static const char *point; /* where something is done, "" for nowhere */
static const char *action;
static void *paused;
static EVRPC_STRUCT(Ask) *later;

static void act(const char *where, struct evhttp_request *req)
{
    if (strcmp(where, point) != 0)
        return;
    point = "";
    if (!strcmp(action, "free rpc")) {
        evrpc_free(rpc);
        rpc = NULL;
    } else if (!strcmp(action, "unregister")) {
        EVRPC_UNREGISTER(rpc, Ask);
    } else if (!strcmp(action, "free server")) {
        if (rpc)
            evrpc_free(rpc);
        rpc = NULL;
        evhttp_free(http);
        http = NULL;
    } else if (!strcmp(action, "free pool")) {
        evrpc_pool_free(pool);
        pool = NULL;
    } else if (!strcmp(action, "remove connection")) {
        evrpc_pool_remove_connection(pool, con);
        evhttp_connection_free(con);
    } else if (!strcmp(action, "free connection")) {
        evhttp_connection_free(con);
    } else if (!strcmp(action, "free their connection")) {
        if (req && evhttp_request_get_connection(req))
            evhttp_connection_free(evhttp_request_get_connection(req));
    } else {
        CHECK(!"known action");
    }
}

static void ask_cb(EVRPC_STRUCT(Ask) *call, void *arg)
{
    (void)arg;
    EVTAG_ASSIGN(call->reply, text, "reply");
    act("server", EVRPC_REQUEST_HTTP(call));
    if (!strcmp(action, "later")) {
        later = call;
        return;
    }
    EVRPC_REQUEST_DONE(call);
}

static void done(struct evrpc_status *status, struct question *q, struct answer *a, void *arg)
{
    *(struct question **)arg = NULL;
    ended++;
    last_error = status->error;
    act("done", status->http_req);
    question_free(q);
    answer_free(a);
}

static const char *pausing = "";

static int hook(void *ctx, struct evhttp_request *req, struct evbuffer *data, void *arg)
{
    (void)data;
    (void)evrpc_hook_get_connection(ctx);
    evrpc_hook_add_meta(ctx, "key", arg, strlen(arg));
    act(arg, req);
    (void)evrpc_hook_get_connection(ctx);
    if (!strcmp(arg, pausing)) {
        paused = ctx;
        return EVRPC_PAUSE;
    }
    return EVRPC_CONTINUE;
}

static void turns(int n)
{
    while (n-- > 0) {
        struct timeval tv = { 0, 1000 };

        event_base_loopexit(base, &tv);
        event_base_dispatch(base);
    }
}

static ev_uint16_t server_port;

static void setup(void)
{
    ev_uint16_t port;

    ended = 0;
    last_error = -1;
    paused = NULL;
    later = NULL;
    base = event_base_new();
    http = http_server(base, &port);
    server_port = port;
    rpc = evrpc_init(http);
    CHECK(EVRPC_REGISTER(rpc, Ask, question, answer, ask_cb, NULL) == 0);
    evrpc_add_hook(rpc, EVRPC_INPUT, hook, (void *)"server in");
    evrpc_add_hook(rpc, EVRPC_OUTPUT, hook, (void *)"server out");
    pool = evrpc_pool_new(base);
    evrpc_add_hook(pool, EVRPC_INPUT, hook, (void *)"pool in");
    evrpc_add_hook(pool, EVRPC_OUTPUT, hook, (void *)"pool out");
    con = evhttp_connection_base_new(base, NULL, "127.0.0.1", port);
    evrpc_pool_add_connection(pool, con);
    evrpc_pool_add_connection(pool, con);
}

static void ask(int i)
{
    asked[i] = question_new_with_arg(NULL);
    answers[i] = answer_new_with_arg(NULL);
    EVTAG_ASSIGN(asked[i], text, "text");
    CHECK(EVRPC_MAKE_REQUEST(Ask, pool, asked[i], answers[i], done, &asked[i]) == 0);
}

/* What was not told of its end is the program's still; messages of the server are gone. */
static void teardown(void)
{
    int i;

    if (pool)
        evrpc_pool_free(pool);
    pool = NULL;
    turns(2);
    if (rpc)
        evrpc_free(rpc);
    rpc = NULL;
    if (http)
        evhttp_free(http);
    http = NULL;
    turns(1);
    for (i = 0; i < 2; i++) {
        if (asked[i]) {
            question_free(asked[i]);
            answer_free(answers[i]);
        }
        asked[i] = NULL;
    }
    CHECK(messages_live == 0);
    event_base_free(base);
}

static void everything(void)
{
    static const char *const points[] = {
        "server", "done", "server in", "server out", "pool in", "pool out"
    };
    static const char *const actions[] = {
        "free rpc", "unregister", "free server", "free pool", "remove connection",
        "free connection", "free their connection"
    };
    size_t p, a;
    int pauses;

    for (p = 0; p < sizeof(points) / sizeof(points[0]); p++) {
        for (a = 0; a < sizeof(actions) / sizeof(actions[0]); a++) {
            for (pauses = 0; pauses < 2; pauses++) {
                setup();
                point = points[p];
                action = actions[a];
                pausing = pauses ? points[p] : "";
                ask(0);
                if (pool)
                    ask(1);
                turns(4);
                pausing = "";
                if (paused && pool && strncmp(points[p], "pool", 4) == 0)
                    evrpc_resume_request(pool, paused, EVRPC_CONTINUE);
                else if (paused && rpc && strncmp(points[p], "server ", 7) == 0)
                    evrpc_resume_request(rpc, paused, EVRPC_CONTINUE);
                turns(3);
                fprintf(stderr, "%s in %s%s: %d ended, error %d\n", actions[a], points[p],
                        pauses ? ", pausing" : "", ended, last_error);
                teardown();
            }
        }
    }
}

/* A call that the program answers when its client, its server, its procedure are gone. */
static void too_late(void)
{
    int what;

    for (what = 0; what < 4; what++) {
        setup();
        point = "";
        action = "later";
        ask(0);
        while (!later)
            turns(1);
        if (what == 0) {
            evrpc_pool_free(pool);
            pool = NULL;
        } else if (what == 1) {
            evrpc_free(rpc);
            rpc = NULL;
        } else if (what == 2) {
            evrpc_free(rpc);
            rpc = NULL;
            evhttp_free(http);
            http = NULL;
        } else {
            CHECK(EVRPC_UNREGISTER(rpc, Ask) == 0);
        }
        turns(2);
        EVRPC_REQUEST_DONE(later);
        turns(3);
        CHECK(ended == (what == 0 ? 0 : 1));
        CHECK(what == 0 || last_error == (what == 2 ? EVRPC_STATUS_ERR_TIMEOUT : EVRPC_STATUS_ERR_NONE));
        action = "";
        teardown();
    }
}

/* Calls wait for the first connection. */
static void no_connection(void)
{
    setup();
    point = action = "";
    evrpc_pool_remove_connection(pool, con);
    ask(0);
    ask(1);
    turns(1);
    CHECK(ended == 0);
    evrpc_pool_add_connection(pool, con);
    while (ended < 2)
        turns(1);
    CHECK(last_error == EVRPC_STATUS_ERR_NONE);
    teardown();
}

/* A call whose connection somebody frees ends, with a timeout and without; the next one gets its
 * turn with another connection. */
static void connection_gone(void)
{
    int timeout, i;

    for (timeout = -1; timeout <= 1; timeout++) {
        EVRPC_STRUCT(Ask) *first;

        setup();
        point = "";
        action = "later";
        evrpc_pool_set_timeout(pool, timeout);
        ask(0);
        ask(1);
        while (!later)
            turns(1);
        first = later;
        evhttp_connection_free(con);
        CHECK(ended == 0);
        for (i = 0; !ended && i < 500; i++)
            turns(1);
        CHECK(ended == 1 && last_error == EVRPC_STATUS_ERR_TIMEOUT);
        EVRPC_REQUEST_DONE(first);
        action = "";
        con = evhttp_connection_base_new(base, NULL, "127.0.0.1", server_port);
        evrpc_pool_add_connection(pool, con);
        while (ended < 2)
            turns(1);
        CHECK(last_error == EVRPC_STATUS_ERR_NONE);
        teardown();
    }
}

/* The pool is freed by the close callback of the connection whose call times out. */
static void free_pool_cb(struct evhttp_connection *c, void *arg)
{
    (void)c;
    (void)arg;
    if (pool)
        evrpc_pool_free(pool);
    pool = NULL;
}

static void pool_gone_in_failure(void)
{
    setup();
    point = "";
    action = "later";
    evhttp_connection_set_closecb(con, free_pool_cb, NULL);
    ask(0);
    while (!later)
        turns(1);
    evrpc_free(rpc);
    rpc = NULL;
    evhttp_free(http);
    http = NULL;
    turns(3);
    CHECK(ended == 0 && !pool);
    EVRPC_REQUEST_DONE(later);
    action = "";
    teardown();
}

static void nothing(void)
{
    struct evrpc stranger;
    size_t n;
    void *p;

    memset(&stranger, 0, sizeof(stranger));
    setup();
    point = action = "";
    CHECK(evrpc_init(NULL) == NULL);
    evrpc_free(NULL);
    CHECK(evrpc_register_rpc(NULL, NULL, NULL, NULL) == -1);
    CHECK(evrpc_register_rpc(rpc, NULL, NULL, NULL) == -1);
    CHECK(evrpc_register_rpc(rpc, &stranger, NULL, NULL) == -1);
    CHECK(evrpc_unregister_rpc(NULL, "x") == -1);
    CHECK(evrpc_unregister_rpc(rpc, NULL) == -1);
    CHECK(EVRPC_REGISTER(rpc, Ask, question, answer, ask_cb, NULL) == -1);
    CHECK(EVRPC_REGISTER(NULL, Ask, question, answer, ask_cb, NULL) == -1);
    evrpc_request_done(NULL);
    CHECK(evrpc_get_request(NULL) == NULL && evrpc_get_reply(NULL) == NULL);
    evrpc_pool_free(NULL);
    evrpc_pool_add_connection(NULL, con);
    evrpc_pool_add_connection(pool, NULL);
    evrpc_pool_remove_connection(NULL, con);
    evrpc_pool_remove_connection(pool, NULL);
    evrpc_pool_set_timeout(NULL, 1);
    CHECK(evrpc_make_request_ctx(pool, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) == NULL);
    CHECK(evrpc_make_request(NULL) == -1);
    CHECK(EVRPC_MAKE_REQUEST(Ask, NULL, NULL, NULL, done, NULL) == -1);
    CHECK(evrpc_request_get_pool(NULL) == NULL);
    evrpc_request_set_pool(NULL, pool);
    evrpc_request_set_cb(NULL, NULL, NULL);
    CHECK(evrpc_add_hook(NULL, EVRPC_INPUT, hook, NULL) == NULL);
    CHECK(evrpc_add_hook(pool, EVRPC_INPUT, NULL, NULL) == NULL);
    CHECK(evrpc_add_hook(pool, (enum EVRPC_HOOK_TYPE)9, hook, NULL) == NULL);
    CHECK(evrpc_remove_hook(NULL, EVRPC_INPUT, NULL) == 0);
    CHECK(evrpc_remove_hook(pool, EVRPC_INPUT, NULL) == 0);
    CHECK(evrpc_resume_request(NULL, NULL, EVRPC_CONTINUE) == -1);
    CHECK(evrpc_resume_request(pool, NULL, EVRPC_CONTINUE) == -1);
    evrpc_hook_add_meta(NULL, "x", "", 0);
    CHECK(evrpc_hook_find_meta(NULL, "x", &p, &n) == -1);
    CHECK(evrpc_hook_get_connection(NULL) == NULL);
    teardown();
}

int main(void)
{
    nothing();
    no_connection();
    everything();
    too_late();
    connection_gone();
    pool_gone_in_failure();
    printf("ok\n");
    return 0;
}
