/* harness: mbedtls; only=evrs; expect=rate.out; valgrind; serial */
/* tls/rate.c over mbedTLS: the same comes out. */
#include "tls_as_mbedtls.h"

#include "../tls/rate.c"
