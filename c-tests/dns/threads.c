/* harness: only=evrs; valgrind; threads=tsan; timeout=120
 *
 * One resolver used by several threads while another runs its loop. */
#include "kit.h"

#include <pthread.h>
#include <event2/thread.h>

static struct event_base *base;
static struct evdns_base *dns;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int asked, answered, cancelled, lookups;

static void note(int result, char type, int count, int ttl, void *addresses, void *arg)
{
    (void)type;
    (void)count;
    (void)ttl;
    (void)addresses;
    (void)arg;
    pthread_mutex_lock(&mutex);
    answered++;
    cancelled += result == DNS_ERR_CANCEL;
    pthread_mutex_unlock(&mutex);
}

static void note_list(int result, struct evutil_addrinfo *list, void *arg)
{
    (void)arg;
    (void)result;
    pthread_mutex_lock(&mutex);
    lookups++;
    pthread_mutex_unlock(&mutex);
    if (list)
        evutil_freeaddrinfo(list);
}

static void *loop(void *arg)
{
    (void)arg;
    event_base_loop(base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

static void *asker(void *arg)
{
    int i;

    for (i = 0; i < 100; i++) {
        pthread_mutex_lock(&mutex);
        asked++;
        pthread_mutex_unlock(&mutex);
        if (i % 5 == 4) {
            struct evdns_request *r = evdns_base_resolve_ipv4(dns, "slow.example", 0, note, NULL);

            evdns_cancel_request(dns, r);
        } else {
            evdns_base_resolve_ipv4(dns, "one.example", 0, note, NULL);
        }
        if (i % 10 == 0)
            evdns_getaddrinfo(dns, "both.example", "80", NULL, note_list, NULL);
        if (i % 25 == 0) {
            evdns_base_set_option(dns, "ndots", "2");
            evdns_base_search_add(dns, "example");
            evdns_base_count_nameservers(dns);
        }
    }
    return arg;
}

int main(void)
{
    pthread_t looper, askers[3];
    struct server s = {0};
    int i, done = 0;

    evthread_use_pthreads();
    base = event_base_new();
    server_start(&s, base);
    s.quiet = 1;
    dns = resolver(base, s.text);
    evdns_base_set_option(dns, "timeout", "1");
    pthread_create(&looper, NULL, loop, NULL);
    for (i = 0; i < 3; i++)
        pthread_create(&askers[i], NULL, asker, NULL);
    for (i = 0; i < 3; i++)
        pthread_join(askers[i], NULL);
    for (i = 0; i < 1000 && !done; i++) {
        usleep(10000);
        pthread_mutex_lock(&mutex);
        done = answered == 300 && lookups == 30;
        pthread_mutex_unlock(&mutex);
    }
    printf("asked %d answered %d lookups %d, at most 60 cancelled %d\n", asked, answered, lookups,
           cancelled <= 60);
    /* Freed from here while the loop goes on. */
    for (i = 0; i < 20; i++)
        evdns_base_resolve_ipv4(dns, "slow.example", 0, note, NULL);
    evdns_base_free(dns, 1);
    usleep(50000);
    event_base_loopbreak(base);
    pthread_join(looper, NULL);
    printf("answered %d\n", answered);
    server_stop(&s);
    event_base_free(base);
    return !done;
}
