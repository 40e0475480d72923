//! Attributes of paths.
//!
//! A watcher compares what `lstat` says with what it said before, whenever inotify reports
//! something about the path, or from time to time where inotify does not reach: it sees only what
//! this machine does, so file systems that others change as well are looked at regularly too. A
//! path that does not exist is waited for in the nearest folder that does.

use super::flags::EV_STAT;
use super::raw::*;
use super::state::{Lazy, Loop, STAT_LISTS, internal, state};
use super::{io, timer};
use crate::sys::file_status::{file_system, lstat};
use crate::sys::inotify;
use core::ffi::CStr;
use core::mem::offset_of;
use core::ptr::null_mut;
use libc::{c_int, stat};

/// How often a path is looked at when the watcher does not say: about every five seconds. Odd
/// numbers, so that many watchers do not fall into step.
const USUAL: ev_tstamp = 5.0074891;
/// The shortest interval taken.
const SHORTEST: ev_tstamp = 0.1074891;
/// How often a path is looked at that inotify watches, on a file system that it may not see all of.
const REMOTE: ev_tstamp = 30.1074891;
/// What is waited for on a path.
const CHANGES: u32 = libc::IN_ATTRIB
    | libc::IN_DELETE_SELF
    | libc::IN_MOVE_SELF
    | libc::IN_MODIFY
    | libc::IN_CREATE
    | libc::IN_DELETE
    | libc::IN_MOVED_FROM
    | libc::IN_MOVED_TO
    | libc::IN_DONT_FOLLOW
    | libc::IN_MASK_ADD;
/// What is waited for in a folder in which the path, or part of it, may appear.
const APPEARANCE: u32 = libc::IN_MASK_ADD
    | libc::IN_DELETE_SELF
    | libc::IN_MOVE_SELF
    | libc::IN_CREATE
    | libc::IN_MOVED_TO;
/// What ends a watch.
const ENDS: u32 = libc::IN_IGNORED | libc::IN_UNMOUNT | libc::IN_DELETE_SELF;
/// File systems that only this machine changes, by `statfs` type: devfs, FAT, MS-DOS, ext2 to
/// ext4, JFFS2, ramfs, NTFS, JFS, btrfs, ReiserFS, tmpfs, XFS, overlayfs.
const LOCAL: [i64; 13] = [
    0x1373,
    0x4006,
    0x4d44,
    0xef53,
    0x72b6,
    0x8584_58f6,
    0x5346_544e,
    0x3153_464a,
    0x9123_683e,
    0x5265_4973,
    0x0102_1994,
    0x5846_5342,
    0x794c_7630,
];

/// The path of a watcher.
///
/// # Safety
/// The watcher is live and has a path.
unsafe fn path_of<'a>(w: *mut ev_stat) -> &'a CStr {
    // SAFETY: the path outlives the watcher's activity, as the caller of its start promised.
    unsafe {
        let path = (*w).path;
        if path.is_null() { c"" } else { CStr::from_ptr(path) }
    }
}

/// Refreshes `attr`.
///
/// # Safety
/// The watcher is live and has a path.
#[inline(never)]
pub unsafe fn look(_: *mut ev_loop, w: *mut ev_stat) {
    // SAFETY: the watcher is live (caller).
    unsafe {
        match lstat(path_of(w)) {
            Ok(status) => {
                (*w).attr = status;
                // 0 is what says that nothing is there, and some file systems give it.
                if (*w).attr.st_nlink == 0 {
                    (*w).attr.st_nlink = 1;
                }
            }
            Err(_) => (*w).attr.st_nlink = 0,
        }
    }
}

/// Starts a stat watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn start(l: *mut ev_loop, w: *mut ev_stat) {
    // SAFETY: loop and watcher are live (caller); no callback runs.
    unsafe {
        if (*w).active != 0 {
            return;
        }
        // Where nothing is there to look at, the caller's memory may never have been written.
        (&raw mut (*w).attr).write_bytes(0, 1);
        look(l, w);
        let interval = (*w).interval;
        if interval != 0.0 && interval < SHORTEST {
            (*w).interval = SHORTEST;
        }
        let repeat = interval_of(w, USUAL);
        let (active, pending, data) = (0, 0, null_mut());
        let (priority, cb) = ((*w).priority, Some(compare_now as unsafe extern "C" fn(_, _, _)));
        let new = ev_timer { active, pending, priority, data, cb, at: 0.0, repeat };
        (&raw mut (*w).timer).write(new);
        make_inotify(l);
        if state(l).inotify.is_open() {
            attach(l, w);
        } else {
            timer::again(l, &raw mut (*w).timer);
            state(l).refs -= 1;
        }
        state(l).start(w.cast(), 1);
    }
}

/// Stops a stat watcher.
///
/// # Safety
/// Loop and watcher are live.
pub unsafe fn stop(l: *mut ev_loop, w: *mut ev_stat) {
    // SAFETY: loop and watcher are live (caller); no callback runs.
    unsafe {
        state(l).pending.clear(w.cast());
        if (*w).active == 0 {
            return;
        }
        detach(l, w);
        if (*w).timer.active != 0 {
            state(l).refs += 1;
            timer::stop(l, &raw mut (*w).timer);
        }
        state(l).stop(w.cast());
    }
}

unsafe fn interval_of(w: *mut ev_stat, usual: ev_tstamp) -> ev_tstamp {
    // SAFETY: the watcher is live (callers).
    let interval = unsafe { (*w).interval };
    if interval == 0.0 { usual } else { interval }
}

unsafe fn make_inotify(l: *mut ev_loop) {
    // SAFETY: the loop is live (callers); no callback runs.
    unsafe {
        if state(l).inotify != Lazy::Wanted {
            return;
        }
        let Ok(fd) = inotify::create() else {
            state(l).inotify = Lazy::Off;
            return;
        };
        state(l).inotify = Lazy::Open(fd);
        let w = &raw mut (*internal(l)).inotify;
        io::start_internal(l, w, fd, 0, reported);
    }
}

/// Watches the path, or waits for it; sets the timer as far as one is needed beside that.
unsafe fn attach(l: *mut ev_loop, w: *mut ev_stat) {
    // SAFETY: loop and watcher are live (callers); no callback runs.
    unsafe {
        let Lazy::Open(fd) = state(l).inotify else { return };
        let path = path_of(w);
        let repeat;
        match inotify::add(fd, path, CHANGES) {
            Ok(wd) => {
                (*w).wd = wd;
                let local = file_system(path).is_ok_and(|kind| LOCAL.contains(&kind));
                repeat = if local { 0.0 } else { interval_of(w, REMOTE) };
            }
            Err(errno) => {
                (*w).wd = -1;
                repeat = interval_of(w, USUAL);
                if matches!(errno.0, libc::ENOENT | libc::EACCES) {
                    (*w).wd = wait_in_folder(fd, path, errno.0);
                }
            }
        }
        (*w).timer.repeat = repeat;
        if (*w).wd >= 0
            && let Some(head) = state(l).stats.get_mut((*w).wd.unsigned_abs() as usize % STAT_LISTS)
        {
            (*w).next = head.cast();
            *head = w;
        }
        // The timer holds no reference: the watcher itself does.
        let timer = &raw mut (*w).timer;
        if (*timer).active != 0 {
            state(l).refs += 1;
        }
        timer::again(l, timer);
        if (*timer).active != 0 {
            state(l).refs -= 1;
        }
    }
}

/// Watches the nearest folder above a path that is not there; -1 when there is none.
fn wait_in_folder(fd: c_int, path: &CStr, mut errno: c_int) -> c_int {
    let mut buffer = [0_u8; libc::PATH_MAX as usize];
    let bytes = path.to_bytes();
    let Some(copy) = buffer.get_mut(..bytes.len()) else { return -1 };
    copy.copy_from_slice(bytes);
    let mut len = bytes.len();
    loop {
        let slash = buffer.get(..len).and_then(|b| b.iter().rposition(|c| *c == b'/'));
        let folder = match slash {
            // The current folder, and the root.
            None => c".",
            Some(0) => c"/",
            Some(at) => {
                len = at;
                if let Some(end) = buffer.get_mut(at) {
                    *end = 0;
                }
                CStr::from_bytes_until_nul(&buffer).unwrap_or(c".")
            }
        };
        let denied = if errno == libc::EACCES { libc::IN_ATTRIB } else { 0 };
        match inotify::add(fd, folder, APPEARANCE | denied) {
            Ok(wd) => return wd,
            Err(e) if matches!(e.0, libc::ENOENT | libc::EACCES) => errno = e.0,
            Err(_) => return -1,
        }
        if matches!(slash, None | Some(0)) {
            return -1;
        }
    }
}

/// Takes the watcher out of inotify.
unsafe fn detach(l: *mut ev_loop, w: *mut ev_stat) {
    // SAFETY: loop and watcher are live (callers), and so are the others of the list.
    unsafe {
        let (s, wd) = (state(l), (*w).wd);
        if wd < 0 {
            return;
        }
        (*w).wd = -2;
        if s.unlink_stat(w, wd) {
            return;
        }
        if let Lazy::Open(fd) = s.inotify {
            inotify::remove(fd, wd);
        }
    }
}

impl Loop {
    /// Takes a watcher out of its list; whether others use the same watch.
    ///
    /// # Safety
    /// Active watchers are live.
    unsafe fn unlink_stat(&mut self, w: *mut ev_stat, wd: c_int) -> bool {
        let Some(head) = self.stats.get_mut(wd.unsigned_abs() as usize % STAT_LISTS) else {
            return false;
        };
        let (mut before, mut at): (*mut ev_stat, _) = (null_mut(), *head);
        let mut shared = false;
        while !at.is_null() {
            // SAFETY: active watchers are live (caller).
            unsafe {
                let next: *mut ev_stat = (*at).next.cast();
                if at == w {
                    if before.is_null() {
                        *head = next;
                    } else {
                        (*before).next = next.cast();
                    }
                } else {
                    // inotify gives one watch for one file, however often it is asked.
                    shared |= (*at).wd == wd;
                    before = at;
                }
                at = next;
            }
        }
        shared
    }
}

/// The inotify watcher's callback.
unsafe extern "C" fn reported(l: *mut ev_loop, w: *mut ev_io, _: c_int) {
    let mut buffer: inotify::Buffer = [0; 4096];
    // SAFETY: the loop calls this with itself and its own watcher; active watchers are live; no
    // callback runs.
    unsafe {
        let Ok(len) = inotify::read((*w).fd, &mut buffer) else { return };
        for event in inotify::events(buffer.get(..len).unwrap_or_default()) {
            if event.wd >= 0 {
                look_again(l, event.wd.unsigned_abs() as usize % STAT_LISTS, Some(event));
            } else {
                for list in 0..STAT_LISTS {
                    look_again(l, list, None);
                }
            }
        }
    }
}

/// Looks again at the paths that a report concerns; without a report, at all of a list.
unsafe fn look_again(l: *mut ev_loop, list: usize, event: Option<inotify::Event>) {
    // SAFETY: loop and active watchers are live (callers). Attaching and comparing put watchers
    // at the front of lists, so the next one is remembered before.
    unsafe {
        let mut w = state(l).stats.get(list).map_or(null_mut(), |head| *head);
        while !w.is_null() {
            let next = (*w).next.cast();
            if event.is_none_or(|e| e.wd == (*w).wd) {
                if let Some(e) = event
                    && e.mask & ENDS != 0
                {
                    state(l).unlink_stat(w, e.wd);
                    (*w).wd = -1;
                    attach(l, w);
                }
                compare(l, w);
            }
            w = next;
        }
    }
}

/// Whether a timer is part of a stat watcher.
///
/// # Safety
/// The timer is live.
pub(super) unsafe fn is_inner(timer: *mut ev_timer) -> bool {
    // SAFETY: the timer is live (caller).
    unsafe { (*timer).cb.is_some_and(|cb| core::ptr::fn_addr_eq(cb, COMPARE_NOW)) }
}

/// The watcher of a timer that [`is_inner`].
///
/// # Safety
/// It is one.
pub(super) unsafe fn of_timer(timer: *mut ev_timer) -> *mut ev_stat {
    // SAFETY: the timer is this field of a stat watcher (caller).
    unsafe { timer.byte_sub(offset_of!(ev_stat, timer)).cast() }
}

const COMPARE_NOW: unsafe extern "C" fn(*mut ev_loop, *mut ev_timer, c_int) = compare_now;

/// The callback of a watcher's timer.
unsafe extern "C" fn compare_now(l: *mut ev_loop, timer: *mut ev_timer, _: c_int) {
    // SAFETY: the timer is this field of a live watcher.
    unsafe { compare(l, of_timer(timer)) }
}

/// Looks, and queues the watcher if something is different.
unsafe fn compare(l: *mut ev_loop, w: *mut ev_stat) {
    // SAFETY: loop and watcher are live (callers); no callback runs.
    unsafe {
        let before = (*w).attr;
        look(l, w);
        if !differ(&before, &(*w).attr) {
            return;
        }
        // Only now, so that `prev` and `attr` differ whenever the callback runs.
        (*w).prev = before;
        if state(l).inotify.is_open() {
            // The path may be another file by now. Looked at once more, because that may have
            // changed before it was watched.
            detach(l, w);
            attach(l, w);
            look(l, w);
        }
        state(l).pending.feed(w.cast(), EV_STAT);
    }
}

fn differ(a: &stat, b: &stat) -> bool {
    a.st_dev != b.st_dev
        || a.st_ino != b.st_ino
        || a.st_mode != b.st_mode
        || a.st_nlink != b.st_nlink
        || a.st_uid != b.st_uid
        || a.st_gid != b.st_gid
        || a.st_rdev != b.st_rdev
        || a.st_size != b.st_size
        || (a.st_atime, a.st_atime_nsec) != (b.st_atime, b.st_atime_nsec)
        || (a.st_mtime, a.st_mtime_nsec) != (b.st_mtime, b.st_mtime_nsec)
        || (a.st_ctime, a.st_ctime_nsec) != (b.st_ctime, b.st_ctime_nsec)
}

/// Gives the child of a fork an inotify instance of its own, with all watches; the old one is closed
/// already.
///
/// # Safety
/// The loop is live and this is its thread.
pub(super) unsafe fn after_fork(l: *mut ev_loop) {
    // SAFETY: the loop is live (caller), active watchers are; no callback runs.
    unsafe {
        if !state(l).inotify.is_open() {
            return;
        }
        io::stop_internal(l, &raw mut (*internal(l)).inotify);
        state(l).inotify = Lazy::Wanted;
        make_inotify(l);
        let lists = core::mem::replace(&mut state(l).stats, [null_mut(); STAT_LISTS]);
        for head in lists {
            let mut w = head;
            while !w.is_null() {
                let next = (*w).next.cast();
                (*w).wd = -1;
                if state(l).inotify.is_open() {
                    attach(l, w);
                } else if (*w).timer.active == 0 {
                    (*w).timer.repeat = interval_of(w, USUAL);
                    timer::again(l, &raw mut (*w).timer);
                    state(l).refs -= 1;
                }
                w = next;
            }
        }
    }
}
