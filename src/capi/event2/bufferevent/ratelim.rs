//! `event2/bufferevent.h`: rate limits.
//!
//! A configuration says how many bytes may be read and written in each tick on average, and how many
//! at once after a pause. It can be put on single bufferevents, and on groups of them, which share it.

use crate::bufferevent::bucket::Direction;
use crate::bufferevent::raw::bufferevent;
use crate::bufferevent::{self as bevs, bufferevent_rate_limit_group, ev_token_bucket_cfg};
use crate::capi::convert::{set_errno, status};
use crate::error::Error;
use crate::event::event_base;
use crate::mem;
use core::ptr::{null, null_mut};
use libc::{c_int, size_t, ssize_t, timeval};

/// A configuration: bytes in each tick (`rate`), bytes at most at once (`burst`), for reading and
/// writing; the length of a tick, NULL for a second.
///
/// Returns NULL when a rate is 0, larger than its burst or than `EV_RATE_LIMIT_MAX`, when a tick is
/// shorter than a millisecond, or without memory. To be freed with `ev_token_bucket_cfg_free` after
/// the last bufferevent that uses it.
///
/// # Safety
/// `tick_len` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_token_bucket_cfg_new(
    read_rate: size_t,
    read_burst: size_t,
    write_rate: size_t,
    write_burst: size_t,
    tick_len: *const timeval,
) -> *mut ev_token_bucket_cfg {
    // SAFETY: NULL or valid (caller).
    let tick = unsafe { tick_len.as_ref() }.copied();
    ev_token_bucket_cfg::new(read_rate, read_burst, write_rate, write_burst, tick)
        .ok_or(Error::Invalid)
        .and_then(mem::try_box)
        .map_or_else(
            |e| {
                set_errno(e);
                null_mut()
            },
            mem::Box::into_raw,
        )
}

/// Frees a configuration, which no bufferevent may be using (groups have copies). NULL is ignored.
///
/// # Safety
/// `cfg` is NULL or live and not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ev_token_bucket_cfg_free(cfg: *mut ev_token_bucket_cfg) {
    // SAFETY: a block of `ev_token_bucket_cfg_new`, without anything to drop in it.
    unsafe { mem::free(cfg.cast()) }
}

/// Limits a bufferevent; NULL takes the limit away. The configuration has to live as long as it is
/// used. 0, or -1 without memory.
///
/// # Safety
/// `bev` is NULL or live; `cfg` is NULL or live while in use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_set_rate_limit(
    bev: *mut bufferevent,
    cfg: *mut ev_token_bucket_cfg,
) -> c_int {
    if bev.is_null() {
        return status(Err(Error::Invalid));
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::ratelimit::set(bev, cfg) })
}

/// The configuration of a bufferevent's own limit, or NULL.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_token_bucket_cfg(
    bev: *const bufferevent,
) -> *const ev_token_bucket_cfg {
    if bev.is_null() {
        return null();
    }
    // SAFETY: live (caller).
    unsafe { bevs::ratelimit::cfg(bev) }
}

/// A group of bufferevents that share a limit; the configuration is copied. NULL on failure. To be
/// freed with `bufferevent_rate_limit_group_free` before its base.
///
/// # Safety
/// `base` and `cfg` are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_rate_limit_group_new(
    base: *mut event_base,
    cfg: *const ev_token_bucket_cfg,
) -> *mut bufferevent_rate_limit_group {
    // SAFETY: NULL or live (caller).
    let Some(cfg) = (unsafe { cfg.as_ref() }) else {
        return null_mut();
    };
    if base.is_null() {
        return null_mut();
    }
    // SAFETY: live (caller).
    unsafe { bevs::group::new(base, cfg) }.unwrap_or_else(|e| {
        set_errno(e);
        null_mut()
    })
}

/// Changes a group's configuration; what is in the bucket stays, up to the new burst. 0, or -1 on
/// failure.
///
/// # Safety
/// Both are NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_rate_limit_group_set_cfg(
    group: *mut bufferevent_rate_limit_group,
    cfg: *const ev_token_bucket_cfg,
) -> c_int {
    // SAFETY: NULL or live (caller).
    let Some(cfg) = (unsafe { cfg.as_ref() }) else {
        return -1;
    };
    if group.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::group::set_cfg(group, cfg) })
}

/// The least number of bytes a member may move at once even if its part of the limit is smaller, so
/// that packets do not get tiny; 64 at first. More than one tick gives is cut to that. 0, or -1 for
/// a number above `EV_SSIZE_MAX`.
///
/// # Safety
/// `group` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_rate_limit_group_set_min_share(
    group: *mut bufferevent_rate_limit_group,
    share: size_t,
) -> c_int {
    if group.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::group::set_min_share(group, share) })
}

/// Frees a group, which should have no members any more. NULL is ignored.
///
/// # Safety
/// `group` is NULL or live and not used any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_rate_limit_group_free(
    group: *mut bufferevent_rate_limit_group,
) {
    if !group.is_null() {
        // SAFETY: live (caller).
        unsafe { bevs::group::free(group) }
    }
}

/// Puts a bufferevent into a group, and out of the one it was in; NULL only takes it out. 0, or -1
/// without memory.
///
/// # Safety
/// `bev` is NULL or live; `group` is NULL or live, and outlives the membership.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_add_to_rate_limit_group(
    bev: *mut bufferevent,
    group: *mut bufferevent_rate_limit_group,
) -> c_int {
    if bev.is_null() {
        return status(Err(Error::Invalid));
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::group::join(bev, group) })
}

/// Takes a bufferevent out of its group, if it is in one. 0, or -1 for NULL.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_remove_from_rate_limit_group(bev: *mut bufferevent) -> c_int {
    if bev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::group::quit(bev) };
    0
}

/// The bytes a group has read and written since it was made or
/// `bufferevent_rate_limit_group_reset_totals`; the pointers may be NULL.
///
/// # Safety
/// `grp` is NULL or live; the other pointers are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_rate_limit_group_get_totals(
    grp: *mut bufferevent_rate_limit_group,
    total_read_out: *mut u64,
    total_written_out: *mut u64,
) {
    if grp.is_null() {
        return;
    }
    // SAFETY: live, NULL or writable (caller).
    unsafe {
        let (read, written) = bevs::group::totals(grp);
        if let Some(p) = total_read_out.as_mut() {
            *p = read;
        }
        if let Some(p) = total_written_out.as_mut() {
            *p = written;
        }
    }
}

/// Sets a group's totals to 0.
///
/// # Safety
/// `grp` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_rate_limit_group_reset_totals(
    grp: *mut bufferevent_rate_limit_group,
) {
    if !grp.is_null() {
        // SAFETY: live (caller).
        unsafe { bevs::group::reset_totals(grp) }
    }
}

/// Sets how much a single read moves at most; 0 means 16384. 0, or -1 without memory.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_set_max_single_read(
    bev: *mut bufferevent,
    size: size_t,
) -> c_int {
    if bev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::ratelimit::set_max_single(bev, Direction::Read, size) })
}

/// How much a single read moves at most.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_max_single_read(bev: *mut bufferevent) -> ssize_t {
    if bev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::ratelimit::max_single(bev, Direction::Read) }.cast_signed()
}

/// What is left of the bufferevent's own read limit: negative after more was moved than it allowed,
/// `EV_SSIZE_MAX` without a limit. Groups do not count here.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_read_limit(bev: *mut bufferevent) -> ssize_t {
    if bev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::ratelimit::left(bev, Direction::Read) }
}

/// How much the next read may move, all limits considered.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_max_to_read(bev: *mut bufferevent) -> ssize_t {
    if bev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::ratelimit::max_to_move(bev, Direction::Read) }.cast_signed()
}

/// Takes `decr` bytes out of the bufferevent's own read limit, or puts them back if negative; the
/// direction stops or goes on accordingly. 0, or -1 if there is no limit.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_decrement_read_limit(
    bev: *mut bufferevent,
    decr: ssize_t,
) -> c_int {
    if bev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::ratelimit::decrement(bev, Direction::Read, decr) })
}

/// What is left of a group's read limit; may be negative.
///
/// # Safety
/// `grp` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_rate_limit_group_get_read_limit(
    grp: *mut bufferevent_rate_limit_group,
) -> ssize_t {
    if grp.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::group::left(grp, Direction::Read) }
}

/// Takes `decr` bytes out of a group's read limit, or puts them back if negative. 0, or -1 for NULL.
///
/// # Safety
/// `grp` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_rate_limit_group_decrement_read(
    grp: *mut bufferevent_rate_limit_group,
    decr: ssize_t,
) -> c_int {
    if grp.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::group::decrement(grp, Direction::Read, decr) };
    0
}

/// Sets how much a single write moves at most; 0 means 16384. 0, or -1 without memory.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_set_max_single_write(
    bev: *mut bufferevent,
    size: size_t,
) -> c_int {
    if bev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::ratelimit::set_max_single(bev, Direction::Write, size) })
}

/// How much a single write moves at most.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_max_single_write(bev: *mut bufferevent) -> ssize_t {
    if bev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::ratelimit::max_single(bev, Direction::Write) }.cast_signed()
}

/// What is left of the bufferevent's own write limit: negative after more was moved than it allowed,
/// `EV_SSIZE_MAX` without a limit. Groups do not count here.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_write_limit(bev: *mut bufferevent) -> ssize_t {
    if bev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::ratelimit::left(bev, Direction::Write) }
}

/// How much the next write may move, all limits considered.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_get_max_to_write(bev: *mut bufferevent) -> ssize_t {
    if bev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::ratelimit::max_to_move(bev, Direction::Write) }.cast_signed()
}

/// Takes `decr` bytes out of the bufferevent's own write limit, or puts them back if negative; the
/// direction stops or goes on accordingly. 0, or -1 if there is no limit.
///
/// # Safety
/// `bev` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_decrement_write_limit(
    bev: *mut bufferevent,
    decr: ssize_t,
) -> c_int {
    if bev.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    status(unsafe { bevs::ratelimit::decrement(bev, Direction::Write, decr) })
}

/// What is left of a group's write limit; may be negative.
///
/// # Safety
/// `grp` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_rate_limit_group_get_write_limit(
    grp: *mut bufferevent_rate_limit_group,
) -> ssize_t {
    if grp.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::group::left(grp, Direction::Write) }
}

/// Takes `decr` bytes out of a group's write limit, or puts them back if negative. 0, or -1 for NULL.
///
/// # Safety
/// `grp` is NULL or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bufferevent_rate_limit_group_decrement_write(
    grp: *mut bufferevent_rate_limit_group,
    decr: ssize_t,
) -> c_int {
    if grp.is_null() {
        return -1;
    }
    // SAFETY: live (caller).
    unsafe { bevs::group::decrement(grp, Direction::Write, decr) };
    0
}
