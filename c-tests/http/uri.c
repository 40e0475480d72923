/* URIs, queries, escapes (checklist 15). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

static const char *
s(const char *p)
{
	return p ? p : "(null)";
}

static void
show(const char *text, unsigned flags)
{
	char buf[200];
	struct evhttp_uri *u = evhttp_uri_parse_with_flags(text, flags);
	printf("%s [%u]: ", text, flags);
	if (!u) {
		printf("refused\n");
		return;
	}
	printf("scheme=%s userinfo=%s host=%s port=%d path=%s query=%s fragment=%s", s(evhttp_uri_get_scheme(u)),
	    s(evhttp_uri_get_userinfo(u)), s(evhttp_uri_get_host(u)), evhttp_uri_get_port(u),
	    s(evhttp_uri_get_path(u)), s(evhttp_uri_get_query(u)), s(evhttp_uri_get_fragment(u)));
	memset(buf, 'x', sizeof buf);
	printf(" joined=%s\n", s(evhttp_uri_join(u, buf, sizeof buf)));
	{
		size_t n = strlen(text);
		printf("  room %lu: %d, less: %d, none: %d\n", (unsigned long)n + 1, evhttp_uri_join(u, buf, n + 1) != NULL,
		    evhttp_uri_join(u, buf, n ? n - 1 : 0) != NULL, evhttp_uri_join(u, buf, 0) != NULL);
	}
	evhttp_uri_free(u);
}

static void
parsing(void)
{
	static const char *const texts[] = { "", "/", "//", "a", "a:b:c", "http://h", "http://h/", "http://h:80/p?q#f",
		"http://u:p@h:1/", "http://@h/", "http://u@/x", "http://h:/", "http://h:0/", "http://h:65535/",
		"http://h:65536/", "http://h:99999999999/", "http://h:8a/", "http://h:-1/", "http://h: 1/", "//h:80",
		"//h?q", "//h#f", "//[::1]", "//[::1]:8080/x", "//[::1", "//[::1]x/", "//[::1]:x/", "//[g::]/",
		"//[1.2.3.4]/", "//[::ffff:1.2.3.4]/", "//[v1.a:b]/", "//[v.a]/", "//[vx.a]/", "//[]/", "//1.2.3.4/",
		"/a b", "/a%20b", "/a%zz", "/a%2", "/a?b c", "/a#b c", "/a#b#c", "/a?b?c", "/a?b/c", "/a[b", "/a|b",
		"/a\\b", "/a\"b", "/a<b>", "/\x80", "/a\tb", "x:y/z", "x:", ":x", "1x:y", "x+y-z.9:a", "x_y:a", "./a:b", "a/b:c",
		"../a", "?", "#", "?#", "file:///etc/motd", "mailto:user@example.com", "http:///x", "http:/x", "http:x",
		"///x", "/x//y", "//u@v@h/", "//h%41/", "//h%/", "//h!$&'()*+,;=/", "/!$&'()*+,;=:@", "~", "*", "http://h:80:80/",
		"h:80", "a@b", "//:80/", "//u@:80/x" };
	size_t i;
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		show(texts[i], 0);
		show(texts[i], EVHTTP_URI_NONCONFORMANT);
	}
}

static void
setters(void)
{
	struct evhttp_uri *u = evhttp_uri_new();
	char buf[200];
	static const char *const texts[] = { "", "a", "a b", "a/b", "/a", "a?b", "a#b", "a:b", "[::1]", "[x]", "%41", "%4", "1a", "a@b" };
	size_t i;
	printf("new: %s %s %d %s %s\n", s(evhttp_uri_get_scheme(u)), s(evhttp_uri_get_host(u)), evhttp_uri_get_port(u),
	    s(evhttp_uri_get_path(u)), s(evhttp_uri_join(u, buf, sizeof buf)));
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		const char *t = texts[i];
		printf("[%s] ", t);
		/* The reference looks at the first character of an empty scheme's end. */
		printf("scheme %d ", *t ? evhttp_uri_set_scheme(u, t) : -1);
		printf("userinfo %d host %d path %d query %d fragment %d\n", evhttp_uri_set_userinfo(u, t),
		    evhttp_uri_set_host(u, t), evhttp_uri_set_path(u, t), evhttp_uri_set_query(u, t),
		    evhttp_uri_set_fragment(u, t));
	}
	printf("port %d %d %d %d %d\n", evhttp_uri_set_port(u, -2), evhttp_uri_set_port(u, -1), evhttp_uri_set_port(u, 0),
	    evhttp_uri_set_port(u, 65536), evhttp_uri_get_port(u));
	evhttp_uri_set_scheme(u, "http");
	evhttp_uri_set_userinfo(u, "u");
	evhttp_uri_set_host(u, "h");
	evhttp_uri_set_port(u, 8);
	evhttp_uri_set_path(u, "/p");
	evhttp_uri_set_query(u, "q");
	evhttp_uri_set_fragment(u, "f");
	printf("%s\n", s(evhttp_uri_join(u, buf, sizeof buf)));
	evhttp_uri_set_path(u, "p");
	printf("relative path with host: %s\n", s(evhttp_uri_join(u, buf, sizeof buf)));
	evhttp_uri_set_host(u, NULL);
	printf("%s\n", s(evhttp_uri_join(u, buf, sizeof buf)));
	evhttp_uri_set_scheme(u, NULL);
	evhttp_uri_set_userinfo(u, NULL);
	evhttp_uri_set_path(u, NULL);
	evhttp_uri_set_query(u, NULL);
	evhttp_uri_set_fragment(u, NULL);
	printf("all gone: [%s]\n", s(evhttp_uri_join(u, buf, sizeof buf)));
	evhttp_uri_set_flags(u, EVHTTP_URI_NONCONFORMANT);
	printf("nonconformant %d %d %d %d\n", evhttp_uri_set_path(u, "a b"), evhttp_uri_set_query(u, "a b"),
	    evhttp_uri_set_path(u, "a?b"), evhttp_uri_set_host(u, "a b"));
	evhttp_uri_free(u);
}

static void
escapes(void)
{
	static const char *const texts[] = { "", "abc", "a b+c", "a%20b", "a+b?c+d?e+f", "%", "%4", "%41", "%4g", "%zz", "100%",
		"%e4%F6", "az AZ09-._~!*'();:@&=+$,/?#[]", "\x01\x7f\x80\xff", "a\nb" };
	size_t i, n;
	char *p;
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		p = evhttp_encode_uri(texts[i]);
		printf("encode [%s]", p);
		free(p);
		p = evhttp_uriencode(texts[i], -1, 1);
		printf(" plus [%s]", p);
		free(p);
		p = evhttp_decode_uri(texts[i]);
		printf(" decode [%s]", p);
		free(p);
		p = evhttp_uridecode(texts[i], 0, &n);
		printf(" uri [%s] %lu", p, (unsigned long)n);
		free(p);
		p = evhttp_uridecode(texts[i], 1, NULL);
		printf(" plus [%s]\n", p);
		free(p);
	}
	p = evhttp_uriencode("a\0b", 3, 0);
	printf("with NUL: %s\n", p);
	free(p);
	p = evhttp_uriencode("abc", 0, 0);
	printf("nothing: [%s]\n", p);
	free(p);
	p = evhttp_uridecode("a%00b", 0, &n);
	printf("NUL decoded by length: %lu [%s]\n", (unsigned long)n, p);
	free(p);
	p = evhttp_htmlescape("<a href=\"x\">&'");
	printf("html %s\n", p);
	free(p);
	p = evhttp_htmlescape("");
	printf("html [%s] %s\n", p, s(evhttp_htmlescape(NULL)));
	free(p);
}

static void
queries(void)
{
	static const char *const texts[] = { "", "?", "a=b", "?a=b", "x?a=b&c=d", "?a=b&", "?a", "?=v", "?a=b&&c=d", "?a=",
		"?a=b=c", "?a=%41+b", "?%41=b", "?a=1&a=2", "?a=b?c=d", "?a=%zz", "http://h/p?q=test&s=some+thing", "?a=b#c", "?&",
		"?a=b&c" };
	size_t i;
	for (i = 0; i < sizeof texts / sizeof *texts; i++) {
		int way;
		for (way = 0; way < 2; way++) {
			struct evkeyvalq q;
			struct evkeyval *h;
			int r = way ? evhttp_parse_query_str(texts[i], &q) : evhttp_parse_query(texts[i], &q);
			printf("%s %s: %d", way ? "str" : "uri", texts[i], r);
			for (h = q.tqh_first; h; h = h->next.tqe_next)
				printf(" [%s]=[%s]", h->key, h->value);
			printf("\n");
			evhttp_clear_headers(&q);
		}
	}
}

static void
lists(void)
{
	struct evkeyvalq q = { NULL, NULL };
	struct evkeyval *h;
	q.tqh_last = &q.tqh_first;
	printf("add %d %d %d %d\n", evhttp_add_header(&q, "A", "1"), evhttp_add_header(&q, "b", ""),
	    evhttp_add_header(&q, "a", "2"), evhttp_add_header(&q, "", "x"));
	printf("refused %d %d %d %d %d\n", evhttp_add_header(&q, "x\r", "1"), evhttp_add_header(&q, "x\n", "1"),
	    evhttp_add_header(&q, "x", "1\r\nb: c"), evhttp_add_header(&q, "x", "1\n"), evhttp_add_header(&q, "x", "1\r"));
	printf("fold refused: %d\n", evhttp_add_header(&q, "x", "1\r\n 2"));
	printf("find %s %s %s %s\n", s(evhttp_find_header(&q, "a")), s(evhttp_find_header(&q, "B")), s(evhttp_find_header(&q, "zz")),
	    s(evhttp_find_header(&q, "")));
	printf("remove %d %d\n", evhttp_remove_header(&q, "a"), evhttp_remove_header(&q, "zz"));
	for (h = q.tqh_first; h; h = h->next.tqe_next)
		printf(" [%s]=[%s]", h->key, h->value);
	printf("\n");
	evhttp_remove_header(&q, "");
	evhttp_remove_header(&q, "A");
	printf("last %d\n", evhttp_remove_header(&q, "b"));
	printf("empty %d %d\n", q.tqh_first == NULL, q.tqh_last == &q.tqh_first);
	evhttp_clear_headers(&q);
	evhttp_clear_headers(&q);
	evhttp_add_header(&q, "again", "1");
	printf("%s\n", s(evhttp_find_header(&q, "AGAIN")));
	evhttp_clear_headers(&q);
}

int
main(void)
{
	parsing();
	setters();
	escapes();
	queries();
	lists();
	return 0;
}
