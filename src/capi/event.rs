//! `event.h`: everything of `event2/` that programs of libevent 1.4 saw.

use crate::event::event_base;

/// The same as `event_init`, under a name that an article has spread. Where `ev.h` is included
/// too, `ev_init` is a macro of libev's; this function is `(ev_init)()` then.
///
/// evrs:parenthesised
#[unsafe(no_mangle)]
pub extern "C" fn ev_init() -> *mut event_base {
    super::event2::event_compat::event_init()
}
