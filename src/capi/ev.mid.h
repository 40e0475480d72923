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
