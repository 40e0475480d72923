//! The server's side: a port that takes queries, and the answers to them.
//!
//! A port is counted: the user holds one count, each query that has not been answered yet another, and
//! the event's callback one while it runs. With the last one the socket is closed.

use super::base::from_arg;
use super::clients::{self, Client, Tcp};
use super::raw::{evdns_server_question, evdns_server_request};
use super::types::{self, evdns_request_callback_fn_type};
use super::wire::{self, Header, Reader, Table, Writer};
use crate::error::{Error, Result};
use crate::event::flags::{EV_PERSIST, EV_READ, EV_WRITE};
use crate::event::raw::event as Event;
use crate::event::{self, event_base};
use crate::mem::{self, TryPush};
use crate::sys::socket as sys;
use crate::thread::{Guard, Lock};
use crate::util::address::SockAddr;
use core::ffi::c_void;
use core::mem::offset_of;
use core::ptr::{addr_of_mut, null_mut};
use libc::{c_int, c_short, c_uint};

/// A server port; opaque to C.
#[allow(non_camel_case_types, reason = "C name")]
pub struct evdns_server_port {
    lock: Lock,
    event: Event,
    pub(super) event_base: *mut event_base,
    fd: c_int,
    pub(super) count: usize,
    pub(super) closed: bool,
    /// The socket's buffer is full.
    choked: bool,
    pub(super) cb: evdns_request_callback_fn_type,
    pub(super) arg: *mut c_void,
    /// Answers that wait for room, the next one first.
    first: *mut Request,
    last: *mut Request,
    /// A port on a listener has no socket of its own, but this.
    pub(super) tcp: Option<Tcp>,
}

impl core::fmt::Debug for evdns_server_port {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("evdns_server_port").field("fd", &self.fd).finish_non_exhaustive()
    }
}

/// What a record of an answer says.
enum Data {
    Bytes(mem::Vec<u8>),
    Name(mem::Vec<u8>),
}

/// A record of an answer.
struct Item {
    name: mem::Vec<u8>,
    kind: u16,
    class: u16,
    ttl: u32,
    data: Data,
}

/// A query, and the answer that is being put together. C sees its first part.
#[repr(C)]
pub(super) struct Request {
    public: evdns_server_request,
    port: *mut evdns_server_port,
    /// Who has asked over TCP, or null.
    client: *mut Client,
    next: *mut Self,
    id: u16,
    /// It has been answered and waits for room in the socket.
    answered: bool,
    from: SockAddr,
    sections: [mem::Vec<Item>; 3],
    reply: [u8; wire::UDP_REPLY],
    reply_len: usize,
}

/// Locks a port.
///
/// # Safety
/// `p` is alive.
pub(super) unsafe fn lock(p: *mut evdns_server_port) -> Guard {
    // SAFETY: alive by contract; the borrow of the lock ends here.
    unsafe { (*p).lock.guard() }
}

/// A new port on a bound UDP socket, which it owns from now on.
///
/// # Safety
/// `base` is null (the current one) or alive; `cb` and `arg` fit together.
pub unsafe fn new(
    base: *mut event_base,
    fd: c_int,
    cb: evdns_request_callback_fn_type,
    arg: *mut c_void,
) -> Result<*mut evdns_server_port> {
    if fd < 0 {
        return Err(Error::Invalid);
    }
    // SAFETY: the same contract.
    unsafe { make(base, fd, cb, arg, None) }
}

/// A new port, on a UDP socket or for the clients of a listener.
///
/// # Safety
/// As [`new`].
pub(super) unsafe fn make(
    base: *mut event_base,
    fd: c_int,
    cb: evdns_request_callback_fn_type,
    arg: *mut c_void,
    tcp: Option<Tcp>,
) -> Result<*mut evdns_server_port> {
    let base = event::base::or_current(base);
    if base.is_null() {
        return Err(Error::Invalid);
    }
    let lock = Lock::new()?;
    let c_lock = lock.as_ptr();
    let made = mem::try_box(evdns_server_port {
        lock,
        // SAFETY: an event of zeroes is a value of the plain C structure.
        event: unsafe { core::mem::zeroed() },
        event_base: base,
        fd,
        count: 1,
        closed: false,
        choked: false,
        cb,
        arg,
        first: null_mut(),
        last: null_mut(),
        tcp,
    });
    let p = match made {
        Ok(p) => mem::Box::into_raw(p),
        Err(e) => {
            // The lock has no destructor: C made it.
            Lock::adopt(c_lock).free();
            return Err(e);
        }
    };
    // SAFETY: made just above; the event lies in it and does not move.
    unsafe {
        let ev = addr_of_mut!((*p).event);
        let assigned = event::assign(ev, base, fd, EV_READ | EV_PERSIST, Some(ready), p.cast());
        let added = assigned.and_then(|()| if fd < 0 { Ok(()) } else { event::add(ev, None) });
        if let Err(e) = added {
            (*p).lock.free();
            drop(mem::Box::from_raw_in(p, mem::Heap));
            return Err(e);
        }
    }
    Ok(p)
}

/// Closes a port: no callback begins any more. Queries that are still to be answered keep the
/// socket open.
///
/// # Safety
/// `p` is alive and not used by the caller any more.
pub unsafe fn close(p: *mut evdns_server_port) {
    // SAFETY: by contract.
    unsafe {
        {
            let _guard = lock(p);
            (*p).closed = true;
            // Answers that wait for room still need the event.
            if !(*p).choked {
                let _ = event::del_noblock(addr_of_mut!((*p).event));
            }
        }
        clients::stop(p);
        release(p);
    }
}

/// Gives a count back.
///
/// # Safety
/// `p` is alive, the count the caller's, and the lock not held.
pub(super) unsafe fn release(p: *mut evdns_server_port) {
    // SAFETY: by contract. With the last one nobody but a loop that
    // has picked the event can reach the port, and deleting it waits for that.
    unsafe {
        {
            let _guard = lock(p);
            (*p).count -= 1;
            if (*p).count > 0 {
                return;
            }
        }
        let ev = addr_of_mut!((*p).event);
        let _ = event::del(ev);
        event::debug::note_teardown(ev);
        if (*p).fd >= 0 {
            let _ = sys::close((*p).fd);
        }
        (*p).lock.free();
        drop(mem::Box::from_raw_in(p, mem::Heap));
    }
}

unsafe extern "C" fn ready(_: c_int, what: c_short, arg: *mut c_void) {
    let p: *mut evdns_server_port = from_arg(arg);
    // SAFETY: `release` deletes the event, and waits for this, before the port goes; the count
    // keeps it alive when the callback closes it.
    unsafe {
        {
            let _guard = lock(p);
            if (*p).count == 0 {
                return;
            }
            (*p).count += 1;
        }
        if what & EV_WRITE != 0 {
            flush(p);
        }
        if what & EV_READ != 0 {
            read(p);
        }
        release(p);
    }
}

unsafe fn read(p: *mut evdns_server_port) {
    let mut buffer = [const { sys::Packet::uninit() }; 1];
    let mut facts = [sys::Received::NONE; 1];
    loop {
        let mut request = null_mut();
        // SAFETY: alive and counted by contract of the caller. The user's callback runs without the
        // lock; what it needs is copied out before.
        unsafe {
            let (cb, arg) = {
                let _guard = lock(p);
                if (*p).closed {
                    return;
                }
                let got = sys::recv_many((*p).fd, &mut buffer, &mut facts, |packet, fact| {
                    let from = SockAddr::from_storage(fact.from, fact.from_len);
                    request = parse(p, packet, from, null_mut()).unwrap_or(null_mut());
                });
                if let Err(e) = got {
                    if !e.is_retriable() {
                        super::log::warning!("Error {} while reading request.", e.0);
                    }
                    return;
                }
                ((*p).cb, (*p).arg)
            };
            if request.is_null() {
                continue;
            }
            hand_out(request, cb, arg);
        }
    }
}

/// Gives a query to the user.
///
/// # Safety
/// `r` is new, its port not locked; the callback and its argument fit together.
pub(super) unsafe fn hand_out(
    r: *mut Request,
    cb: evdns_request_callback_fn_type,
    arg: *mut c_void,
) {
    // SAFETY: by contract.
    unsafe {
        match cb {
            Some(cb) => cb(addr_of_mut!((*r).public), arg),
            None => free(r),
        }
    }
}

/// Makes a request of a packet. `None` for one that makes no sense, or that is answered already: only
/// standard queries are for the user.
///
/// # Safety
/// `p` is alive and locked, `client` is null or one of its clients.
pub(super) unsafe fn parse(
    p: *mut evdns_server_port,
    packet: &[u8],
    from: SockAddr,
    client: *mut Client,
) -> Option<*mut Request> {
    let mut reader = Reader::new(packet);
    let header = Header::read(&mut reader).ok()?;
    if header.flags & wire::QR != 0 {
        return None;
    }
    // A question takes five bytes at least: the count is not trusted before.
    if usize::from(header.questions) > reader.left() / 5 {
        return None;
    }
    // SAFETY: alive and locked by contract of the caller; the request is new.
    unsafe {
        let r = mem::Box::into_raw(
            mem::try_box(Request {
                public: evdns_server_request {
                    flags: c_int::from(header.flags & (wire::RD | wire::CD)),
                    nquestions: 0,
                    questions: null_mut(),
                },
                port: p,
                client,
                next: null_mut(),
                id: header.id,
                answered: false,
                from,
                sections: [const { mem::Vec::new_in(mem::Heap) }; 3],
                reply: [0; wire::UDP_REPLY],
                reply_len: 0,
            })
            .ok()?,
        );
        (*p).count += 1;
        if !client.is_null() {
            clients::retain(client);
        }
        if questions(r, &mut reader, header.questions).is_none() {
            free(r);
            return None;
        }
        if header.flags & wire::OPCODE != 0 {
            if respond(addr_of_mut!((*r).public), types::DNS_ERR_NOTIMPL) < 0 {
                free(r);
            }
            return None;
        }
        Some(r)
    }
}

unsafe fn questions(r: *mut Request, reader: &mut Reader<'_>, n: u16) -> Option<()> {
    // SAFETY: the request is new, and nobody else has it. A question's block has room for its name,
    // which goes on past the end of the structure, and a NUL.
    unsafe {
        // Without a question there is nothing to answer, and callbacks look at the first one.
        if n == 0 {
            return None;
        }
        let list: *mut *mut evdns_server_question =
            mem::zeroed(usize::from(n), size_of::<*mut evdns_server_question>())?.as_ptr().cast();
        (*r).public.questions = list;
        for i in 0..usize::from(n) {
            let name = reader.name().ok()?;
            let (kind, class) = (reader.u16().ok()?, reader.u16().ok()?);
            let text = name.as_bytes_with_nul();
            let head = offset_of!(evdns_server_question, name);
            let size = (head + text.len()).max(size_of::<evdns_server_question>());
            let q: *mut evdns_server_question = mem::alloc(size)?.as_ptr().cast();
            addr_of_mut!((*q).r#type).write(c_int::from(kind));
            addr_of_mut!((*q).dns_question_class).write(c_int::from(class));
            q.cast::<u8>().add(head).copy_from_nonoverlapping(text.as_ptr(), text.len());
            list.add(i).write(q);
            (*r).public.nquestions += 1;
        }
    }
    Some(())
}

/// Frees a request, and gives its count of the port back.
unsafe fn free(r: *mut Request) {
    // SAFETY: alive by contract of the callers, and used by nobody else.
    unsafe {
        let list = (*r).public.questions;
        if !list.is_null() {
            for i in 0..usize::try_from((*r).public.nquestions).unwrap_or(0) {
                mem::free(list.add(i).read().cast());
            }
            mem::free(list.cast());
        }
        let (p, client) = ((*r).port, (*r).client);
        drop(mem::Box::from_raw_in(r, mem::Heap));
        if !client.is_null() {
            clients::release(client);
        }
        release(p);
    }
}

/// Replaces the flags that the answer will have.
///
/// # Safety
/// `q` is a query that has not been answered.
pub unsafe fn set_flags(q: *mut evdns_server_request, flags: c_int) {
    // SAFETY: by contract.
    unsafe {
        (*q).flags &= !(types::EVDNS_FLAGS_AA | types::EVDNS_FLAGS_RD);
        (*q).flags |= flags;
    }
}

fn copy(bytes: &[u8]) -> Result<mem::Vec<u8>> {
    let mut new = mem::Vec::new_in(mem::Heap);
    new.try_reserve_exact(bytes.len()).map_err(|_| Error::NoMemory)?;
    new.extend_from_slice(bytes);
    Ok(new)
}

/// What a record says, as the caller has it.
#[derive(Clone, Copy, Debug)]
pub enum RecordData<'a> {
    /// Bytes.
    Bytes(&'a [u8]),
    /// A name, which takes part in compression.
    Name(&'a [u8]),
}

/// The type, the class and the time to live of a record, as C has them.
pub type Facts = [c_int; 3];

fn item(name: &[u8], [kind, class, ttl]: Facts, data: RecordData<'_>) -> Result<Item> {
    let data = match data {
        RecordData::Bytes(b) if b.len() > usize::from(u16::MAX) => return Err(Error::Invalid),
        RecordData::Bytes(b) => Data::Bytes(copy(b)?),
        RecordData::Name(n) => Data::Name(copy(n)?),
    };
    Ok(Item {
        name: copy(name)?,
        kind: low_word(kind),
        class: low_word(class),
        ttl: ttl.cast_unsigned(),
        data,
    })
}

/// A section of an answer that may still be added to.
///
/// # Safety
/// `r` is alive and its port locked; nobody else uses the section meanwhile.
unsafe fn section<'a>(r: *mut Request, section: c_int) -> Result<&'a mut mem::Vec<Item>> {
    let section = usize::try_from(section).map_err(|_| Error::Invalid)?;
    // SAFETY: by contract.
    let (answered, sections) = unsafe { ((*r).answered, &mut (*r).sections) };
    if answered {
        return Err(Error::Invalid);
    }
    sections.get_mut(section).ok_or(Error::Invalid)
}

/// Adds a record to the answer.
///
/// # Safety
/// `q` is a query that has not been freed.
pub unsafe fn add(
    q: *mut evdns_server_request,
    to: c_int,
    name: &[u8],
    facts: Facts,
    data: RecordData<'_>,
) -> Result<()> {
    let r: *mut Request = q.cast();
    let item = item(name, facts, data)?;
    // SAFETY: by contract; the port is alive as long as the query.
    unsafe {
        let _guard = lock((*r).port);
        section(r, to)?.try_push(item)
    }
}

/// Adds addresses of `size` bytes each to the answer, a record for each.
///
/// The reference puts all of them into one record, which only its own resolver understands.
///
/// # Safety
/// `q` is a query that has not been freed.
pub unsafe fn add_addresses(
    q: *mut evdns_server_request,
    name: &[u8],
    facts: Facts,
    addresses: &[u8],
    size: usize,
) -> Result<()> {
    let r: *mut Request = q.cast();
    // SAFETY: by contract; the port is alive as long as the query.
    unsafe {
        let _guard = lock((*r).port);
        let items = section(r, types::EVDNS_ANSWER_SECTION)?;
        let before = items.len();
        for address in addresses.chunks_exact(size) {
            let added =
                item(name, facts, RecordData::Bytes(address)).and_then(|i| items.try_push(i));
            if added.is_err() {
                items.truncate(before);
                return added;
            }
        }
    }
    Ok(())
}

/// The number as it goes into a message.
fn low_word(n: c_int) -> u16 {
    let [a, b, ..] = n.to_le_bytes();
    u16::from_le_bytes([a, b])
}

/// The questions of a query: their names, and their types and classes.
///
/// # Safety
/// `r` is alive, and its questions are not changed while the names are in use.
unsafe fn asked<'a>(r: *mut Request) -> impl Iterator<Item = (&'a [u8], u16, u16)> {
    // SAFETY: by contract; the list has so many entries, each with a NUL behind its name.
    unsafe {
        let n = usize::try_from((*r).public.nquestions).unwrap_or(0);
        let list = (*r).public.questions;
        (0..n).map(move |i| {
            let q = list.add(i).read();
            let text = q.cast::<u8>().add(offset_of!(evdns_server_question, name));
            let name = core::ffi::CStr::from_ptr(text.cast()).to_bytes();
            (name, low_word((*q).r#type), low_word((*q).dns_question_class))
        })
    }
}

/// The longest that an answer can become.
unsafe fn longest(r: *mut Request) -> usize {
    // SAFETY: alive and locked by contract of the caller.
    unsafe {
        let sections = &(*r).sections;
        let items = sections.iter().flatten().map(|i| {
            let data = match &i.data {
                Data::Bytes(b) => b.len(),
                Data::Name(n) => n.len().saturating_add(2),
            };
            i.name.len().saturating_add(data).saturating_add(12)
        });
        let questions = asked(r).map(|(name, ..)| name.len().saturating_add(6));
        let all = items.chain(questions).fold(wire::HEADER, usize::saturating_add);
        all.min(usize::from(u16::MAX))
    }
}

/// Writes the answer, and returns its length. A message that gets too long is cut off and says so.
unsafe fn write(r: *mut Request, error: c_int, to: &mut [u8]) -> wire::Result<usize> {
    // SAFETY: alive and locked by contract of the caller; the fields that are borrowed are
    // different ones.
    unsafe {
        let n = u16::try_from((*r).public.nquestions).unwrap_or(0);
        let flags = low_word((*r).public.flags | error) | wire::QR;
        let (sections, id) = (&(*r).sections, (*r).id);
        let mut w = Writer::new(to);
        w.u16(id)?;
        w.u16(flags)?;
        w.u16(n)?;
        for section in sections {
            w.u16(u16::try_from(section.len()).unwrap_or(u16::MAX))?;
        }
        let mut table = Table::default();
        let result = asked(r)
            .try_for_each(|(name, kind, class)| {
                w.name(name, Some(&mut table))?;
                w.u16(kind)?;
                w.u16(class)
            })
            .and_then(|()| {
                sections.iter().flatten().try_for_each(|i| write_item(&mut w, &mut table, i))
            });
        match result {
            Ok(()) => {}
            Err(wire::Malformed::Full) => w.patch(2, flags | wire::TC),
            Err(e) => return Err(e),
        }
        Ok(w.len())
    }
}

fn write_item<'n>(w: &mut Writer<'_>, table: &mut Table<'n>, item: &'n Item) -> wire::Result<()> {
    w.name(&item.name, Some(table))?;
    w.u16(item.kind)?;
    w.u16(item.class)?;
    w.u32(item.ttl)?;
    match &item.data {
        Data::Bytes(bytes) => {
            w.u16(u16::try_from(bytes.len()).map_err(|_| wire::Malformed::Full)?)?;
            w.bytes(bytes)
        }
        Data::Name(name) => {
            let at = w.len();
            w.u16(0)?;
            let start = w.len();
            w.name(name, Some(table))?;
            w.patch(at, u16::try_from(w.len().saturating_sub(start)).unwrap_or(0));
            Ok(())
        }
    }
}

/// Answers a query. Returns 0 when the answer is on its way, 1 when it has to wait for the socket
/// or was lost; the query is gone. -1, and the query is still there, when it cannot be answered.
///
/// # Safety
/// `q` is a query that has not been freed.
pub unsafe fn respond(q: *mut evdns_server_request, error: c_int) -> c_int {
    let r: *mut Request = q.cast();
    // SAFETY: by contract; the port is alive as long as the query.
    unsafe {
        let p = (*r).port;
        {
            let guard = lock(p);
            if (*r).answered {
                return 0;
            }
            let client = (*r).client;
            if !client.is_null() {
                let write = |to: &mut [u8]| write(r, error, to).map_err(|_| Error::Invalid);
                let Ok(all) = clients::respond(client, longest(r), write) else { return -1 };
                drop(guard);
                free(r);
                return c_int::from(!all);
            }
            let Ok(len) = write(r, error, &mut (*r).reply) else { return -1 };
            (*r).reply_len = len;
            if (*p).choked || matches!(send(r), Sent::Later) {
                (*r).answered = true;
                if (*p).last.is_null() {
                    (*p).first = r;
                } else {
                    (*(*p).last).next = r;
                }
                (*p).last = r;
                if !(*p).choked {
                    watch_writing(p, true);
                }
                return 1;
            }
        }
        free(r);
    }
    0
}

enum Sent {
    Done,
    Later,
}

/// Sends an answer; one that the kernel does not want is lost.
unsafe fn send(r: *mut Request) -> Sent {
    // SAFETY: alive and locked by contract of the callers.
    unsafe {
        let reply = &(*r).reply;
        let packet = reply.get(..(*r).reply_len).unwrap_or_default();
        match sys::sendto((*(*r).port).fd, packet, 0, (*r).from.as_ptr(), (*r).from.len()) {
            Ok(_) => Sent::Done,
            Err(e) if e.is_retriable() => Sent::Later,
            Err(e) => {
                super::log::warning!("Error {} while writing response to port; dropping", e.0);
                Sent::Done
            }
        }
    }
}

unsafe fn watch_writing(p: *mut evdns_server_port, on: bool) {
    // SAFETY: alive and locked by contract of the callers.
    unsafe {
        (*p).choked = on;
        let ev = addr_of_mut!((*p).event);
        let _ = event::del_noblock(ev);
        let reading = if (*p).closed { 0 } else { EV_READ };
        let what = reading | EV_PERSIST | if on { EV_WRITE } else { 0 };
        let _ = event::assign(ev, (*p).event_base, (*p).fd, what, Some(ready), p.cast());
        if what != EV_PERSIST && event::add(ev, None).is_err() {
            super::log::warning!("Error from libevent when adding event for DNS server.");
        }
    }
}

/// Sends the answers that wait for room.
unsafe fn flush(p: *mut evdns_server_port) {
    // SAFETY: alive and counted by contract of the caller.
    unsafe {
        loop {
            let r = {
                let _guard = lock(p);
                let r = (*p).first;
                if r.is_null() {
                    if (*p).choked {
                        watch_writing(p, false);
                    }
                    return;
                }
                if matches!(send(r), Sent::Later) {
                    return;
                }
                (*p).first = (*r).next;
                if (*p).first.is_null() {
                    (*p).last = null_mut();
                }
                r
            };
            free(r);
        }
    }
}

/// Sets a limit of a port for TCP; false if this is none, or there is no such limit.
///
/// # Safety
/// `p` is alive and not locked.
pub unsafe fn set_option(p: *mut evdns_server_port, option: c_uint, value: usize) -> bool {
    // SAFETY: by contract; nobody is called while the options are borrowed.
    unsafe {
        let _guard = lock(p);
        let Some(tcp) = &mut (*p).tcp else { return false };
        match option {
            0 => tcp.max = value,
            1 => {
                tcp.idle = u64::try_from(value).unwrap_or(0).saturating_mul(1_000_000).min(1 << 50)
            }
            _ => return false,
        }
        true
    }
}

/// Forgets a query without an answer.
///
/// # Safety
/// `q` is a query that has not been freed.
pub unsafe fn forget(q: *mut evdns_server_request) {
    let r: *mut Request = q.cast();
    // SAFETY: by contract. One that has been answered goes when its answer does.
    unsafe {
        if !(*r).answered {
            free(r);
        }
    }
}

/// Who has asked.
///
/// # Safety
/// `q` is a query that has not been freed.
pub unsafe fn asker(q: *mut evdns_server_request) -> SockAddr {
    // SAFETY: by contract.
    unsafe { (*q.cast::<Request>()).from }
}
