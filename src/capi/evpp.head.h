/* Another name for ev.h may be given, as with libev. */
#ifdef EV_H
# include EV_H
#else
# include "ev.h"
#endif

#ifndef EV_USE_STDEXCEPT
# define EV_USE_STDEXCEPT 1 /* whether ev::bad_loop is a std::exception */
#endif
#if EV_USE_STDEXCEPT
# include <stdexcept>
#endif

/* Some systems have a macro of this name. */
#undef ERROR

/* Watchers as objects: each is the C watcher, followed by the loop that it belongs to. They are
 * started and stopped by methods, stopped when they are destroyed, and never copied.
 *
 *     struct server {
 *         ev::io io;
 *         void ready (ev::io &w, int revents);
 *         server (int fd) { io.set<server, &server::ready> (this); io.start (fd, ev::READ); }
 *     };
 *
 * Exceptions may leave callbacks, and pass through ev::loop_ref::run; the loop stays usable. */
namespace ev {

typedef ev_tstamp tstamp;

/** Events. */
enum {
    UNDEF    = EV_UNDEF,
    NONE     = EV_NONE,
    READ     = EVRS_EV_READ, /* right even if event.h is included too */
    WRITE    = EVRS_EV_WRITE,
#if EV_COMPAT3
    TIMEOUT  = EV_TIMER,
#endif
    TIMER    = EV_TIMER,
    PERIODIC = EV_PERIODIC,
    SIGNAL   = EVRS_EV_SIGNAL,
    CHILD    = EV_CHILD,
    STAT     = EV_STAT,
    IDLE     = EV_IDLE,
    PREPARE  = EV_PREPARE,
    CHECK    = EV_CHECK,
    EMBED    = EV_EMBED,
    FORK     = EV_FORK,
    ASYNC    = EV_ASYNC,
    ERROR    = EV_ERROR
};

/** Flags of a loop. */
enum {
    AUTO      = EVFLAG_AUTO,
    NOENV     = EVFLAG_NOENV,
    FORKCHECK = EVFLAG_FORKCHECK,
    SELECT    = EVBACKEND_SELECT,
    POLL      = EVBACKEND_POLL,
    EPOLL     = EVBACKEND_EPOLL,
    KQUEUE    = EVBACKEND_KQUEUE,
    DEVPOLL   = EVBACKEND_DEVPOLL,
    PORT      = EVBACKEND_PORT
};

/** Flags of a run. */
enum {
#if EV_COMPAT3
    NONBLOCK = EVRUN_NOWAIT,
    ONESHOT  = EVLOOP_ONESHOT,
#endif
    NOWAIT   = EVRUN_NOWAIT,
    ONCE     = EVRUN_ONCE
};

/** Which runs end. */
enum how_t {
    ONE = EVBREAK_ONE,
    ALL = EVBREAK_ALL
};

/** Is thrown when a loop cannot be made. */
struct bad_loop
#if EV_USE_STDEXCEPT
    : std::exception
#endif
{
#if EV_USE_STDEXCEPT
    const char *what () const EV_NOEXCEPT
    {
        return "no event loop: none of the backends that flags and LIBEV_FLAGS allow works";
    }
#endif
};

/** A loop that somebody else owns. */
struct loop_ref {
    struct ev_loop *raw_loop;

    loop_ref (struct ev_loop *l) EV_NOEXCEPT : raw_loop (l) { }

    operator struct ev_loop * () const EV_NOEXCEPT { return raw_loop; }
    operator const struct ev_loop * () const EV_NOEXCEPT { return raw_loop; }

    bool operator == (const loop_ref &other) const EV_NOEXCEPT { return raw_loop == other.raw_loop; }
    bool operator != (const loop_ref &other) const EV_NOEXCEPT { return raw_loop != other.raw_loop; }
    bool operator == (const struct ev_loop *l) const EV_NOEXCEPT { return raw_loop == l; }
    bool operator != (const struct ev_loop *l) const EV_NOEXCEPT { return raw_loop != l; }

    bool is_default () const EV_NOEXCEPT { return raw_loop == ev_default_loop (0); }

    void run (int flags = 0) { ev_run (raw_loop, flags); }
    void break_loop (how_t how = ONE) EV_NOEXCEPT { ev_break (raw_loop, how); }
#if EV_COMPAT3
    void loop (int flags = 0) { ev_run (raw_loop, flags); }
    void unloop (how_t how = ONE) EV_NOEXCEPT { ev_break (raw_loop, how); }
#endif

    void post_fork () EV_NOEXCEPT { ev_loop_fork (raw_loop); }
    unsigned int backend () const EV_NOEXCEPT { return ev_backend (raw_loop); }
    tstamp now () const EV_NOEXCEPT { return ev_now (raw_loop); }
    void ref () EV_NOEXCEPT { ev_ref (raw_loop); }
    void unref () EV_NOEXCEPT { ev_unref (raw_loop); }

#if EV_FEATURE_API
    unsigned int iteration () const EV_NOEXCEPT { return ev_iteration (raw_loop); }
    unsigned int depth () const EV_NOEXCEPT { return ev_depth (raw_loop); }
    void set_io_collect_interval (tstamp interval) EV_NOEXCEPT
    {
        ev_set_io_collect_interval (raw_loop, interval);
    }
    void set_timeout_collect_interval (tstamp interval) EV_NOEXCEPT
    {
        ev_set_timeout_collect_interval (raw_loop, interval);
    }
#endif

    /* ev_once, for functions, methods and objects that can be called. */

    void once (int fd, int events, tstamp timeout, void (*cb)(int, void *), void *arg = 0) EV_NOEXCEPT
    {
        ev_once (raw_loop, fd, events, timeout, cb, arg);
    }
    template<class K, void (K::*method)(int)>
    void once (int fd, int events, tstamp timeout, K *object) EV_NOEXCEPT
    {
        ev_once (raw_loop, fd, events, timeout, method_thunk<K, method>, object);
    }
    template<class K>
    void once (int fd, int events, tstamp timeout, K *object) EV_NOEXCEPT
    {
        ev_once (raw_loop, fd, events, timeout, method_thunk<K, &K::operator ()>, object);
    }
    template<class K, void (K::*method)()>
    void once (int fd, int events, tstamp timeout, K *object) EV_NOEXCEPT
    {
        ev_once (raw_loop, fd, events, timeout, method_noargs_thunk<K, method>, object);
    }
    template<void (*cb)(int)>
    void once (int fd, int events, tstamp timeout) EV_NOEXCEPT
    {
        ev_once (raw_loop, fd, events, timeout, simpler_func_thunk<cb>, 0);
    }
    template<void (*cb)()>
    void once (int fd, int events, tstamp timeout) EV_NOEXCEPT
    {
        ev_once (raw_loop, fd, events, timeout, simplest_func_thunk<cb>, 0);
    }

    template<class K, void (K::*method)(int)>
    static void method_thunk (int revents, void *arg) { (static_cast<K *> (arg)->*method) (revents); }
    template<class K, void (K::*method)()>
    static void method_noargs_thunk (int, void *arg) { (static_cast<K *> (arg)->*method) (); }
    template<void (*cb)(int)>
    static void simpler_func_thunk (int revents, void *) { (*cb) (revents); }
    template<void (*cb)()>
    static void simplest_func_thunk (int, void *) { (*cb) (); }

    void feed_fd_event (int fd, int revents) EV_NOEXCEPT { ev_feed_fd_event (raw_loop, fd, revents); }
    void feed_signal_event (int signum) EV_NOEXCEPT { ev_feed_signal_event (raw_loop, signum); }
};

/** A loop of its own, destroyed with the object. */
struct dynamic_loop : loop_ref {
    dynamic_loop (unsigned int flags = AUTO) : loop_ref (ev_loop_new (flags))
    {
        if (!raw_loop)
            throw bad_loop ();
    }
    ~dynamic_loop () EV_NOEXCEPT
    {
        ev_loop_destroy (raw_loop);
        raw_loop = 0;
    }

private:
    dynamic_loop (const dynamic_loop &);
    dynamic_loop &operator = (const dynamic_loop &);
};

/** The default loop, made if it has to be, and not destroyed with the object. */
struct default_loop : loop_ref {
    default_loop (unsigned int flags = AUTO) : loop_ref (ev_default_loop (flags))
    {
        if (!raw_loop)
            throw bad_loop ();
    }

private:
    default_loop (const default_loop &);
    default_loop &operator = (const default_loop &);
};

inline loop_ref get_default_loop () EV_NOEXCEPT { return ev_default_loop (0); }

/** What all watcher classes have: the C watcher `ev_watcher` and the loop. */
template<class ev_watcher, class watcher>
struct base : ev_watcher {
    loop_ref loop;

    base (loop_ref l) EV_NOEXCEPT : loop (l) { ev_init (this, 0); }

    /** Moves an inactive watcher to another loop. */
    void set (struct ev_loop *l) EV_NOEXCEPT { loop = l; }

    /** The callback and its data as C has them. */
    void set_ (const void *data, void (*cb)(struct ev_loop *loop, ev_watcher *w, int revents)) EV_NOEXCEPT
    {
        this->data = const_cast<void *> (data);
        ev_set_cb (static_cast<ev_watcher *> (this), cb);
    }

    /* The callback is a function, which finds its data in the watcher; */
    template<void (*function)(watcher &w, int)>
    void set (void *data = 0) EV_NOEXCEPT { set_ (data, function_thunk<function>); }
    /* or a method of an object, with arguments or without; */
    template<class K, void (K::*method)(watcher &w, int)>
    void set (K *object) EV_NOEXCEPT { set_ (object, method_thunk<K, method>); }
    template<class K, void (K::*method)()>
    void set (K *object) EV_NOEXCEPT { set_ (object, method_noargs_thunk<K, method>); }
    /* or an object that can be called. */
    template<class K>
    void set (K *object) EV_NOEXCEPT { set_ (object, method_thunk<K, &K::operator ()>); }

    template<void (*function)(watcher &w, int)>
    static void function_thunk (struct ev_loop *, ev_watcher *w, int revents)
    {
        function (*static_cast<watcher *> (w), revents);
    }
    template<class K, void (K::*method)(watcher &w, int)>
    static void method_thunk (struct ev_loop *, ev_watcher *w, int revents)
    {
        (static_cast<K *> (w->data)->*method) (*static_cast<watcher *> (w), revents);
    }
    template<class K, void (K::*method)()>
    static void method_noargs_thunk (struct ev_loop *, ev_watcher *w, int)
    {
        (static_cast<K *> (w->data)->*method) ();
    }

    /** Calls the callback. */
    void operator () (int events = EV_UNDEF)
    {
        ev_watcher *w = this;
        ev_cb (w) (loop, w, events);
    }

    bool is_active () const EV_NOEXCEPT { return this->active != 0; }
    bool is_pending () const EV_NOEXCEPT { return this->pending != 0; }
    void feed_event (int revents) EV_NOEXCEPT
    {
        ev_feed_event (loop, static_cast<ev_watcher *> (this), revents);
    }

    /** Stops a watcher while it is changed, and starts it again. */
    struct freeze_guard {
        watcher &w;
        bool active;

        freeze_guard (watcher *self) EV_NOEXCEPT : w (*self), active (w.is_active ())
        {
            if (active)
                w.stop ();
        }
        ~freeze_guard ()
        {
            if (active)
                w.start ();
        }
    };
};

inline tstamp now (struct ev_loop *loop) EV_NOEXCEPT { return ev_now (loop); }
inline void delay (tstamp interval) EV_NOEXCEPT { ev_sleep (interval); }
inline int version_major () EV_NOEXCEPT { return ev_version_major (); }
inline int version_minor () EV_NOEXCEPT { return ev_version_minor (); }
inline unsigned int supported_backends () EV_NOEXCEPT { return ev_supported_backends (); }
inline unsigned int recommended_backends () EV_NOEXCEPT { return ev_recommended_backends (); }
inline unsigned int embeddable_backends () EV_NOEXCEPT { return ev_embeddable_backends (); }
inline void set_allocator (void *(*cb)(void *ptr, long size) EV_NOEXCEPT) EV_NOEXCEPT
{
    ev_set_allocator (cb);
}
inline void set_syserr_cb (void (*cb)(const char *msg) EV_NOEXCEPT) EV_NOEXCEPT
{
    ev_set_syserr_cb (cb);
}

/* What is the same in all watcher classes but cannot be in their base, for it names the C functions
 * of the type. The class stays open for more. */
#define EVPP_WATCHER_(cpp, c)                                                       \
    struct cpp : base<ev_ ## c, cpp> {                                              \
        cpp (loop_ref l = get_default_loop ()) EV_NOEXCEPT : base<ev_ ## c, cpp> (l) { } \
        ~cpp () EV_NOEXCEPT { stop (); }                                            \
        void start () EV_NOEXCEPT { ev_ ## c ## _start (this->loop, this); }        \
        void stop () EV_NOEXCEPT { ev_ ## c ## _stop (this->loop, this); }          \
        using base<ev_ ## c, cpp>::set;                                             \
    private:                                                                        \
        cpp (const cpp &);                                                          \
        cpp &operator = (const cpp &);                                              \
    public:

/** Waits for a descriptor. */
EVPP_WATCHER_ (io, io)
    void set (int fd, int events) EV_NOEXCEPT
    {
        freeze_guard freeze (this);
        ev_io_set (this, fd, events);
    }
    void set (int events) EV_NOEXCEPT
    {
        freeze_guard freeze (this);
        ev_io_modify (this, events);
    }
    void start (int fd, int events) EV_NOEXCEPT
    {
        set (fd, events);
        start ();
    }
};

/** Waits for a time on the monotonic clock. */
EVPP_WATCHER_ (timer, timer)
    void set (tstamp after, tstamp repeat = 0.) EV_NOEXCEPT
    {
        freeze_guard freeze (this);
        ev_timer_set (this, after, repeat);
    }
    void start (tstamp after, tstamp repeat = 0.) EV_NOEXCEPT
    {
        set (after, repeat);
        start ();
    }
    void again () EV_NOEXCEPT { ev_timer_again (this->loop, this); }
    tstamp remaining () { return ev_timer_remaining (this->loop, this); }
};

#if EV_PERIODIC_ENABLE
/** Waits for times of the wall clock. */
EVPP_WATCHER_ (periodic, periodic)
    void set (tstamp at, tstamp interval = 0.) EV_NOEXCEPT
    {
        freeze_guard freeze (this);
        ev_periodic_set (this, at, interval, 0);
    }
    void start (tstamp at, tstamp interval = 0.) EV_NOEXCEPT
    {
        set (at, interval);
        start ();
    }
    void again () EV_NOEXCEPT { ev_periodic_again (this->loop, this); }
};
#endif

#if EV_SIGNAL_ENABLE
/** Waits for a signal. */
EVPP_WATCHER_ (sig, signal)
    void set (int signum) EV_NOEXCEPT
    {
        freeze_guard freeze (this);
        ev_signal_set (this, signum);
    }
    void start (int signum) EV_NOEXCEPT
    {
        set (signum);
        start ();
    }
};
#endif

#if EV_CHILD_ENABLE
/** Waits for a child. */
EVPP_WATCHER_ (child, child)
    void set (int pid, int trace = 0) EV_NOEXCEPT
    {
        freeze_guard freeze (this);
        ev_child_set (this, pid, trace);
    }
    void start (int pid, int trace = 0) EV_NOEXCEPT
    {
        set (pid, trace);
        start ();
    }
};
#endif

#if EV_STAT_ENABLE
/** Waits for changes of a path's attributes. */
EVPP_WATCHER_ (stat, stat)
    void set (const char *path, tstamp interval = 0.) EV_NOEXCEPT
    {
        freeze_guard freeze (this);
        ev_stat_set (this, path, interval);
    }
    void start (const char *path, tstamp interval = 0.) EV_NOEXCEPT
    {
        stop ();
        set (path, interval);
        start ();
    }
    void update () EV_NOEXCEPT { ev_stat_stat (this->loop, this); }
};
#endif

#if EV_IDLE_ENABLE
/** Is called when nothing else is to do. */
EVPP_WATCHER_ (idle, idle)
    void set () EV_NOEXCEPT { }
};
#endif

#if EV_PREPARE_ENABLE
/** Is called before the wait. */
EVPP_WATCHER_ (prepare, prepare)
    void set () EV_NOEXCEPT { }
};
#endif

#if EV_CHECK_ENABLE
/** Is called after the wait. */
EVPP_WATCHER_ (check, check)
    void set () EV_NOEXCEPT { }
};
#endif

#if EV_EMBED_ENABLE
/** Runs another loop inside this one. */
EVPP_WATCHER_ (embed, embed)
    void set_embed (struct ev_loop *inner) EV_NOEXCEPT
    {
        freeze_guard freeze (this);
        ev_embed_set (this, inner);
    }
    void start (struct ev_loop *inner) EV_NOEXCEPT
    {
        set_embed (inner);
        start ();
    }
    void sweep () { ev_embed_sweep (this->loop, this); }
};
#endif

#if EV_FORK_ENABLE
/** Is called in the child after a fork. */
EVPP_WATCHER_ (fork, fork)
    void set () EV_NOEXCEPT { }
};
#endif

#if EV_ASYNC_ENABLE
/** Is woken from other threads and signal handlers. */
EVPP_WATCHER_ (async, async)
    void send () EV_NOEXCEPT { ev_async_send (this->loop, this); }
    bool async_pending () EV_NOEXCEPT { return ev_async_pending (this) != 0; }
};
#endif

#undef EVPP_WATCHER_

} /* namespace ev */
