/* event2/buffer.h: evbuffers: queues of bytes.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_BUFFER_H_INCLUDED_
#define EVENT2_BUFFER_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <stdarg.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <event2/util.h>

/* A piece of an evbuffer's memory: the system's own structure. */
#define evbuffer_iovec iovec
#define EVBUFFER_IOVEC_IS_NATIVE_

#ifdef __cplusplus
extern "C" {
#endif

struct evbuffer;
struct evbuffer_cb_entry;
struct evbuffer_cb_info;
struct evbuffer_file_segment;
struct evbuffer_ptr;
struct evbuffer_ptr_internal;
struct event_base;
struct iovec;

/**
 * Bytes are only ever taken out of this buffer by writing them to a descriptor
 * (`evbuffer_set_flags`): data may stay in the kernel, as with `sendfile`.
 */
#define EVBUFFER_FLAG_DRAINS_TO_FD 1
/** The descriptor is closed when the file segment dies. */
#define EVBUF_FS_CLOSE_ON_FREE 1
/** The file is never mapped into memory. */
#define EVBUF_FS_DISABLE_MMAP 2
/** The file is never sent with `sendfile`. */
#define EVBUF_FS_DISABLE_SENDFILE 4
/** The segment takes no lock: only one thread ever uses it. */
#define EVBUF_FS_DISABLE_LOCKING 8
/** The callback is called (`evbuffer_cb_set_flags`); set from the start. */
#define EVBUFFER_CB_ENABLED 1

/** What ends a line. */
enum evbuffer_eol_style {
    /** Any sequence of CR and LF characters; for old protocols only. */
    EVBUFFER_EOL_ANY = 0,
    /** An LF, optionally with one CR before it. */
    EVBUFFER_EOL_CRLF = 1,
    /** A CR and an LF, nothing less. */
    EVBUFFER_EOL_CRLF_STRICT = 2,
    /** An LF. */
    EVBUFFER_EOL_LF = 3,
    /** A NUL byte. */
    EVBUFFER_EOL_NUL = 4
};

/** How `evbuffer_ptr_set` moves a position. */
enum evbuffer_ptr_how {
    /** To the given offset from the start of the buffer. */
    EVBUFFER_PTR_SET = 0,
    /** Forward by the given number of bytes. */
    EVBUFFER_PTR_ADD = 1
};

/** Where a position lies in the chain (private). */
struct evbuffer_ptr_internal {
    /** Private. */
    void *chain;
    /** Private. */
    size_t pos_in_chain;
};

/** A position in an evbuffer. Any change of the buffer makes it invalid. */
struct evbuffer_ptr {
    /** The offset from the start of the buffer; -1 when nothing was found. Read-only. */
    ssize_t pos;
    /** Private. */
    struct evbuffer_ptr_internal internal_;
};

/** What has changed since a callback was last called. */
struct evbuffer_cb_info {
    /** The length of the buffer at the last call. */
    size_t orig_size;
    /** The number of bytes added since. */
    size_t n_added;
    /** The number of bytes removed since. */
    size_t n_deleted;
};

/** Called when a buffer with data added by reference is done with that data. */
typedef void (*evbuffer_ref_cleanup_cb)(const void *data, size_t datalen, void *extra);

/** Called when a file segment is about to die. */
typedef void (*evbuffer_file_segment_cleanup_cb)(const struct evbuffer_file_segment *segment,
                                                 int flags,
                                                 void *arg);

/** Called when the content of a buffer has changed. */
typedef void (*evbuffer_cb_func)(struct evbuffer *buffer,
                                 const struct evbuffer_cb_info *info,
                                 void *arg);

/**
 * Makes an empty evbuffer.
 *
 * Returns it, to be freed with `evbuffer_free`, or NULL without memory.
 */
struct evbuffer *evbuffer_new(void);

/**
 * Frees an evbuffer and what is in it; NULL is ignored.
 *
 * Cleanup functions of references that are in use nowhere else are called now. Callbacks are not
 * called any more, not even deferred ones. A buffer may be freed from within its own callbacks.
 */
void evbuffer_free(struct evbuffer *buf);

/**
 * Lets several threads use the evbuffer at once.
 *
 * `lock` is a recursive lock made by the program's lock functions, which has to outlive the
 * buffer, or NULL to have one made. The lock is held while callbacks run.
 *
 * Returns 0, or -1 when the buffer has a lock already or none can be made: `evthread_use_pthreads`
 * or `evthread_set_lock_callbacks` come first.
 */
int evbuffer_enable_locking(struct evbuffer *buf,
                            void *lock);

/**
 * Takes the evbuffer's lock, for several operations that belong together. Does nothing when
 * locking is not enabled. The lock is recursive.
 */
void evbuffer_lock(struct evbuffer *buf);

/** Releases the lock that `evbuffer_lock` took. */
void evbuffer_unlock(struct evbuffer *buf);

/**
 * Sets flags of an evbuffer: `EVBUFFER_FLAG_DRAINS_TO_FD` promises that data leaves the buffer
 * only by being written to a descriptor, so that files added to it need not be read. Other bits
 * are ignored.
 *
 * Returns 0, or -1 for NULL.
 */
int evbuffer_set_flags(struct evbuffer *buf, uint64_t flags);

/**
 * Clears flags that `evbuffer_set_flags` has set.
 *
 * Returns 0, or -1 for NULL.
 */
int evbuffer_clear_flags(struct evbuffer *buf, uint64_t flags);

/** The number of bytes in an evbuffer; 0 for NULL. */
size_t evbuffer_get_length(const struct evbuffer *buf);

/**
 * How many bytes at the front lie in one piece: so many can be looked at with `evbuffer_pullup`
 * without a copy. 0 for an empty buffer.
 */
size_t evbuffer_get_contiguous_space(const struct evbuffer *buf);

/**
 * Refuses changes at one end: at the front (`at_front` not 0) `evbuffer_drain`, `_remove`,
 * `_prepend`, `_write` and the like fail, at the back everything that appends.
 *
 * Returns 0, or -1 for NULL.
 */
int evbuffer_freeze(struct evbuffer *buf, int at_front);

/**
 * Allows changes at one end again.
 *
 * Returns 0, or -1 for NULL.
 */
int evbuffer_unfreeze(struct evbuffer *buf, int at_front);

/**
 * Appends a copy of `datlen` bytes, which may be bytes of the buffer itself.
 *
 * Returns 0, or -1 when the end is frozen, without memory, or when the length is not possible.
 */
int evbuffer_add(struct evbuffer *buf, const void *data, size_t datlen);

/**
 * Appends copies of all pieces.
 *
 * Returns the number of bytes appended: less than all, down to 0, when the end is frozen or
 * without memory.
 */
size_t evbuffer_add_iovec(struct evbuffer *buffer, struct evbuffer_iovec *vec, int n_vec);

/**
 * Appends text formatted as by `printf`, without a final NUL.
 *
 * Returns its length, or -1 as `evbuffer_add` and when the format is wrong.
 */
int evbuffer_add_printf(struct evbuffer *buf, const char *fmt, ...) EVRS_PRINTF(2,3);

/** As `evbuffer_add_printf`, with the arguments in a `va_list`, which is only copied from. */
int evbuffer_add_vprintf(struct evbuffer *buf, const char *fmt, va_list ap) EVRS_PRINTF(2,0);

/**
 * Puts a copy of `size` bytes before the first byte.
 *
 * Returns 0, or -1 when the front is frozen, without memory, or when the length is not possible.
 */
int evbuffer_prepend(struct evbuffer *buf,
                     const void *data,
                     size_t size);

/**
 * Removes `len` bytes from the front, or all if there are fewer.
 *
 * Returns 0, or -1 when the front is frozen (of an empty buffer too there is nothing to remove: 0).
 */
int evbuffer_drain(struct evbuffer *buf,
                   size_t len);

/**
 * Takes up to `datlen` bytes out of the front.
 *
 * Returns how many it were (0 for an empty buffer), or -1 when the front is frozen.
 */
int evbuffer_remove(struct evbuffer *buf, void *data, size_t datlen);

/**
 * Moves up to `datlen` bytes from the front of `src` to the end of `dst`, whole blocks without
 * a copy.
 *
 * Callbacks of `dst` are called before those of `src`, unless all of `src` is moved.
 *
 * Returns how many bytes it were (0 when both are the same buffer), or -1 when the front of `src`
 * or the end of `dst` is frozen.
 */
int evbuffer_remove_buffer(struct evbuffer *src,
                           struct evbuffer *dst,
                           size_t datlen);

/**
 * Moves everything from `inbuf` to the end of `outbuf` without a copy.
 *
 * Callbacks of `inbuf` are called before those of `outbuf`. Moving a buffer to itself, or an empty
 * one, changes nothing.
 *
 * Returns 0, or -1 when the front of `inbuf` or the end of `outbuf` is frozen.
 */
int evbuffer_add_buffer(struct evbuffer *outbuf,
                        struct evbuffer *inbuf);

/**
 * Moves everything from `src` to the front of `dst` without a copy. The rest is as for
 * `evbuffer_add_buffer`, with both fronts in the place of front and end.
 */
int evbuffer_prepend_buffer(struct evbuffer *dst, struct evbuffer *src);

/**
 * Registers a callback: whenever bytes are added or removed, it is called with what has changed
 * since its last call. The newest callback is called first.
 *
 * A callback may use the buffer, free it, and add and remove callbacks, itself included. What it
 * changes calls the callbacks again, from within. The buffer's lock, if it has one, is held.
 *
 * Returns a handle for the functions below, or NULL without memory. A NULL `cb` removes all
 * callbacks, and returns NULL.
 */
struct evbuffer_cb_entry *evbuffer_add_cb(struct evbuffer *buffer,
                                          evbuffer_cb_func cb,
                                          void *cbarg);

/**
 * Removes a callback by its handle.
 *
 * Returns 0, or -1 when the buffer has no such callback.
 */
int evbuffer_remove_cb_entry(struct evbuffer *buffer, struct evbuffer_cb_entry *ent);

/**
 * Removes the newest callback that was registered with this function and argument.
 *
 * Returns 0, or -1 when there is none.
 */
int evbuffer_remove_cb(struct evbuffer *buffer, evbuffer_cb_func cb, void *cbarg);

/**
 * Sets flags of a callback: `EVBUFFER_CB_ENABLED`, set from the start, has it called at all.
 *
 * Returns 0, or -1 for NULL.
 */
int evbuffer_cb_set_flags(struct evbuffer *buffer,
                          struct evbuffer_cb_entry *cb,
                          uint32_t flags);

/**
 * Clears flags of a callback. What changes while it is disabled it is never told.
 *
 * Returns 0, or -1 for NULL.
 */
int evbuffer_cb_clear_flags(struct evbuffer *buffer,
                            struct evbuffer_cb_entry *cb,
                            uint32_t flags);

/**
 * Calls the callbacks of a buffer from the loop of `base` instead of at once: once for all changes
 * since the last call. Callbacks that have `EVBUFFER_CB_ENABLED << 1` set are still called at once.
 *
 * Returns 0, or -1 for NULL or without memory.
 */
int evbuffer_defer_callbacks(struct evbuffer *buffer,
                             struct event_base *base);

/**
 * Makes the first `size` bytes contiguous, or all for a negative `size`.
 *
 * Bytes that lie in one piece already are not copied; what was added by reference is copied when
 * it has to be joined with something.
 *
 * Returns where they are, or NULL when there are fewer than `size`, for a `size` of 0, for an empty
 * buffer, and without memory.
 */
unsigned char *evbuffer_pullup(struct evbuffer *buf,
                               ssize_t size);

/**
 * Makes room for `datlen` bytes in one piece at the end, so that appending so many needs no
 * memory. Works on a frozen buffer as well.
 *
 * Returns 0, or -1 without memory or when the length is not possible.
 */
int evbuffer_expand(struct evbuffer *buf, size_t datlen);

/**
 * Offers room at the end for the program to write into, `size` bytes or more.
 *
 * `vec` gets up to `n_vec` pieces; one is contiguous, two or more save memory. What is written
 * there becomes content with `evbuffer_commit_space`. Nothing else may be done with the buffer in
 * between; asking again offers the same room.
 *
 * Returns the number of pieces used, or -1 when the end is frozen, for an `n_vec` below 1, a
 * negative `size`, and without memory.
 */
int evbuffer_reserve_space(struct evbuffer *buf,
                           ssize_t size,
                           struct evbuffer_iovec *vec,
                           int n_vec);

/**
 * Appends what the program has written into reserved room.
 *
 * `vec` has the pieces of `evbuffer_reserve_space`, in order, with `iov_len` set to what was
 * written; pieces at the end may be left out.
 *
 * Returns 0, or -1 when the end is frozen or the pieces are not the buffer's room.
 */
int evbuffer_commit_space(struct evbuffer *buf, struct evbuffer_iovec *vec, int n_vecs);

/**
 * Shows the content without copying or moving it.
 *
 * `vec_out` gets pieces from `start_at` (NULL: the front) on, until `len` bytes are shown, all
 * `n_vec` pieces are used, or the content ends. The last piece may go beyond `len`. With a negative
 * `len`, as much as fits is shown.
 *
 * Returns the number of pieces: those used, or, with `len` given or with `n_vec` 0, those that
 * would be needed, which may be more than `n_vec`.
 */
int evbuffer_peek(struct evbuffer *buffer,
                  ssize_t len,
                  struct evbuffer_ptr *start_at,
                  struct evbuffer_iovec *vec_out,
                  int n_vec);

/**
 * Reads from a descriptor to the end of a buffer, with one system call.
 *
 * At most `howmuch` bytes are read, and in any case not more than the buffer's limit of 4096, which
 * `evbuffer_set_max_read` changes. A negative `howmuch` means the limit.
 *
 * Returns the number of bytes, 0 at the end of the file, or -1: when the end of the buffer is
 * frozen, without memory, or with the reason in `errno` (`EAGAIN`: nothing there now).
 */
int evbuffer_read(struct evbuffer *buffer,
                  evutil_socket_t fd,
                  int howmuch);

/**
 * Writes the content to a descriptor with one system call, and removes what was written.
 *
 * Returns as `evbuffer_write_atmost`.
 */
int evbuffer_write(struct evbuffer *buffer, evutil_socket_t fd);

/**
 * As `evbuffer_write`, but at most `howmuch` bytes; all for a negative `howmuch`.
 *
 * Returns the number of bytes written, or -1: for an empty buffer, for a `howmuch` of 0, when the
 * front is frozen, or with the reason in `errno` (`EAGAIN`: not now).
 */
int evbuffer_write_atmost(struct evbuffer *buffer,
                          evutil_socket_t fd,
                          ssize_t howmuch);

/**
 * Sets how much one `evbuffer_read` reads at most; 4096 at first. (Since libevent 2.2.)
 *
 * Returns 0, or -1 when `max` is more than `INT_MAX`.
 */
int evbuffer_set_max_read(struct evbuffer *buf, size_t max);

/** How much one `evbuffer_read` reads at most. (Since libevent 2.2.) */
size_t evbuffer_get_max_read(struct evbuffer *buf);

/**
 * Appends `datlen` bytes of the program's memory without copying them.
 *
 * The memory has to stay as it is until the last buffer is done with it; then `cleanupfn`, unless
 * NULL, is called once, with `data`, `datlen` and `cleanupfn_arg`. That may happen within any
 * operation on a buffer, with the buffer locked. A `datlen` of 0 is allowed.
 *
 * Returns 0, or -1 when the end is frozen or without memory; then `cleanupfn` is not called.
 */
int evbuffer_add_reference(struct evbuffer *outbuf,
                           const void *data,
                           size_t datlen,
                           evbuffer_ref_cleanup_cb cleanupfn,
                           void *cleanupfn_arg);

/**
 * As `evbuffer_add_reference`, for the `datlen` bytes from `offset` on: `cleanupfn` gets `data`
 * itself, and the length `offset + datlen`. (Since libevent 2.2.)
 */
int evbuffer_add_reference_with_offset(struct evbuffer *outbuf,
                                       const void *data,
                                       size_t offset,
                                       size_t datlen,
                                       evbuffer_ref_cleanup_cb cleanupfn,
                                       void *cleanupfn_arg);

/**
 * Appends the content of `inbuf` to `outbuf` by reference: both have it, the memory is shared.
 *
 * `inbuf` may be drained, changed and freed independently. Content that was itself added by this
 * function, or is a file, cannot be referenced again.
 *
 * Returns 0 (also when `inbuf` is empty), or -1 for such content, when the end of `outbuf` is
 * frozen, when both are the same buffer, and without memory.
 */
int evbuffer_add_buffer_reference(struct evbuffer *outbuf,
                                  struct evbuffer *inbuf);

/**
 * Appends `length` bytes of file `fd` from `offset` on; -1 for all up to the end of the file.
 *
 * The buffer takes over the descriptor and closes it when it is done. A file that ends at `offset`
 * adds nothing, and its descriptor is closed at once.
 *
 * Returns 0, or -1 when the end is frozen, when the range is not possible, when the file cannot be
 * read, and without memory; then the descriptor stays the caller's.
 */
int evbuffer_add_file(struct evbuffer *outbuf,
                      int fd,
                      off_t offset,
                      off_t length);

/**
 * Makes a file segment: `length` bytes of file `fd` from `offset` on, -1 for all up to the end of
 * the file. It can be added to any number of buffers, any number of times.
 *
 * `flags` has any of `EVBUF_FS_*`. Without `EVBUF_FS_CLOSE_ON_FREE` the descriptor stays the
 * caller's and has to stay open as long as the segment is used. The bytes are read when somebody
 * wants to see them, or now with `EVBUF_FS_DISABLE_SENDFILE`.
 *
 * Returns the segment, to be freed with `evbuffer_file_segment_free`, or NULL when the range is not
 * possible, when the file cannot be read, and without memory.
 */
struct evbuffer_file_segment *evbuffer_file_segment_new(int fd,
                                                        off_t offset,
                                                        off_t length,
                                                        unsigned int flags);

/** Frees a file segment when no buffer uses it any more; NULL is ignored. */
void evbuffer_file_segment_free(struct evbuffer_file_segment *seg);

/**
 * Sets the function that is called, with the segment's flags and `arg`, when no buffer uses the
 * segment any more and the program has freed it: just before it is gone. NULL takes it away.
 */
void evbuffer_file_segment_add_cleanup_cb(struct evbuffer_file_segment *seg,
                                          evbuffer_file_segment_cleanup_cb cb,
                                          void *arg);

/**
 * Appends a part of a file segment: `length` bytes from `offset` within the segment on, a negative
 * `length` for the rest of it.
 *
 * With `EVBUFFER_FLAG_DRAINS_TO_FD` set on the buffer the bytes go from the file to the descriptor
 * by `sendfile`; else they are mapped, or read where that is not possible.
 *
 * Returns 0, or -1 when the end is frozen, when the segment has no such part, when the file cannot
 * be read, and without memory.
 */
int evbuffer_add_file_segment(struct evbuffer *buf,
                              struct evbuffer_file_segment *seg,
                              off_t offset,
                              off_t length);

/**
 * Copies up to `datlen` bytes from the front; they stay in the buffer.
 *
 * Returns how many it were, or -1 when the front is frozen.
 */
ssize_t evbuffer_copyout(struct evbuffer *buf, void *data_out, size_t datlen);

/**
 * As `evbuffer_copyout`, from position `pos` (NULL: the front) on.
 *
 * Returns how many bytes it were, or -1 when the front is frozen or there is no such position.
 */
ssize_t evbuffer_copyout_from(struct evbuffer *buf,
                              const struct evbuffer_ptr *pos,
                              void *data_out,
                              size_t datlen);

/**
 * Sets a position to `position` bytes from the front (`EVBUFFER_PTR_SET`) or moves it so many
 * bytes on (`EVBUFFER_PTR_ADD`). Directly behind the last byte is a position as well.
 *
 * Returns 0, or -1 and a position of -1 when there are not so many bytes.
 */
int evbuffer_ptr_set(struct evbuffer *buffer,
                     struct evbuffer_ptr *ptr,
                     size_t position,
                     enum evbuffer_ptr_how how);

/**
 * Searches for `len` bytes, from position `start` (NULL: the front) on.
 *
 * Returns the position of the first occurrence, or -1 in `pos`. Nothing (`len` 0) is found at
 * once.
 */
struct evbuffer_ptr evbuffer_search(struct evbuffer *buffer,
                                    const char *what,
                                    size_t len,
                                    const struct evbuffer_ptr *start);

/**
 * As `evbuffer_search`, for an occurrence that ends at or before position `end` (NULL: the end of
 * the buffer).
 */
struct evbuffer_ptr evbuffer_search_range(struct evbuffer *buffer,
                                          const char *what,
                                          size_t len,
                                          const struct evbuffer_ptr *start,
                                          const struct evbuffer_ptr *end);

/**
 * Searches for the end of a line, from position `start` (NULL: the front) on.
 *
 * Returns its position, or -1 in `pos`; `eol_len_out`, unless NULL, gets the length of what ends the
 * line, or 0.
 */
struct evbuffer_ptr evbuffer_search_eol(struct evbuffer *buffer,
                                        struct evbuffer_ptr *start,
                                        size_t *eol_len_out,
                                        enum evbuffer_eol_style eol_style);

/**
 * Takes a line out of the front.
 *
 * What ends it, as `eol_style` says, is removed and not part of the result; a NUL is added.
 * `n_read_out`, unless NULL, gets the length, which is the better measure: a line may have NULs in
 * it.
 *
 * Returns the line, to be freed by the caller with `free` (or the function given to
 * `event_set_mem_functions`), or NULL when there is no complete line, when the front is frozen, and
 * without memory.
 */
char *evbuffer_readln(struct evbuffer *buffer,
                      size_t *n_read_out,
                      enum evbuffer_eol_style eol_style);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFER_H_INCLUDED_ */
