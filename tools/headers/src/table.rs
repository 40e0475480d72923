//! Which header is made of what.

/// How structures are named in C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `struct x` (libevent).
    Tag,
    /// `struct x` and `x` (libev).
    Both,
}

/// A header.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its path below `include/`.
    pub out: &'static str,
    /// Its include guard, the reference's own: programs test for it.
    pub guard: &'static str,
    /// What it is about, for the first lines.
    pub about: &'static str,
    /// Its path below `src/capi/` without extension: the Rust file, the folder of further Rust
    /// files, and the fragments `.head.h`, `.mid.h` and `.tail.h`; each may be missing.
    pub capi: &'static str,
    /// Further Rust files, below `src/`, for its types and constants.
    pub sources: &'static [&'static str],
    /// More such files, each with the macro that has to be defined for what it has.
    pub guarded: &'static [(&'static str, &'static str)],
    /// The headers it includes, `event2/event-config.h` first in each of libevent's.
    pub includes: &'static [&'static str],
    /// How structures are named.
    pub style: Style,
    /// What stands before every function, a macro of the head fragment.
    pub prefix: &'static str,
    /// C++ only: no `extern "C"` around it.
    pub plain: bool,
}

const fn row(
    out: &'static str,
    guard: &'static str,
    capi: &'static str,
    sources: &'static [&'static str],
    includes: &'static [&'static str],
    about: &'static str,
) -> Row {
    Row {
        out,
        guard,
        about,
        capi,
        sources,
        guarded: &[],
        includes,
        style: Style::Tag,
        prefix: "",
        plain: false,
    }
}

const CONFIG: &str = "event2/event-config.h";
const VISIBILITY: &str = "event2/visibility.h";
const UTIL: &str = "event2/util.h";

/// The headers. Types are printed with the first row that has them.
#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    row("event2/event-config.h", "EVENT2_EVENT_CONFIG_H_INCLUDED_", "event2/event_config", &[], &[],
        "how the library was built, as libevent's configure would have found it."),
    row("event2/visibility.h", "EVENT2_VISIBILITY_H_INCLUDED_", "event2/visibility", &[], &[CONFIG],
        "attributes of declarations."),
    row("event2/util.h", "EVENT2_UTIL_H_INCLUDED_", "event2/util", &["util/types.rs"],
        &[CONFIG, VISIBILITY, "sys/time.h", "stdint.h", "sys/types.h", "stddef.h", "stdarg.h",
          "netdb.h", "errno.h", "sys/socket.h", "time.h"],
        "sockets, addresses, numbers, time: what event programs need and systems do differently."),
    row("event2/keyvalq_struct.h", "EVENT2_KEYVALQ_STRUCT_H_INCLUDED_", "event2/keyvalq_struct",
        &["http/keyvalq_raw.rs"], &[CONFIG, VISIBILITY],
        "lists of keys and values: headers and query parameters."),
    row("event2/event.h", "EVENT2_EVENT_H_INCLUDED_", "event2/event", &["event/flags.rs"],
        &[CONFIG, VISIBILITY, "sys/types.h", "sys/time.h", "stdio.h", UTIL],
        "event loops and events."),
    row("event2/event_struct.h", "EVENT2_EVENT_STRUCT_H_INCLUDED_", "event2/event_struct",
        &["event/raw.rs"],
        &[CONFIG, VISIBILITY, "sys/types.h", "sys/time.h", UTIL, "event2/keyvalq_struct.h"],
        "struct event, for programs that allocate events themselves."),
    row("event2/event_compat.h", "EVENT2_EVENT_COMPAT_H_INCLUDED_", "event2/event_compat", &[],
        &[CONFIG, VISIBILITY, "sys/types.h", "sys/time.h", UTIL],
        "functions of libevent before 2.0, which work on one global base. New code names its base."),
    row("event2/watch.h", "EVENT2_WATCH_H_INCLUDED_", "event2/watch", &[], &[CONFIG, VISIBILITY],
        "watchers, called before and after the loop waits (since 2.2)."),
    row("event2/thread.h", "EVENT2_THREAD_H_INCLUDED_", "event2/thread", &["thread/raw.rs"],
        &[CONFIG, VISIBILITY], "how the library locks, for programs with threads."),
    row("event2/buffer.h", "EVENT2_BUFFER_H_INCLUDED_", "event2/buffer", &["buffer/raw.rs"],
        &[CONFIG, VISIBILITY, "stdarg.h", "sys/types.h", "sys/uio.h", UTIL],
        "evbuffers: queues of bytes."),
    row("event2/buffer_compat.h", "EVENT2_BUFFER_COMPAT_H_INCLUDED_", "event2/buffer_compat", &[],
        &[CONFIG, VISIBILITY, "event2/buffer.h"], "functions of evbuffers before 2.0."),
    row("event2/bufferevent.h", "EVENT2_BUFFEREVENT_H_INCLUDED_", "event2/bufferevent",
        &["bufferevent/types.rs"],
        &[CONFIG, VISIBILITY, "sys/types.h", "sys/time.h", UTIL],
        "bufferevents: transports with an input and an output buffer."),
    row("event2/bufferevent_struct.h", "EVENT2_BUFFEREVENT_STRUCT_H_INCLUDED_",
        "event2/bufferevent_struct", &["bufferevent/raw.rs"],
        &[CONFIG, VISIBILITY, "sys/types.h", "sys/time.h", UTIL, "event2/bufferevent.h",
          "event2/event_struct.h"],
        "struct bufferevent, for old programs that read it."),
    row("event2/bufferevent_compat.h", "EVENT2_BUFFEREVENT_COMPAT_H_INCLUDED_",
        "event2/bufferevent_compat", &[], &[CONFIG, VISIBILITY, "event2/bufferevent.h"],
        "functions of bufferevents before 2.0."),
    Row {
        guarded: &[("EVENT__HAVE_MBEDTLS", "../tls/mbedtls/src/capi.rs")],
        ..row("event2/bufferevent_ssl.h", "EVENT2_BUFFEREVENT_SSL_H_INCLUDED_", "event2/bufferevent_ssl",
        &["bufferevent/tls/types.rs", "../tls/openssl/src/capi.rs"],
        &[CONFIG, VISIBILITY, "event2/bufferevent.h", UTIL],
        "bufferevents over TLS; a program links libevrs_openssl or libevrs_mbedtls as well.")
    },
    row("event2/listener.h", "EVENT2_LISTENER_H_INCLUDED_", "event2/listener",
        &["listener/types.rs"], &[CONFIG, VISIBILITY, "event2/event.h"],
        "listeners: sockets that take connections."),
    row("event2/tag.h", "EVENT2_TAG_H_INCLUDED_", "event2/tag", &[],
        &[CONFIG, VISIBILITY, "sys/types.h", "sys/time.h", UTIL],
        "tagged values in evbuffers."),
    row("event2/tag_compat.h", "EVENT2_TAG_COMPAT_H_INCLUDED_", "event2/tag_compat", &[],
        &[CONFIG, VISIBILITY], "old names of the functions for tagged values."),
    row("event2/http.h", "EVENT2_HTTP_H_INCLUDED_", "event2/http", &["http/types.rs"],
        &[CONFIG, VISIBILITY, UTIL], "HTTP server and client."),
    row("event2/http_struct.h", "EVENT2_HTTP_STRUCT_H_INCLUDED_", "event2/http_struct",
        &["http/raw.rs"],
        &[CONFIG, VISIBILITY, "sys/types.h", "sys/time.h", UTIL, "event2/http.h"],
        "struct evhttp_request, for old programs that read it."),
    row("event2/http_compat.h", "EVENT2_HTTP_COMPAT_H_INCLUDED_", "event2/http_compat", &[],
        &[CONFIG, VISIBILITY, "sys/types.h", "sys/time.h", UTIL],
        "functions of HTTP before 2.0."),
    row("event2/ws.h", "EVENT2_WS_H_INCLUDED_", "event2/ws", &["http/ws_types.rs"],
        &[CONFIG, VISIBILITY, UTIL], "WebSocket in an HTTP server (since 2.2)."),
    row("event2/dns.h", "EVENT2_DNS_H_INCLUDED_", "event2/dns", &["dns/types.rs"],
        &[CONFIG, VISIBILITY, UTIL], "a resolver that does not block, and a DNS server."),
    row("event2/dns_struct.h", "EVENT2_DNS_STRUCT_H_INCLUDED_", "event2/dns_struct",
        &["dns/raw.rs"],
        &[CONFIG, VISIBILITY, "sys/types.h", "sys/time.h", UTIL],
        "what the callback of a DNS server reads."),
    row("event2/dns_compat.h", "EVENT2_DNS_COMPAT_H_INCLUDED_", "event2/dns_compat", &[],
        &[CONFIG, VISIBILITY, "sys/types.h", "sys/time.h", UTIL, "event2/dns.h"],
        "functions of the resolver before 2.0, which work on one global resolver."),
    row("event2/rpc.h", "EVENT2_RPC_H_INCLUDED_", "event2/rpc", &["rpc/types.rs"],
        &[CONFIG, VISIBILITY, UTIL], "RPC over HTTP, for code that event_rpcgen.py has generated."),
    row("event2/rpc_struct.h", "EVENT2_RPC_STRUCT_H_INCLUDED_", "event2/rpc_struct",
        &["rpc/raw.rs"], &[CONFIG, VISIBILITY], "the structures of RPC."),
    row("event2/rpc_compat.h", "EVENT2_RPC_COMPAT_H_INCLUDED_", "event2/rpc_compat", &[],
        &[CONFIG, VISIBILITY], "old names in RPC."),
    row("event.h", "EVENT1_EVENT_H_INCLUDED_", "event", &[],
        &[CONFIG, VISIBILITY, "sys/types.h", "sys/time.h", "stdint.h", "stdarg.h", "evutil.h",
          "event2/event_struct.h", "event2/event.h", "event2/event_compat.h", "event2/buffer.h",
          "event2/buffer_compat.h", "event2/bufferevent.h", "event2/bufferevent_struct.h",
          "event2/bufferevent_compat.h", "event2/tag.h", "event2/tag_compat.h"],
        "events, evbuffers and bufferevents under the name of libevent 1."),
    row("evutil.h", "EVENT1_EVUTIL_H_INCLUDED_", "evutil", &[], &[UTIL],
        "event2/util.h under the name of libevent 1."),
    row("evhttp.h", "EVENT1_EVHTTP_H_INCLUDED_", "evhttp", &[],
        &["event.h", "event2/http.h", "event2/http_struct.h", "event2/http_compat.h"],
        "HTTP under the name of libevent 1."),
    row("evdns.h", "EVENT1_EVDNS_H_INCLUDED_", "evdns", &[],
        &["event.h", "event2/dns.h", "event2/dns_compat.h", "event2/dns_struct.h"],
        "the resolver under the name of libevent 1."),
    row("evrpc.h", "EVENT1_EVRPC_H_INCLUDED_", "evrpc", &[],
        &["event.h", "event2/rpc.h", "event2/rpc_struct.h", "event2/rpc_compat.h"],
        "RPC under the name of libevent 1."),
    Row {
        style: Style::Both,
        prefix: "EV_API_DECL",
        ..row("ev.h", "EV_H_", "ev", &[], &[], "libev: event loops and watchers.")
    },
    Row {
        plain: true,
        ..row("ev++.h", "EVPP_H__", "evpp", &[], &[], "libev's loops and watchers as C++ classes.")
    },
];

/// Rust files below `src/capi/` that belong to no header: glue, and functions that the reference
/// exports without declaring them.
pub const NO_HEADER: &[&str] = &[
    "mod.rs",
    "convert.rs",
    "callback.rs",
    "ev_event.rs",
    "tls.rs",
    "undeclared.rs",
    "variadic.rs",
];

/// Types that C headers of the system or our fragments define: never a tag of ours, and Rust
/// items of these names are not printed.
pub const PLAIN_TYPES: &[&str] = &[
    "size_t",
    "ssize_t",
    "off_t",
    "socklen_t",
    "time_t",
    "pid_t",
    "FILE",
    "va_list",
    "intptr_t",
    "uintptr_t",
    "sigset_t",
    "mode_t",
    "sa_family_t",
    "evutil_socket_t",
    "evhttp_bound_socket_foreach_fn",
    "ev_tstamp",
    "ev_statdata",
    "ev_loop_callback",
];
