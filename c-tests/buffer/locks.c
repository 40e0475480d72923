/* harness: valgrind */
/* Locks are made, taken and freed as they should be; callbacks run with the lock held. */
#include <event2/buffer.h>
#include <event2/thread.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int live, held, underflow;

static void *lock_alloc(unsigned type)
{
	(void)type;
	live++;
	return calloc(1, sizeof(int));
}
static void lock_free(void *lock, unsigned type)
{
	(void)type;
	if (*(int *)lock)
		printf("freed while held\n");
	live--;
	free(lock);
}
static int lock_lock(unsigned mode, void *lock)
{
	(void)mode;
	++*(int *)lock;
	held++;
	return 0;
}
static int lock_unlock(unsigned mode, void *lock)
{
	(void)mode;
	if (--*(int *)lock < 0)
		underflow = 1;
	held--;
	return 0;
}

static void told(struct evbuffer *b, const struct evbuffer_cb_info *info, void *arg)
{
	(void)b, (void)info, (void)arg;
	printf("  callback, lock held: %d\n", held > 0);
}

#define SAY(e) do { printf("%s = %ld\n", #e, (long)(e)); \
	if (held || underflow) printf("  unbalanced: %d\n", held); } while (0)

int main(void)
{
	struct evthread_lock_callbacks cbs = { EVTHREAD_LOCK_API_VERSION, EVTHREAD_LOCKTYPE_RECURSIVE,
	    lock_alloc, lock_free, lock_lock, lock_unlock };
	struct evbuffer *a = evbuffer_new(), *b;
	struct evbuffer_iovec v[2];
	struct evbuffer_ptr p;
	char out[100];
	void *shared;
	SAY(evbuffer_enable_locking(a, NULL));
	evthread_set_lock_callbacks(&cbs);
	live = 0;
	SAY(evbuffer_enable_locking(a, NULL));
	SAY(evbuffer_enable_locking(a, NULL));
	SAY(live);
	b = evbuffer_new();
	SAY(live);
	shared = lock_alloc(0);
	SAY(evbuffer_enable_locking(b, shared));
	SAY(evbuffer_enable_locking(b, NULL));
	evbuffer_lock(a);
	printf("held %d\n", held);
	evbuffer_lock(a);
	printf("held %d\n", held);
	evbuffer_unlock(a);
	evbuffer_unlock(a);
	evbuffer_add_cb(a, told, NULL);
	SAY(evbuffer_add(a, "hello\nworld", 11));
	SAY(evbuffer_add_printf(a, "%d", 5));
	SAY(evbuffer_prepend(a, "x", 1));
	SAY(evbuffer_get_length(a));
	SAY(evbuffer_get_contiguous_space(a));
	SAY(evbuffer_copyout(a, out, 5));
	SAY(evbuffer_pullup(a, 5) != NULL);
	SAY(evbuffer_expand(a, 5000));
	SAY(evbuffer_reserve_space(a, 10, v, 2));
	SAY(evbuffer_commit_space(a, v, 0));
	SAY(evbuffer_peek(a, -1, NULL, v, 2) > 0);
	SAY(evbuffer_search(a, "w", 1, NULL).pos);
	SAY(evbuffer_search(a, "q", 1, NULL).pos);
	SAY(evbuffer_ptr_set(a, &p, 100, EVBUFFER_PTR_SET));
	SAY(evbuffer_search_eol(a, NULL, NULL, EVBUFFER_EOL_LF).pos);
	{
		char *line = evbuffer_readln(a, NULL, EVBUFFER_EOL_LF);
		printf("%s, held %d\n", line, held);
		free(line);
		line = evbuffer_readln(a, NULL, EVBUFFER_EOL_LF);
		printf("%d, held %d\n", line != NULL, held);
	}
	SAY(evbuffer_add_buffer(b, a));
	SAY(evbuffer_add_buffer(b, a));
	SAY(evbuffer_add_buffer(b, b));
	SAY(evbuffer_prepend_buffer(a, b));
	SAY(evbuffer_remove_buffer(a, b, 2));
	SAY(evbuffer_remove_buffer(a, b, 200));
	SAY(evbuffer_add_buffer_reference(a, b));
	SAY(evbuffer_add_buffer_reference(b, a));
	SAY(evbuffer_add_reference(a, "ref", 3, NULL, NULL));
	SAY(evbuffer_freeze(a, 0));
	SAY(evbuffer_freeze(a, 1));
	SAY(evbuffer_add(a, "x", 1));
	SAY(evbuffer_drain(a, 1));
	SAY(evbuffer_remove(a, out, 1));
	SAY(evbuffer_prepend(a, "x", 1));
	SAY(evbuffer_add_printf(a, "x"));
	SAY(evbuffer_add_buffer(a, b));
	SAY(evbuffer_remove_buffer(b, a, 1));
	SAY(evbuffer_write(a, -1));
	SAY(evbuffer_read(a, -1, 10));
	SAY(evbuffer_reserve_space(a, 1, v, 1));
	SAY(evbuffer_unfreeze(a, 0));
	SAY(evbuffer_unfreeze(a, 1));
	SAY(evbuffer_read(a, -1, 10));
	SAY(evbuffer_write(a, -1));
	SAY(evbuffer_remove(a, out, 100) > 0);
	SAY(evbuffer_drain(a, 100));
	evbuffer_free(a);
	evbuffer_free(b);
	printf("held %d live %d\n", held, live);
	lock_free(shared, 0);
	printf("live %d\n", live);
	return 0;
}
