/* harness: valgrind; threads=tsan */
/* Four threads on four locked buffers: append, move both ways, share, take out. Nothing is lost, and
 * nobody waits forever. Blocks that are shared are freed by whichever thread is last. */
#include <event2/buffer.h>
#include <event2/thread.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, STEPS = 4000 };

static struct evbuffer *buffers[THREADS];
static long added[THREADS], taken[THREADS];
static int cleanups[THREADS], references[THREADS];
static pthread_mutex_t count_lock = PTHREAD_MUTEX_INITIALIZER;
static char data[3000];

static void gone(const void *p, size_t n, void *arg)
{
	(void)p, (void)n;
	pthread_mutex_lock(&count_lock);
	cleanups[(long)arg]++;
	pthread_mutex_unlock(&count_lock);
}

static void *work(void *arg)
{
	long me = (long)arg;
	unsigned seed = 12345u + (unsigned)me;
	char out[5000];
	int i, n;
	for (i = 0; i < STEPS; i++) {
		struct evbuffer *a, *b;
		seed = seed * 1103515245u + 12345u;
		a = buffers[(seed >> 16) % THREADS];
		b = buffers[(seed >> 20) % THREADS];
		n = (int)((seed >> 8) % sizeof data);
		switch ((seed >> 24) % 8) {
		case 0: case 1:
			if (evbuffer_add(a, data, (size_t)n) == 0)
				added[me] += n;
			break;
		case 2:
			evbuffer_add_buffer(a, b);
			break;
		case 3:
			evbuffer_remove_buffer(a, b, (size_t)n);
			break;
		case 4:
			if (evbuffer_add_reference(a, data, (size_t)n, gone, (void *)me) == 0) {
				added[me] += n;
				references[me]++;
			}
			break;
		case 5:
			evbuffer_prepend_buffer(a, b);
			break;
		default:
			n = evbuffer_remove(a, out, sizeof out);
			if (n > 0)
				taken[me] += n;
			break;
		}
	}
	return NULL;
}

/* One buffer's content by reference in a buffer of each thread. */
static void *share(void *arg)
{
	struct evbuffer *b = evbuffer_new();
	char out[10000];
	int i;
	for (i = 0; i < 500; i++) {
		size_t k;
		if (evbuffer_add_buffer_reference(b, arg))
			printf("refused\n");
		if (evbuffer_remove(b, out, sizeof out) != 9000)
			printf("short\n");
		for (k = 0; k < 9000; k++)
			if (out[k] != data[k % sizeof data])
				printf("wrong\n"), exit(1);
	}
	evbuffer_free(b);
	return NULL;
}

int main(void)
{
	pthread_t t[THREADS];
	struct evbuffer *source;
	long i, in = 0, out = 0;
	int refs = 0, gone_n = 0;
	evthread_use_pthreads();
	for (i = 0; i < (long)sizeof data; i++)
		data[i] = (char)i;
	for (i = 0; i < THREADS; i++) {
		buffers[i] = evbuffer_new();
		evbuffer_enable_locking(buffers[i], NULL);
	}
	for (i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, work, (void *)i);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < THREADS; i++) {
		in += added[i];
		out += taken[i] + (long)evbuffer_get_length(buffers[i]);
		evbuffer_free(buffers[i]);
		refs += references[i];
	}
	for (i = 0; i < THREADS; i++)
		gone_n += cleanups[i];
	printf("%s\n", in == out ? "nothing lost" : "lost");
	printf("%s\n", refs == gone_n ? "all cleaned up" : "not cleaned up");

	source = evbuffer_new();
	evbuffer_enable_locking(source, NULL);
	for (i = 0; i < 3; i++)
		evbuffer_add(source, data, sizeof data);
	for (i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, share, source);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	printf("%zu\n", evbuffer_get_length(source));
	evbuffer_free(source);
	return 0;
}
