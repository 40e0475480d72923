/* What the names that both libraries have mean where both headers are included: the same in either
 * order. Included by compile.rs after them. */
#ifdef __cplusplus
#define HOLDS(what) static_assert(what, #what)
#else
#define HOLDS(what) _Static_assert(what, #what)
#endif
HOLDS(EV_TIMEOUT == 1);
HOLDS(EV_READ == 2);
HOLDS(EV_WRITE == 4);
HOLDS(EV_SIGNAL == 8);
HOLDS(EVLOOP_NONBLOCK == 2);
HOLDS(EVRS_EV_READ == 1 && EVRS_EV_WRITE == 2 && EVRS_EV_SIGNAL == 0x400);
HOLDS(EV_TIMER == 0x100 && EVRUN_NOWAIT == 1);
#ifdef EVPP_H__
HOLDS(ev::READ == 1 && ev::WRITE == 2 && ev::SIGNAL == 0x400);
HOLDS(ev::TIMEOUT == 0x100 && ev::NONBLOCK == 1);
#endif
struct event_base *(*both)(void) = (ev_init);
