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
