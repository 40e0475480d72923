/* event2/thread.h: how the library locks, for programs with threads.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_THREAD_H_INCLUDED_
#define EVENT2_THREAD_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>

#ifdef __cplusplus
extern "C" {
#endif

struct timeval;

/** A recursive lock: the kind libevent uses everywhere. */
#define EVTHREAD_LOCKTYPE_RECURSIVE 1
/** Waiting for a lock for reading. */
#define EVTHREAD_READ 8
/** Waiting for a lock for writing. */
#define EVTHREAD_WRITE 4
/** Taking a lock only if that needs no waiting. */
#define EVTHREAD_TRY 16
/** The version of `struct evthread_lock_callbacks`. */
#define EVTHREAD_LOCK_API_VERSION 1
/** The version of `struct evthread_condition_callbacks`. */
#define EVTHREAD_CONDITION_API_VERSION 1
/** A lock with readers and writers; nothing here asks for one. */
#define EVTHREAD_LOCKTYPE_READWRITE 2
/** `evthread_use_pthreads` is there. */
#define EVTHREAD_USE_PTHREADS_IMPLEMENTED 1
/** `evthread_use_pthreads_with_flags`: locks pass on the priority of who waits (since 2.2). */
#define EVTHREAD_PTHREAD_PRIO_INHERIT 1

/** The functions libevent uses to handle locks (`evthread_set_lock_callbacks`). */
struct evthread_lock_callbacks {
    /** The version of this API: `EVTHREAD_LOCK_API_VERSION`. */
    int lock_api_version;
    /** Which kinds of lock are supported, a bit mask of `EVTHREAD_LOCKTYPE_*`. */
    unsigned int supported_locktypes;
    /** Makes a lock of the given kind; null on failure. */
    void *(*alloc)(unsigned int locktype);
    /** Frees a lock of the given kind. */
    void (*free)(void *lock, unsigned int locktype);
    /** Takes a lock; 0 on success. */
    int (*lock)(unsigned int mode, void *lock);
    /** Releases a lock; 0 on success. */
    int (*unlock)(unsigned int mode, void *lock);
};

/** The functions libevent uses to handle conditions (`evthread_set_condition_callbacks`). */
struct evthread_condition_callbacks {
    /** The version of this API: `EVTHREAD_CONDITION_API_VERSION`. */
    int condition_api_version;
    /** Makes a condition; `condtype` is 0. */
    void *(*alloc_condition)(unsigned int condtype);
    /** Frees a condition. */
    void (*free_condition)(void *cond);
    /** Wakes one waiting thread, or all of them; 0 on success. */
    int (*signal_condition)(void *cond, int broadcast);
    /** Waits with `lock` released; 0 when signalled, 1 on timeout, -1 on error. */
    int (*wait_condition)(void *cond, void *lock, const struct timeval *timeout);
};

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_THREAD_H_INCLUDED_ */
