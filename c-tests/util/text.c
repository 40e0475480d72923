/* Strings and numbers: snprintf, strtoll, comparison without case, dates, error texts. */
#include <errno.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <event2/util.h>

static int print(char *buf, size_t len, const char *fmt, ...)
{
    va_list ap;
    int r;
    va_start(ap, fmt);
    r = evutil_vsnprintf(buf, len, fmt, ap);
    va_end(ap);
    return r;
}

static int sign(int x)
{
    return (x > 0) - (x < 0);
}

int main(void)
{
    char buf[64];
    size_t len;
    int i;
    const char *numbers[] = { "12", "-12", "  7", "0x1f", "077", "9223372036854775807",
        "-9223372036854775808", "9223372036854775808", "-9223372036854775809", "12abc", "abc", "", "+5" };
    const int bases[] = { 10, 0, 16 };
    static const struct { const char *a, *b; size_t n; } pairs[] = {
        { "abc", "ABC", 3 }, { "abc", "abd", 2 }, { "abc", "abd", 3 }, { "abc", "ab", 3 }, { "abc", "ab", 2 },
        { "", "", 5 }, { "", "a", 5 }, { "a", "", 0 }, { "[", "{", 1 }, { "@", "`", 1 }, { "Z", "a", 1 },
        { "\xc4", "\xe4", 1 }, { "a", "\xe4", 1 }, { "_", "A", 1 },
    };

    for (len = 0; len <= 8; len++) {
        int r;
        memset(buf, 'z', sizeof(buf));
        r = evutil_snprintf(buf, len, "%s=%d", "ab", 42);
        printf("snprintf %d: %d '%s' %c\n", (int)len, r, len ? buf : "", buf[len]);
        memset(buf, 'z', sizeof(buf));
        r = print(buf, len, "%d-%s", 7, "xyz");
        printf("vsnprintf %d: %d '%s' %c\n", (int)len, r, len ? buf : "", buf[len]);
    }
    printf("%d", evutil_snprintf(buf, sizeof(buf), "%d %ld %lld %s %c %5.2f %x %zu", 1, -2L, 3LL, "four",
        '5', 6.5, 0x77, (size_t)8));
    printf(" %s\n", buf);
    printf("%d", evutil_snprintf(buf, sizeof(buf), "%f %f %f %f %f %f %f %f %f %d %d %d %d %d %d", 1., 2., 3.,
        4., 5., 6., 7., 8., 9., 1, 2, 3, 4, 5, 6));
    printf(" %s\n", buf);

    for (i = 0; i < (int)(sizeof(numbers) / sizeof(numbers[0])); i++) {
        int b;
        for (b = 0; b < 3; b++) {
            char *end;
            long long v;
            errno = 0;
            v = evutil_strtoll(numbers[i], &end, bases[b]);
            printf("strtoll '%s' base %d: %lld, rest '%s' errno %d\n", numbers[i], bases[b], v, end, errno);
        }
    }
    printf("%lld\n", (long long)evutil_strtoll("99", NULL, 10));

    setlocale(LC_ALL, "");
    for (i = 0; i < (int)(sizeof(pairs) / sizeof(pairs[0])); i++)
        printf("case %d %d %d\n", i, sign(evutil_ascii_strcasecmp(pairs[i].a, pairs[i].b)),
            sign(evutil_ascii_strncasecmp(pairs[i].a, pairs[i].b, pairs[i].n)));

    for (i = 0; i < 12; i++) {
        struct tm tm;
        int r;
        memset(&tm, 0, sizeof(tm));
        tm.tm_year = 94 + i * 13;
        tm.tm_mon = i;
        tm.tm_mday = i + 1;
        tm.tm_wday = i % 7;
        tm.tm_hour = i * 2;
        tm.tm_min = i * 5;
        tm.tm_sec = i;
        r = evutil_date_rfc1123(buf, sizeof(buf), &tm);
        printf("date %d '%s'\n", r, buf);
        r = evutil_date_rfc1123(buf, i * 3, &tm);
        printf("date in %d: %d '%s'\n", i * 3, r, i ? buf : "");
    }
    {
        struct tm tm;
        memset(&tm, 0, sizeof(tm));
        tm.tm_year = 20000;
        printf("%d", evutil_date_rfc1123(buf, sizeof(buf), &tm));
        printf(" '%s'\n", buf);
        tm.tm_year = -1895;
        printf("%d", evutil_date_rfc1123(buf, sizeof(buf), &tm));
        printf(" '%s'\n", buf);
    }
    {
        /* NULL is now; the text is what the system makes of the same second. */
        char want[64];
        int tries;
        for (tries = 0; tries < 5; tries++) {
            time_t t = time(NULL);
            strftime(want, sizeof(want), "%a, %d %b %Y %H:%M:%S GMT", gmtime(&t));
            evutil_date_rfc1123(buf, sizeof(buf), NULL);
            if (!strcmp(buf, want))
                break;
        }
        printf("now: %s\n", strcmp(buf, want) ? buf : "right");
    }
    for (i = 3; i > -15; i--)
        printf("gai %d %s\n", i, evutil_gai_strerror(i));
    printf("gai cancel %s\n", evutil_gai_strerror(EVUTIL_EAI_CANCEL));
    printf("gai other %s\n", evutil_gai_strerror(-4711));
    return 0;
}
