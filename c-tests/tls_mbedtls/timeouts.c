/* harness: mbedtls; only=evrs; expect=timeouts.out; valgrind; serial */
/* tls/timeouts.c over mbedTLS: the same comes out. */
#include "tls_as_mbedtls.h"

#include "../tls/timeouts.c"
