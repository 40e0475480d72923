/* Old names of the callbacks. */
#define evbuffercb bufferevent_data_cb
#define everrorcb bufferevent_event_cb
