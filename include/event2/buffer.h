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
struct evbuffer_cb_info;
struct evbuffer_file_segment;
struct evbuffer_ptr_internal;
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

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_BUFFER_H_INCLUDED_ */
