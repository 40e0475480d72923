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

/** Use the most precise monotonic clock, even if it costs more. */
#define EV_MONOT_PRECISE 1
/** Use the fallback for systems without a monotonic clock. */
#define EV_MONOT_FALLBACK 2

#ifdef __cplusplus
}
#endif

#endif /* EVENT2_UTIL_H_INCLUDED_ */
