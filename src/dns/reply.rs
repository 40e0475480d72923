//! What comes back from a server, and what follows from it.

use super::base::evdns_base;
use super::config::MixedCase;
use super::inflight;
use super::request::{self, Target, evdns_request};
use super::server::{self, Server};
use super::wire::{self, Header, Reader, Reply};
use super::{lookup, types};
use core::ptr::null_mut;
use libc::c_int;

/// A packet that a server has sent, `over` its TCP connection or by UDP.
///
/// # Safety
/// `b` is alive and locked.
pub(super) unsafe fn packet(b: *mut evdns_base, packet: &[u8], over: Option<*mut Server>) {
    let mut reader = Reader::new(packet);
    let Ok(header) = Header::read(&mut reader) else { return };
    if header.flags & wire::QR == 0 {
        return;
    }
    // SAFETY: by contract; a request that is found is in flight.
    unsafe {
        let Some(r) = inflight::find(b, header.id) else { return };
        if !inflight::is_expected(r, over) {
            return;
        }
        let failure = header.flags & (wire::RCODE | wire::TC);
        if failure != 0 && c_int::from(failure) != types::DNS_ERR_NOTEXIST {
            handle(r, header.flags, 0, None);
            return;
        }
        let exact = (*b).options.mixed_case == MixedCase::Strict;
        match read(r, &mut reader, &header, exact) {
            Ok((ttl, has_answer)) => handle(r, header.flags, ttl, Some(has_answer)),
            Err(_) => handle(r, header.flags, 0, None),
        }
    }
}

/// Reads the answer into the request. Says how long it is good for, and whether there is one.
unsafe fn read(
    r: *mut evdns_request,
    reader: &mut Reader<'_>,
    header: &Header,
    exact: bool,
) -> wire::Result<(u32, bool)> {
    // SAFETY: in flight and locked by contract of the caller; the query and the answer are
    // different fields.
    unsafe {
        let query = request::query(r);
        let kind = (*r).kind;
        let room = match kind {
            wire::TYPE_A => 4 * wire::MAX_ADDRESSES,
            wire::TYPE_AAAA => 16 * wire::MAX_ADDRESSES,
            _ => 0,
        };
        let answer = &mut (*r).answer;
        let Some(addresses) = answer.get_mut(..room) else { return Err(wire::Malformed::Full) };
        let mut reply = Reply::new(addresses);
        reply.read(reader, header, query, kind, exact)?;
        let (filled, ttl, has_answer) = (reply.filled, reply.ttl, reply.has_answer());
        let (name, cname) = (reply.name, reply.cname);
        (*r).filled = filled;
        if let Some(name) = name {
            let text = name.as_bytes_with_nul();
            let answer = &mut (*r).answer;
            if let Some(to) = answer.get_mut(..text.len()) {
                to.copy_from_slice(text);
            }
        }
        let wanted = match (*r).target {
            Target::Lookup(l, _) => lookup::wants_cname(l),
            _ => (*r).tells_cname,
        };
        if let Some(cname) = cname
            && wanted
            && (*r).cname.is_empty()
            && (*r).cname.try_reserve_exact(cname.as_bytes().len().saturating_add(1)).is_ok()
        {
            (*r).cname.extend_from_slice(cname.as_bytes());
        }
        Ok((ttl, has_answer))
    }
}

fn error_of(flags: u16, answer: Option<bool>) -> c_int {
    let code = c_int::from(flags & wire::RCODE);
    if flags & wire::TC != 0 {
        types::DNS_ERR_TRUNCATED
    } else if code > types::DNS_ERR_REFUSED {
        types::DNS_ERR_UNKNOWN
    } else if code != 0 {
        code
    } else {
        match answer {
            Some(true) => types::DNS_ERR_NONE,
            Some(false) => types::DNS_ERR_NODATA,
            None => types::DNS_ERR_UNKNOWN,
        }
    }
}

/// The probe that has been answered is not to be cancelled for that.
unsafe fn answered_probe(r: *mut evdns_request) {
    // SAFETY: in flight and locked by contract of the caller.
    unsafe {
        if (*(*r).server).probe == r {
            (*(*r).server).probe = null_mut();
        }
    }
}

unsafe fn handle(r: *mut evdns_request, flags: u16, ttl: u32, answer: Option<bool>) {
    let error = error_of(flags, answer);
    // SAFETY: in flight and locked by contract of the caller.
    unsafe {
        match error {
            types::DNS_ERR_NOTIMPL | types::DNS_ERR_REFUSED => {
                // A server that refuses is of no use: another one.
                if inflight::may_reissue(r) {
                    let text = super::error_text(error).to_str().unwrap_or_default();
                    server::failed((*r).server, format_args!("Bad response {error} ({text})"));
                    if inflight::reissue(r) {
                        return;
                    }
                }
            }
            types::DNS_ERR_TRUNCATED => {
                answered_probe(r);
                server::is_up((*r).server);
                if inflight::over_tcp(r) {
                    return;
                }
            }
            types::DNS_ERR_SERVERFAILED => {
                // That may hold for this question only: as if there were no answer, but at once.
                (*r).server_failed = true;
                inflight::timed_out(r);
                return;
            }
            _ => {
                answered_probe(r);
                server::is_up((*r).server);
            }
        }
        if error != types::DNS_ERR_NONE && request::next_in_search(r) {
            return;
        }
        (*r).ttl = ttl;
        request::finish(r, error);
    }
}
