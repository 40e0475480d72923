/* io.c on the backends that are used only when asked for; what it prints on epoll is right here.
 * (The reference's io_uring backend fails an assertion in it, and it has no Linux AIO here.) */
/* harness: backends=iouring,linuxaio; expect=io.out */
#include "io.c"
