/* What the tests of libevrs_openssl share: a certificate made on the spot, and sessions. */
#ifndef EVRS_KIT_TLS_H
#define EVRS_KIT_TLS_H

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "tls_side.h"

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
#endif
