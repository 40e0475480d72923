/* harness: valgrind
 * Pairs. */
#include "kit.h"

static struct event_base *base;

static void lens(struct bufferevent *p[2])
{
    int i;
    for (i = 0; i < 2; i++)
        if (p[i])
            printf("  %c: input %zu, output %zu\n", "ab"[i],
                evbuffer_get_length(bufferevent_get_input(p[i])),
                evbuffer_get_length(bufferevent_get_output(p[i])));
}

static void fresh(struct bufferevent *p[2], const char *name)
{
    printf("-- %s\n", name);
    bufferevent_pair_new(base, 0, p);
    bufferevent_setcb(p[0], say_read, say_write, say_event, "a");
    bufferevent_setcb(p[1], say_read, say_write, say_event, "b");
}
static void done(struct bufferevent *p[2])
{
    if (p[0])
        bufferevent_free(p[0]);
    if (p[1])
        bufferevent_free(p[1]);
    turns(base, 1);
}

int main(void)
{
    struct bufferevent *p[2];
    struct timeval tv = { 0, 50000 };
    static char big[100000];
    base = event_base_new();

    fresh(p, "reader not enabled");
    bufferevent_write(p[0], "hello", 5);
    lens(p);
    turns(base, 2);
    bufferevent_enable(p[1], EV_READ);
    lens(p);
    turns(base, 2);
    bufferevent_write(p[0], "more", 4);
    lens(p);
    turns(base, 2);
    bufferevent_disable(p[0], EV_WRITE);
    bufferevent_write(p[0], "held", 4);
    lens(p);
    bufferevent_enable(p[0], EV_WRITE);
    lens(p);
    turns(base, 2);
    done(p);

    fresh(p, "high watermark");
    bufferevent_setwatermark(p[1], EV_READ, 0, 10);
    bufferevent_enable(p[1], EV_READ);
    bufferevent_write(p[0], "0123456789abcdefghijABCDEFGHIJ", 30);
    lens(p);
    bufferevent_setcb(p[1], NULL, NULL, say_event, "b");
    turns(base, 2);
    evbuffer_drain(bufferevent_get_input(p[1]), 4);
    turns(base, 2);
    lens(p);
    evbuffer_drain(bufferevent_get_input(p[1]), 10);
    turns(base, 2);
    lens(p);
    printf("flush %d\n", bufferevent_flush(p[0], EV_WRITE, BEV_FLUSH));
    lens(p);
    turns(base, 2);
    done(p);

    fresh(p, "flush");
    bufferevent_write(p[0], "hello", 5);
    printf("normal %d\n", bufferevent_flush(p[0], EV_WRITE, BEV_NORMAL));
    lens(p);
    printf("flush %d\n", bufferevent_flush(p[0], EV_WRITE, BEV_FLUSH));
    lens(p);
    turns(base, 2);
    bufferevent_write(p[1], "back", 4);
    printf("flush read %d\n", bufferevent_flush(p[0], EV_READ, BEV_FLUSH));
    lens(p);
    turns(base, 2);
    bufferevent_write(p[0], "last", 4);
    printf("finished %d\n", bufferevent_flush(p[0], EV_WRITE, BEV_FINISHED));
    turns(base, 2);
    lens(p);
    done(p);

    fresh(p, "partner freed");
    bufferevent_enable(p[1], EV_READ);
    bufferevent_write(p[0], "x", 1);
    printf("partner %d %d\n", bufferevent_pair_get_partner(p[0]) == p[1],
        bufferevent_pair_get_partner(p[1]) == p[0]);
    bufferevent_free(p[1]);
    p[1] = NULL;
    /* The reference waits for the callback that is queued. */
    turns(base, 2);
    printf("partner %d\n", bufferevent_pair_get_partner(p[0]) != NULL);
    turns(base, 2);
    printf("write %d, flush %d\n", bufferevent_write(p[0], "y", 1),
        bufferevent_flush(p[0], EV_WRITE, BEV_FLUSH));
    lens(p);
    turns(base, 2);
    done(p);

    fresh(p, "read timeout");
    bufferevent_set_timeouts(p[1], &tv, NULL);
    bufferevent_enable(p[1], EV_READ);
    run_ms(base, 100);
    bufferevent_enable(p[1], EV_READ);
    run_ms(base, 30);
    bufferevent_write(p[0], "x", 1);
    run_ms(base, 30);
    printf("still\n");
    run_ms(base, 60);
    done(p);

    fresh(p, "no write timeout without output");
    bufferevent_set_timeouts(p[0], NULL, &tv);
    run_ms(base, 100);
    done(p);

    fresh(p, "write timeout");
    bufferevent_write(p[0], "x", 1);
    bufferevent_set_timeouts(p[0], NULL, &tv);
    run_ms(base, 100);
    done(p);

    fresh(p, "much");
    bufferevent_enable(p[1], EV_READ);
    bufferevent_write(p[0], big, sizeof big);
    bufferevent_write(p[0], big, sizeof big);
    lens(p);
    turns(base, 2);
    done(p);

    fresh(p, "freed at once");
    bufferevent_enable(p[1], EV_READ);
    bufferevent_write(p[0], "x", 1);
    done(p);
    event_base_free(base);
    return 0;
}
