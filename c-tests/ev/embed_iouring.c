/* A loop on io_uring inside another: the steps of embed.c, with what embed.c prints. The reference
 * ends in an assertion. */
/* harness: backends=epoll; expect=embed_iouring.out */
#define INNER EVBACKEND_IOURING
#include "embed.c"
