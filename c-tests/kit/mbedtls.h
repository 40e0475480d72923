/* What the tests of libevrs_mbedtls share: a certificate made on the spot, and contexts. */
#ifndef EVRS_KIT_MBEDTLS_H
#define EVRS_KIT_MBEDTLS_H

/* mbedTLS 3: its fields. */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ecp.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#if MBEDTLS_VERSION_MAJOR >= 3
#include <psa/crypto.h>
#endif

#include "tls_side.h"

static mbedtls_entropy_context mb_entropy;
static mbedtls_ctr_drbg_context mb_random;
/* The server's, and one that nobody trusts. */
static mbedtls_pk_context mb_key[2];
static mbedtls_x509_crt mb_cert[2];
static mbedtls_ssl_config mb_server_conf, mb_client_conf;

static inline void mb_ok(int r)
{
    if (r) {
        char text[100];
        mbedtls_strerror(r, text, sizeof text);
        fprintf(stderr, "mbedTLS: %s\n", text);
        abort();
    }
}

static inline void mb_make_cert(mbedtls_pk_context *key, mbedtls_x509_crt *cert)
{
    unsigned char der[2000];
    mbedtls_x509write_cert w;
    mbedtls_mpi serial;
    int n;

    mbedtls_pk_init(key);
    mb_ok(mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)));
    mb_ok(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(*key), mbedtls_ctr_drbg_random, &mb_random));
    mbedtls_x509write_crt_init(&w);
    mbedtls_x509write_crt_set_version(&w, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(&w, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(&w, key);
    mbedtls_x509write_crt_set_issuer_key(&w, key);
    mb_ok(mbedtls_x509write_crt_set_subject_name(&w, "CN=localhost"));
    mb_ok(mbedtls_x509write_crt_set_issuer_name(&w, "CN=localhost"));
    mb_ok(mbedtls_x509write_crt_set_validity(&w, "20200101000000", "20991231235959"));
    mb_ok(mbedtls_x509write_crt_set_basic_constraints(&w, 1, 0));
    mbedtls_mpi_init(&serial);
    mb_ok(mbedtls_mpi_lset(&serial, 1));
    mb_ok(mbedtls_x509write_crt_set_serial(&w, &serial));
    mbedtls_mpi_free(&serial);
    n = mbedtls_x509write_crt_der(&w, der, sizeof der, mbedtls_ctr_drbg_random, &mb_random);
    if (n < 0)
        mb_ok(n);
    mbedtls_x509write_crt_free(&w);
    mbedtls_x509_crt_init(cert);
    /* It stands at the end of the buffer. */
    mb_ok(mbedtls_x509_crt_parse_der(cert, der + sizeof der - n, (size_t)n));
}

static inline void mb_configure(mbedtls_ssl_config *conf, int endpoint)
{
    mbedtls_ssl_config_init(conf);
    mb_ok(mbedtls_ssl_config_defaults(conf, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT));
    mbedtls_ssl_conf_rng(conf, mbedtls_ctr_drbg_random, &mb_random);
    if (endpoint == MBEDTLS_SSL_IS_SERVER)
        mb_ok(mbedtls_ssl_conf_own_cert(conf, &mb_cert[0], &mb_key[0]));
    else
        mbedtls_ssl_conf_ca_chain(conf, &mb_cert[0], NULL);
}

/* Newer ones have no new handshakes. */
static inline void mb_tls1_2_only(void)
{
#if MBEDTLS_VERSION_MAJOR >= 3
    mbedtls_ssl_conf_max_tls_version(&mb_server_conf, MBEDTLS_SSL_VERSION_TLS1_2);
    mbedtls_ssl_conf_max_tls_version(&mb_client_conf, MBEDTLS_SSL_VERSION_TLS1_2);
#endif
}

static inline void mb_init(void)
{
    signal(SIGPIPE, SIG_IGN);
#if MBEDTLS_VERSION_MAJOR >= 3
    if (psa_crypto_init() != PSA_SUCCESS)
        abort();
#endif
    mbedtls_entropy_init(&mb_entropy);
    mbedtls_ctr_drbg_init(&mb_random);
    mb_ok(mbedtls_ctr_drbg_seed(&mb_random, mbedtls_entropy_func, &mb_entropy, (const unsigned char *)"evrs", 4));
    mb_make_cert(&mb_key[0], &mb_cert[0]);
    mb_make_cert(&mb_key[1], &mb_cert[1]);
    mb_configure(&mb_server_conf, MBEDTLS_SSL_IS_SERVER);
    mb_configure(&mb_client_conf, MBEDTLS_SSL_IS_CLIENT);
}

static inline void mb_done(void)
{
    int i;
    mbedtls_ssl_config_free(&mb_server_conf);
    mbedtls_ssl_config_free(&mb_client_conf);
    for (i = 0; i < 2; i++) {
        mbedtls_x509_crt_free(&mb_cert[i]);
        mbedtls_pk_free(&mb_key[i]);
    }
    mbedtls_ctr_drbg_free(&mb_random);
    mbedtls_entropy_free(&mb_entropy);
}

static inline mbedtls_dyncontext *mb_server(void)
{
    return bufferevent_mbedtls_dyncontext_new(&mb_server_conf);
}

static inline mbedtls_dyncontext *mb_client(void)
{
    mbedtls_dyncontext *ssl = bufferevent_mbedtls_dyncontext_new(&mb_client_conf);
    if (ssl)
        mb_ok(mbedtls_ssl_set_hostname(ssl, "localhost"));
    return ssl;
}

/* What is left in the bufferevent, as mbedTLS writes it. */
static inline void mb_note_errors(struct side *s, struct bufferevent *bev)
{
    unsigned long e;
    while ((e = bufferevent_get_mbedtls_error(bev)))
        note(s, " (-0x%04x)", (unsigned)-(int)e);
}
#endif
