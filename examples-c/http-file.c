/*
 * An HTTP server for one file. The file is held in memory and read again when it changes; replies
 * refer to it and do not copy it.
 *
 *     gcc -o http-file http-file.c -levrs
 *     ./http-file sample.html 8081      then:  curl http://localhost:8081/
 */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One version of the file. Replies that are still on their way hold it by its count. */
struct content {
    size_t refs;
    size_t len;
    struct timespec changed;
    char data[];
};

struct site {
    const char *path;
    struct content *now;
};

static void content_unref(struct content *c)
{
    if (c && --c->refs == 0)
        free(c);
}

static struct content *content_load(const char *path, const struct stat *st)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct content *c = NULL;
    size_t want = (size_t)st->st_size;
    ssize_t n;

    if (fd < 0)
        return NULL;
    c = malloc(sizeof(*c) + want);
    if (c) {
        c->refs = 1;
        c->changed = st->st_mtim;
        for (c->len = 0; c->len < want; c->len += (size_t)n) {
            n = read(fd, c->data + c->len, want - c->len);
            if (n <= 0)
                break;
        }
    }
    close(fd);
    return c;
}

static void reload(evutil_socket_t fd, short what, void *arg)
{
    struct site *site = arg;
    struct content *fresh;
    struct stat st;

    (void)fd;
    (void)what;
    if (stat(site->path, &st) < 0)
        return;
    if (site->now && site->now->changed.tv_sec == st.st_mtim.tv_sec &&
        site->now->changed.tv_nsec == st.st_mtim.tv_nsec)
        return;
    fresh = content_load(site->path, &st);
    if (!fresh)
        return;
    fprintf(stderr, "%s %s (%zu bytes)\n", site->now ? "reloaded" : "loaded", site->path, fresh->len);
    content_unref(site->now);
    site->now = fresh;
}

static void reply_done(const void *data, size_t len, void *arg)
{
    (void)data;
    (void)len;
    content_unref(arg);
}

static void on_request(struct evhttp_request *req, void *arg)
{
    struct site *site = arg;
    struct evbuffer *body;

    if (!site->now) {
        evhttp_send_error(req, HTTP_NOTFOUND, NULL);
        return;
    }
    body = evbuffer_new();
    if (!body) {
        evhttp_send_error(req, HTTP_INTERNAL, NULL);
        return;
    }
    site->now->refs++;
    if (evbuffer_add_reference(body, site->now->data, site->now->len, reply_done, site->now) < 0) {
        content_unref(site->now);
        evbuffer_free(body);
        evhttp_send_error(req, HTTP_INTERNAL, NULL);
        return;
    }
    evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", "text/html");
    evhttp_send_reply(req, HTTP_OK, "OK", body);
    evbuffer_free(body);
}

static void on_signal(evutil_socket_t sig, short what, void *arg)
{
    (void)sig;
    (void)what;
    event_base_loopexit(arg, NULL);
}

int main(int argc, char **argv)
{
    struct site site = {argc > 1 ? argv[1] : "sample.html", NULL};
    struct timeval second = {1, 0};
    int port = argc > 2 ? atoi(argv[2]) : 8081;
    struct event_base *base = event_base_new();
    struct evhttp *http = base ? evhttp_new(base) : NULL;
    struct event *timer, *sig;

    if (!http)
        return 1;
    reload(-1, 0, &site);
    evhttp_set_allowed_methods(http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
    evhttp_set_gencb(http, on_request, &site);
    if (evhttp_bind_socket(http, "127.0.0.1", (ev_uint16_t)port) < 0) {
        fprintf(stderr, "cannot listen on port %d\n", port);
        return 1;
    }
    timer = event_new(base, -1, EV_PERSIST, reload, &site);
    sig = evsignal_new(base, SIGINT, on_signal, base);
    if (!timer || !sig || event_add(timer, &second) < 0 || event_add(sig, NULL) < 0)
        return 1;
    fprintf(stderr, "http://127.0.0.1:%d/\n", port);

    event_base_dispatch(base);

    event_free(timer);
    event_free(sig);
    evhttp_free(http);
    event_base_free(base);
    content_unref(site.now);
    return 0;
}
