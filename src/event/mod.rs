//! libevent's core on the reactor.
//!
//! | file | what it keeps |
//! |---|---|
//! | [`raw`], [`flags`] | what C sees of events: structures and constants |
//! | [`base`] | the base: what it holds, how it is made, counted, freed |
//! | [`config`] | `event_config`, the environment, the choice of a backend |
//! | [`state`] | assigned, pending, active: the states of an event |
//! | [`turn`] | the loop |
//! | [`time`] | the time of a pass |
//! | `queue` | the queues of what will run |
//! | `inbox` | activation from other threads without the lock |
//! | `io`, `signals`, `signalfd`, [`timers`] | what events wait for |
//! | [`deferred`], [`finalize`] | callbacks of the library itself; finalizers |
//! | [`once`] | events of a single call |
//! | [`watch`] | watchers of the loop |
//! | [`dump`] | walking over the events, printing them |
//! | [`debug`] | debug mode |
//!
//! Events and bases are reached through raw pointers, because callbacks of the user may free them
//! at any time. An event's links stand in the event itself: it must stay where it is from `add` to
//! `del`. Functions that take a base lock it, unless they say that they expect it locked.

pub mod base;
pub mod config;
pub mod debug;
pub mod deferred;
pub mod dump;
pub mod finalize;
pub mod flags;
pub mod io;
pub mod once;
pub mod raw;
pub mod signals;
pub mod state;
pub mod time;
pub mod timers;
pub mod turn;
pub mod watch;

mod bits;
mod inbox;
mod queue;
mod signalfd;
mod teardown;

pub use base::{
    add_virtual, base_new, cached_monotonic_ns, cached_time, current_base, del_virtual, event_base,
    is_running, middle_priority, or_current, priorities, real_lock as base_lock, runs_elsewhere,
};
pub use deferred::{callback_cancel, callback_init, callback_schedule, end_of_turn};
pub use finalize::callback_finalize_many;
pub use io::renew;
pub use state::{
    active, add, add_nolock, assign, base_set, del, del_noblock, initialized, pending,
    priority_set, remove_timer,
};

/// The callback of an event: descriptor or signal, what happened, argument.
pub type EventFn = unsafe extern "C" fn(libc::c_int, libc::c_short, *mut core::ffi::c_void);
