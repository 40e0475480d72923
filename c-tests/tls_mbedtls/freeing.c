/* harness: mbedtls; only=evrs; expect=freeing.out; valgrind; asan */
/* tls/freeing.c over mbedTLS: the same comes out. */
#include "tls_as_mbedtls.h"

#include "../tls/freeing.c"
