/*
 * The variables that each thread has of its own: without std, stable Rust has none. The layout is
 * that of Local in thread.rs.
 */
#include <stddef.h>

struct local {
    size_t callback_locks;
    void *headers, *arena;
};

__attribute__((visibility("hidden"))) struct local *evrs_shim_thread(void)
{
    static __thread struct local local;
    return &local;
}
