/* ev++.h: libev's loops and watchers as C++ classes.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVPP_H__
#define EVPP_H__

#endif /* EVPP_H__ */
