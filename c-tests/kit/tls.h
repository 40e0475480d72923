/* What the TLS tests share: a certificate made on the spot, sessions, and a log for each side, so
 * that the order between two sides, which nobody promises, does not show. */
#ifndef EVRS_KIT_TLS_H
#define EVRS_KIT_TLS_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/util.h>

static SSL_CTX *tls_server_ctx, *tls_client_ctx;

/* version: 0, or the only one (TLS1_2_VERSION). */
static inline void tls_init(int version)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509_NAME *name;

    signal(SIGPIPE, SIG_IGN);
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    X509_set_pubkey(cert, key);
    name = X509_get_subject_name(cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    X509_sign(cert, key, EVP_sha256());
    tls_server_ctx = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(tls_server_ctx, cert);
    SSL_CTX_use_PrivateKey(tls_server_ctx, key);
    tls_client_ctx = SSL_CTX_new(TLS_client_method());
    if (version) {
        SSL_CTX_set_min_proto_version(tls_server_ctx, version);
        SSL_CTX_set_max_proto_version(tls_server_ctx, version);
        SSL_CTX_set_options(tls_client_ctx, SSL_OP_LEGACY_SERVER_CONNECT);
    }
    /* Session tickets arrive when the client reads, whenever that is. */
    SSL_CTX_set_num_tickets(tls_server_ctx, 0);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static inline void tls_done(void)
{
    SSL_CTX_free(tls_server_ctx);
    SSL_CTX_free(tls_client_ctx);
}

static inline SSL *tls_server(void) { return SSL_new(tls_server_ctx); }
static inline SSL *tls_client(void) { return SSL_new(tls_client_ctx); }

static inline void tls_pair(int fd[2])
{
    if (evutil_socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
        abort();
    evutil_make_socket_nonblocking(fd[0]);
    evutil_make_socket_nonblocking(fd[1]);
}

/* A log of one side. */
struct side {
    const char *name;
    char text[8192];
    size_t len;
    struct bufferevent *bev;
    size_t got, reads, writes;
    int events;
    void *extra;
};

static inline void note(struct side *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static inline void note(struct side *s, const char *fmt, ...)
{
    va_list ap;
    int n;
    va_start(ap, fmt);
    n = vsnprintf(s->text + s->len, sizeof s->text - s->len, fmt, ap);
    va_end(ap);
    if (n > 0 && s->len + (size_t)n < sizeof s->text)
        s->len += (size_t)n;
}

static inline void show(struct side *s)
{
    printf("%s:%s\n", s->name, s->text);
    s->len = 0;
    s->text[0] = 0;
}

static inline const char *what_text(short what)
{
    static char t[80];
    snprintf(t, sizeof t, "%s%s%s%s%s%s", what & BEV_EVENT_READING ? "R" : "",
             what & BEV_EVENT_WRITING ? "W" : "", what & BEV_EVENT_EOF ? "+eof" : "",
             what & BEV_EVENT_ERROR ? "+error" : "", what & BEV_EVENT_TIMEOUT ? "+timeout" : "",
             what & BEV_EVENT_CONNECTED ? "+connected" : "");
    return t;
}

static inline void tls_enough(evutil_socket_t fd, short what, void *base)
{
    event_base_loopbreak(base);
}

/* Runs the loop for at most that long; events that end the test break it. */
static inline void run_for(struct event_base *base, int ms)
{
    struct timeval tv = {ms / 1000, (ms % 1000) * 1000};
    struct event *end = event_new(base, -1, 0, tls_enough, base);
    event_add(end, &tv);
    event_base_dispatch(base);
    event_free(end);
}

/* Where the reference is known to be wrong, evrs checks itself. */
static inline int tls_is_reference(void)
{
    const char *v = getenv("TEST_VARIANT");
    return v && !strcmp(v, "reference");
}

/* The bytes of a long stream: position decides. */
static inline unsigned char byte_at(size_t i) { return (unsigned char)((i * 7 + (i >> 9)) & 0xff); }
static inline void fill(unsigned char *p, size_t n, size_t at)
{
    size_t i;
    for (i = 0; i < n; i++)
        p[i] = byte_at(at + i);
}
static inline int is_stream(const unsigned char *p, size_t n, size_t at)
{
    size_t i;
    for (i = 0; i < n; i++)
        if (p[i] != byte_at(at + i))
            return 0;
    return 1;
}
#endif
