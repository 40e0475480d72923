/* A missing path without a slash, and one below the root's missing folder: seen at once, where the
 * reference has to poll. */
/* harness: only=evrs */
#include <ev.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int calls;

static void cb(EV_P_ ev_stat *w, int revents)
{
    (void)w;
    (void)revents;
    calls++;
    ev_break(EV_A_ EVBREAK_ALL);
}

int main(void)
{
    struct ev_loop *l = EV_DEFAULT;
    double start = ev_time();
    ev_stat w, root;

    ev_stat_init(&root, cb, "/no-such-folder-here/file", 0.);
    ev_stat_start(l, &root);
    ev_stat_init(&w, cb, "plain", 0.);
    ev_stat_start(l, &w);
    close(open("plain", O_CREAT | O_WRONLY, 0600));
    ev_run(l, 0);
    ev_stat_stop(l, &w);
    ev_stat_stop(l, &root);
    ev_loop_destroy(l);
    return calls == 1 && ev_time() - start < 3. ? 0 : 1;
}
