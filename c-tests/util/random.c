/* Random bytes: all of them are written, they do not repeat, not in a forked child either, and many
 * threads may take them. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/util.h>

static unsigned char blocks[4][2000][8];

static void *take(void *arg)
{
    unsigned char (*mine)[8] = arg;
    int i;
    for (i = 0; i < 2000; i++)
        evutil_secure_rng_get_bytes(mine[i], 8);
    return NULL;
}

int main(void)
{
    unsigned char one[64], other[64], seen[256];
    int i, j, n, sizes, p[2];
    pthread_t t[4];

    printf("init %d\n", evutil_secure_rng_init());
    printf("file %d\n", evutil_secure_rng_set_urandom_device_file((char *)"/nonexistent"));
    printf("init %d\n", evutil_secure_rng_init());
    evutil_secure_rng_add_bytes("seed", 4);

    /* every byte of every size is reached, and none beyond */
    for (sizes = 1; sizes <= 40; sizes++) {
        unsigned char buf[48];
        unsigned char hit[48];
        memset(hit, 0, sizeof(hit));
        for (i = 0; i < 64; i++) {
            memset(buf, 0, sizeof(buf));
            evutil_secure_rng_get_bytes(buf, sizes);
            for (j = 0; j < 48; j++)
                hit[j] |= buf[j];
        }
        for (j = 0; j < 48; j++)
            if ((hit[j] != 0) != (j < sizes))
                printf("size %d: byte %d\n", sizes, j);
    }

    memset(seen, 0, sizeof(seen));
    for (i = 0; i < 100; i++) {
        evutil_secure_rng_get_bytes(one, sizeof(one));
        for (j = 0; j < 64; j++)
            seen[one[j]] = 1;
    }
    for (n = i = 0; i < 256; i++)
        n += seen[i];
    printf("values %s\n", n == 256 ? "all" : "few");

    /* parent and child go different ways */
    if (pipe(p) < 0)
        return 1;
    evutil_secure_rng_get_bytes(one, 4);
    if (fork() == 0) {
        evutil_secure_rng_get_bytes(other, sizeof(other));
        n = write(p[1], other, sizeof(other));
        _exit(0);
    }
    wait(NULL);
    evutil_secure_rng_get_bytes(one, sizeof(one));
    n = read(p[0], other, sizeof(other));
    printf("child %s\n", n == 64 && memcmp(one, other, 64) ? "differs" : "REPEATS");

    for (i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, take, blocks[i]);
    for (i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    for (n = i = 0; i < 8000; i += 7)
        for (j = i + 1; j < 8000; j++)
            n += !memcmp(blocks[i / 2000][i % 2000], blocks[j / 2000][j % 2000], 8);
    printf("repeats %d\n", n);
    return 0;
}
