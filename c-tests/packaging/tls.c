/* Two ends of a TLS session over a pair of bufferevents: whether libevrs_openssl is there and works. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>

static void on_read(struct bufferevent *bev, void *arg)
{
    char text[20];
    int n = evbuffer_remove(bufferevent_get_input(bev), text, sizeof text);
    printf("%.*s\n", n, text);
    event_base_loopbreak(arg);
}

int main(void)
{
    struct event_base *base = event_base_new();
    struct bufferevent *pair[2], *server, *client;
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method()), *client_ctx = SSL_CTX_new(TLS_client_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();

    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    X509_sign(cert, key, EVP_sha256());
    SSL_CTX_use_certificate(ctx, cert);
    SSL_CTX_use_PrivateKey(ctx, key);
    bufferevent_pair_new(base, 0, pair);
    server = bufferevent_openssl_filter_new(base, pair[0], SSL_new(ctx), BUFFEREVENT_SSL_ACCEPTING,
                                            BEV_OPT_CLOSE_ON_FREE);
    client = bufferevent_openssl_filter_new(base, pair[1], SSL_new(client_ctx),
                                            BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(server, on_read, NULL, NULL, base);
    bufferevent_enable(server, EV_READ | EV_WRITE);
    bufferevent_enable(client, EV_READ | EV_WRITE);
    bufferevent_write(client, "encrypted", 9);
    event_base_dispatch(base);
    bufferevent_free(server);
    bufferevent_free(client);
    event_base_free(base);
    return 0;
}
