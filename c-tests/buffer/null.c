/* harness: only=evrs; valgrind */
/* NULL where the reference crashes, values that are none; functions of 2.2; what is allowed. */
#include <event2/buffer.h>
#include <event2/buffer_compat.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int failures;
#define CHECK(e) do { if (!(e)) { printf("line %d: %s\n", __LINE__, #e); failures++; } } while (0)

static const void *seen;
static size_t seen_len;
static int cleanups;
static void gone(const void *p, size_t n, void *arg)
{
	seen = p;
	seen_len = n;
	cleanups += *(int *)arg;
}

int main(void)
{
	struct evbuffer *b = evbuffer_new(), *c = evbuffer_new();
	struct evbuffer_ptr p, q;
	struct evbuffer_iovec v[2];
	char text[] = "0123456789", out[20];
	size_t n = 7;
	int one = 1, s[2], fd;
	char *line;

	evbuffer_free(NULL);
	evbuffer_lock(NULL);
	evbuffer_unlock(NULL);
	CHECK(evbuffer_enable_locking(NULL, NULL) == -1);
	CHECK(evbuffer_enable_locking(b, NULL) == -1); /* no threads set up */
	CHECK(evbuffer_set_flags(NULL, 1) == -1 && evbuffer_clear_flags(NULL, 1) == -1);
	CHECK(evbuffer_get_length(NULL) == 0 && evbuffer_get_contiguous_space(NULL) == 0);
	CHECK(evbuffer_freeze(NULL, 0) == -1 && evbuffer_unfreeze(NULL, 0) == -1);
	CHECK(evbuffer_add(NULL, "x", 1) == -1 && evbuffer_add(b, NULL, 1) == -1);
	CHECK(evbuffer_add(b, NULL, 0) == 0);
	CHECK(evbuffer_prepend(NULL, "x", 1) == -1 && evbuffer_prepend(b, NULL, 1) == -1);
	CHECK(evbuffer_drain(NULL, 1) == -1);
	CHECK(evbuffer_remove(NULL, out, 1) == -1 && evbuffer_remove(b, NULL, 1) == -1);
	CHECK(evbuffer_copyout(NULL, out, 1) == -1 && evbuffer_copyout(b, NULL, 1) == -1);
	CHECK(evbuffer_copyout_from(NULL, NULL, out, 1) == -1);
	CHECK(evbuffer_remove_buffer(NULL, b, 1) == -1 && evbuffer_remove_buffer(b, NULL, 1) == -1);
	CHECK(evbuffer_add_buffer(NULL, b) == -1 && evbuffer_add_buffer(b, NULL) == -1);
	CHECK(evbuffer_prepend_buffer(NULL, b) == -1 && evbuffer_prepend_buffer(b, NULL) == -1);
	CHECK(evbuffer_add_buffer_reference(NULL, b) == -1 && evbuffer_add_buffer_reference(b, NULL) == -1);
	CHECK(evbuffer_add_reference(NULL, "x", 1, NULL, NULL) == -1);
	CHECK(evbuffer_add_reference(b, NULL, 1, NULL, NULL) == -1);
	CHECK(evbuffer_add_file(NULL, 0, 0, 0) == -1);
	CHECK(evbuffer_add_file_segment(NULL, NULL, 0, 0) == -1 && evbuffer_add_file_segment(b, NULL, 0, 0) == -1);
	evbuffer_file_segment_free(NULL);
	evbuffer_file_segment_add_cleanup_cb(NULL, NULL, NULL);
	CHECK(evbuffer_add_printf(NULL, "x") == -1);
	CHECK(evbuffer_pullup(NULL, -1) == NULL && evbuffer_expand(NULL, 1) == -1);
	CHECK(evbuffer_reserve_space(NULL, 1, v, 1) == -1 && evbuffer_reserve_space(b, 1, NULL, 1) == -1);
	CHECK(evbuffer_reserve_space(b, 1, v, -1) == -1);
	CHECK(evbuffer_commit_space(NULL, v, 1) == -1 && evbuffer_commit_space(b, NULL, 1) == -1);
	CHECK(evbuffer_commit_space(b, v, -1) == -1);
	CHECK(evbuffer_peek(NULL, 1, NULL, v, 1) == 0);
	CHECK(evbuffer_add_iovec(NULL, v, 1) == 0 && evbuffer_add_iovec(b, NULL, 1) == 0);
	CHECK(evbuffer_search(NULL, "x", 1, NULL).pos == -1 && evbuffer_search(b, NULL, 1, NULL).pos == -1);
	CHECK(evbuffer_search(b, "x", SIZE_MAX, NULL).pos == -1);
	CHECK(evbuffer_search_eol(NULL, NULL, NULL, EVBUFFER_EOL_LF).pos == -1);
	CHECK(evbuffer_ptr_set(NULL, &p, 0, EVBUFFER_PTR_SET) == -1);
	CHECK(evbuffer_ptr_set(b, NULL, 0, EVBUFFER_PTR_SET) == -1);
	CHECK(evbuffer_ptr_set(b, &p, 0, (enum evbuffer_ptr_how)9) == -1);
	CHECK(evbuffer_readln(NULL, &n, EVBUFFER_EOL_LF) == NULL && n == 0);
	CHECK(evbuffer_read(NULL, 0, 1) == -1 && evbuffer_write(NULL, 1) == -1);
	CHECK(evbuffer_write_atmost(NULL, 1, 1) == -1);
	CHECK(evbuffer_add_cb(NULL, NULL, NULL) == NULL);
	CHECK(evbuffer_remove_cb(NULL, NULL, NULL) == -1 && evbuffer_remove_cb_entry(b, NULL) == -1);
	CHECK(evbuffer_cb_set_flags(b, NULL, 1) == -1 && evbuffer_cb_clear_flags(NULL, NULL, 1) == -1);
	CHECK(evbuffer_defer_callbacks(NULL, NULL) == -1 && evbuffer_defer_callbacks(b, NULL) == -1);
	CHECK(evbuffer_readline(NULL) == NULL && evbuffer_find(NULL, (const unsigned char *)"x", 1) == NULL);
	CHECK(evbuffer_setcb(NULL, NULL, NULL) == -1);
	CHECK(evbuffer_set_max_read(NULL, 1) == -1 && evbuffer_get_max_read(NULL) == 0);
	CHECK(evbuffer_get_length(b) == 0);

	/* A style that is none. */
	evbuffer_add(b, "line\n", 5);
	CHECK(evbuffer_readln(b, &n, (enum evbuffer_eol_style)17) == NULL && n == 0);
	CHECK(evbuffer_search_eol(b, NULL, &n, (enum evbuffer_eol_style)17).pos == -1 && n == 0);

	/* Positions that are too old: another byte at worst. */
	CHECK(evbuffer_ptr_set(b, &p, 3, EVBUFFER_PTR_SET) == 0);
	evbuffer_drain(b, 5);
	CHECK(evbuffer_copyout_from(b, &p, out, 1) == -1);
	CHECK(evbuffer_search(b, "x", 1, &p).pos == -1);
	CHECK(evbuffer_peek(b, -1, &p, v, 2) == 0);
	CHECK(evbuffer_ptr_set(b, &p, 1, EVBUFFER_PTR_ADD) == -1 && p.pos == -1);
	CHECK(evbuffer_copyout_from(b, &p, out, 1) == -1);
	evbuffer_add(b, "abcdef", 6);
	evbuffer_ptr_set(b, &p, 2, EVBUFFER_PTR_SET);
	evbuffer_add(c, "other", 5);
	CHECK(evbuffer_copyout_from(c, &p, out, 3) == 3 && !memcmp(out, "her", 3));
	/* The end as it was is a place in the middle now. */
	evbuffer_ptr_set(b, &q, 6, EVBUFFER_PTR_SET);
	evbuffer_add(b, "ghi", 3);
	CHECK(evbuffer_copyout_from(b, &q, out, 10) == 3 && !memcmp(out, "ghi", 3));
	evbuffer_drain(b, 100);

	/* 2.2: the read limit. */
	CHECK(evbuffer_get_max_read(b) == 4096);
	CHECK(evbuffer_set_max_read(b, (size_t)INT_MAX + 1) == -1);
	CHECK(evbuffer_set_max_read(b, 10000) == 0 && evbuffer_get_max_read(b) == 10000);
	if (pipe(s))
		return 1;
	{
		char *big = calloc(1, 20000);
		CHECK(write(s[1], big, 20000) == 20000);
		free(big);
	}
	CHECK(evbuffer_read(b, s[0], -1) == 10000);
	CHECK(evbuffer_set_max_read(b, 100) == 0);
	CHECK(evbuffer_read(b, s[0], 5000) == 100);
	CHECK(evbuffer_set_max_read(b, 16384) == 0);
	CHECK(evbuffer_read(b, s[0], -1) == 9900);
	CHECK(evbuffer_get_length(b) == 20000);
	evbuffer_drain(b, 20000);

	/* 2.2: a reference from an offset on. */
	CHECK(evbuffer_add_reference_with_offset(b, text, 4, 6, gone, &one) == 0);
	CHECK(evbuffer_get_length(b) == 6 && !memcmp(evbuffer_pullup(b, -1), "456789", 6));
	evbuffer_drain(b, 5);
	CHECK(cleanups == 0);
	evbuffer_drain(b, 1);
	CHECK(cleanups == 1 && seen == text && seen_len == 10);
	CHECK(evbuffer_add_reference_with_offset(b, text, SIZE_MAX, 2, gone, &one) == -1);
	CHECK(evbuffer_add_reference_with_offset(b, text, SIZE_MAX / 2, 2, gone, &one) == -1);
	CHECK(cleanups == 1);

	/* An empty file, and one that ends early: nothing is added, the descriptor is closed. */
	{
		char name[] = "./null-XXXXXX";
		fd = mkstemp(name);
		unlink(name);
	}
	CHECK(evbuffer_add_file(b, dup(fd), 0, -1) == 0 && evbuffer_get_length(b) == 0);
	CHECK(evbuffer_add_file(b, dup(fd), 0, 0) == 0 && evbuffer_get_length(b) == 0);
	CHECK(write(fd, "0123456789", 10) == 10);
	CHECK(evbuffer_add_file(b, dup(fd), 10, -1) == 0 && evbuffer_get_length(b) == 0);
	CHECK(evbuffer_add_file(b, dup(fd), 100, -1) == 0 && evbuffer_get_length(b) == 0);
	CHECK(evbuffer_add_file(b, dup(fd), 4, -1) == 0 && evbuffer_get_length(b) == 6);
	CHECK(!memcmp(evbuffer_pullup(b, -1), "456789", 6));
	evbuffer_drain(b, 100);

	/* Bytes of a file that was to go by sendfile, wanted after all. */
	evbuffer_set_flags(b, EVBUFFER_FLAG_DRAINS_TO_FD);
	CHECK(evbuffer_add_file(b, dup(fd), 2, 8) == 0);
	evbuffer_add(b, "\n", 1);
	CHECK(evbuffer_search(b, "678", 3, NULL).pos == 4);
	CHECK(evbuffer_copyout(b, out, 20) == 9 && !memcmp(out, "23456789\n", 9));
	evbuffer_clear_flags(b, EVBUFFER_FLAG_DRAINS_TO_FD);
	CHECK(evbuffer_remove_buffer(b, c, 3) == 3);
	CHECK(evbuffer_peek(b, -1, NULL, v, 2) == 2 && v[0].iov_len == 5 && !memcmp(v[0].iov_base, "56789", 5));
	line = evbuffer_readln(b, &n, EVBUFFER_EOL_LF);
	CHECK(line && n == 5 && !strcmp(line, "56789"));
	free(line);
	CHECK(evbuffer_remove(c, out, 20) == 8 && !memcmp(out, "other234", 8));
	/* A target that takes no file. */
	evbuffer_set_flags(b, EVBUFFER_FLAG_DRAINS_TO_FD);
	CHECK(evbuffer_add_file(b, dup(fd), 0, 10) == 0);
	{
		char name[] = "./append-XXXXXX";
		int target = mkstemp(name);
		unlink(name);
		fcntl(target, F_SETFL, O_APPEND);
		CHECK(evbuffer_write(b, target) == 10 && evbuffer_get_length(b) == 0);
		close(target);
	}
	close(fd);
	close(s[0]);
	close(s[1]);
	evbuffer_free(b);
	evbuffer_free(c);
	printf("%d failures\n", failures);
	return failures != 0;
}
