/* ev.h: libev: event loops and watchers.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EV_H_
#define EV_H_

/* How declarations are spelled in C and in C++. */
#ifdef __cplusplus
# define EV_CPP(x) x
# if __cplusplus >= 201103L
#  define EV_NOEXCEPT noexcept
# else
#  define EV_NOEXCEPT throw ()
# endif
#else
# define EV_CPP(x)
# define EV_NOEXCEPT
#endif
#define EV_THROW EV_NOEXCEPT /* its name before 4.30 */

/* The switches. All of them can be set before this header is included, for the library's code is
 * the same whatever they are; those that would change what a watcher looks like or what a callback
 * is given are refused below. */

#ifndef EV_COMPAT3
# define EV_COMPAT3 1 /* the names of libev 3 */
#endif
#ifndef EV_FEATURES
# if defined __OPTIMIZE_SIZE__ && __OPTIMIZE_SIZE__
#  define EV_FEATURES 0x7c
# else
#  define EV_FEATURES 0x7f
# endif
#endif
#define EV_FEATURE_CODE     ((EV_FEATURES) &  1)
#define EV_FEATURE_DATA     ((EV_FEATURES) &  2)
#define EV_FEATURE_CONFIG   ((EV_FEATURES) &  4)
#define EV_FEATURE_API      ((EV_FEATURES) &  8)
#define EV_FEATURE_WATCHERS ((EV_FEATURES) & 16)
#define EV_FEATURE_BACKENDS ((EV_FEATURES) & 32)
#define EV_FEATURE_OS       ((EV_FEATURES) & 64)

#ifndef EV_MINPRI
# define EV_MINPRI (EV_FEATURE_CONFIG ? -2 : 0)
#endif
#ifndef EV_MAXPRI
# define EV_MAXPRI (EV_FEATURE_CONFIG ? +2 : 0)
#endif
#ifndef EV_MULTIPLICITY
# define EV_MULTIPLICITY EV_FEATURE_CONFIG
#endif

#ifndef EV_PERIODIC_ENABLE
# define EV_PERIODIC_ENABLE EV_FEATURE_WATCHERS
#endif
#ifndef EV_STAT_ENABLE
# define EV_STAT_ENABLE EV_FEATURE_WATCHERS
#endif
#ifndef EV_CHECK_ENABLE
# define EV_CHECK_ENABLE EV_FEATURE_WATCHERS
#endif
#ifndef EV_IDLE_ENABLE
# define EV_IDLE_ENABLE EV_FEATURE_WATCHERS
#endif
#ifndef EV_FORK_ENABLE
# define EV_FORK_ENABLE EV_FEATURE_WATCHERS
#endif
#ifndef EV_CLEANUP_ENABLE
# define EV_CLEANUP_ENABLE EV_FEATURE_WATCHERS
#endif
#ifndef EV_CHILD_ENABLE
# define EV_CHILD_ENABLE EV_FEATURE_WATCHERS
#endif
#ifndef EV_SIGNAL_ENABLE
# define EV_SIGNAL_ENABLE EV_FEATURE_WATCHERS
#elif EV_CHILD_ENABLE && !EV_SIGNAL_ENABLE
# undef EV_SIGNAL_ENABLE
# define EV_SIGNAL_ENABLE 1
#endif
#ifndef EV_ASYNC_ENABLE
# define EV_ASYNC_ENABLE EV_FEATURE_WATCHERS
#endif
#ifndef EV_EMBED_ENABLE
# define EV_EMBED_ENABLE EV_FEATURE_WATCHERS
#endif
#ifndef EV_WALK_ENABLE
# define EV_WALK_ENABLE 0 /* whether ev_walk is declared */
#endif
#ifndef EV_PROTOTYPES
# define EV_PROTOTYPES 1 /* whether any function is */
#endif
/* Parts of ev_embed. */
#undef EV_IO_ENABLE
#define EV_IO_ENABLE 1
#undef EV_PREPARE_ENABLE
#define EV_PREPARE_ENABLE 1

/* What no shared library can serve: a program that asks for these speaks another binary interface
 * than the library. The way out is to compile libev's own source into such a program; whoever does
 * that and still wants this header says so with EV_API_STATIC. */
#ifndef EV_API_STATIC
# if !EV_MULTIPLICITY
#  error "evrs: EV_MULTIPLICITY=0 takes the loop argument out of every call and callback, which a shared library cannot serve. Compile with EV_MULTIPLICITY=1 and pass the loop (EV_DEFAULT), or build libev's ev.c into the program."
# endif
# ifdef EV_COMMON
#  error "evrs: a custom EV_COMMON changes the layout of all watchers, which a shared library cannot serve. Put a watcher first in a structure of your own and use `data`, or build libev's ev.c into the program."
# endif
#endif
#if !defined EV_API_STATIC && defined __GNUC__
# if (EV_MINPRI) != -2 || (EV_MAXPRI) != 2
#  define EV_FOREIGN_ABI_ "evrs: other priorities than -2 to 2 change the layout of watchers: build libev's ev.c into the program"
# elif defined EV_TSTAMP_T
#  define EV_FOREIGN_ABI_ "evrs: another EV_TSTAMP_T than double changes watchers and calls: build libev's ev.c into the program"
# elif defined EV_ATOMIC_T
#  define EV_FOREIGN_ABI_ "evrs: another EV_ATOMIC_T may change ev_async: build libev's ev.c into the program"
# elif defined EV_CB_DECLARE
#  define EV_FOREIGN_ABI_ "evrs: another EV_CB_DECLARE changes what the library would call: build libev's ev.c into the program"
# endif
#endif

#include <string.h> /* memmove */
#ifndef EV_TSTAMP_T
# define EV_TSTAMP_T double
#endif
#ifndef EV_ATOMIC_T
# include <signal.h>
# define EV_ATOMIC_T sig_atomic_t volatile
#endif
#include <sys/stat.h>

#if (defined __STDC_VERSION__ && __STDC_VERSION__ >= 199901L) || (defined __GNUC__ && __GNUC__ >= 3) \
    || defined __cplusplus
# define EV_INLINE static inline
#else
# define EV_INLINE static
#endif
#ifdef EV_API_STATIC
# define EV_API_DECL static
#else
# define EV_API_DECL extern
#endif

/* The loop as parameter and as argument. */
#if EV_MULTIPLICITY
# define EV_P  struct ev_loop *loop           /* alone in a declaration */
# define EV_P_ EV_P,                          /* before others */
# define EV_A  loop                           /* alone in a call */
# define EV_A_ EV_A,                          /* before others */
# define EV_DEFAULT  ev_default_loop (0)      /* the default loop, made if it has to be */
# define EV_DEFAULT_ EV_DEFAULT,
# define EV_DEFAULT_UC  ev_default_loop_uc_ () /* the same, if it is known to exist */
# define EV_DEFAULT_UC_ EV_DEFAULT_UC,
#else
# define EV_P void
# define EV_P_
# define EV_A
# define EV_A_
# define EV_DEFAULT
# define EV_DEFAULT_
# define EV_DEFAULT_UC
# define EV_DEFAULT_UC_
# undef EV_EMBED_ENABLE
#endif

#define EV_VERSION_MAJOR 4
#define EV_VERSION_MINOR 33

#ifdef __cplusplus
extern "C" {
#endif

struct ev_async;
struct ev_check;
struct ev_child;
struct ev_cleanup;
struct ev_embed;
struct ev_fork;
struct ev_idle;
struct ev_io;
struct ev_loop;
struct ev_periodic;
struct ev_prepare;
struct ev_signal;
struct ev_stat;
struct ev_timer;

/** Seconds: a duration, or a point in time since 1970. */
typedef EV_TSTAMP_T ev_tstamp;

/* libevent's event.h has macros of some of these names. In a unit with both headers, in whichever
 * order, the names mean libevent's values; libev's are EVRS_EV_READ and so on, EV_TIMER, and
 * EVRUN_NOWAIT. */
#ifdef EVENT2_EVENT_H_INCLUDED_
# pragma push_macro("EV_READ")
# pragma push_macro("EV_WRITE")
# pragma push_macro("EV_TIMEOUT")
# pragma push_macro("EV_SIGNAL")
# undef EV_READ
# undef EV_WRITE
# undef EV_TIMEOUT
# undef EV_SIGNAL
#endif

/** What happened, or is waited for. */
enum {
    EV_UNDEF    = (int)0xFFFFFFFF, /* never happens */
    EV_NONE     = 0x00,
    EV_READ     = 0x01,            /* ev_io: readable */
    EV_WRITE    = 0x02,            /* ev_io: writable */
    EV__IOFDSET = 0x80,            /* private */
    EV_IO       = EV_READ,         /* names the type of ev_io */
    EV_TIMER    = 0x00000100,      /* ev_timer: due */
#if EV_COMPAT3
    EV_TIMEOUT  = EV_TIMER,        /* its name before 4.0 */
#endif
    EV_PERIODIC = 0x00000200,      /* ev_periodic: due */
    EV_SIGNAL   = 0x00000400,      /* ev_signal: came */
    EV_CHILD    = 0x00000800,      /* ev_child: changed */
    EV_STAT     = 0x00001000,      /* ev_stat: changed */
    EV_IDLE     = 0x00002000,      /* ev_idle: nothing else to do */
    EV_PREPARE  = 0x00004000,      /* ev_prepare: about to wait */
    EV_CHECK    = 0x00008000,      /* ev_check: back from the wait */
    EV_EMBED    = 0x00010000,      /* ev_embed: the inner loop wants a sweep */
    EV_FORK     = 0x00020000,      /* ev_fork: this is the child */
    EV_CLEANUP  = 0x00040000,      /* ev_cleanup: the loop goes away */
    EV_ASYNC    = 0x00080000,      /* ev_async: sent */
    EV_CUSTOM   = 0x01000000,      /* free for programs */
    EV_ERROR    = (int)0x80000000, /* the watcher had to be stopped */

    EVRS_EV_READ   = EV_READ,
    EVRS_EV_WRITE  = EV_WRITE,
    EVRS_EV_SIGNAL = EV_SIGNAL
};

#ifdef EVENT2_EVENT_H_INCLUDED_
# pragma pop_macro("EV_READ")
# pragma pop_macro("EV_WRITE")
# pragma pop_macro("EV_TIMEOUT")
# pragma pop_macro("EV_SIGNAL")
#endif

/** Flags of a loop. */
enum {
    EVFLAG_AUTO      = 0x00000000U,
    EVFLAG_NOENV     = 0x01000000U, /* do not look at LIBEV_FLAGS */
    EVFLAG_FORKCHECK = 0x02000000U, /* look for a fork in each pass */
    EVFLAG_REAPNAMED = 0x04000000U, /* evrs: reap only children that a watcher names */
    EVFLAG_NOINOTIFY = 0x00100000U, /* do not use inotify */
#if EV_COMPAT3
    EVFLAG_NOSIGFD   = 0,           /* the usual by now */
#endif
    EVFLAG_SIGNALFD  = 0x00200000U, /* use signalfd */
    EVFLAG_NOSIGMASK = 0x00400000U, /* a signal is unblocked when its first watcher starts */
    EVFLAG_NOTIMERFD = 0x00800000U  /* do not use a timerfd to see changes of the wall clock */
};

/** Backends, which are flags of a loop as well. */
enum {
    EVBACKEND_SELECT   = 0x00000001U,
    EVBACKEND_POLL     = 0x00000002U,
    EVBACKEND_EPOLL    = 0x00000004U,
    EVBACKEND_KQUEUE   = 0x00000008U, /* not on Linux */
    EVBACKEND_DEVPOLL  = 0x00000010U, /* not on Linux */
    EVBACKEND_PORT     = 0x00000020U, /* not on Linux */
    EVBACKEND_LINUXAIO = 0x00000040U,
    EVBACKEND_IOURING  = 0x00000080U,
    EVBACKEND_ALL      = 0x000000FFU, /* whatever there is */
    EVBACKEND_MASK     = 0x0000FFFFU  /* whatever there may be one day */
};

/** Flags of ev_run. */
enum {
    EVRUN_NOWAIT = 1, /* one pass that does not block */
    EVRUN_ONCE   = 2  /* one pass that may block */
};

/** What ev_break does. */
enum {
    EVBREAK_CANCEL = 0, /* nothing after all */
    EVBREAK_ONE    = 1, /* ends the innermost run */
    EVBREAK_ALL    = 2  /* ends all runs */
};

/* The parts of a watcher that libev lets a program that compiles it in replace. */
#ifndef EV_COMMON
# define EV_COMMON void *data;
#endif
#ifndef EV_CB_DECLARE
# define EV_CB_DECLARE(type) void (*cb)(EV_P_ struct type *w, int revents);
#endif
#ifndef EV_CB_INVOKE
# define EV_CB_INVOKE(watcher,revents) (watcher)->cb (EV_A_ (watcher), (revents))
#endif
#define EV_CB(type,name) void name (EV_P_ struct ev_ ## type *w, int revents)
#if EV_MINPRI == EV_MAXPRI
# define EV_DECL_PRIORITY
#elif !defined EV_DECL_PRIORITY
# define EV_DECL_PRIORITY int priority;
#endif

/* What all watchers, those in lists, and those with a time start with. `data` is the program's;
 * the rest is read and written by the macros below only. */
#define EV_WATCHER(type)  \
    int active;           \
    int pending;          \
    EV_DECL_PRIORITY      \
    EV_COMMON             \
    EV_CB_DECLARE (type)

#define EV_WATCHER_LIST(type) \
    EV_WATCHER (type)         \
    struct ev_watcher_list *next;

#define EV_WATCHER_TIME(type) \
    EV_WATCHER (type)         \
    ev_tstamp at;

/** Any watcher. */
typedef struct ev_watcher {
    EV_WATCHER (ev_watcher)
} ev_watcher;

/** Any watcher that is kept in a list. */
typedef struct ev_watcher_list {
    EV_WATCHER_LIST (ev_watcher_list)
} ev_watcher_list;

/** Any watcher that has a time. */
typedef struct ev_watcher_time {
    EV_WATCHER_TIME (ev_watcher_time)
} ev_watcher_time;

/** Waits until a descriptor is readable or writable. Events: EV_READ, EV_WRITE. */
typedef struct ev_io {
    EV_WATCHER_LIST (ev_io)
    int fd;     /* read-only */
    int events; /* read-only */
} ev_io;

/** Waits for a time on the monotonic clock, once or again and again. Events: EV_TIMER. */
typedef struct ev_timer {
    EV_WATCHER_TIME (ev_timer)
    ev_tstamp repeat; /* may be written at any time */
} ev_timer;

/** Waits for times of the wall clock. Events: EV_PERIODIC. */
typedef struct ev_periodic {
    EV_WATCHER_TIME (ev_periodic)
    ev_tstamp offset;   /* may be written at any time, as the others; takes effect with the next */
    ev_tstamp interval; /* expiry or ev_periodic_again */
    ev_tstamp (*reschedule_cb)(struct ev_periodic *w, ev_tstamp now) EV_NOEXCEPT;
} ev_periodic;

/** Waits for a signal. Events: EV_SIGNAL. */
typedef struct ev_signal {
    EV_WATCHER_LIST (ev_signal)
    int signum; /* read-only */
} ev_signal;

/** Waits for a child to end, or to be stopped or continued. Events: EV_CHILD. Its priority is
 * always the highest. */
typedef struct ev_child {
    EV_WATCHER_LIST (ev_child)
    int flags;   /* private */
    int pid;     /* read-only; 0 for any */
    int rpid;    /* which child it was */
    int rstatus; /* its status, for the macros of sys/wait.h */
} ev_child;

/** The attributes of a file; st_nlink is 0 when there is none. */
typedef struct stat ev_statdata;

/** Waits for changes of the attributes of a path. Events: EV_STAT. */
typedef struct ev_stat {
    EV_WATCHER_LIST (ev_stat)
    ev_timer timer;     /* private */
    ev_tstamp interval; /* read-only */
    const char *path;   /* read-only */
    ev_statdata prev;   /* what it was, in the callback */
    ev_statdata attr;   /* what it is */
    int wd;             /* private */
} ev_stat;

/** Is called when nothing else is to do, and keeps the loop from blocking. Events: EV_IDLE. */
typedef struct ev_idle {
    EV_WATCHER (ev_idle)
} ev_idle;

/** Is called in each pass before the wait. Events: EV_PREPARE. */
typedef struct ev_prepare {
    EV_WATCHER (ev_prepare)
} ev_prepare;

/** Is called in each pass after the wait. Events: EV_CHECK. */
typedef struct ev_check {
    EV_WATCHER (ev_check)
} ev_check;

/** Is called in the child after a fork. Events: EV_FORK. */
typedef struct ev_fork {
    EV_WATCHER (ev_fork)
} ev_fork;

/** Is called when the loop is destroyed. Events: EV_CLEANUP. */
typedef struct ev_cleanup {
    EV_WATCHER (ev_cleanup)
} ev_cleanup;

#if EV_MULTIPLICITY
/** Runs another loop inside this one. Events: EV_EMBED. */
typedef struct ev_embed {
    EV_WATCHER (ev_embed)
    struct ev_loop *other; /* read-only */
    ev_io io;              /* this one and the rest: private */
    ev_prepare prepare;
    ev_check check;
    ev_timer timer;
    ev_periodic periodic;
    ev_idle idle;
    ev_fork fork;
    ev_cleanup cleanup;
} ev_embed;
#endif

/** Wakes the loop from other threads and signal handlers. Events: EV_ASYNC. */
typedef struct ev_async {
    EV_WATCHER (ev_async)
    EV_ATOMIC_T sent; /* private */
} ev_async;

/** Room for any watcher. */
union ev_any_watcher {
    struct ev_watcher w;
    struct ev_watcher_list wl;
    struct ev_io io;
    struct ev_timer timer;
    struct ev_periodic periodic;
    struct ev_signal signal;
    struct ev_child child;
    struct ev_stat stat;
    struct ev_idle idle;
    struct ev_prepare prepare;
    struct ev_check check;
    struct ev_fork fork;
    struct ev_cleanup cleanup;
#if EV_MULTIPLICITY
    struct ev_embed embed;
#endif
    struct ev_async async;
};

/** A function that is told of a loop. */
typedef void (*ev_loop_callback)(EV_P);

#if EV_PROTOTYPES

/* A configuration that the library cannot serve compiles, for sources that only want the types,
 * until it makes a loop. */
#ifdef EV_FOREIGN_ABI_
struct ev_loop *ev_default_loop (unsigned int) EV_NOEXCEPT __attribute__ ((__error__ (EV_FOREIGN_ABI_)));
struct ev_loop *ev_loop_new (unsigned int) EV_NOEXCEPT __attribute__ ((__error__ (EV_FOREIGN_ABI_)));
# undef EV_FOREIGN_ABI_
#endif

#if EV_MULTIPLICITY

/**
 * Replaces the function that all memory of loops comes from. It is called like `realloc`; size 0
 * frees. When it returns NULL for another size, the library says so and aborts. NULL restores
 * `realloc` and `free`. Call it before the first loop is made.
 */
EV_API_DECL void ev_set_allocator(void *(*cb)(void *ptr, long size) EV_NOEXCEPT) EV_NOEXCEPT;

/**
 * Installs a function that is called when a system call fails that the loop cannot do without,
 * with the call's name and `errno` set. It has to repair the cause or not return. NULL restores
 * the usual: a message and `abort`.
 */
EV_API_DECL void ev_set_syserr_cb(void (*cb)(const char *msg) EV_NOEXCEPT) EV_NOEXCEPT;

/**
 * Installs functions that are called right before and right after each wait, so that other threads
 * may use the loop meanwhile; what they change is seen by the next wait only. NULL for none.
 */
EV_API_DECL void ev_set_loop_release_cb(struct ev_loop *loop_,
                            void (*release)(struct ev_loop *loop_) EV_NOEXCEPT,
                            void (*acquire)(struct ev_loop *loop_) EV_NOEXCEPT) EV_NOEXCEPT;

/** The major version of libev's API that the library has: 4. */
EV_API_DECL int ev_version_major(void) EV_NOEXCEPT;

/** The minor version of libev's API that the library has: 33. */
EV_API_DECL int ev_version_minor(void) EV_NOEXCEPT;

/** The `EVBACKEND_` bits of the backends in this library, whether they work on this machine or not. */
EV_API_DECL unsigned int ev_supported_backends(void) EV_NOEXCEPT;

/** The `EVBACKEND_` bits of the backends that are tried when the flags of a loop name none. */
EV_API_DECL unsigned int ev_recommended_backends(void) EV_NOEXCEPT;

/**
 * The `EVBACKEND_` bits of the backends whose loops can be embedded into another (`ev_embed`), on
 * any system. Take what this has in common with `ev_supported_backends`.
 */
EV_API_DECL unsigned int ev_embeddable_backends(void) EV_NOEXCEPT;

/**
 * The wall-clock time in seconds since 1970, read from the clock. `ev_now` is cheaper, and mostly
 * what is wanted. From any thread.
 */
EV_API_DECL ev_tstamp ev_time(void) EV_NOEXCEPT;

/**
 * Blocks the calling thread for `delay` seconds, or until a signal comes. A delay of 0 or less
 * returns at once. From any thread.
 */
EV_API_DECL void ev_sleep(ev_tstamp delay) EV_NOEXCEPT;

/**
 * The default loop: the one that watches children and that all parts of a program share. The first
 * call makes it with these flags (`EVFLAG_` and `EVBACKEND_` bits, 0 for the usual choice); later
 * calls return it whatever the flags. NULL when no backend of those allowed works.
 *
 * The call that makes it installs a handler for SIGCHLD. Not to be called from two threads at once.
 */
EV_API_DECL struct ev_loop *ev_default_loop(unsigned int flags EV_CPP (= 0)) EV_NOEXCEPT;

/**
 * A new loop, independent of all others but for signals, of which each belongs to one loop. NULL
 * when no backend of those that the flags allow works.
 *
 * `flags` are `EVFLAG_` and `EVBACKEND_` bits. Without a backend bit the recommended ones are tried,
 * the best first. The environment variable LIBEV_FLAGS (a decimal number) takes the place of the
 * flags, unless they contain `EVFLAG_NOENV` or the program is set-uid or set-gid.
 *
 * Different loops may be used in different threads; one loop by one thread at a time.
 */
EV_API_DECL struct ev_loop *ev_loop_new(unsigned int flags EV_CPP (= 0)) EV_NOEXCEPT;

/**
 * The time of the loop: the wall-clock time in seconds since 1970 when it last woke up. It stays
 * the same while callbacks run, and is what relative timers count from. 0 for NULL.
 */
EV_API_DECL ev_tstamp ev_now(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Destroys a loop: runs its cleanup watchers and frees everything that it holds. Watchers are not
 * stopped, and must not be used with the loop any more. The next `ev_default_loop` makes a new one if
 * it was the default loop. Not to be called from a callback of the same loop. NULL is ignored.
 */
EV_API_DECL void ev_loop_destroy(struct ev_loop *loop_);

/**
 * Says that the process has forked and that the loop is used in the child: the next pass makes
 * everything afresh that the kernel shares between the two, and runs the fork watchers. All watchers
 * stay. With `EVFLAG_FORKCHECK` the loop notices by itself.
 */
EV_API_DECL void ev_loop_fork(struct ev_loop *loop_) EV_NOEXCEPT;

/** The `EVBACKEND_` bit of the backend that the loop uses. 0 for NULL. */
EV_API_DECL unsigned int ev_backend(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Reads the clock into the loop's time. Useful in a callback that takes long, before it starts
 * timers.
 */
EV_API_DECL void ev_now_update(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Runs the loop: waits for events and calls the watchers' callbacks, until no watcher is active any
 * more, or `ev_break` is called. With `EVRUN_NOWAIT` it makes one pass without blocking, with
 * `EVRUN_ONCE` one pass that may block.
 *
 * Returns the number of references that still keep the loop running: 0 when it ended for want of
 * active watchers. May be called from a callback. 0 for NULL.
 */
EV_API_DECL int ev_run(struct ev_loop *loop_,
           int flags EV_CPP (= 0));

/**
 * Makes the innermost `ev_run` (`EVBREAK_ONE`) or all of them (`EVBREAK_ALL`) return after the
 * callbacks that are pending. `EVBREAK_CANCEL` takes that back. Outside of a run it does nothing.
 */
EV_API_DECL void ev_break(struct ev_loop *loop_,
              int how EV_CPP (= EVBREAK_ONE)) EV_NOEXCEPT;

/** Adds a reference, which keeps `ev_run` running like an active watcher does. */
EV_API_DECL void ev_ref(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Takes a reference away, so that a watcher that stays active does not keep `ev_run` running. Call
 * it after starting the watcher, and `ev_ref` before stopping it.
 */
EV_API_DECL void ev_unref(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Calls `cb` once, when `fd` is ready for one of `events` (`EV_READ`, `EV_WRITE`) or `timeout`
 * seconds have passed, whichever comes first. A negative `fd` waits for the time only, a negative
 * `timeout` for the descriptor only.
 *
 * `cb` gets the events (`EV_READ`, `EV_WRITE`, `EV_TIMER`, `EV_ERROR`), more than one if they came
 * together, and `arg`.
 */
EV_API_DECL void ev_once(struct ev_loop *loop_,
             int fd,
             int events,
             ev_tstamp timeout,
             void (*cb)(int revents, void *arg),
             void *arg) EV_NOEXCEPT;

/**
 * Calls the callbacks of all pending watchers, by priority. For use in a function installed with
 * `ev_set_invoke_pending_cb`.
 */
EV_API_DECL void ev_invoke_pending(struct ev_loop *loop_);

/** How often the loop has waited for events since it was made. */
EV_API_DECL unsigned int ev_iteration(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * How many calls of `ev_run` are on the stack: 0 outside. Leaving a run by `longjmp` or an exception
 * leaves it counted.
 */
EV_API_DECL unsigned int ev_depth(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Checks the loop's data and that of its watchers, and aborts with a message if something is wrong,
 * mostly because a watcher was overwritten while it was active.
 */
EV_API_DECL void ev_verify(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Lets the loop collect I/O for this many seconds before each wait: fewer passes, at the price of
 * latency. 0, the default, for none.
 */
EV_API_DECL void ev_set_io_collect_interval(struct ev_loop *loop_,
                                ev_tstamp interval) EV_NOEXCEPT;

/**
 * Lets timers be up to this many seconds late, so that more of them are called in one pass. 0, the
 * default, for as exact as possible.
 */
EV_API_DECL void ev_set_timeout_collect_interval(struct ev_loop *loop_,
                                     ev_tstamp interval) EV_NOEXCEPT;

/** Stores a pointer of the program's with the loop. */
EV_API_DECL void ev_set_userdata(struct ev_loop *loop_, void *data) EV_NOEXCEPT;

/** What `ev_set_userdata` stored, NULL at first. */
EV_API_DECL void *ev_userdata(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Installs a function that is called wherever the loop would call the pending callbacks. It has to
 * see to it that `ev_invoke_pending` is called, now or elsewhere. `ev_invoke_pending` itself restores
 * the usual.
 */
EV_API_DECL void ev_set_invoke_pending_cb(struct ev_loop *loop_,
                              ev_loop_callback invoke_pending_cb) EV_NOEXCEPT;

/** How many callbacks are pending. */
EV_API_DECL unsigned int ev_pending_count(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Call this before a pause in which the loop does not run and which its timers shall not see, and
 * `ev_resume` after it; nothing else may be called with the loop in between.
 */
EV_API_DECL void ev_suspend(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Ends the pause that `ev_suspend` began: timers are moved by its length, periodics computed
 * anew.
 */
EV_API_DECL void ev_resume(struct ev_loop *loop_) EV_NOEXCEPT;

/**
 * Makes a watcher of any type pending, with these events, as if they had happened. The watcher need
 * not be active, and may not be freed before its callback ran or `ev_clear_pending` or its stop
 * function was called.
 */
EV_API_DECL void ev_feed_event(struct ev_loop *loop_,
                   void *w,
                   int revents) EV_NOEXCEPT;

/** Makes the I/O watchers of `fd` pending that wait for one of these events. */
EV_API_DECL void ev_feed_fd_event(struct ev_loop *loop_, int fd, int revents) EV_NOEXCEPT;

/**
 * Has the same effect as the signal: its watchers become pending, in whatever loop they are. From any
 * thread or signal handler.
 */
EV_API_DECL void ev_feed_signal(int signum) EV_NOEXCEPT;

/** Makes the watchers of a signal in this loop pending. From the loop's thread only. */
EV_API_DECL void ev_feed_signal_event(struct ev_loop *loop_, int signum) EV_NOEXCEPT;

/** Calls a watcher's callback at once, with these events. The watcher may be inactive. */
EV_API_DECL void ev_invoke(struct ev_loop *loop_, void *w, int revents);

/** If the watcher is pending, makes it not pending and returns its events; else returns 0. */
EV_API_DECL int ev_clear_pending(struct ev_loop *loop_, void *w) EV_NOEXCEPT;

/**
 * Starts an I/O watcher: from now on its callback is called in each pass in which the descriptor is
 * ready for one of its events. Nothing happens if it is active already.
 *
 * The descriptor has to stay open while the watcher is active. If the kernel turns out not to know it,
 * the watcher is stopped and called with `EV_ERROR | EV_READ | EV_WRITE`. A negative descriptor or
 * other events than `EV_READ` and `EV_WRITE` abort with a message.
 */
EV_API_DECL void ev_io_start(struct ev_loop *loop_,
                 struct ev_io *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_io_stop(struct ev_loop *loop_, struct ev_io *w) EV_NOEXCEPT;

/**
 * Starts a timer: its callback is called once `after` seconds after the loop's time (`ev_now`), and
 * then every `repeat` seconds unless that is 0. A negative `repeat` aborts with a message. Nothing
 * happens if it is active already.
 */
EV_API_DECL void ev_timer_start(struct ev_loop *loop_,
                    struct ev_timer *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_timer_stop(struct ev_loop *loop_, struct ev_timer *w) EV_NOEXCEPT;

/**
 * Restarts a timer. It is made not pending; then, if it repeats, it is due `repeat` seconds from now,
 * active or not; if it does not, it is stopped. The cheapest way to a timeout that is pushed back all
 * the time.
 */
EV_API_DECL void ev_timer_again(struct ev_loop *loop_,
                    struct ev_timer *w) EV_NOEXCEPT;

/** How many seconds an active timer has left; what it would be started with if it is not active. */
EV_API_DECL ev_tstamp ev_timer_remaining(struct ev_loop *loop_, struct ev_timer *w) EV_NOEXCEPT;

/**
 * Starts a periodic. With a reschedule callback, that is asked for the next time, now and after each
 * expiry; else, with an interval, it is due whenever the wall clock is `offset` plus a multiple of it;
 * else once, at the wall-clock time `offset`. Nothing happens if it is active already.
 */
EV_API_DECL void ev_periodic_start(struct ev_loop *loop_,
                       struct ev_periodic *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_periodic_stop(struct ev_loop *loop_, struct ev_periodic *w) EV_NOEXCEPT;

/** Stops and starts a periodic, so that its next time is computed anew. */
EV_API_DECL void ev_periodic_again(struct ev_loop *loop_, struct ev_periodic *w) EV_NOEXCEPT;

/**
 * Starts a signal watcher. The first of a signal installs a handler. Signals that come before the
 * loop looks are reported once. Any number of watchers may wait for a signal, but only in one loop:
 * another one aborts with a message, as an illegal number does.
 */
EV_API_DECL void ev_signal_start(struct ev_loop *loop_,
                     struct ev_signal *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending. The last of a signal restores the default action. */
EV_API_DECL void ev_signal_stop(struct ev_loop *loop_, struct ev_signal *w) EV_NOEXCEPT;

/**
 * Starts a child watcher, in the default loop only: elsewhere it aborts with a message. Its callback
 * is called when the process ends, and if asked for when it is stopped or continued; it stays active.
 *
 * The loop asks for the status of all children of the process. If it was made with
 * `EVFLAG_REAPNAMED`, it asks only for those that watchers name.
 */
EV_API_DECL void ev_child_start(struct ev_loop *loop_,
                    struct ev_child *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_child_stop(struct ev_loop *loop_, struct ev_child *w) EV_NOEXCEPT;

/**
 * Starts a stat watcher: its callback is called when the attributes of the path change, or it appears
 * or vanishes. The path has to stay alive while the watcher is active.
 */
EV_API_DECL void ev_stat_start(struct ev_loop *loop_,
                   struct ev_stat *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_stat_stop(struct ev_loop *loop_, struct ev_stat *w) EV_NOEXCEPT;

/** Looks at the path and refreshes `attr`, without calling the callback if it has changed. */
EV_API_DECL void ev_stat_stat(struct ev_loop *loop_, struct ev_stat *w) EV_NOEXCEPT;

/**
 * Starts an idle watcher: it is called in each pass in which nothing of its priority or a higher one
 * is pending. While one is active the loop does not block.
 */
EV_API_DECL void ev_idle_start(struct ev_loop *loop_,
                   struct ev_idle *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_idle_stop(struct ev_loop *loop_, struct ev_idle *w) EV_NOEXCEPT;

/** Starts a prepare watcher: it is called in each pass before the loop waits. */
EV_API_DECL void ev_prepare_start(struct ev_loop *loop_, struct ev_prepare *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_prepare_stop(struct ev_loop *loop_, struct ev_prepare *w) EV_NOEXCEPT;

/**
 * Starts a check watcher: it is called in each pass after the loop has waited, before the other
 * callbacks of its priority.
 */
EV_API_DECL void ev_check_start(struct ev_loop *loop_, struct ev_check *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_check_stop(struct ev_loop *loop_, struct ev_check *w) EV_NOEXCEPT;

/**
 * Starts a fork watcher: it is called in the pass after `ev_loop_fork`, before the prepare
 * watchers.
 */
EV_API_DECL void ev_fork_start(struct ev_loop *loop_, struct ev_fork *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_fork_stop(struct ev_loop *loop_, struct ev_fork *w) EV_NOEXCEPT;

/**
 * Starts a cleanup watcher: it is called when the loop is destroyed. It does not keep `ev_run`
 * running.
 */
EV_API_DECL void ev_cleanup_start(struct ev_loop *loop_, struct ev_cleanup *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_cleanup_stop(struct ev_loop *loop_, struct ev_cleanup *w) EV_NOEXCEPT;

/**
 * Starts an embed watcher: the loop `other` runs whenever it has something to do; with a callback, that
 * has to call `ev_embed_sweep`. Aborts with a message if the other loop's backend cannot be
 * embedded.
 */
EV_API_DECL void ev_embed_start(struct ev_loop *loop_,
                    struct ev_embed *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_embed_stop(struct ev_loop *loop_, struct ev_embed *w) EV_NOEXCEPT;

/** Lets the embedded loop make one pass without blocking. */
EV_API_DECL void ev_embed_sweep(struct ev_loop *loop_, struct ev_embed *w) EV_NOEXCEPT;

/** Starts an async watcher: its callback is called after `ev_async_send`. */
EV_API_DECL void ev_async_start(struct ev_loop *loop_, struct ev_async *w) EV_NOEXCEPT;

/** Stops the watcher and makes it not pending; its memory is the caller's again. */
EV_API_DECL void ev_async_stop(struct ev_loop *loop_, struct ev_async *w) EV_NOEXCEPT;

/**
 * Wakes the loop up to call an async watcher's callback. From any thread or signal handler, as long
 * as the watcher is active and the loop is not destroyed. What is sent before the loop looks is
 * reported once.
 */
EV_API_DECL void ev_async_send(struct ev_loop *loop_,
                   struct ev_async *w) EV_NOEXCEPT;

#if EV_WALK_ENABLE
/**
 * Calls `cb` with every active watcher of these types: event bits, such as EV_TIMER. The callback
 * gets the type and the watcher; it may stop that watcher and do nothing else with the loop.
 */
EV_API_DECL void ev_walk (EV_P_ int types, void (*cb)(EV_P_ int type, void *w)) EV_NOEXCEPT;
#endif

#ifdef EV_API_STATIC
EV_API_DECL struct ev_loop *ev_default_loop_ptr;
#endif

EV_INLINE struct ev_loop *
ev_default_loop_uc_ (void) EV_NOEXCEPT
{
    extern struct ev_loop *ev_default_loop_ptr;
    return ev_default_loop_ptr;
}

/** Whether this is the default loop. */
EV_INLINE int
ev_is_default_loop (EV_P) EV_NOEXCEPT
{
    return EV_A == EV_DEFAULT_UC;
}

#endif /* EV_MULTIPLICITY */
#endif /* EV_PROTOTYPES */

/* Making watchers: ev_TYPE_init, or ev_init and ev_TYPE_set. Neither is for a watcher that is
 * active or pending. `ev` may be evaluated more than once. */
#define ev_init(ev,cb_) do {                          \
    ((ev_watcher *)(void *)(ev))->active =            \
    ((ev_watcher *)(void *)(ev))->pending = 0;        \
    ev_set_priority ((ev), 0);                        \
    ev_set_cb ((ev), cb_);                            \
} while (0)

#define ev_io_set(ev,fd_,events_)           do { (ev)->fd = (fd_); (ev)->events = (events_) | EV__IOFDSET; } while (0)
#define ev_io_modify(ev,events_)            do { (ev)->events = ((ev)->events & EV__IOFDSET) | (events_); } while (0)
#define ev_timer_set(ev,after_,repeat_)     do { ((ev_watcher_time *)(void *)(ev))->at = (after_); (ev)->repeat = (repeat_); } while (0)
#define ev_periodic_set(ev,ofs_,ival_,rcb_) do { (ev)->offset = (ofs_); (ev)->interval = (ival_); (ev)->reschedule_cb = (rcb_); } while (0)
#define ev_signal_set(ev,signum_)           do { (ev)->signum = (signum_); } while (0)
#define ev_child_set(ev,pid_,trace_)        do { (ev)->pid = (pid_); (ev)->flags = !!(trace_); } while (0)
#define ev_stat_set(ev,path_,interval_)     do { (ev)->path = (path_); (ev)->interval = (interval_); (ev)->wd = -2; } while (0)
#define ev_embed_set(ev,other_)             do { (ev)->other = (other_); } while (0)
#define ev_idle_set(ev)
#define ev_prepare_set(ev)
#define ev_check_set(ev)
#define ev_fork_set(ev)
#define ev_cleanup_set(ev)
#define ev_async_set(ev)

#define ev_io_init(ev,cb,fd,events)          do { ev_init ((ev), (cb)); ev_io_set ((ev), (fd), (events)); } while (0)
#define ev_timer_init(ev,cb,after,repeat)    do { ev_init ((ev), (cb)); ev_timer_set ((ev), (after), (repeat)); } while (0)
#define ev_periodic_init(ev,cb,ofs,ival,rcb) do { ev_init ((ev), (cb)); ev_periodic_set ((ev), (ofs), (ival), (rcb)); } while (0)
#define ev_signal_init(ev,cb,signum)         do { ev_init ((ev), (cb)); ev_signal_set ((ev), (signum)); } while (0)
#define ev_child_init(ev,cb,pid,trace)       do { ev_init ((ev), (cb)); ev_child_set ((ev), (pid), (trace)); } while (0)
#define ev_stat_init(ev,cb,path,interval)    do { ev_init ((ev), (cb)); ev_stat_set ((ev), (path), (interval)); } while (0)
#define ev_embed_init(ev,cb,other)           do { ev_init ((ev), (cb)); ev_embed_set ((ev), (other)); } while (0)
#define ev_idle_init(ev,cb)                  do { ev_init ((ev), (cb)); ev_idle_set ((ev)); } while (0)
#define ev_prepare_init(ev,cb)               do { ev_init ((ev), (cb)); ev_prepare_set ((ev)); } while (0)
#define ev_check_init(ev,cb)                 do { ev_init ((ev), (cb)); ev_check_set ((ev)); } while (0)
#define ev_fork_init(ev,cb)                  do { ev_init ((ev), (cb)); ev_fork_set ((ev)); } while (0)
#define ev_cleanup_init(ev,cb)               do { ev_init ((ev), (cb)); ev_cleanup_set ((ev)); } while (0)
#define ev_async_init(ev,cb)                 do { ev_init ((ev), (cb)); ev_async_set ((ev)); } while (0)

/* Asking watchers. */
#define ev_is_active(ev)     (0 + ((ev_watcher *)(void *)(ev))->active)  /* started and not stopped */
#define ev_is_pending(ev)    (0 + ((ev_watcher *)(void *)(ev))->pending) /* its callback will be called */
#define ev_async_pending(w)  (+(w)->sent)                                /* sent, and not seen yet */
#define ev_periodic_at(ev)   (+((ev_watcher_time *)(void *)(ev))->at)    /* when it is due next */
#define ev_cb_(ev)           (ev)->cb
/* The callback is the same place in all watchers, but another type: it is moved as bytes, for the
 * compiler must not think that one cannot change the other. */
#define ev_cb(ev)            (memmove (&ev_cb_ (ev), &((ev_watcher *)(void *)(ev))->cb, sizeof (ev_cb_ (ev))), (ev)->cb)
#ifndef ev_set_cb
# define ev_set_cb(ev,cb_)   (ev_cb_ (ev) = (cb_), memmove (&((ev_watcher *)(void *)(ev))->cb, &ev_cb_ (ev), sizeof (ev_cb_ (ev))))
#endif
#if EV_MINPRI == EV_MAXPRI
# define ev_priority(ev)         ((ev), EV_MINPRI)
# define ev_set_priority(ev,pri) ((ev), (pri))
#else
# define ev_priority(ev)         (+(((ev_watcher *)(void *)(ev))->priority))
# define ev_set_priority(ev,pri) ((ev_watcher *)(void *)(ev))->priority = (pri)
#endif

#if EV_COMPAT3
/* The names of libev 3. */
# ifndef EVLOOP_NONBLOCK /* event.h's, if that came first */
#  define EVLOOP_NONBLOCK EVRUN_NOWAIT
# endif
# define EVLOOP_ONESHOT  EVRUN_ONCE
# define EVUNLOOP_CANCEL EVBREAK_CANCEL
# define EVUNLOOP_ONE    EVBREAK_ONE
# define EVUNLOOP_ALL    EVBREAK_ALL
# if EV_PROTOTYPES && EV_MULTIPLICITY
EV_INLINE void ev_loop (EV_P_ int flags) { ev_run (EV_A_ flags); }
EV_INLINE void ev_unloop (EV_P_ int how) { ev_break (EV_A_ how); }
EV_INLINE void ev_default_destroy (void) { ev_loop_destroy (EV_DEFAULT); }
EV_INLINE void ev_default_fork (void) { ev_loop_fork (EV_DEFAULT); }
#  if EV_FEATURE_API
EV_INLINE unsigned int ev_loop_count (EV_P) { return ev_iteration (EV_A); }
EV_INLINE unsigned int ev_loop_depth (EV_P) { return ev_depth (EV_A); }
EV_INLINE void ev_loop_verify (EV_P) { ev_verify (EV_A); }
#  endif
# endif
#else
typedef struct ev_loop ev_loop;
#endif

#ifdef __cplusplus
}
#endif

#endif /* EV_H_ */
