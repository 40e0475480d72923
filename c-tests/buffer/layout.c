/* harness: valgrind */
/* Random operations; after each the pieces of the chain, as peek and get_contiguous_space show
 * them: blocks grow, merge and split as the reference's do. Not in it: room that is asked for and
 * left unused. evbuffer_expand promises that appending will not allocate; evrs keeps that, the
 * reference frees the room at the next append that does not fit before it. */
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long long seed = 42;
static unsigned below(unsigned n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned)(seed >> 33) % n;
}

static unsigned size(void)
{
	switch (below(6)) {
	case 0: return below(5);
	case 1: case 2: return below(100);
	case 3: return below(1500);
	case 4: return 3900 + below(400);
	default: return below(9000);
	}
}

static char data[16384], out[32768];

static void show(const char *what, int r, struct evbuffer *b)
{
	struct evbuffer_iovec v[64];
	unsigned hash = 5381;
	int i, n, shown = 0;
	size_t k;
	n = evbuffer_peek(b, -1, NULL, v, 64);
	printf("%s %d len %zu first %zu:", what, r, evbuffer_get_length(b),
	    evbuffer_get_contiguous_space(b));
	for (i = 0; i < n; i++) {
		if (!v[i].iov_len)
			continue;
		if (shown++ < 12)
			printf(" %zu", v[i].iov_len);
		for (k = 0; k < v[i].iov_len; k++)
			hash = hash * 33 + ((unsigned char *)v[i].iov_base)[k];
	}
	printf(" = %08x\n", hash);
}

int main(void)
{
	struct evbuffer *b[2];
	struct evbuffer_iovec v[3];
	int step, r, n, k;
	unsigned i;

	for (i = 0; i < sizeof data; i++)
		data[i] = (char)('a' + i % 23);
	b[0] = evbuffer_new();
	b[1] = evbuffer_new();
	for (step = 0; step < 6000; step++) {
		struct evbuffer *x = b[below(2)], *y = x == b[0] ? b[1] : b[0];
		unsigned s = size();
		if (evbuffer_get_length(x) > 40000) {
			r = evbuffer_drain(x, 50000);
			show("all", r, x);
			continue;
		}
		switch (below(13)) {
		case 0: case 1: case 2:
			r = evbuffer_add(x, data, s + 1);
			show("add", r, x);
			break;
		case 3:
			r = evbuffer_prepend(x, data, s);
			show("prepend", r, x);
			break;
		case 4:
			r = evbuffer_drain(x, s);
			show("drain", r, x);
			break;
		case 5:
			r = evbuffer_remove(x, out, s);
			show("remove", r, x);
			break;
		case 6:
			r = evbuffer_pullup(x, s) != NULL;
			show("pullup", r, x);
			break;
		case 7:
			r = evbuffer_add_buffer(x, y);
			show("move", r, x);
			break;
		case 8:
			r = evbuffer_prepend_buffer(x, y);
			show("movefront", r, x);
			break;
		case 9:
			r = evbuffer_add_printf(x, "%.*s", (int)(s % 3000 + 1), data);
			show("printf", r, x);
			break;
		case 10:
			n = evbuffer_reserve_space(x, ++s, v, 1);
			if (n == 1) {
				printf("room %zu\n", v[0].iov_len);
				memset(v[0].iov_base, 'R', s);
				v[0].iov_len = s;
			}
			r = evbuffer_commit_space(x, v, n);
			show("commit1", r, x);
			break;
		case 11:
			/* The reference asserts when it finds room for 0 bytes nowhere. */
			n = evbuffer_reserve_space(x, ++s, v, 2);
			printf("room");
			for (k = 0; k < n; k++) {
				size_t take = v[k].iov_len < s ? v[k].iov_len : s;
				printf(" %zu", v[k].iov_len);
				memset(v[k].iov_base, 'S', take);
				v[k].iov_len = take;
				s -= (unsigned)take;
			}
			printf("\n");
			r = evbuffer_commit_space(x, v, n);
			show("commit2", r, x);
			break;
		case 12:
			/* The reference asserts when it reserves after an empty one. */
			r = evbuffer_add_reference(x, data, s + 1, NULL, NULL);
			show("ref", r, x);
			break;
		}
	}
	evbuffer_free(b[0]);
	evbuffer_free(b[1]);
	return 0;
}
