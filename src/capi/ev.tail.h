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
