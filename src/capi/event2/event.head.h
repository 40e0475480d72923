/* The version of libevent that this library stands in for. */
#define LIBEVENT_VERSION "2.1.12-stable"

/* In a unit with ev.h, in whichever order, EV_READ, EV_WRITE, EV_TIMEOUT, EV_SIGNAL and
 * EVLOOP_NONBLOCK mean libevent's values; ev.h says what libev's are called then. */
#ifdef EVLOOP_NONBLOCK
#undef EVLOOP_NONBLOCK
#endif
