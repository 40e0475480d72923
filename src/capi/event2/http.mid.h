struct evhttp_bound_socket;

/* Called for a socket that a server listens on. A function, not a pointer to one. */
typedef void (evhttp_bound_socket_foreach_fn)(struct evhttp_bound_socket *bound, void *arg);
