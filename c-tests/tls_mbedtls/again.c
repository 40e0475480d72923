/* harness: mbedtls; only=evrs; valgrind; timeout=90 */
/* tls/again.c over mbedTLS. */
#include "tls_as_mbedtls.h"

#include "../tls/again.c"
