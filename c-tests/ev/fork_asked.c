/* fork.c on the backends that are used only when asked for. */
/* harness: backends=iouring,linuxaio; expect=fork.out; timeout=60 */
#include "fork.c"
