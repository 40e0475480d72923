/* harness: valgrind */
/* Memory by reference: when cleanup runs, with what, how often; buffers that share blocks. */
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void gone(const void *data, size_t len, void *arg)
{
	printf("  cleanup %s: %.4s, %zu\n", (char *)arg, len ? (const char *)data : "", len);
}

static void show(struct evbuffer *b)
{
	size_t n = evbuffer_get_length(b);
	char *p = malloc(n + 1);
	printf("  %zd bytes: ", evbuffer_copyout(b, p, n));
	p[n] = 0;
	printf("%.60s\n", p);
	free(p);
}

#define DO(e) do { printf("%s\n", #e); e; } while (0)
#define SAY(e) printf("%s = %d\n", #e, (int)(e))

static char big[20000], out[20000];

int main(void)
{
	struct evbuffer *a = evbuffer_new(), *b = evbuffer_new(), *c = evbuffer_new();
	memset(big, 'B', sizeof big);
	SAY(evbuffer_add_reference(a, "abcdefgh", 8, gone, (void *)"one"));
	DO(evbuffer_drain(a, 3));
	DO(evbuffer_drain(a, 5));
	SAY(evbuffer_add_reference(a, "abcd", 4, gone, (void *)"freed"));
	SAY(evbuffer_add_reference(a, "efgh", 4, gone, (void *)"freed too"));
	DO(evbuffer_free(a));
	a = evbuffer_new();
	SAY(evbuffer_add_reference(a, "empty", 0, gone, (void *)"empty"));
	show(a);
	DO(evbuffer_add(a, "x", 1));
	show(a);
	SAY(evbuffer_add_reference(a, "empty", 0, gone, (void *)"empty at the end"));
	DO(evbuffer_add_reference(a, "yz", 2, gone, (void *)"yz"));
	show(a);
	DO(evbuffer_prepend(a, "w", 1));
	DO(evbuffer_pullup(a, -1));
	show(a);
	DO(evbuffer_drain(a, 100));
	SAY(evbuffer_freeze(a, 0));
	SAY(evbuffer_add_reference(a, "frozen", 6, gone, (void *)"frozen"));
	SAY(evbuffer_unfreeze(a, 0));

	printf("-- remove, partly\n");
	evbuffer_add_reference(a, big, 10000, gone, (void *)"big");
	evbuffer_add_reference(a, "tail", 4, gone, (void *)"tail");
	DO(evbuffer_remove(a, out, 6000));
	DO(evbuffer_remove(a, out, 4000));
	DO(evbuffer_remove(a, out, 4));
	evbuffer_add_reference(a, "0123456789", 10, gone, (void *)"digits");
	DO(evbuffer_remove_buffer(a, b, 4));
	show(a);
	show(b);
	DO(evbuffer_drain(a, 6));
	DO(evbuffer_drain(b, 100));
	evbuffer_add_reference(a, "01234", 5, gone, (void *)"first");
	evbuffer_add_reference(a, "56789", 5, gone, (void *)"second");
	DO(evbuffer_remove_buffer(a, b, 7));
	show(a);
	show(b);
	DO(evbuffer_add_buffer(a, b));
	show(a);
	DO(evbuffer_drain(a, 100));

	printf("-- buffers by reference\n");
	evbuffer_add(a, "plain ", 6);
	evbuffer_add_reference(a, "referred", 8, gone, (void *)"shared");
	SAY(evbuffer_add_buffer_reference(b, a));
	SAY(evbuffer_add_buffer_reference(b, b));
	SAY(evbuffer_add_buffer_reference(c, b));
	SAY(evbuffer_add_buffer_reference(c, a));
	show(a);
	show(b);
	show(c);
	DO(evbuffer_add(a, "!", 1));
	DO(evbuffer_prepend(a, "?", 1));
	show(a);
	show(b);
	DO(evbuffer_drain(a, 3));
	show(b);
	DO(evbuffer_pullup(b, 8));
	show(b);
	show(c);
	DO(evbuffer_free(a));
	show(b);
	DO(evbuffer_drain(b, 7));
	show(b);
	DO(evbuffer_free(b));
	show(c);
	DO(evbuffer_drain(c, 100));
	DO(evbuffer_free(c));

	printf("-- into a buffer with an empty block\n");
	a = evbuffer_new();
	b = evbuffer_new();
	evbuffer_add(a, "content", 7);
	evbuffer_expand(b, 100);
	SAY(evbuffer_add_buffer_reference(b, a));
	show(b);
	evbuffer_drain(b, 100);
	evbuffer_add_reference(b, "", 0, gone, (void *)"empty");
	SAY(evbuffer_add_buffer_reference(b, a));
	evbuffer_add(b, " and more", 9);
	evbuffer_prepend(b, "some ", 5);
	show(b);
	show(a);
	evbuffer_free(a);
	show(b);
	evbuffer_free(b);
	return 0;
}
