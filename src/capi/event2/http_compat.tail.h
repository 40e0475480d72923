/* The old name of evhttp_request_get_uri(). */
#define evhttp_request_uri evhttp_request_get_uri
