/* The version of libevent that this library stands in for. */
#define LIBEVENT_VERSION "2.1.12-stable"

/* libev's old name of one of its own flags, if ev.h was included first: libevent's value counts. */
#ifdef EVLOOP_NONBLOCK
#undef EVLOOP_NONBLOCK
#endif
