/* A piece of an evbuffer's memory: the system's own structure. */
#define evbuffer_iovec iovec
#define EVBUFFER_IOVEC_IS_NATIVE_
