struct evhttp_bound_socket;

/* Called for a socket that a server listens on. A function, not a pointer to one. */
typedef void (evhttp_bound_socket_foreach_fn)(struct evhttp_bound_socket *bound, void *arg);

/* The last method with a name of its own; extended methods begin behind it. */
#define EVHTTP_REQ_MAX EVHTTP_REQ_MOVE
