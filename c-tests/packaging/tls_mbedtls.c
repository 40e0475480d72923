/* Two ends of a TLS session over a pair of bufferevents: whether libevrs_mbedtls is there and works. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>
#include <stdio.h>

#ifndef EVENT__HAVE_MBEDTLS
#error "event-config.h does not say that mbedTLS is there"
#endif

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
    struct bufferevent *pair[2], *bev[2];
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_ssl_config conf[2];
    int i;

    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random);
    mbedtls_ctr_drbg_seed(&random, mbedtls_entropy_func, &entropy, NULL, 0);
    bufferevent_pair_new(base, 0, pair);
    for (i = 0; i < 2; i++) {
        mbedtls_ssl_config_init(&conf[i]);
        mbedtls_ssl_config_defaults(&conf[i], i ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
                                    MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
        mbedtls_ssl_conf_rng(&conf[i], mbedtls_ctr_drbg_random, &random);
        /* A shared key is quicker than a certificate. */
        mbedtls_ssl_conf_psk(&conf[i], (const unsigned char *)"0123456789abcdef", 16,
                             (const unsigned char *)"me", 2);
        bev[i] = bufferevent_mbedtls_filter_new(base, pair[i], bufferevent_mbedtls_dyncontext_new(&conf[i]),
                                                i ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING,
                                                BEV_OPT_CLOSE_ON_FREE);
        bufferevent_enable(bev[i], EV_READ | EV_WRITE);
    }
    bufferevent_setcb(bev[0], on_read, NULL, NULL, base);
    bufferevent_write(bev[1], "encrypted", 9);
    event_base_dispatch(base);
    for (i = 0; i < 2; i++) {
        bufferevent_free(bev[i]);
        mbedtls_ssl_config_free(&conf[i]);
    }
    event_base_free(base);
    mbedtls_ctr_drbg_free(&random);
    mbedtls_entropy_free(&entropy);
    return 0;
}
