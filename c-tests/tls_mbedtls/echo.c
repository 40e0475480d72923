/* harness: mbedtls; only=evrs; expect=echo.out; valgrind; backends=epoll,poll */
/* tls/echo.c over mbedTLS: the same comes out. */
#include "tls_as_mbedtls.h"

#include "../tls/echo.c"
