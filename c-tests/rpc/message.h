/* Two messages and one procedure, as a generator of message code would lay them out: a structure
 * with its functions' table in `base`, a value and a flag per field, and the functions that
 * EVRPC_REGISTER() and EVRPC_GENERATE() name. */
#ifndef EVRS_TEST_RPC_MESSAGE_H
#define EVRS_TEST_RPC_MESSAGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/rpc.h>
#include <event2/rpc_struct.h>
#include <event2/tag.h>
#include <event2/util.h>

/* What generated code calls without a declaration in a public header. */
void event_warnx(const char *fmt, ...);

struct question;
struct question_access {
    int (*text_assign)(struct question *, const char *);
    int (*text_get)(struct question *, char **);
    int (*times_assign)(struct question *, const ev_uint32_t);
    int (*times_get)(struct question *, ev_uint32_t *);
};

struct question {
    struct question_access *base;
    char *text_data;
    ev_uint32_t times_data;
    ev_uint8_t text_set;
    ev_uint8_t times_set;
};

struct answer;
struct answer_access {
    int (*text_assign)(struct answer *, const char *);
    int (*text_get)(struct answer *, char **);
};

struct answer {
    struct answer_access *base;
    char *text_data;
    ev_uint8_t text_set;
};

enum { QUESTION_TEXT = 1, QUESTION_TIMES = 2 };
enum { ANSWER_TEXT = 1 };

static int messages_live;

static int assign_text(char **to, ev_uint8_t *set, const char *value)
{
    free(*to);
    *to = strdup(value);
    *set = *to != NULL;
    return *set ? 0 : -1;
}

static int question_text_assign(struct question *m, const char *value)
{
    return assign_text(&m->text_data, &m->text_set, value);
}

static int question_text_get(struct question *m, char **value)
{
    if (!m->text_set)
        return -1;
    *value = m->text_data;
    return 0;
}

static int question_times_assign(struct question *m, const ev_uint32_t value)
{
    m->times_data = value;
    m->times_set = 1;
    return 0;
}

static int question_times_get(struct question *m, ev_uint32_t *value)
{
    if (!m->times_set)
        return -1;
    *value = m->times_data;
    return 0;
}

static struct question_access question_access_ = {
    question_text_assign, question_text_get, question_times_assign, question_times_get
};

static int question_new_fails;

static struct question *question_new_with_arg(void *unused)
{
    struct question *m;

    (void)unused;
    if (question_new_fails || !(m = calloc(1, sizeof(*m))))
        return NULL;
    m->base = &question_access_;
    messages_live++;
    return m;
}

static void question_free(struct question *m)
{
    free(m->text_data);
    free(m);
    messages_live--;
}

static void question_marshal(struct evbuffer *buf, const struct question *m)
{
    evtag_marshal_string(buf, QUESTION_TEXT, m->text_data);
    if (m->times_set)
        evtag_marshal_int(buf, QUESTION_TIMES, m->times_data);
}

static int question_unmarshal(struct question *m, struct evbuffer *buf)
{
    ev_uint32_t tag;

    while (evbuffer_get_length(buf) > 0) {
        if (evtag_peek(buf, &tag) == -1)
            return -1;
        switch (tag) {
        case QUESTION_TEXT:
            if (m->text_set || evtag_unmarshal_string(buf, QUESTION_TEXT, &m->text_data) == -1) {
                event_warnx("%s: text", __func__);
                return -1;
            }
            m->text_set = 1;
            break;
        case QUESTION_TIMES:
            if (m->times_set || evtag_unmarshal_int(buf, QUESTION_TIMES, &m->times_data) == -1) {
                event_warnx("%s: times", __func__);
                return -1;
            }
            m->times_set = 1;
            break;
        default:
            return -1;
        }
    }
    return m->text_set ? 0 : -1;
}

static int answer_text_assign(struct answer *m, const char *value)
{
    return assign_text(&m->text_data, &m->text_set, value);
}

static int answer_text_get(struct answer *m, char **value)
{
    if (!m->text_set)
        return -1;
    *value = m->text_data;
    return 0;
}

static struct answer_access answer_access_ = { answer_text_assign, answer_text_get };

static int answer_new_fails;

static struct answer *answer_new_with_arg(void *unused)
{
    struct answer *m;

    (void)unused;
    if (answer_new_fails || !(m = calloc(1, sizeof(*m))))
        return NULL;
    m->base = &answer_access_;
    messages_live++;
    return m;
}

static void answer_free(struct answer *m)
{
    free(m->text_data);
    free(m);
    messages_live--;
}

static void answer_clear(struct answer *m)
{
    free(m->text_data);
    m->text_data = NULL;
    m->text_set = 0;
    printf("answer cleared\n");
}

static int answer_complete(struct answer *m)
{
    return m->text_set ? 0 : -1;
}

static void answer_marshal(struct evbuffer *buf, const struct answer *m)
{
    evtag_marshal_string(buf, ANSWER_TEXT, m->text_data);
}

static int answer_unmarshal(struct answer *m, struct evbuffer *buf)
{
    ev_uint32_t tag;

    while (evbuffer_get_length(buf) > 0) {
        if (evtag_peek(buf, &tag) == -1 || tag != ANSWER_TEXT || m->text_set ||
            evtag_unmarshal_string(buf, ANSWER_TEXT, &m->text_data) == -1) {
            event_warnx("%s: malformed", __func__);
            return -1;
        }
        m->text_set = 1;
    }
    return answer_complete(m);
}

EVRPC_HEADER(Ask, question, answer)
EVRPC_GENERATE(Ask, question, answer)

/* A server on 127.0.0.1 and its port. */
static inline struct evhttp *http_server(struct event_base *base, ev_uint16_t *port)
{
    struct evhttp *http = evhttp_new(base);
    struct evhttp_bound_socket *s = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    struct sockaddr_in sin;
    ev_socklen_t len = sizeof(sin);

    if (!s || getsockname(evhttp_bound_socket_get_fd(s), (struct sockaddr *)&sin, &len) < 0) {
        fprintf(stderr, "no server\n");
        exit(77);
    }
    *port = ntohs(sin.sin_port);
    return http;
}

static inline void dump(const char *what, struct evbuffer *b)
{
    size_t i, n = evbuffer_get_length(b);
    unsigned char *p = evbuffer_pullup(b, -1);

    printf("%s:", what);
    for (i = 0; i < n && i < 64; i++)
        printf(" %02x", p[i]);
    printf(" (%lu)\n", (unsigned long)n);
}

#endif
