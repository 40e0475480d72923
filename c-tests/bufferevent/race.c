/* harness: expect=race.out; netns; timeout=60; valgrind
 * A name with several addresses (RFC 8305): families alternate, the next attempt starts a quarter of a
 * second after the one before it or at once when that fails, the first connection wins, and the
 * program hears once. The reference tries the first address and no other.
 *
 * getaddrinfo(), connect() and socket() are ours: the first makes the addresses up, the second says
 * what is tried, the third can fail. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <netdb.h>
#include <sys/syscall.h>
#include "kit.h"

enum where { GOOD4, GOOD6, DEAD4, DEAD6, HOLE4, HOLE6, SLOW4, WHERES };
static const char *const name[WHERES] = { "good4", "good6", "dead4", "dead6", "hole4", "hole6", "slow4" };
static struct sockaddr_storage place[WHERES];
static socklen_t place_len[WHERES];
static int sockets_fail, quiet;
static struct event_base *base;
static int listener[WHERES], plug[WHERES][2];

static int list[20], listed;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **res)
{
    struct addrinfo *first = NULL, **at = &first;
    int i;
    (void)node, (void)service, (void)hints;
    for (i = 0; i < listed; i++) {
        struct addrinfo *a = calloc(1, sizeof *a);
        a->ai_family = place[list[i]].ss_family;
        a->ai_socktype = SOCK_STREAM;
        a->ai_addrlen = place_len[list[i]];
        a->ai_addr = (struct sockaddr *)&place[list[i]];
        *at = a;
        at = &a->ai_next;
    }
    *res = first;
    return first ? 0 : EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *a)
{
    while (a) {
        struct addrinfo *next = a->ai_next;
        free(a);
        a = next;
    }
}

static int where_is(const struct sockaddr *a)
{
    int i;
    for (i = 0; i < WHERES; i++)
        if (!memcmp(a, &place[i], place_len[i]))
            return i;
    return -1;
}

int connect(int fd, const struct sockaddr *a, socklen_t len)
{
    int i = where_is(a);
    if (i >= 0 && !quiet)
        printf("  tries %s\n", name[i]);
    return (int)syscall(SYS_connect, fd, a, len);
}

int socket(int domain, int type, int protocol)
{
    if (sockets_fail > 0 && domain != AF_UNIX) {
        sockets_fail--;
        errno = EMFILE;
        return -1;
    }
    return (int)syscall(SYS_socket, domain, type, protocol);
}

static void make(enum where w, int six, const char *text, int backlog)
{
    int fd;
    memset(&place[w], 0, sizeof place[w]);
    if (six) {
        struct sockaddr_in6 *in = (struct sockaddr_in6 *)&place[w];
        in->sin6_family = AF_INET6;
        inet_pton(AF_INET6, text, &in->sin6_addr);
        place_len[w] = sizeof *in;
    } else {
        struct sockaddr_in *in = (struct sockaddr_in *)&place[w];
        in->sin_family = AF_INET;
        inet_pton(AF_INET, text, &in->sin_addr);
        place_len[w] = sizeof *in;
    }
    fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&place[w], place_len[w]) || listen(fd, backlog < 0 ? 1 : backlog)) {
        perror(name[w]);
        exit(77);
    }
    getsockname(fd, (struct sockaddr *)&place[w], &place_len[w]);
    listener[w] = fd;
    plug[w][0] = plug[w][1] = -1;
    if (backlog < 0) {
        close(fd); /* nobody is there any more */
        listener[w] = -1;
    }
}

/* Fills the queue of a listener, so that nobody answers. */
static void stop_up(enum where w)
{
    int i;
    for (i = 0; i < 2; i++) {
        plug[w][i] = socket(place[w].ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(plug[w][i], (struct sockaddr *)&place[w], place_len[w]);
        ms(10);
    }
}

static int open_files(void)
{
    DIR *d = opendir("/proc/self/fd");
    int n = 0;
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int heard, free_it;
static long heard_at;

static void event(struct bufferevent *b, short what, void *ctx)
{
    int err = errno;
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;
    heard++;
    heard_at = now_ms();
    printf("  %s:%s", (char *)ctx, what_name(what));
    if (what & BEV_EVENT_CONNECTED && !getpeername(bufferevent_getfd(b), (struct sockaddr *)&sa, &len))
        printf(" to %s", name[where_is((struct sockaddr *)&sa)]);
    if (what & BEV_EVENT_ERROR)
        printf(", %s", strerror(err));
    printf("\n");
    if (free_it)
        bufferevent_free(b);
}

static void set(int n, ...)
{
    va_list ap;
    va_start(ap, n);
    for (listed = 0; listed < n; listed++)
        list[listed] = va_arg(ap, int);
    va_end(ap);
}

/* Starts; then the loop until something is heard, but no longer than `most` ms. */
static struct bufferevent *start(const char *what, int options)
{
    struct bufferevent *b = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE | options);
    printf("-- %s\n", what);
    heard = 0;
    bufferevent_setcb(b, NULL, NULL, event, "heard");
    return b;
}
static void wait_for(int most)
{
    long end = now_ms() + most;
    while (!heard && now_ms() < end)
        run_ms(base, 10);
    run_ms(base, 20);
}
static void took(long since, long least, long most)
{
    long t = heard_at - since;
    if (t < least || t > most)
        printf("  after %ld ms, not %ld to %ld\n", t, least, most);
}
static void accept_all(void)
{
    int w, fd;
    for (w = 0; w <= GOOD6; w++)
        while ((fd = accept4(listener[w], NULL, NULL, SOCK_NONBLOCK)) >= 0)
            close(fd);
}
static void over(struct bufferevent *b, int before)
{
    printf("  heard %d, has fd %d\n", heard, b && bufferevent_getfd(b) >= 0);
    if (b)
        bufferevent_free(b);
    run_ms(base, 5);
    accept_all();
    if (open_files() != before)
        printf("  %d descriptors left\n", open_files() - before);
}

static void try(const char *what, long least, long most, int options, short enable)
{
    int before = open_files();
    struct bufferevent *b = start(what, options);
    long since = now_ms();
    if (enable)
        bufferevent_enable(b, enable);
    printf("  returns %d\n", bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80));
    wait_for(3000);
    took(since, least, most);
    over(b, before);
}

int main(void)
{
    struct bufferevent *b;
    struct timeval tv = { 0, 400000 };
    int before, fd, i;
    long since;

    setvbuf(stdout, NULL, _IONBF, 0);
    base = event_base_new();
    quiet = 1;
    make(GOOD4, 0, "127.0.0.1", 16);
    make(GOOD6, 1, "::1", 16);
    make(DEAD4, 0, "127.0.0.2", -1);
    make(DEAD6, 1, "::1", -1);
    make(HOLE4, 0, "127.0.0.3", 0);
    make(HOLE6, 1, "::1", 0);
    make(SLOW4, 0, "127.0.0.4", 0);
    evutil_make_socket_nonblocking(listener[GOOD4]);
    evutil_make_socket_nonblocking(listener[GOOD6]);
    stop_up(HOLE4);
    stop_up(HOLE6);
    stop_up(SLOW4);
    quiet = 0;
    run_ms(base, 1);

    set(1, GOOD4);
    try("one address", 0, 1000, 0, 0);
    set(2, DEAD6, GOOD4);
    try("the first refuses", 0, 1000, 0, 0);
    try("the first refuses, reading enabled", 0, 1000, 0, EV_READ);
    try("the first refuses, deferred", 0, 1000, BEV_OPT_DEFER_CALLBACKS, 0);
    set(3, DEAD6, DEAD4, DEAD6);
    try("all refuse", 0, 1000, 0, EV_READ);
    set(5, DEAD6, DEAD6, DEAD6, DEAD4, GOOD4);
    try("families alternate", 0, 1000, 0, 0);
    set(2, HOLE6, GOOD4);
    try("the first does not answer", 240, 900, 0, EV_READ);
    set(3, HOLE6, HOLE4, GOOD6);
    try("nor does the second", 490, 900, 0, 0);
    set(4, HOLE6, DEAD4, GOOD6, GOOD4);
    try("the second refuses", 240, 900, 0, 0);
    set(3, HOLE4, DEAD4, DEAD4);
    before = open_files();
    b = start("none answers, a write timeout", 0);
    bufferevent_set_timeouts(b, NULL, &tv);
    since = now_ms();
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80);
    wait_for(3000);
    took(since, 390, 900);
    over(b, before);

    /* The timeout is that of the whole, however many addresses there are. */
    set(6, DEAD4, HOLE6, DEAD4, HOLE6, DEAD4, HOLE6);
    before = open_files();
    b = start("a write timeout over several attempts", 0);
    bufferevent_set_timeouts(b, NULL, &tv);
    since = now_ms();
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80);
    wait_for(3000);
    took(since, 390, 900);
    over(b, before);

    /* The first one answers after all (its next try comes after a second): it wins, and the others go. */
    set(3, SLOW4, HOLE6, HOLE4);
    b = start("the first answers late", 0);
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80);
    run_ms(base, 600);
    printf("  own fd %d\n", bufferevent_getfd(b) >= 0);
    for (i = 0; i < 2; i++) {
        close(accept(listener[SLOW4], NULL, NULL));
        close(plug[SLOW4][i]);
    }
    before = open_files();
    wait_for(4000);
    over(b, before - 3); /* the own one and the two others */

    set(4, HOLE4, HOLE6, HOLE4, HOLE6);
    before = open_files();
    b = start("freed during the race", 0);
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80);
    run_ms(base, 600);
    bufferevent_free(b);
    over(NULL, before);

    before = open_files();
    b = start("freed at once", 0);
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80);
    bufferevent_free(b);
    over(NULL, before);

    set(2, DEAD4, DEAD4);
    before = open_files();
    free_it = 1;
    b = start("freed by its callback", 0);
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80);
    wait_for(1000);
    over(NULL, before);
    free_it = 0;

    /* A descriptor of the program connects to the first address only. */
    set(2, DEAD4, GOOD4);
    before = open_files();
    b = start("a descriptor of the program", 0);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    bufferevent_setfd(b, fd);
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80);
    wait_for(1000);
    printf("  the same %d\n", bufferevent_getfd(b) == fd);
    over(b, before);

    /* Another descriptor ends the race; the one of the first attempt was the program's to close. */
    set(3, HOLE4, HOLE6, GOOD4);
    before = open_files();
    b = start("another descriptor during the race", 0);
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80);
    run_ms(base, 350);
    fd = bufferevent_getfd(b);
    bufferevent_setfd(b, -1);
    close(fd);
    run_ms(base, 400);
    over(b, before);

    /* Disabled is not given up. */
    set(2, HOLE6, GOOD4);
    before = open_files();
    b = start("disabled during the race", 0);
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80);
    bufferevent_disable(b, EV_READ | EV_WRITE);
    wait_for(2000);
    printf("  enabled %x\n", bufferevent_get_enabled(b));
    over(b, before);

    /* A second name in the place of the first. */
    set(2, HOLE6, HOLE4);
    before = open_files();
    b = start("another name during the race", 0);
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80);
    run_ms(base, 350);
    close(bufferevent_getfd(b));
    bufferevent_setfd(b, -1);
    set(1, GOOD4);
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80);
    wait_for(1000);
    over(b, before);

    /* socket() fails (le#597). */
    set(2, GOOD6, GOOD4);
    sockets_fail = 1;
    try("no socket for the first", 0, 1000, 0, 0);
    sockets_fail = 2;
    try("no sockets", 0, 1000, 0, 0);
    set(3, HOLE6, GOOD4, GOOD6);
    before = open_files();
    b = start("no socket for the second", 0);
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80);
    sockets_fail = 1;
    wait_for(2000);
    over(b, before);

    /* No more than seven at the same time. */
    set(12, HOLE4, HOLE4, HOLE4, HOLE4, HOLE4, HOLE4, HOLE4, HOLE4, HOLE4, HOLE4, HOLE4, HOLE4);
    before = open_files();
    b = start("a dozen that do not answer", 0);
    bufferevent_socket_connect_hostname(b, NULL, AF_UNSPEC, "host", 80);
    run_ms(base, 2400);
    printf("  %d attempts run\n", open_files() - before);
    over(b, before);

    event_base_free(base);
    return 0;
}
