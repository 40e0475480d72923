/* As all_closed, but the new descriptors get the numbers of the old ones: libev 4.33 closes its new
 * eventfd then, and asyncs and signals are lost. */
/* harness: backends=epoll,poll,select,iouring,linuxaio; libs=-lpthread; expect=all_closed_same_numbers.out */
#define FIRST 2
#include "all_closed.c"
