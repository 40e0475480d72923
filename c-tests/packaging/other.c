/* A program with evrs and another Rust static library in it. */
#include <event2/buffer.h>
#include <stdio.h>

int other_sum(int n);

int main(void)
{
    struct evbuffer *b = evbuffer_new();

    if (!b || evbuffer_add_printf(b, "%d", other_sum(100)) != 4)
        return 1;
    printf("%s\n", (const char *)evbuffer_pullup(b, 4) ? "4950" : "");
    evbuffer_free(b);
    return 0;
}
