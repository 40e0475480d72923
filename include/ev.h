/* ev.h: libev: event loops and watchers.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EV_H_
#define EV_H_

#endif /* EV_H_ */
