/* harness: mbedtls; only=evrs; timeout=120 */
/* tls/alloc.c over mbedTLS, whose contexts are made with the same functions. */
#include "tls_as_mbedtls.h"

#include "../tls/alloc.c"
