/* Stat watchers: appearance, growth, rename over it, unlink, folders that come later, polling. */
/* harness: backends=epoll,select; valgrind; timeout=60 */
#include <ev.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int step;

static void say(ev_stat *w, const char *what)
{
    printf("%s: nlink %d -> %d, size %d -> %d, same file %d\n", what, (int)w->prev.st_nlink,
           (int)w->attr.st_nlink, w->prev.st_nlink ? (int)w->prev.st_size : -1,
           w->attr.st_nlink ? (int)w->attr.st_size : -1, w->prev.st_ino == w->attr.st_ino);
}

static void put(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        exit(9);
    close(fd);
}

static void cb(EV_P_ ev_stat *w, int revents)
{
    (void)revents;
    say(w, "changed");
    step++;
    ev_break(EV_A_ EVBREAK_ALL);
}

static void too_long(EV_P_ ev_timer *w, int revents)
{
    (void)w;
    (void)revents;
    puts("nothing happened");
    ev_break(EV_A_ EVBREAK_ALL);
}

/* Until something changed and no more comes. */
static void changes(struct ev_loop *l)
{
    ev_timer t;
    int before = step;
    ev_timer_init(&t, too_long, 8., 0.);
    ev_timer_start(l, &t);
    ev_run(l, 0);
    ev_timer_stop(l, &t);
    (void)before;
}

static void all(unsigned flags, const char *name, double interval)
{
    struct ev_loop *l = ev_loop_new(flags);
    ev_stat w, other;
    char path[200];

    printf("-- %s\n", name);
    snprintf(path, sizeof path, "%s", "./f");
    unlink(path);
    ev_stat_init(&w, cb, path, interval);
    printf("wd %d\n", w.wd);
    ev_stat_start(l, &w);
    printf("missing: nlink %d, interval %.6f, refs %d\n", (int)w.attr.st_nlink, w.interval,
           ev_run(l, EVRUN_NOWAIT));
    put(path, "");
    changes(l);
    put(path, "12345");
    changes(l);
    put("g", "xy");
    rename("g", path);
    changes(l);
    chmod(path, 0640);
    changes(l);
    ev_stat_init(&other, cb, path, interval);
    ev_stat_start(l, &other);
    ev_stat_stop(l, &other);
    unlink(path);
    changes(l);
    put(path, "123");
    ev_stat_stat(l, &w);
    printf("asked: nlink %d size %d pending %d\n", (int)w.attr.st_nlink, (int)w.attr.st_size,
           !!ev_is_pending(&w));
    ev_stat_stop(l, &w);
    printf("stopped: active %d refs %d\n", ev_is_active(&w), ev_run(l, EVRUN_NOWAIT));

    ev_stat_init(&w, cb, "./d/e", interval);
    ev_stat_start(l, &w);
    mkdir("d", 0700);
    put("d/e", "z");
    changes(l);
    ev_stat_stop(l, &w);
    unlink("d/e");
    rmdir("d");
    unlink(path);
    ev_verify(l);
    ev_loop_destroy(l);
}

int main(void)
{
    all(0, "inotify", 0.);
    all(EVFLAG_NOINOTIFY, "polling", .05);
    return 0;
}
