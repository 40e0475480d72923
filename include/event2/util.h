/* event2/util.h: sockets, addresses, numbers, time: what event programs need and systems do differently.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_UTIL_H_INCLUDED_
#define EVENT2_UTIL_H_INCLUDED_

#include <event2/event-config.h>
#include <event2/visibility.h>
#include <sys/time.h>
#include <stdint.h>
#include <sys/types.h>
#include <stddef.h>
#include <stdarg.h>
#include <netdb.h>
#include <errno.h>
#include <sys/socket.h>
#include <time.h>

/* Integer types of a known size. */
#define ev_uint64_t uint64_t
#define ev_int64_t int64_t
#define ev_uint32_t uint32_t
#define ev_int32_t int32_t
#define ev_uint16_t uint16_t
#define ev_int16_t int16_t
#define ev_uint8_t uint8_t
#define ev_int8_t int8_t

/* Integers as large as a pointer, a size that may be negative, an offset in a file, the length of
 * an address. */
#define ev_uintptr_t uintptr_t
#define ev_intptr_t intptr_t
#define ev_ssize_t ssize_t
#define ev_off_t ev_int64_t
#define ev_socklen_t socklen_t

/* The largest and smallest values of these types. C++ before 2011 may not have the system's names
 * for them. */
#define EV_UINT64_MAX 0xffffffffffffffffUL
#define EV_INT64_MAX 0x7fffffffffffffffL
#define EV_INT64_MIN (-EV_INT64_MAX - 1)
#define EV_UINT32_MAX 0xffffffffU
#define EV_INT32_MAX 0x7fffffff
#define EV_INT32_MIN (-EV_INT32_MAX - 1)
#define EV_UINT16_MAX 0xffff
#define EV_INT16_MAX 0x7fff
#define EV_INT16_MIN (-EV_INT16_MAX - 1)
#define EV_UINT8_MAX 0xff
#define EV_INT8_MAX 0x7f
#define EV_INT8_MIN (-EV_INT8_MAX - 1)
#define EV_SIZE_MAX EV_UINT64_MAX
#define EV_SSIZE_MAX EV_INT64_MAX
#define EV_SSIZE_MIN (-EV_SSIZE_MAX - 1)

/* A socket. */
#define evutil_socket_t int
/* What is no socket. */
#define EVUTIL_INVALID_SOCKET -1

/* The same as evutil_closesocket(). */
#define EVUTIL_CLOSESOCKET(s) evutil_closesocket(s)

/* The error of the last call on a socket, of whichever socket. */
#define EVUTIL_SOCKET_ERROR() (errno)
/* Sets that error. */
#define EVUTIL_SET_SOCKET_ERROR(errcode) do { errno = (errcode); } while (0)
/* The error of the last call on socket `sock`. */
#define evutil_socket_geterror(sock) (errno)
/* The text of such an error. */
#define evutil_socket_error_to_string(errcode) (strerror(errcode))

/* vvp = tvp + uvp, all of them pointers to struct timeval. */
#define evutil_timeradd(tvp, uvp, vvp) timeradd((tvp), (uvp), (vvp))
/* vvp = tvp - uvp. */
#define evutil_timersub(tvp, uvp, vvp) timersub((tvp), (uvp), (vvp))
/* Sets a struct timeval to 0. */
#define evutil_timerclear(tvp) timerclear(tvp)
/* Whether `*tvp cmp *uvp`; cmp is a comparison operator. */
#define evutil_timercmp(tvp, uvp, cmp) \
    (((tvp)->tv_sec == (uvp)->tv_sec) \
        ? ((tvp)->tv_usec cmp (uvp)->tv_usec) \
        : ((tvp)->tv_sec cmp (uvp)->tv_sec))
/* Whether a struct timeval is not 0. */
#define evutil_timerisset(tvp) timerisset(tvp)
/* Where a field stands in a structure. */
#define evutil_offsetof(type, field) offsetof(type, field)
/* The time of day; the time zone may be NULL. */
#define evutil_gettimeofday(tv, tz) gettimeofday((tv), (tz))

/* A list of addresses, as evutil_getaddrinfo() gives it: the system's. */
#define evutil_addrinfo addrinfo

/* What evutil_getaddrinfo() and evdns_getaddrinfo() return: the system's codes, where the headers
 * that were included so far show them. */
#ifdef EAI_ADDRFAMILY
#define EVUTIL_EAI_ADDRFAMILY EAI_ADDRFAMILY
#else
#define EVUTIL_EAI_ADDRFAMILY -901
#endif
#ifdef EAI_AGAIN
#define EVUTIL_EAI_AGAIN EAI_AGAIN
#else
#define EVUTIL_EAI_AGAIN -902
#endif
#ifdef EAI_BADFLAGS
#define EVUTIL_EAI_BADFLAGS EAI_BADFLAGS
#else
#define EVUTIL_EAI_BADFLAGS -903
#endif
#ifdef EAI_FAIL
#define EVUTIL_EAI_FAIL EAI_FAIL
#else
#define EVUTIL_EAI_FAIL -904
#endif
#ifdef EAI_FAMILY
#define EVUTIL_EAI_FAMILY EAI_FAMILY
#else
#define EVUTIL_EAI_FAMILY -905
#endif
#ifdef EAI_MEMORY
#define EVUTIL_EAI_MEMORY EAI_MEMORY
#else
#define EVUTIL_EAI_MEMORY -906
#endif
#ifdef EAI_NODATA
#define EVUTIL_EAI_NODATA EAI_NODATA
#else
#define EVUTIL_EAI_NODATA -907
#endif
#ifdef EAI_NONAME
#define EVUTIL_EAI_NONAME EAI_NONAME
#else
#define EVUTIL_EAI_NONAME -908
#endif
#ifdef EAI_SERVICE
#define EVUTIL_EAI_SERVICE EAI_SERVICE
#else
#define EVUTIL_EAI_SERVICE -909
#endif
#ifdef EAI_SOCKTYPE
#define EVUTIL_EAI_SOCKTYPE EAI_SOCKTYPE
#else
#define EVUTIL_EAI_SOCKTYPE -910
#endif
#ifdef EAI_SYSTEM
#define EVUTIL_EAI_SYSTEM EAI_SYSTEM
#else
#define EVUTIL_EAI_SYSTEM -911
#endif
/* The request was cancelled. */
#define EVUTIL_EAI_CANCEL -90001

/* Flags for these functions. */
#ifdef AI_PASSIVE
#define EVUTIL_AI_PASSIVE AI_PASSIVE
#else
#define EVUTIL_AI_PASSIVE 0x1000
#endif
#ifdef AI_CANONNAME
#define EVUTIL_AI_CANONNAME AI_CANONNAME
#else
#define EVUTIL_AI_CANONNAME 0x2000
#endif
#ifdef AI_NUMERICHOST
#define EVUTIL_AI_NUMERICHOST AI_NUMERICHOST
#else
#define EVUTIL_AI_NUMERICHOST 0x4000
#endif
#ifdef AI_NUMERICSERV
#define EVUTIL_AI_NUMERICSERV AI_NUMERICSERV
#else
#define EVUTIL_AI_NUMERICSERV 0x8000
#endif
#ifdef AI_V4MAPPED
#define EVUTIL_AI_V4MAPPED AI_V4MAPPED
#else
#define EVUTIL_AI_V4MAPPED 0x10000
#endif
#ifdef AI_ALL
#define EVUTIL_AI_ALL AI_ALL
#else
#define EVUTIL_AI_ALL 0x20000
#endif
#ifdef AI_ADDRCONFIG
#define EVUTIL_AI_ADDRCONFIG AI_ADDRCONFIG
#else
#define EVUTIL_AI_ADDRCONFIG 0x40000
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct addrinfo;
struct evutil_monotonic_timer;
struct sockaddr;
struct timeval;
struct tm;

/** Use the most precise monotonic clock, even if it costs more. */
#define EV_MONOT_PRECISE 1
/** Use the fallback for systems without a monotonic clock. */
#define EV_MONOT_FALLBACK 2

/**
 * Writes a date as HTTP and mail headers have it: `Sun, 06 Nov 1994 08:49:37 GMT`.
 *
 * `tm` is in UTC; NULL means now. At most `datelen` bytes are written, the last one a NUL.
 *
 * Returns the length of the whole date as `snprintf` does (0 for a `datelen` of 0), or -1 when
 * `date` is NULL or the weekday or the month does not exist.
 */
int evutil_date_rfc1123(char *date, size_t datelen, const struct tm *tm);

/**
 * A new clock that never runs backwards, or NULL without memory.
 *
 * It reads the coarse clock, as after `evutil_configure_monotonic_time(timer, 0)`. To be freed with
 * `evutil_monotonic_timer_free`.
 */
struct evutil_monotonic_timer *evutil_monotonic_timer_new(void);

/** Frees a clock; NULL is fine. */
void evutil_monotonic_timer_free(struct evutil_monotonic_timer *timer);

/**
 * Chooses the clock: `EV_MONOT_PRECISE` for one exact to the nanosecond instead of the coarse one
 * (steps of some milliseconds, cheaper), `EV_MONOT_FALLBACK` for the wall clock made monotonic.
 *
 * Returns 0, or -1 for NULL.
 */
int evutil_configure_monotonic_time(struct evutil_monotonic_timer *timer,
                                    int flags);

/**
 * Reads a clock. The time counts from a moment that means nothing: only differences do.
 *
 * One timer may be used by one thread at a time. Returns 0, or -1 for NULL.
 */
int evutil_gettime_monotonic(struct evutil_monotonic_timer *timer, struct timeval *tp);

/**
 * Makes two connected sockets, as `socketpair` does. They block, and survive `exec`.
 *
 * The family has to be one the kernel makes pairs of: `AF_UNIX`. `AF_INET` fails with `EOPNOTSUPP`.
 *
 * Returns 0, or -1 with `errno`; then `sv` is unchanged.
 */
int evutil_socketpair(int family,
                      int type,
                      int protocol,
                      evutil_socket_t sv[2]);

/** Makes a socket non-blocking. Returns 0, or -1 with a warning. */
int evutil_make_socket_nonblocking(evutil_socket_t sock);

/**
 * Lets a listening socket bind an address whose last user has just gone (`SO_REUSEADDR`).
 * Returns 0 or -1.
 */
int evutil_make_listen_socket_reuseable(evutil_socket_t sock);

/**
 * Lets several sockets listen at one address, if all of them ask for it (`SO_REUSEPORT`).
 * Returns 0 or -1.
 */
int evutil_make_listen_socket_reuseable_port(evutil_socket_t sock);

/**
 * Has an IPv6 socket take IPv6 connections only, whatever the system's default is
 * (`IPV6_V6ONLY`). Returns 0 or -1.
 */
int evutil_make_listen_socket_ipv6only(evutil_socket_t sock);

/**
 * Has an IPv6 socket take IPv4 connections, too, whatever the system's default is
 * (`IPV6_V6ONLY` off; since libevent 2.2). Returns 0 or -1.
 */
int evutil_make_listen_socket_not_ipv6only(evutil_socket_t sock);

/** Has a socket closed by a successful `exec`. Returns 0, or -1 with a warning. */
int evutil_make_socket_closeonexec(evutil_socket_t sock);

/** Closes a socket. Returns 0, or -1 with `errno`. */
int evutil_closesocket(evutil_socket_t sock);

/**
 * Has a listening TCP socket announce a connection only once its first data is there
 * (`TCP_DEFER_ACCEPT`). Returns 0 or -1.
 */
int evutil_make_tcp_listen_socket_deferred(evutil_socket_t sock);

/**
 * Switches TCP keep-alive on or off (since libevent 2.2).
 *
 * When on, a connection that is silent for `timeout` seconds is probed three times within about
 * the same time again, and then given up. With a `timeout` of 0 or less nothing is changed.
 *
 * Returns 0, or -1 with `errno`.
 */
int evutil_set_tcp_keepalive(evutil_socket_t sock, int on, int timeout);

/**
 * Reads a 64-bit number; the arguments and results are those of `strtoll`.
 *
 * For NULL the result is 0.
 */
int64_t evutil_strtoll(const char *s, char **endptr, int base);

/**
 * Writes formatted text: at most `buflen` bytes, the last one a NUL.
 *
 * Returns the length of the whole text, which may be more than was written, or 0 when `buflen`
 * is 0, or -1 on an error of the format.
 */
int evutil_snprintf(char *buf, size_t buflen, const char *format, ...) EVRS_PRINTF(3,4);

/** As `evutil_snprintf`, with the arguments in a `va_list`. */
int evutil_vsnprintf(char *buf, size_t buflen, const char *format, va_list ap) EVRS_PRINTF(3,0);

/**
 * Writes an address as text. `src` is a `struct in_addr` or `struct in6_addr`, as `af` says.
 *
 * IPv6 addresses are in lower case with the longest run of zeros shortened; those that hold an
 * IPv4 address end in it (`::ffff:1.2.3.4`).
 *
 * Returns `dst`, or NULL when `len` bytes are too few, or for other families.
 */
const char *evutil_inet_ntop(int af, const void *src, char *dst, size_t len);

/**
 * Reads an address, for IPv6 with an optional `%interface`, whose number goes to `*indexp` (0
 * without).
 *
 * Returns 1, 0 when `src` is no address, or -1 for other families.
 */
int evutil_inet_pton_scope(int af, const char *src, void *dst, unsigned int *indexp);

/**
 * Reads an address: four decimal numbers, or IPv6 as RFC 4291 has it.
 *
 * Returns 1, 0 when `src` is no address (then `dst` is unchanged), or -1 for other families.
 */
int evutil_inet_pton(int af, const char *src, void *dst);

/**
 * Reads an address with an optional port: `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]`, `[::1]:80`,
 * `[fe80::1%eth0]:80`. Without a port it is 0.
 *
 * `*outlen` is the room at `out`, and on success the length of the address there; the rest of
 * the room is zeroed. A `struct sockaddr_storage` is always large enough.
 *
 * Returns 0, or -1 when the text is no address, the port is not within 1 to 65535, or the room is
 * too small; then nothing is changed.
 */
int evutil_parse_sockaddr_port(const char *str,
                               struct sockaddr *out,
                               int *outlen);

/**
 * Compares two addresses, with their ports if `include_port` is not 0.
 *
 * Returns 0 when they are equal, else a number below or above 0: an order that means nothing but is always
 * the same. Addresses other than IPv4 and IPv6 ones are never equal.
 */
int evutil_sockaddr_cmp(const struct sockaddr *sa1,
                        const struct sockaddr *sa2,
                        int include_port);

/** As `strcasecmp`, in ASCII whatever the locale. NULL comes before every string. */
int evutil_ascii_strcasecmp(const char *str1, const char *str2);

/** As `strncasecmp`, in ASCII whatever the locale. NULL comes before every string. */
int evutil_ascii_strncasecmp(const char *str1, const char *str2, size_t n);

/**
 * Looks names up, as `getaddrinfo` does, and blocks while it does.
 *
 * The list at `*res` is freed with `evutil_freeaddrinfo`. `evdns_getaddrinfo` does not block.
 *
 * Returns 0 or one of `EVUTIL_EAI_*`.
 */
int evutil_getaddrinfo(const char *nodename,
                       const char *servname,
                       const struct evutil_addrinfo *hints_in,
                       struct evutil_addrinfo **res);

/** Frees a list of `evutil_getaddrinfo` or `evdns_getaddrinfo`; NULL is fine. */
void evutil_freeaddrinfo(struct evutil_addrinfo *ai);

/** The text for an `EVUTIL_EAI_*` code. It is not to be freed. */
const char *evutil_gai_strerror(int err);

/**
 * Fills `buf` with `n` bytes that nobody can guess. May be called from any thread.
 *
 * The bytes come from the kernel. Should there be none at all (a sandbox that forbids the system
 * call and the device), the program ends.
 */
void evutil_secure_rng_get_bytes(void *buf,
                                 size_t n);

/**
 * Makes sure that random bytes can be had. It need not be called.
 *
 * Returns 0, or -1 when the system gives none.
 */
int evutil_secure_rng_init(void);

/**
 * Would name the file to take random bytes from. The kernel's own generator is used and needs no
 * file, so the name is ignored, as the reference does on such systems.
 *
 * Returns -1.
 */
int evutil_secure_rng_set_urandom_device_file(char *fname);

/** Would stir bytes into the random generator. The kernel's own is used, which needs none. */
void evutil_secure_rng_add_bytes(const char *dat, size_t datlen);

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_UTIL_H_INCLUDED_ */
