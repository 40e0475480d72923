/* harness: only=evrs; valgrind; asan; timeout=120
 *
 * A call with hooks on both sides, with every allocation failing in turn: nothing leaks, nothing
 * crashes, and the callback of a call that was taken is called at most once. */
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "failalloc.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/rpc.h>
#include <event2/util.h>

static char *scarce_strdup(const char *s)
{
    char *p = failalloc_malloc(strlen(s) + 1);

    return p ? strcpy(p, s) : NULL;
}

/* Strings come from the library's allocator or from the program's: it has to be one. */
#undef strdup
#define strdup scarce_strdup
#define free failalloc_free
#define calloc(n, size) scarce_calloc((n) * (size))
static void *scarce_calloc(size_t n)
{
    void *p = failalloc_malloc(n);

    return p ? memset(p, 0, n) : NULL;
}
/* The broken replies of this test are not for its output. */
#define printf(...) ((void)fprintf(stderr, __VA_ARGS__))
#include "message.h"
#undef printf

static int ended, good;

static void ask_cb(EVRPC_STRUCT(Ask) *call, void *arg)
{
    (void)arg;
    EVTAG_ASSIGN(call->reply, text, "reply");
    EVRPC_REQUEST_DONE(call);
}

static void done(struct evrpc_status *status, struct question *q, struct answer *a, void *arg)
{
    (void)q;
    (void)a;
    (void)arg;
    ended++;
    good = status->error == EVRPC_STATUS_ERR_NONE;
}

static void *paused[2];

static int hook(void *ctx, struct evhttp_request *req, struct evbuffer *data, void *arg)
{
    (void)req;
    (void)data;
    evrpc_hook_add_meta(ctx, "key", "value", 6);
    if (arg) {
        *(void **)arg = ctx;
        return EVRPC_PAUSE;
    }
    return EVRPC_CONTINUE;
}

static int once(void)
{
    struct event_base *base = event_base_new();
    struct evhttp *http = NULL;
    struct evhttp_bound_socket *s;
    struct evrpc_base *rpc = NULL;
    struct evrpc_pool *pool = NULL;
    struct evhttp_connection *con;
    struct question *q = question_new_with_arg(NULL);
    struct answer *a = answer_new_with_arg(NULL);
    struct sockaddr_in sin;
    ev_socklen_t len = sizeof(sin);
    int i, taken = 0;

    ended = good = 0;
    paused[0] = paused[1] = NULL;
    if (!base || !q || !a || !(http = evhttp_new(base)) ||
        !(s = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0)) ||
        !(rpc = evrpc_init(http)) || !(pool = evrpc_pool_new(base)) ||
        EVTAG_ASSIGN(q, text, "text") < 0)
        goto out;
    getsockname(evhttp_bound_socket_get_fd(s), (struct sockaddr *)&sin, &len);
    if (EVRPC_REGISTER(rpc, Ask, question, answer, ask_cb, NULL) < 0)
        goto out;
    evrpc_add_hook(rpc, EVRPC_INPUT, hook, &paused[0]);
    evrpc_add_hook(rpc, EVRPC_OUTPUT, hook, NULL);
    evrpc_add_hook(pool, EVRPC_INPUT, hook, NULL);
    evrpc_add_hook(pool, EVRPC_OUTPUT, hook, &paused[1]);
    con = evhttp_connection_base_new(base, NULL, "127.0.0.1", ntohs(sin.sin_port));
    if (!con)
        goto out;
    evrpc_pool_add_connection(pool, con);
    evrpc_pool_remove_connection(pool, con);
    evrpc_pool_add_connection(pool, con);
    evrpc_pool_set_timeout(pool, 30);
    taken = EVRPC_MAKE_REQUEST(Ask, pool, q, a, done, NULL) == 0;
    for (i = 0; i < 15 && taken && !ended; i++) {
        event_base_loop(base, EVLOOP_NONBLOCK);
        if (paused[1])
            evrpc_resume_request(pool, paused[1], EVRPC_CONTINUE);
        if (paused[0])
            evrpc_resume_request(rpc, paused[0], EVRPC_CONTINUE);
        paused[0] = paused[1] = NULL;
        if (i > 5)
            poll(NULL, 0, 1);
    }
    if (ended > 1) {
        fprintf(stderr, "ended %d times\n", ended);
        good = 0;
        exit(1);
    }
    /* The pool has taken it or not: if not, it is in nobody's hands. */
    if (failalloc_failed)
        failalloc_at = 0;
    evrpc_pool_remove_connection(pool, con);
    evhttp_connection_free(con);
out:
    if (pool)
        evrpc_pool_free(pool);
    if (base)
        event_base_loop(base, EVLOOP_NONBLOCK);
    if (rpc)
        evrpc_free(rpc);
    if (http)
        evhttp_free(http);
    if (base)
        event_base_loop(base, EVLOOP_NONBLOCK);
    if (base)
        event_base_free(base);
    if (q)
        question_free(q);
    if (a)
        answer_free(a);
    return good;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    failalloc_install();
    return failalloc_sweep("call", once, 2000);
}
