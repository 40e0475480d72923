/* The number of bytes in a buffer. */
#define EVBUFFER_LENGTH(x) evbuffer_get_length(x)
/* All of them in one piece. */
#define EVBUFFER_DATA(x) evbuffer_pullup((x), -1)
