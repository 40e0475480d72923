/* harness: valgrind */
/* Formatted text of all lengths, at all places in a block. */
#include <event2/buffer.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static unsigned hash(struct evbuffer *b)
{
	unsigned h = 5381;
	size_t i, n = evbuffer_get_length(b);
	unsigned char *p = evbuffer_pullup(b, -1);
	for (i = 0; i < n; i++)
		h = h * 33 + p[i];
	return h;
}

static int twice(struct evbuffer *b, const char *fmt, ...)
{
	va_list ap;
	int r, s;
	va_start(ap, fmt);
	r = evbuffer_add_vprintf(b, fmt, ap);
	/* The list was copied: it is still at its start. */
	s = evbuffer_add_vprintf(b, fmt, ap);
	va_end(ap);
	return r + s;
}

int main(void)
{
	struct evbuffer *b = evbuffer_new();
	char *text = malloc(100001);
	int i;
	memset(text, 't', 100000);
	text[100000] = 0;
	printf("%d\n", evbuffer_add_printf(b, "%d %u %ld %llu %c %s %5.2f %p %% %x", -1, 2u, -3L,
	    ULLONG_MAX, 'c', "string", 3.14159, (void *)0x1234, 255));
	printf("%d\n", evbuffer_add_printf(b, "%Lf %*d %.*s %-5d|", 2.5L, 8, 42, 3, "abcdef", 7));
	printf("%d\n", evbuffer_add_printf(b, "%d%d%d%d%d%d%d%d%d%d%f%f%f%f%f%f%f%f%f%f%s", 1, 2, 3, 4, 5, 6, 7,
	    8, 9, 10, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, "end"));
	printf("%d\n", twice(b, "[%s %d %f %s]", "a", 1, 2.0, "b"));
	printf("%d\n", evbuffer_add_printf(b, "%s", ""));
	printf("%d\n", evbuffer_add_printf(b, "%lc", (wint_t)0x20ac) < 0);
	printf("%.*s\n", (int)evbuffer_get_length(b), (char *)evbuffer_pullup(b, -1));
	for (i = 0; i < 1100; i++) {
		int r = evbuffer_add_printf(b, "%d %.*s\r\n", i, i, text);
		if (i % 50 == 0)
			printf("%d: %d, length %zu, %08x\n", i, r, evbuffer_get_length(b), hash(b));
		if (i % 10 == 9)
			evbuffer_drain(b, 4321);
	}
	for (i = 1000; i < 100000; i += 3777) {
		int r;
		evbuffer_drain(b, evbuffer_get_length(b) / 2);
		r = evbuffer_add_printf(b, "%s%d", text + 100000 - i, i);
		printf("%d: %d, length %zu, %08x\n", i, r, evbuffer_get_length(b), hash(b));
	}
	for (i = 16380; i < 16390; i++) {
		evbuffer_drain(b, 1000000);
		printf("%d: %d %zu\n", i, evbuffer_add_printf(b, "%s", text + 100000 - i),
		    evbuffer_get_contiguous_space(b));
	}
	free(text);
	/* A 0 follows the text, although more lay there before and nobody promises it: programs that only
	 * print into a buffer pull it up and print it. */
	evbuffer_drain(b, evbuffer_get_length(b));
	for (i = 0; i < 3; i++) {
		int n;
		for (n = 600; n >= 0; n -= 75) {
			evbuffer_add_printf(b, "%.*s", n, text);
			printf("%d", (int)strlen((char *)evbuffer_pullup(b, -1)) == n);
			evbuffer_drain(b, n);
			evbuffer_add_printf(b, "a%db%s", n, i ? "" : "c");
			printf("%s ", (char *)evbuffer_pullup(b, -1));
			evbuffer_drain(b, evbuffer_get_length(b));
		}
		evbuffer_add_printf(b, "%s", text);
		evbuffer_drain(b, evbuffer_get_length(b));
	}
	printf("\n");
	evbuffer_free(b);
	return 0;
}
