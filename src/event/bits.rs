//! Flag words of an event as they are stored: [`flags`](super::flags) has them as C sees them.

use super::flags::{EV_CLOSED, EV_READ, EV_SIGNAL, EV_TIMEOUT, EV_WRITE};
use super::raw;
use libc::{c_short, c_uchar};

/// What concerns a descriptor.
pub(crate) const IO: c_short = EV_READ | EV_WRITE | EV_CLOSED;
/// What `event_pending` can report.
pub(crate) const REPORTED: c_short = EV_TIMEOUT | EV_SIGNAL | IO;

/// Has a timer in the queue.
pub(crate) const TIMEOUT: c_short = raw::EVLIST_TIMEOUT as c_short;
/// Stands in the table of descriptors or of signals.
pub(crate) const INSERTED: c_short = raw::EVLIST_INSERTED as c_short;
/// Stands in an active queue.
pub(crate) const ACTIVE: c_short = raw::EVLIST_ACTIVE as c_short;
/// Belongs to the library: does not keep a loop alive and is not counted.
pub(crate) const INTERNAL: c_short = raw::EVLIST_INTERNAL as c_short;
/// Will be active in the next pass.
pub(crate) const LATER: c_short = raw::EVLIST_ACTIVE_LATER as c_short;
/// Will be finalized: takes nothing new.
pub(crate) const FINALIZING: c_short = raw::EVLIST_FINALIZING as c_short;
/// Is an event (and not mere deferred work), and initialised.
pub(crate) const INIT: c_short = raw::EVLIST_INIT as c_short;
/// Waits for the end of the turn; ours, unknown to the reference.
pub(crate) const END_OF_TURN: c_short = 0x100;
/// Active because another thread has sent it ([`inbox`](super::inbox)); ours as well.
pub(crate) const SENT: c_short = 0x200;
/// Will run, in this pass or the next.
pub(crate) const QUEUED: c_short = ACTIVE | LATER;

/// What running an `event_callback` means (`evcb_closure`).
pub(crate) mod closure {
    use super::c_uchar;
    /// A plain event.
    pub(crate) const EVENT: c_uchar = 0;
    /// A signal event: called once for each delivery.
    pub(crate) const SIGNAL: c_uchar = 1;
    /// A persistent event: its timeout is set again first.
    pub(crate) const PERSIST: c_uchar = 2;
    /// Deferred work.
    pub(crate) const SELF: c_uchar = 3;
    /// The finalizer of deferred work.
    pub(crate) const CB_FINALIZE: c_uchar = 4;
    /// The finalizer of an event.
    pub(crate) const EVENT_FINALIZE: c_uchar = 5;
    /// The finalizer of an event, which is freed afterwards.
    pub(crate) const EVENT_FINALIZE_FREE: c_uchar = 6;
}
