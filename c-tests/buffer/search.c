/* harness: valgrind */
/* Positions, search and lines, with the content in one block, and in many. */
#include <event2/buffer.h>
#include <event2/buffer_compat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char text[] =
    "first line\r\nsecond\nthird\r\r\n\n\rfourth\0fifth\n\r\nabcabcabd aaab\r\n tail\r";

/* Fills a buffer with pieces of `piece` bytes, each in a block of its own. */
static struct evbuffer *make(const char *data, size_t len, size_t piece)
{
	struct evbuffer *b = evbuffer_new();
	size_t at, n;
	for (at = 0; at < len; at += n) {
		n = len - at < piece ? len - at : piece;
		evbuffer_add_reference(b, data + at, n, NULL, NULL);
	}
	return b;
}

static void lines(size_t piece, enum evbuffer_eol_style style)
{
	struct evbuffer *b = make(text, sizeof text - 1, piece);
	char *line;
	size_t n, k;
	while ((line = evbuffer_readln(b, &n, style))) {
		printf("style %d [%zu] ", (int)style, n);
		for (k = 0; k <= n; k++)
			printf("%02x", (unsigned char)line[k]);
		printf(" left %zu\n", evbuffer_get_length(b));
		free(line);
	}
	printf("n after failure %zu\n", n);
	evbuffer_free(b);
}

int main(void)
{
	static const size_t pieces[] = { 1, 2, 3, 7, 1000 };
	static const char *const needles[] = { "", "f", "fi", "second", "abcabd", "aab", "\r\n", "\n\r\n",
	    "tail\r", "tail\rx", "nothing", "\r", "l" };
	size_t i, j, from, n;
	struct evbuffer *b;
	struct evbuffer_ptr p, q, r;
	for (i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		int style;
		printf("== pieces of %zu\n", pieces[i]);
		for (style = 0; style < 5; style++)
			lines(pieces[i], (enum evbuffer_eol_style)style);
		b = make(text, sizeof text - 1, pieces[i]);
		for (j = 0; j < sizeof needles / sizeof *needles; j++) {
			for (from = 0; from <= evbuffer_get_length(b); from += 5) {
				evbuffer_ptr_set(b, &p, from, EVBUFFER_PTR_SET);
				r = evbuffer_search(b, needles[j], strlen(needles[j]), &p);
				printf("%zd", r.pos);
				evbuffer_ptr_set(b, &q, evbuffer_get_length(b) - 8, EVBUFFER_PTR_SET);
				if (from <= evbuffer_get_length(b) - 8) {
					r = evbuffer_search_range(b, needles[j], strlen(needles[j]), &p, &q);
					printf("/%zd", r.pos);
				}
				printf(" ");
			}
			r = evbuffer_search(b, needles[j], strlen(needles[j]), NULL);
			printf("; %zd\n", r.pos);
			/* All occurrences, on from each. */
			n = 0;
			while (r.pos >= 0 && *needles[j]) {
				n++;
				if (evbuffer_ptr_set(b, &r, 1, EVBUFFER_PTR_ADD) < 0)
					break;
				r = evbuffer_search(b, needles[j], strlen(needles[j]), &r);
			}
			printf("%zu times\n", n);
		}
		for (style = 0; style < 5; style++) {
			for (from = 0; from <= evbuffer_get_length(b); from += 3) {
				size_t len = 77;
				evbuffer_ptr_set(b, &p, from, EVBUFFER_PTR_SET);
				r = evbuffer_search_eol(b, &p, &len, (enum evbuffer_eol_style)style);
				if (from < evbuffer_get_length(b))
					printf("%zd+%zu ", r.pos, len);
				else
					printf("%zd ", r.pos);
			}
			printf("\n");
		}
		evbuffer_free(b);
		b = make(text, sizeof text - 1, pieces[i]);
		for (j = 1; j < sizeof needles / sizeof *needles; j++) {
			unsigned char *at = evbuffer_find(b, (const unsigned char *)needles[j], strlen(needles[j]));
			printf("find %s %s\n", needles[j][0] >= 'a' ? needles[j] : "-",
			    at && !memcmp(at, needles[j], strlen(needles[j])) ? "yes" : at ? "wrong" : "no");
		}
		{
			char *line = evbuffer_readline(b);
			printf("readline %s\n", line);
			free(line);
		}
		evbuffer_free(b);
	}

	b = make("0123456789", 10, 4);
	printf("== positions\n");
	printf("%d ", evbuffer_ptr_set(b, &p, 10, EVBUFFER_PTR_SET));
	printf("%zd\n", p.pos);
	printf("%d ", evbuffer_ptr_set(b, &p, 0, EVBUFFER_PTR_ADD));
	printf("%zd\n", p.pos);
	printf("%d ", evbuffer_ptr_set(b, &p, 1, EVBUFFER_PTR_ADD));
	printf("%zd\n", p.pos);
	printf("%d ", evbuffer_ptr_set(b, &p, 1, EVBUFFER_PTR_ADD));
	printf("%zd\n", p.pos);
	printf("%d ", evbuffer_ptr_set(b, &p, 11, EVBUFFER_PTR_SET));
	printf("%zd\n", p.pos);
	printf("%d ", evbuffer_ptr_set(b, &p, 3, EVBUFFER_PTR_SET));
	printf("%d ", evbuffer_ptr_set(b, &p, 4, EVBUFFER_PTR_ADD));
	printf("%zd\n", p.pos);
	printf("%d ", evbuffer_ptr_set(b, &p, (size_t)-1, EVBUFFER_PTR_ADD));
	printf("%zd\n", p.pos);
	{
		char out[16] = "";
		struct evbuffer_iovec v[4];
		int k;
		evbuffer_ptr_set(b, &p, 3, EVBUFFER_PTR_SET);
		printf("copyout_from %zd ", evbuffer_copyout_from(b, &p, out, 5));
		printf("%.5s\n", out);
		printf("copyout_from %zd ", evbuffer_copyout_from(b, &p, out, 16));
		printf("%.7s\n", out);
		evbuffer_ptr_set(b, &q, 10, EVBUFFER_PTR_SET);
		printf("copyout_from the end %zd\n", evbuffer_copyout_from(b, &q, out, 5));
		k = evbuffer_peek(b, -1, &p, v, 4);
		printf("peek from 3: %d pieces %zu %zu\n", k, v[0].iov_len, v[1].iov_len);
		printf("peek from the end: %d\n", evbuffer_peek(b, -1, &q, v, 4));
		printf("peek 2: %d\n", evbuffer_peek(b, 2, NULL, v, 4));
		printf("peek 5 into one: %d\n", evbuffer_peek(b, 5, NULL, v, 1));
		printf("peek all into one: %d\n", evbuffer_peek(b, -1, NULL, v, 1));
		printf("peek 9 into none: %d\n", evbuffer_peek(b, 9, NULL, NULL, 0));
		printf("peek all into none: %d\n", evbuffer_peek(b, -1, NULL, NULL, 0));
		printf("peek all from 5 into none: %d\n", (evbuffer_ptr_set(b, &p, 5, EVBUFFER_PTR_SET),
		    evbuffer_peek(b, -1, &p, NULL, 0)));
		printf("peek 0: %d\n", evbuffer_peek(b, 0, NULL, v, 4));
		printf("peek 100: %d\n", evbuffer_peek(b, 100, NULL, v, 4));
	}
	evbuffer_free(b);
	return 0;
}
