/* event2/visibility.h: attributes of declarations.
 *
 * Part of evrs. Made by tools/headers out of the Rust sources: change those. */
#ifndef EVENT2_VISIBILITY_H_INCLUDED_
#define EVENT2_VISIBILITY_H_INCLUDED_

#include <event2/event-config.h>

/* Nothing has to be said about symbols on this system. */
#define EVENT2_EXPORT_SYMBOL
#define EVENT2_CORE_EXPORT_SYMBOL EVENT2_EXPORT_SYMBOL

/* The function takes a format like printf's as parameter `fmt`, and its arguments from parameter
 * `first` on; 0 for a va_list. */
#if defined(__GNUC__)
#define EVRS_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define EVRS_PRINTF(fmt, first)
#endif

#endif /* EVENT2_VISIBILITY_H_INCLUDED_ */
