/* What the reference's headers have been on x86-64: layouts and values. Programs built with them
 * rely on every line. Compiled by compile.rs, never run. */
#if !defined __x86_64__
#error these are the facts of x86-64
#endif
#include <stddef.h>
#include <event.h>
#include <evdns.h>
#include <evhttp.h>
#include <evrpc.h>
#include <event2/listener.h>
#include <event2/thread.h>

#ifdef __cplusplus
#define HOLDS(what) static_assert(what, #what)
#else
#define HOLDS(what) _Static_assert(what, #what)
#endif
#define SIZE(type, size, align) HOLDS(sizeof(type) == size && ALIGN(type) == align)
#ifdef __cplusplus
#define ALIGN(type) alignof(type)
#else
#define ALIGN(type) _Alignof(type)
#endif
#define AT(type, field, offset, size) \
    HOLDS(offsetof(type, field) == offset && sizeof(((type *)0)->field) == size)
#define IS(name, value) HOLDS((name) == (value))


/* event2/buffer.h */
SIZE(struct evbuffer_ptr, 24, 8);
AT(struct evbuffer_ptr, pos, 0, 8);
AT(struct evbuffer_ptr, internal_, 8, 16);
AT(struct evbuffer_ptr, internal_.chain, 8, 8);
AT(struct evbuffer_ptr, internal_.pos_in_chain, 16, 8);
SIZE(struct evbuffer_cb_info, 24, 8);
AT(struct evbuffer_cb_info, orig_size, 0, 8);
AT(struct evbuffer_cb_info, n_added, 8, 8);
AT(struct evbuffer_cb_info, n_deleted, 16, 8);

/* event2/bufferevent_struct.h */
SIZE(struct event_watermark, 16, 8);
AT(struct event_watermark, low, 0, 8);
AT(struct event_watermark, high, 8, 8);
SIZE(struct bufferevent, 392, 8);
AT(struct bufferevent, ev_base, 0, 8);
AT(struct bufferevent, be_ops, 8, 8);
AT(struct bufferevent, ev_read, 16, 128);
AT(struct bufferevent, ev_write, 144, 128);
AT(struct bufferevent, input, 272, 8);
AT(struct bufferevent, output, 280, 8);
AT(struct bufferevent, wm_read, 288, 16);
AT(struct bufferevent, wm_write, 304, 16);
AT(struct bufferevent, readcb, 320, 8);
AT(struct bufferevent, writecb, 328, 8);
AT(struct bufferevent, errorcb, 336, 8);
AT(struct bufferevent, cbarg, 344, 8);
AT(struct bufferevent, timeout_read, 352, 16);
AT(struct bufferevent, timeout_write, 368, 16);
AT(struct bufferevent, enabled, 384, 2);

/* event2/dns_struct.h */
SIZE(struct evdns_server_request, 16, 8);
AT(struct evdns_server_request, flags, 0, 4);
AT(struct evdns_server_request, nquestions, 4, 4);
AT(struct evdns_server_request, questions, 8, 8);
SIZE(struct evdns_server_question, 12, 4);
AT(struct evdns_server_question, type, 0, 4);
AT(struct evdns_server_question, dns_question_class, 4, 4);
AT(struct evdns_server_question, name, 8, 1);

/* event2/event_struct.h */
SIZE(struct event_callback, 40, 8);
AT(struct event_callback, evcb_active_next, 0, 16);
AT(struct event_callback, evcb_active_next.tqe_next, 0, 8);
AT(struct event_callback, evcb_active_next.tqe_prev, 8, 8);
AT(struct event_callback, evcb_flags, 16, 2);
AT(struct event_callback, evcb_pri, 18, 1);
AT(struct event_callback, evcb_closure, 19, 1);
AT(struct event_callback, evcb_cb_union, 24, 8);
AT(struct event_callback, evcb_cb_union.evcb_callback, 24, 8);
AT(struct event_callback, evcb_cb_union.evcb_selfcb, 24, 8);
AT(struct event_callback, evcb_cb_union.evcb_evfinalize, 24, 8);
AT(struct event_callback, evcb_cb_union.evcb_cbfinalize, 24, 8);
AT(struct event_callback, evcb_arg, 32, 8);
SIZE(struct event, 128, 8);
AT(struct event, ev_evcallback, 0, 40);
AT(struct event, ev_timeout_pos, 40, 16);
AT(struct event, ev_timeout_pos.ev_next_with_common_timeout, 40, 16);
AT(struct event, ev_timeout_pos.ev_next_with_common_timeout.tqe_next, 40, 8);
AT(struct event, ev_timeout_pos.ev_next_with_common_timeout.tqe_prev, 48, 8);
AT(struct event, ev_timeout_pos.min_heap_idx, 40, 4);
AT(struct event, ev_fd, 56, 4);
AT(struct event, ev_base, 64, 8);
AT(struct event, ev_, 72, 32);
AT(struct event, ev_.ev_io, 72, 32);
AT(struct event, ev_.ev_io.ev_io_next, 72, 16);
AT(struct event, ev_.ev_io.ev_io_next.le_next, 72, 8);
AT(struct event, ev_.ev_io.ev_io_next.le_prev, 80, 8);
AT(struct event, ev_.ev_io.ev_timeout, 88, 16);
AT(struct event, ev_.ev_signal, 72, 32);
AT(struct event, ev_.ev_signal.ev_signal_next, 72, 16);
AT(struct event, ev_.ev_signal.ev_signal_next.le_next, 72, 8);
AT(struct event, ev_.ev_signal.ev_signal_next.le_prev, 80, 8);
AT(struct event, ev_.ev_signal.ev_ncalls, 88, 2);
AT(struct event, ev_.ev_signal.ev_pncalls, 96, 8);
AT(struct event, ev_events, 104, 2);
AT(struct event, ev_res, 106, 2);
AT(struct event, ev_timeout, 112, 16);
SIZE(struct event_list, 16, 8);
AT(struct event_list, tqh_first, 0, 8);
AT(struct event_list, tqh_last, 8, 8);
SIZE(struct event_dlist, 8, 8);
AT(struct event_dlist, lh_first, 0, 8);

/* event2/http_struct.h */
SIZE(struct evhttp_request, 216, 8);
AT(struct evhttp_request, next, 0, 16);
AT(struct evhttp_request, next.tqe_next, 0, 8);
AT(struct evhttp_request, next.tqe_prev, 8, 8);
AT(struct evhttp_request, evcon, 16, 8);
AT(struct evhttp_request, flags, 24, 4);
AT(struct evhttp_request, input_headers, 32, 8);
AT(struct evhttp_request, output_headers, 40, 8);
AT(struct evhttp_request, remote_host, 48, 8);
AT(struct evhttp_request, remote_port, 56, 2);
AT(struct evhttp_request, host_cache, 64, 8);
AT(struct evhttp_request, kind, 72, 4);
AT(struct evhttp_request, type, 76, 4);
AT(struct evhttp_request, headers_size, 80, 8);
AT(struct evhttp_request, body_size, 88, 8);
AT(struct evhttp_request, uri, 96, 8);
AT(struct evhttp_request, uri_elems, 104, 8);
AT(struct evhttp_request, major, 112, 1);
AT(struct evhttp_request, minor, 113, 1);
AT(struct evhttp_request, response_code, 116, 4);
AT(struct evhttp_request, response_code_line, 120, 8);
AT(struct evhttp_request, input_buffer, 128, 8);
AT(struct evhttp_request, ntoread, 136, 8);
AT(struct evhttp_request, output_buffer, 152, 8);
AT(struct evhttp_request, cb, 160, 8);
AT(struct evhttp_request, cb_arg, 168, 8);
AT(struct evhttp_request, chunk_cb, 176, 8);
AT(struct evhttp_request, header_cb, 184, 8);
AT(struct evhttp_request, error_cb, 192, 8);
AT(struct evhttp_request, on_complete_cb, 200, 8);
AT(struct evhttp_request, on_complete_cb_arg, 208, 8);

/* event2/keyvalq_struct.h */
SIZE(struct evkeyval, 32, 8);
AT(struct evkeyval, next, 0, 16);
AT(struct evkeyval, next.tqe_next, 0, 8);
AT(struct evkeyval, next.tqe_prev, 8, 8);
AT(struct evkeyval, key, 16, 8);
AT(struct evkeyval, value, 24, 8);
SIZE(struct evkeyvalq, 16, 8);
AT(struct evkeyvalq, tqh_first, 0, 8);
AT(struct evkeyvalq, tqh_last, 8, 8);

/* event2/rpc_struct.h */
SIZE(struct evrpc_status, 16, 8);
AT(struct evrpc_status, error, 0, 4);
AT(struct evrpc_status, http_req, 8, 8);
SIZE(struct evrpc, 120, 8);
AT(struct evrpc, next, 0, 16);
AT(struct evrpc, next.tqe_next, 0, 8);
AT(struct evrpc, next.tqe_prev, 8, 8);
AT(struct evrpc, uri, 16, 8);
AT(struct evrpc, request_new, 24, 8);
AT(struct evrpc, request_new_arg, 32, 8);
AT(struct evrpc, request_free, 40, 8);
AT(struct evrpc, request_unmarshal, 48, 8);
AT(struct evrpc, reply_new, 56, 8);
AT(struct evrpc, reply_new_arg, 64, 8);
AT(struct evrpc, reply_free, 72, 8);
AT(struct evrpc, reply_complete, 80, 8);
AT(struct evrpc, reply_marshal, 88, 8);
AT(struct evrpc, cb, 96, 8);
AT(struct evrpc, cb_arg, 104, 8);
AT(struct evrpc, base, 112, 8);

/* event2/thread.h */
SIZE(struct evthread_lock_callbacks, 40, 8);
AT(struct evthread_lock_callbacks, lock_api_version, 0, 4);
AT(struct evthread_lock_callbacks, supported_locktypes, 4, 4);
AT(struct evthread_lock_callbacks, alloc, 8, 8);
AT(struct evthread_lock_callbacks, free, 16, 8);
AT(struct evthread_lock_callbacks, lock, 24, 8);
AT(struct evthread_lock_callbacks, unlock, 32, 8);
SIZE(struct evthread_condition_callbacks, 40, 8);
AT(struct evthread_condition_callbacks, condition_api_version, 0, 4);
AT(struct evthread_condition_callbacks, alloc_condition, 8, 8);
AT(struct evthread_condition_callbacks, free_condition, 16, 8);
AT(struct evthread_condition_callbacks, signal_condition, 24, 8);
AT(struct evthread_condition_callbacks, wait_condition, 32, 8);

/* event2/buffer.h */
IS(EVBUFFER_FLAG_DRAINS_TO_FD, 1);
IS(EVBUF_FS_CLOSE_ON_FREE, 1);
IS(EVBUF_FS_DISABLE_MMAP, 2);
IS(EVBUF_FS_DISABLE_SENDFILE, 4);
IS(EVBUF_FS_DISABLE_LOCKING, 8);
IS(EVBUFFER_CB_ENABLED, 1);
IS(EVBUFFER_EOL_ANY, 0);
IS(EVBUFFER_EOL_CRLF, 1);
IS(EVBUFFER_EOL_CRLF_STRICT, 2);
IS(EVBUFFER_EOL_LF, 3);
IS(EVBUFFER_EOL_NUL, 4);
IS(EVBUFFER_PTR_SET, 0);
IS(EVBUFFER_PTR_ADD, 1);

/* event2/bufferevent.h */
IS(BEV_EVENT_READING, 1);
IS(BEV_EVENT_WRITING, 2);
IS(BEV_EVENT_EOF, 16);
IS(BEV_EVENT_ERROR, 32);
IS(BEV_EVENT_TIMEOUT, 64);
IS(BEV_EVENT_CONNECTED, 128);
IS(EV_RATE_LIMIT_MAX, 9223372036854775807L);
IS(BEV_OPT_CLOSE_ON_FREE, 1);
IS(BEV_OPT_THREADSAFE, 2);
IS(BEV_OPT_DEFER_CALLBACKS, 4);
IS(BEV_OPT_UNLOCK_CALLBACKS, 8);
IS(BEV_NORMAL, 0);
IS(BEV_FLUSH, 1);
IS(BEV_FINISHED, 2);
IS(BEV_TRIG_IGNORE_WATERMARKS, 65536);
IS(BEV_TRIG_DEFER_CALLBACKS, 4);
IS(BEV_OK, 0);
IS(BEV_NEED_MORE, 1);
IS(BEV_ERROR, 2);

/* event2/bufferevent_compat.h */
IS(EVBUFFER_READ, 1);
IS(EVBUFFER_WRITE, 2);
IS(EVBUFFER_EOF, 16);
IS(EVBUFFER_ERROR, 32);
IS(EVBUFFER_TIMEOUT, 64);

/* event2/dns.h */
IS(DNS_ERR_NONE, 0);
IS(DNS_ERR_FORMAT, 1);
IS(DNS_ERR_SERVERFAILED, 2);
IS(DNS_ERR_NOTEXIST, 3);
IS(DNS_ERR_NOTIMPL, 4);
IS(DNS_ERR_REFUSED, 5);
IS(DNS_ERR_TRUNCATED, 65);
IS(DNS_ERR_UNKNOWN, 66);
IS(DNS_ERR_TIMEOUT, 67);
IS(DNS_ERR_SHUTDOWN, 68);
IS(DNS_ERR_CANCEL, 69);
IS(DNS_ERR_NODATA, 70);
IS(DNS_IPv4_A, 1);
IS(DNS_PTR, 2);
IS(DNS_IPv6_AAAA, 3);
IS(DNS_QUERY_NO_SEARCH, 1);
IS(DNS_OPTION_SEARCH, 1);
IS(DNS_OPTION_NAMESERVERS, 2);
IS(DNS_OPTION_MISC, 4);
IS(DNS_OPTION_HOSTSFILE, 8);
IS(DNS_OPTIONS_ALL, 15);
IS(DNS_OPTION_NAMESERVERS_NO_DEFAULT, 16);
IS(DNS_NO_SEARCH, 1);
IS(EVDNS_BASE_INITIALIZE_NAMESERVERS, 1);
IS(EVDNS_BASE_DISABLE_WHEN_INACTIVE, 32768);
IS(EVDNS_BASE_NAMESERVERS_NO_DEFAULT, 65536);
IS(EVDNS_ANSWER_SECTION, 0);
IS(EVDNS_AUTHORITY_SECTION, 1);
IS(EVDNS_ADDITIONAL_SECTION, 2);
IS(EVDNS_TYPE_A, 1);
IS(EVDNS_TYPE_NS, 2);
IS(EVDNS_TYPE_CNAME, 5);
IS(EVDNS_TYPE_SOA, 6);
IS(EVDNS_TYPE_PTR, 12);
IS(EVDNS_TYPE_MX, 15);
IS(EVDNS_TYPE_TXT, 16);
IS(EVDNS_TYPE_AAAA, 28);
IS(EVDNS_QTYPE_AXFR, 252);
IS(EVDNS_QTYPE_ALL, 255);
IS(EVDNS_CLASS_INET, 1);
IS(EVDNS_FLAGS_AA, 1024);
IS(EVDNS_FLAGS_RD, 128);

/* event2/event.h */
IS(EVENT_BASE_COUNT_ACTIVE, 1U);
IS(EVENT_BASE_COUNT_VIRTUAL, 2U);
IS(EVENT_BASE_COUNT_ADDED, 4U);
IS(EVENT_LOG_DEBUG, 0);
IS(EVENT_LOG_MSG, 1);
IS(EVENT_LOG_WARN, 2);
IS(EVENT_LOG_ERR, 3);
IS(_EVENT_LOG_DEBUG, 0);
IS(_EVENT_LOG_MSG, 1);
IS(_EVENT_LOG_WARN, 2);
IS(_EVENT_LOG_ERR, 3);
IS(EVENT_DBG_ALL, 4294967295U);
IS(EVENT_DBG_NONE, 0);
IS(EVLOOP_ONCE, 1);
IS(EVLOOP_NONBLOCK, 2);
IS(EVLOOP_NO_EXIT_ON_EMPTY, 4);
IS(EV_TIMEOUT, 1);
IS(EV_READ, 2);
IS(EV_WRITE, 4);
IS(EV_SIGNAL, 8);
IS(EV_PERSIST, 16);
IS(EV_ET, 32);
IS(EV_FINALIZE, 64);
IS(EV_CLOSED, 128);
IS(LIBEVENT_VERSION_NUMBER, 33623040);
IS(EVENT_MAX_PRIORITIES, 256);
IS(EV_FEATURE_ET, 1);
IS(EV_FEATURE_O1, 2);
IS(EV_FEATURE_FDS, 4);
IS(EV_FEATURE_EARLY_CLOSE, 8);
IS(EVENT_BASE_FLAG_NOLOCK, 1);
IS(EVENT_BASE_FLAG_IGNORE_ENV, 2);
IS(EVENT_BASE_FLAG_STARTUP_IOCP, 4);
IS(EVENT_BASE_FLAG_NO_CACHE_TIME, 8);
IS(EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST, 16);
IS(EVENT_BASE_FLAG_PRECISE_TIMER, 32);

/* event2/event_struct.h */
IS(EVLIST_TIMEOUT, 1);
IS(EVLIST_INSERTED, 2);
IS(EVLIST_SIGNAL, 4);
IS(EVLIST_ACTIVE, 8);
IS(EVLIST_INTERNAL, 16);
IS(EVLIST_ACTIVE_LATER, 32);
IS(EVLIST_FINALIZING, 64);
IS(EVLIST_INIT, 128);
IS(EVLIST_ALL, 255);

/* event2/http.h */
IS(HTTP_OK, 200);
IS(HTTP_NOCONTENT, 204);
IS(HTTP_MOVEPERM, 301);
IS(HTTP_MOVETEMP, 302);
IS(HTTP_NOTMODIFIED, 304);
IS(HTTP_BADREQUEST, 400);
IS(HTTP_NOTFOUND, 404);
IS(HTTP_BADMETHOD, 405);
IS(HTTP_ENTITYTOOLARGE, 413);
IS(HTTP_EXPECTATIONFAILED, 417);
IS(HTTP_INTERNAL, 500);
IS(HTTP_NOTIMPLEMENTED, 501);
IS(HTTP_SERVUNAVAIL, 503);
IS(EVHTTP_SERVER_LINGERING_CLOSE, 1);
IS(EVHTTP_CON_REUSE_CONNECTED_ADDR, 8);
IS(EVHTTP_CON_READ_ON_WRITE_ERROR, 16);
IS(EVHTTP_CON_LINGERING_CLOSE, 32);
IS(EVHTTP_CON_PUBLIC_FLAGS_END, 1048576);
IS(EVHTTP_URI_NONCONFORMANT, 1);
IS(EVHTTP_REQ_GET, 1);
IS(EVHTTP_REQ_POST, 2);
IS(EVHTTP_REQ_HEAD, 4);
IS(EVHTTP_REQ_PUT, 8);
IS(EVHTTP_REQ_DELETE, 16);
IS(EVHTTP_REQ_OPTIONS, 32);
IS(EVHTTP_REQ_TRACE, 64);
IS(EVHTTP_REQ_CONNECT, 128);
IS(EVHTTP_REQ_PATCH, 256);
IS(EVHTTP_REQUEST, 0);
IS(EVHTTP_RESPONSE, 1);
IS(EVREQ_HTTP_TIMEOUT, 0);
IS(EVREQ_HTTP_EOF, 1);
IS(EVREQ_HTTP_INVALID_HEADER, 2);
IS(EVREQ_HTTP_BUFFER_ERROR, 3);
IS(EVREQ_HTTP_REQUEST_CANCEL, 4);
IS(EVREQ_HTTP_DATA_TOO_LONG, 5);

/* event2/http_struct.h */
IS(EVHTTP_REQ_OWN_CONNECTION, 1);
IS(EVHTTP_PROXY_REQUEST, 2);
IS(EVHTTP_USER_OWNED, 4);
IS(EVHTTP_REQ_DEFER_FREE, 8);
IS(EVHTTP_REQ_NEEDS_FREE, 16);

/* event2/listener.h */
IS(LEV_OPT_LEAVE_SOCKETS_BLOCKING, 1U);
IS(LEV_OPT_CLOSE_ON_FREE, 2U);
IS(LEV_OPT_CLOSE_ON_EXEC, 4U);
IS(LEV_OPT_REUSEABLE, 8U);
IS(LEV_OPT_THREADSAFE, 16U);
IS(LEV_OPT_DISABLED, 32U);
IS(LEV_OPT_DEFERRED_ACCEPT, 64U);
IS(LEV_OPT_REUSEABLE_PORT, 128U);
IS(LEV_OPT_BIND_IPV6ONLY, 256U);

/* event2/rpc.h */
IS(INPUT, 0);
IS(OUTPUT, 1);
IS(EVRPC_INPUT, 0);
IS(EVRPC_OUTPUT, 1);
IS(EVRPC_TERMINATE, -1);
IS(EVRPC_CONTINUE, 0);
IS(EVRPC_PAUSE, 1);

/* event2/rpc_struct.h */
IS(EVRPC_STATUS_ERR_NONE, 0);
IS(EVRPC_STATUS_ERR_TIMEOUT, 1);
IS(EVRPC_STATUS_ERR_BADPAYLOAD, 2);
IS(EVRPC_STATUS_ERR_UNSTARTED, 3);
IS(EVRPC_STATUS_ERR_HOOKABORTED, 4);

/* event2/thread.h */
IS(EVTHREAD_WRITE, 4);
IS(EVTHREAD_READ, 8);
IS(EVTHREAD_TRY, 16);
IS(EVTHREAD_LOCK_API_VERSION, 1);
IS(EVTHREAD_LOCKTYPE_RECURSIVE, 1);
IS(EVTHREAD_LOCKTYPE_READWRITE, 2);
IS(EVTHREAD_CONDITION_API_VERSION, 1);
IS(EVTHREAD_USE_PTHREADS_IMPLEMENTED, 1);

/* event2/util.h */
IS(EV_UINT64_MAX, 18446744073709551615UL);
IS(EV_INT64_MAX, 9223372036854775807L);
IS(EV_INT64_MIN, (-9223372036854775807L - 1));
IS(EV_UINT32_MAX, 4294967295U);
IS(EV_INT32_MAX, 2147483647);
IS(EV_INT32_MIN, -2147483648);
IS(EV_UINT16_MAX, 65535);
IS(EV_INT16_MIN, -32768);
IS(EV_INT16_MAX, 32767);
IS(EV_UINT8_MAX, 255);
IS(EV_INT8_MAX, 127);
IS(EV_INT8_MIN, -128);
IS(EV_SIZE_MAX, 18446744073709551615UL);
IS(EV_SSIZE_MAX, 9223372036854775807L);
IS(EV_SSIZE_MIN, (-9223372036854775807L - 1));
IS(EV_MONOT_PRECISE, 1);
IS(EV_MONOT_FALLBACK, 2);
IS(EVUTIL_INVALID_SOCKET, -1);
IS(EVUTIL_EAI_CANCEL, -90001);
