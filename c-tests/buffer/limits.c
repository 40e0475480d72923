/* harness: valgrind */
/* Lengths that cannot be (CVE-2014-6272, CVE-2015-6525): refused, and nothing has changed. */
#include <event2/buffer.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
	static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 7, SIZE_MAX - 47, SIZE_MAX - 48,
	    SIZE_MAX / 2 + 1, SIZE_MAX / 2, SIZE_MAX / 2 - 1, SIZE_MAX / 2 - 47, SIZE_MAX / 2 - 48 };
	size_t i;
	int filled;
	for (filled = 0; filled < 3; filled++) {
		struct evbuffer *b = evbuffer_new();
		struct evbuffer_iovec v[2];
		struct evbuffer_ptr p;
		char out[2000];
		memset(out, 'o', sizeof out);
		if (filled)
			evbuffer_add(b, out, filled == 1 ? 10 : 970);
		for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			size_t n = sizes[i];
			printf("%zu:", i);
			printf(" expand %d", evbuffer_expand(b, n));
			if (n > SIZE_MAX / 2) {
				printf(" add %d", evbuffer_add(b, "x", n));
				printf(" prepend %d", evbuffer_prepend(b, "x", n));
			}
			printf(" reserve %d", evbuffer_reserve_space(b, (ev_ssize_t)n, v, 1));
			printf(" %d", evbuffer_reserve_space(b, (ev_ssize_t)n, v, 2));
			printf(" ptr %d", evbuffer_ptr_set(b, &p, n, EVBUFFER_PTR_SET));
			evbuffer_ptr_set(b, &p, 0, EVBUFFER_PTR_SET);
			printf(" %d", evbuffer_ptr_set(b, &p, n, EVBUFFER_PTR_ADD));
			printf(" copyout %zd", evbuffer_copyout(b, out, filled ? n : 0));
			printf(" pullup %d", evbuffer_pullup(b, (ev_ssize_t)(n & (SIZE_MAX / 2))) != NULL);
			printf(" length %zu\n", evbuffer_get_length(b));
		}
		if (filled == 1) {
			printf("remove %d\n", evbuffer_remove(b, out, SIZE_MAX));
			evbuffer_add(b, "0123456789", 10);
			printf("drain %d %zu\n", evbuffer_drain(b, SIZE_MAX), evbuffer_get_length(b));
		}
		evbuffer_free(b);
	}
	return 0;
}
