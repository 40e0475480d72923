/* The largest rate and burst that ev_token_bucket_cfg_new() takes: no limit. */
#define EV_RATE_LIMIT_MAX EV_SSIZE_MAX
