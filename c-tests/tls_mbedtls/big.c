/* harness: mbedtls; only=evrs; expect=big.out; valgrind; timeout=60 */
/* tls/big.c over mbedTLS: the same comes out. */
#include "tls_as_mbedtls.h"

#include "../tls/big.c"
