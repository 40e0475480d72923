/* A daemon's way into the background: fork, close every descriptor, ev_loop_fork. */
/* harness: backends=epoll,poll,select,iouring; libs=-lpthread */
#include <ev.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Descriptors that the parent opens before its loop: with none, the child's have the same numbers,
 * and libev 4.33 closes its new eventfd. */
#ifndef FIRST
#define FIRST 6
#endif

static int got, all;
static struct ev_loop *l;
static ev_async as;

static void mark(int bit)
{
	got |= bit;
	if ((got & all) == all)
		ev_break(l, EVBREAK_ALL);
}

static void io_cb(EV_P_ ev_io *w, int r)
{
	char b;
	(void)loop, (void)r;
	if (read(w->fd, &b, 1) != 1)
		puts("nothing to read");
	mark(1);
}
static void timer_cb(EV_P_ ev_timer *w, int r) { (void)loop, (void)w, (void)r; mark(2); }
static void signal_cb(EV_P_ ev_signal *w, int r) { (void)loop, (void)w, (void)r; mark(4); }
static void async_cb(EV_P_ ev_async *w, int r) { (void)loop, (void)w, (void)r; mark(8); }
static void stat_cb(EV_P_ ev_stat *w, int r) { (void)loop, (void)w, (void)r; mark(16); }
static void periodic_cb(EV_P_ ev_periodic *w, int r) { (void)loop, (void)w, (void)r; mark(32); }
static void late_cb(EV_P_ ev_timer *w, int r) { (void)w, (void)r; puts("too late"); ev_break(EV_A_ EVBREAK_ALL); }

static void *other(void *arg)
{
	int bits = *(int *)arg, f;
	usleep(100000);
	if (bits & 8)
		ev_async_send(l, &as);
	usleep(50000);
	if (bits & 4)
		kill(getpid(), SIGUSR1);
	if (bits & 16) {
		f = open("./watched", O_WRONLY | O_CREAT | O_APPEND, 0600);
		if (f < 0 || write(f, "y", 1) != 1)
			puts("cannot write");
		close(f);
	}
	return NULL;
}

static void run(unsigned flags, int bits)
{
	int i, status, first[8], p[2];
	ev_timer timer, late;
	ev_signal sig;
	ev_stat st;
	ev_periodic per;
	pid_t pid;

	for (i = 0; i < FIRST; i++)
		first[i] = dup(0);
	all = bits | 1;
	l = ev_loop_new(flags);
	ev_timer_init(&timer, timer_cb, 0., .001);
	ev_signal_init(&sig, signal_cb, SIGUSR1);
	ev_async_init(&as, async_cb);
	ev_stat_init(&st, stat_cb, "./watched", 0.);
	ev_periodic_init(&per, periodic_cb, 0., .01, 0);
	if (bits & 2)
		ev_timer_start(l, &timer);
	if (bits & 4)
		ev_signal_start(l, &sig);
	if (bits & 8)
		ev_async_start(l, &as);
	if (bits & 16)
		ev_stat_start(l, &st);
	if (bits & 32)
		ev_periodic_start(l, &per);
	got = 0;
	ev_run(l, EVRUN_NOWAIT);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		pthread_t t;
		ev_io io;
		for (i = 3; i < 256; i++)
			close(i);
		if (pipe(p) || write(p[1], "x", 1) != 1)
			exit(1);
		ev_loop_fork(l);
		ev_io_init(&io, io_cb, p[0], EV_READ);
		ev_io_start(l, &io);
		ev_timer_init(&late, late_cb, 10., 0.);
		ev_timer_start(l, &late);
		pthread_create(&t, NULL, other, &bits);
		ev_run(l, 0);
		pthread_join(t, NULL);
		printf("got %d\n", got & all);
		ev_loop_destroy(l);
		exit(0);
	}
	waitpid(pid, &status, 0);
	printf("flags %x, watchers %d: child ended with %d\n", flags & EVFLAG_NOINOTIFY, bits, status);
	ev_timer_stop(l, &timer);
	ev_signal_stop(l, &sig);
	ev_async_stop(l, &as);
	ev_stat_stop(l, &st);
	ev_periodic_stop(l, &per);
	ev_loop_destroy(l);
	for (i = 0; i < FIRST; i++)
		close(first[i]);
	remove("./watched");
}

int main(void)
{
	run(0, 0);
	run(0, 2);
	run(0, 4);
	run(0, 8);
	run(0, 16);
	run(EVFLAG_NOINOTIFY, 2);
	run(0, 32);
	run(0, 63);
	return 0;
}
