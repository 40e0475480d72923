/* harness: mbedtls; only=evrs; expect=threads.out; valgrind; timeout=60 */
/* tls/threads.c over mbedTLS: the same comes out. */
#include "tls_as_mbedtls.h"

#include "../tls/threads.c"
