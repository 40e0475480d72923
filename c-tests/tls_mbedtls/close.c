/* harness: mbedtls; only=evrs; valgrind; expect=close.out */
/* tls/close.c over mbedTLS, with mbedTLS's errors. As in libevent 2.2 a farewell is one of them, and
 * a wire that ends without is none. */
#include "tls_as_mbedtls.h"

#include "../tls/close.c"
