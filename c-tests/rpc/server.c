/* harness: valgrind; asan
 *
 * The server's side, byte for byte: what is answered to good calls and to bad ones, with hooks
 * that look, change, end and pause. */
#include "../http/raw.h"
#include "message.h"

static struct evrpc_base *rpc;
static int how; /* what the callback does */
static EVRPC_STRUCT(Ask) *later;

static void ask_cb(EVRPC_STRUCT(Ask) *call, void *arg)
{
    char *text = NULL, reply[80];
    ev_uint32_t times = 0;

    printf("callback %s: text %d", (const char *)arg, EVTAG_GET(call->request, text, &text));
    printf(" %s times %d", text, EVTAG_GET(call->request, times, &times));
    printf(" %lu\n", (unsigned long)times);
    printf("same objects: %d %d %d\n",
           evrpc_get_request((struct evrpc_req_generic *)call) == call->request,
           evrpc_get_reply((struct evrpc_req_generic *)call) == call->reply,
           evhttp_request_get_command(EVRPC_REQUEST_HTTP(call)) == EVHTTP_REQ_POST);
    if (how == 1) {
        /* The reply stays incomplete. */
        EVRPC_REQUEST_DONE(call);
        return;
    }
    evutil_snprintf(reply, sizeof(reply), "%s has %lu letters", text, (unsigned long)strlen(text));
    EVTAG_ASSIGN(call->reply, text, reply);
    if (how == 2) {
        later = call;
        return;
    }
    if (how == 3)
        evhttp_add_header(evhttp_request_get_output_headers(EVRPC_REQUEST_HTTP(call)),
                          "Content-Type", "text/plain");
    EVRPC_REQUEST_DONE(call);
}

static void post(const char *title, const char *path, const char *body, size_t n)
{
    char text[1024];
    int head = evutil_snprintf(text, sizeof(text),
        "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %lu\r\n\r\n", path, (unsigned long)n);

    memcpy(text + head, body, n);
    raw_exchange(title, text, (size_t)head + n);
}

#define POST(title, body) post(title, "/.rpc.Ask", body, sizeof(body) - 1)
#define GOOD "\x01\x05hello\x02\x01\x07"

static int verdict;
static int pause_count;
static void *paused;

static int hook(void *ctx, struct evhttp_request *req, struct evbuffer *data, void *arg)
{
    void *note = NULL;
    size_t size = 0;
    int r;

    printf("hook %s", (const char *)arg);
    dump("", data);
    printf("connection: %d\n",
           evrpc_hook_get_connection(ctx) == evhttp_request_get_connection(req));
    r = evrpc_hook_find_meta(ctx, "note", &note, &size);
    printf("note: %d %.*s\n", r, (int)size, note ? (char *)note : "");
    evrpc_hook_add_meta(ctx, "note", arg, strlen(arg));
    if (verdict == EVRPC_PAUSE) {
        paused = ctx;
        pause_count++;
    }
    return verdict;
}

static void resume_cb(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    if (later) {
        EVRPC_REQUEST_DONE(later);
        later = NULL;
    }
    if (paused) {
        void *ctx = paused;

        paused = NULL;
        printf("unknown: %d\n", evrpc_resume_request(rpc, &how, EVRPC_CONTINUE));
        printf("resume: %d\n",
               evrpc_resume_request(rpc, ctx, pause_count % 2 ? EVRPC_CONTINUE : EVRPC_TERMINATE));
    }
}

int main(void)
{
    struct timeval tv = { 0, 5000 };
    struct event *tick;
    void *in, *in2, *out;
    char arg[] = "arg";

    raw_server();
    tick = event_new(base, -1, EV_PERSIST, resume_cb, NULL);
    event_add(tick, &tv);
    rpc = evrpc_init(http);
    EVRPC_REGISTER(rpc, Ask, question, answer, ask_cb, arg);

    POST("good", GOOD);
    POST("without the optional field", "\x01\x05hello");
    how = 1;
    POST("incomplete reply", GOOD);
    how = 3;
    POST("content type of the program's", GOOD);
    how = 2;
    POST("answered later", GOOD);
    how = 0;
    POST("two at once", GOOD);
    RAW("pipelined", "POST /.rpc.Ask HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n\x01\x03one"
        "POST /.rpc.Ask HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n\x01\x03two");
    RAW("in chunks", "POST /.rpc.Ask HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1\r\n\x01\r\n4\r\n\x03one\r\n0\r\n\r\n");

    POST("empty", "");
    POST("cut text", "\x01\x05hell");
    POST("cut header", "\x01");
    POST("twice the same field", "\x01\x01" "a" "\x01\x01" "b");
    POST("unknown field", "\x01\x01" "a" "\x09\x01" "b");
    POST("required field missing", "\x02\x01\x07");
    POST("huge length", "\x01\x7f\xff\xff\xff\xf0" "abc");
    POST("endless tag", "\xff\xff\xff\xff\xff\xff\xff\xff");
    question_new_fails = 1;
    POST("no request object", GOOD);
    question_new_fails = 0;
    answer_new_fails = 1;
    POST("no reply object", GOOD);
    answer_new_fails = 0;
    RAW("GET", "GET /.rpc.Ask HTTP/1.1\r\nHost: x\r\n\r\n");
    RAW("PUT", "PUT /.rpc.Ask HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n\x01\x05hello");
    post("other name", "/.rpc.Other", GOOD, sizeof(GOOD) - 1);
    post("other path", "/Ask", GOOD, sizeof(GOOD) - 1);
    printf("messages: %d\n", messages_live);

    in = evrpc_add_hook(rpc, EVRPC_INPUT, hook, (void *)"in");
    out = evrpc_add_hook(rpc, EVRPC_OUTPUT, hook, (void *)"out");
    in2 = evrpc_add_hook(rpc, EVRPC_INPUT, hook, (void *)"in2");
    POST("hooks", GOOD);
    POST("hooks before a bad message", "\x01");
    verdict = EVRPC_TERMINATE;
    POST("refusing hook", GOOD);
    verdict = EVRPC_PAUSE;
    POST("pausing hooks", GOOD);
    POST("pausing hooks", GOOD);
    printf("remove: %d %d\n", evrpc_remove_hook(rpc, EVRPC_INPUT, in),
           evrpc_remove_hook(rpc, EVRPC_INPUT, in));
    printf("remove: %d %d\n", evrpc_remove_hook(rpc, EVRPC_INPUT, out),
           evrpc_remove_hook(rpc, EVRPC_INPUT, in2));
    POST("pausing output hook", GOOD);
    POST("pausing output hook", GOOD);
    verdict = EVRPC_TERMINATE;
    POST("refusing output hook", GOOD);
    verdict = EVRPC_CONTINUE;
    printf("messages: %d\n", messages_live);

    printf("unregister: %d\n", EVRPC_UNREGISTER(rpc, Ask));
    printf("unregister: %d\n", EVRPC_UNREGISTER(rpc, Ask));
    POST("unregistered", GOOD);
    EVRPC_REGISTER(rpc, Ask, question, answer, ask_cb, arg);
    POST("registered again", GOOD);
    evrpc_free(rpc);
    POST("freed", GOOD);
    event_free(tick);
    raw_done();
    return 0;
}
