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

struct event_base;
struct evthread_condition_callbacks;
struct evthread_lock_callbacks;
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

/**
 * Sets the functions that make, take and release locks.
 *
 * `cbs` is copied. Setting the same functions again succeeds; other functions are refused once
 * some are set. NULL switches locking off, with a warning if it was on.
 *
 * In debug mode (`event_enable_debug_mode`), calling this after an event or a base was made ends
 * the program.
 *
 * Returns 0, or -1 when other functions are set already or one of the four is missing.
 */
int evthread_set_lock_callbacks(const struct evthread_lock_callbacks *cbs);

/**
 * Sets the functions that make, signal and wait for conditions.
 *
 * `cbs` is copied. Setting the same functions again succeeds; other functions are refused once
 * some are set. NULL forgets them, with a warning if there were some. A set in which a function is
 * missing is ignored.
 *
 * Returns 0, or -1 when other functions are set already.
 */
int evthread_set_condition_callbacks(const struct evthread_condition_callbacks *cbs);

/**
 * Sets the function that names the calling thread: two threads, two numbers.
 *
 * With NULL all threads look the same to the library.
 */
void evthread_set_id_callback(unsigned long (*id_fn)(void));

/**
 * Uses the locks, conditions and thread ids of POSIX threads.
 *
 * Calling it again changes nothing. Where other lock functions have been set before, they stay
 * and a warning is logged.
 *
 * Returns 0, or -1 when the system refuses recursive mutexes.
 */
int evthread_use_pthreads(void);

/**
 * As `evthread_use_pthreads`, with choices: `EVTHREAD_PTHREAD_PRIO_INHERIT` makes mutexes whose
 * holder inherits the priority of whoever waits. Other bits are ignored. (Since libevent 2.2.)
 *
 * Returns 0, or -1 when the system refuses such mutexes.
 */
int evthread_use_pthreads_with_flags(int flags);

/**
 * Checks every use of locks from now on, and ends the program when it finds a mistake: a lock
 * released that is not held, a lock freed while held, a wait with the wrong lock.
 *
 * To be called after the lock functions are set or before, but before any lock is made. A second
 * call does nothing.
 */
void evthread_enable_lock_debugging(void);

/** The old, misspelt name of `evthread_enable_lock_debugging`. */
void evthread_enable_lock_debuging(void);

/**
 * Makes sure that another thread or a signal handler can wake a base.
 *
 * A base made after threads were set up can be woken already; calling this again is harmless.
 *
 * Returns 0, or -1 when the kernel refuses the descriptor for it or `base` is NULL.
 */
int evthread_make_base_notifiable(struct event_base *base);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_THREAD_H_INCLUDED_ */
