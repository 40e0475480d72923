/* harness: valgrind */
/* Return values in the corners: empty, frozen, too much, itself. */
#include <event2/buffer.h>
#include <event2/buffer_compat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAY(e) printf("%s = %ld, length %zu\n", #e, (long)(e), evbuffer_get_length(b))

static char out[10000];

int main(void)
{
	struct evbuffer *b = evbuffer_new(), *c = evbuffer_new();
	struct evbuffer_ptr p;
	struct evbuffer_iovec v[4];
	int front;

	printf("-- empty\n");
	SAY(evbuffer_peek(b, -1, NULL, v, 4));
	SAY(evbuffer_peek(b, 10, NULL, NULL, 0));
	SAY(evbuffer_drain(b, 10));
	SAY(evbuffer_remove(b, out, 10));
	SAY(evbuffer_copyout(b, out, 10));
	SAY(evbuffer_pullup(b, -1) == NULL);
	SAY(evbuffer_pullup(b, 0) == NULL);
	SAY(evbuffer_pullup(b, 1) == NULL);
	SAY(evbuffer_get_contiguous_space(b));
	SAY(evbuffer_add(b, "", 0));
	SAY(evbuffer_prepend(b, "", 0));
	SAY(evbuffer_add_buffer(b, c));
	SAY(evbuffer_add_buffer(b, b));
	SAY(evbuffer_prepend_buffer(b, c));
	SAY(evbuffer_prepend_buffer(b, b));
	SAY(evbuffer_remove_buffer(b, c, 10));
	SAY(evbuffer_remove_buffer(b, b, 10));
	SAY(evbuffer_add_buffer_reference(b, c));
	SAY(evbuffer_write(b, 1));
	SAY(evbuffer_readln(b, NULL, EVBUFFER_EOL_LF) == NULL);
	SAY(evbuffer_readline(b) == NULL);
	SAY(evbuffer_find(b, (const unsigned char *)"x", 1) == NULL);
	SAY(evbuffer_search(b, "x", 1, NULL).pos);
	SAY(evbuffer_ptr_set(b, &p, 0, EVBUFFER_PTR_SET));
	SAY(p.pos);
	SAY(evbuffer_ptr_set(b, &p, 1, EVBUFFER_PTR_SET));
	SAY(p.pos);
	SAY(evbuffer_add_printf(b, "%s", ""));
	SAY(evbuffer_add_iovec(b, v, 0));
	SAY(evbuffer_commit_space(b, v, 0));
	SAY(evbuffer_reserve_space(b, 10, v, 0));
	SAY(evbuffer_reserve_space(b, -1, v, 1));
	SAY(evbuffer_reserve_space(b, -1, v, 2));

	printf("-- some\n");
	SAY(evbuffer_add(b, "0123456789", 10));
	SAY(evbuffer_pullup(b, 11) == NULL);
	SAY(memcmp(evbuffer_pullup(b, 10), "0123456789", 10));
	SAY(evbuffer_pullup(b, 0) == NULL);
	SAY(evbuffer_remove(b, out, 3));
	printf("%.3s\n", out);
	SAY(evbuffer_copyout(b, out, 100));
	printf("%.7s\n", out);
	SAY(evbuffer_prepend(b, "ab", 2));
	SAY(evbuffer_drain(b, 4));
	SAY(evbuffer_remove(b, out, 100));
	printf("%.5s\n", out);
	SAY(evbuffer_add(b, "xyz", 3));
	SAY(evbuffer_drain(b, (size_t)-1));
	SAY(evbuffer_add_buffer(b, b));

	for (front = 0; front < 2; front++) {
		printf("-- frozen at the %s, empty\n", front ? "front" : "end");
		SAY(evbuffer_freeze(b, front));
		SAY(evbuffer_freeze(b, front));
		SAY(evbuffer_drain(b, 1));
		SAY(evbuffer_remove(b, out, 1));
		SAY(evbuffer_add(b, "", 0));
		SAY(evbuffer_prepend(b, "", 0));
		SAY(evbuffer_unfreeze(b, front));
		evbuffer_add(b, "data\n", 5);
		evbuffer_add(c, "more", 4);
		printf("-- frozen at the %s\n", front ? "front" : "end");
		SAY(evbuffer_freeze(b, front));
		SAY(evbuffer_add(b, "x", 1));
		SAY(evbuffer_add(b, "", 0));
		SAY(evbuffer_add_printf(b, "%d", 1));
		SAY(evbuffer_add_printf(b, "%s", ""));
		SAY(evbuffer_prepend(b, "x", 1));
		SAY(evbuffer_prepend(b, "", 0));
		SAY(evbuffer_drain(b, 1));
		SAY(evbuffer_drain(b, 0));
		SAY(evbuffer_remove(b, out, 1));
		SAY(evbuffer_remove(b, out, 0));
		SAY(evbuffer_copyout(b, out, 1));
		SAY(evbuffer_copyout(b, out, 0));
		SAY(evbuffer_pullup(b, 1) != NULL);
		SAY(evbuffer_expand(b, 100));
		SAY(evbuffer_reserve_space(b, 1, v, 1));
		SAY(evbuffer_reserve_space(b, 1, v, 2));
		v[0].iov_len = 0;
		SAY(evbuffer_commit_space(b, v, 1));
		SAY(evbuffer_commit_space(b, v, 0));
		SAY(evbuffer_add_buffer(b, c));
		SAY(evbuffer_add_buffer(c, b));
		SAY(evbuffer_prepend_buffer(b, c));
		SAY(evbuffer_prepend_buffer(c, b));
		SAY(evbuffer_remove_buffer(b, c, 1));
		SAY(evbuffer_remove_buffer(c, b, 1));
		SAY(evbuffer_remove_buffer(b, c, 100));
		SAY(evbuffer_remove_buffer(b, c, 0));
		SAY(evbuffer_add_reference(b, "ref", 3, NULL, NULL));
		SAY(evbuffer_add_buffer_reference(b, c));
		SAY(evbuffer_add_file(b, -1, 0, 1));
		v[0].iov_base = (void *)"iov";
		v[0].iov_len = 3;
		SAY(evbuffer_add_iovec(b, v, 1));
		SAY(evbuffer_write(b, -1));
		SAY(evbuffer_read(b, -1, 1));
		SAY(evbuffer_search(b, "a", 1, NULL).pos);
		{
			char *line = evbuffer_readln(b, NULL, EVBUFFER_EOL_LF);
			printf("line %s\n", line ? line : "none");
			free(line);
		}
		SAY(evbuffer_unfreeze(b, front));
		evbuffer_drain(b, 1000);
		evbuffer_drain(c, 1000);
	}
	evbuffer_free(b);
	evbuffer_free(c);
	return 0;
}
