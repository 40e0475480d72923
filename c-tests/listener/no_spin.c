/* harness: only=evrs; serial
 * le#71: out of descriptors the loop neither spins nor fills the log. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>

static int logs, errors, failures;
#define CHECK(x) do { if (!(x)) { printf("line %d: %s\n", __LINE__, #x); failures++; } } while (0)

static void log_cb(int severity, const char *msg)
{
    (void)severity;
    (void)msg;
    logs++;
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    (void)l;
    (void)sa;
    (void)len;
    (void)arg;
    close(fd);
}

static void on_error(struct evconnlistener *l, void *arg)
{
    (void)l;
    (void)arg;
    errors++;
}

int main(void)
{
    struct rlimit limit = { 100, 100 };
    struct event_base *base = event_base_new();
    struct sockaddr_in sin;
    socklen_t len = sizeof(sin);
    struct evconnlistener *l;
    int client, round;

    event_set_log_callback(log_cb);
    setrlimit(RLIMIT_NOFILE, &limit);
    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    l = evconnlistener_new_bind(base, on_accept, NULL, LEV_OPT_CLOSE_ON_FREE, -1, (struct sockaddr *)&sin, sizeof(sin));
    getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&sin, &len);
    client = socket(AF_INET, SOCK_STREAM, 0);
    connect(client, (struct sockaddr *)&sin, len);
    while (dup(0) >= 0)
        ;
    for (round = 0; round < 2; round++) {
        struct timeval tv = { 0, 400000 };
        clock_t cpu = clock();
        event_base_loopexit(base, &tv);
        event_base_dispatch(base);
        cpu = clock() - cpu;
        CHECK(cpu < CLOCKS_PER_SEC / 10);
        if (round == 0) {
            CHECK(logs == 1);
            evconnlistener_set_error_cb(l, on_error);
        } else {
            CHECK(errors >= 2 && errors <= 20);
            CHECK(logs == 1);
        }
    }
    evconnlistener_free(l);
    event_base_free(base);
    return failures != 0;
}
