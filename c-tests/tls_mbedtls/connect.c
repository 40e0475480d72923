/* harness: mbedtls; only=evrs; valgrind; expect=connect.out */
/* tls/connect.c over mbedTLS, whose contexts know a descriptor by an mbedtls_net_context: the same comes
 * out. */
#include "tls_as_mbedtls.h"

#include "../tls/connect.c"
