/* Choosing a back end: configuration, features, environment. */
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

static void log_cb(int severity, const char *msg) { printf("log %d %s\n", severity, msg); }

static void show(const char *what, struct event_config *cfg)
{
    struct event_base *base = event_base_new_with_config(cfg);

    if (!base)
        printf("%s: none\n", what);
    else {
        printf("%s: %s 0x%x\n", what, event_base_get_method(base), event_base_get_features(base));
        event_base_free(base);
    }
    if (cfg)
        event_config_free(cfg);
}

int main(void)
{
    const char **methods = event_get_supported_methods();
    struct event_config *cfg;
    struct timeval tv = {1, 0};
    int i, flags[] = {EVENT_BASE_FLAG_NOLOCK, EVENT_BASE_FLAG_IGNORE_ENV, EVENT_BASE_FLAG_STARTUP_IOCP,
        EVENT_BASE_FLAG_NO_CACHE_TIME, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST, EVENT_BASE_FLAG_PRECISE_TIMER};
    static const char *const env[] = {"EVENT_NOEPOLL", "EVENT_NOPOLL", "EVENT_NOSELECT", "EVENT_SHOW_METHOD",
        "EVENT_EPOLL_USE_CHANGELIST", "EVENT_PRECISE_TIMER"};

    event_set_log_callback(log_cb);
    for (i = 0; methods[i]; i++)
        printf("method %s\n", methods[i]);
    show("default", NULL);
    show("empty", event_config_new());
    for (i = 0; i < 16; i++) {
        char what[32];
        cfg = event_config_new();
        snprintf(what, sizeof(what), "require 0x%x", i);
        printf("%d ", event_config_require_features(cfg, i));
        show(what, cfg);
    }
    for (i = 0; i < 8; i++) {
        char what[32];
        cfg = event_config_new();
        if (i & 1)
            printf("%d ", event_config_avoid_method(cfg, "epoll"));
        if (i & 2)
            printf("%d ", event_config_avoid_method(cfg, "poll"));
        if (i & 4)
            printf("%d ", event_config_avoid_method(cfg, "select"));
        snprintf(what, sizeof(what), "avoid %d", i);
        show(what, cfg);
    }
    cfg = event_config_new();
    printf("%d %d ", event_config_avoid_method(cfg, "kqueue"), event_config_avoid_method(cfg, "Epoll"));
    show("avoid others", cfg);
    for (i = 0; i < 6; i++) {
        char what[32];
        cfg = event_config_new();
        printf("%d ", event_config_set_flag(cfg, flags[i]));
        snprintf(what, sizeof(what), "flag 0x%x", flags[i]);
        show(what, cfg);
    }
    printf("NULL %d\n", event_config_set_flag(NULL, 1));
    cfg = event_config_new();
    printf("%d %d %d %d\n", event_config_set_num_cpus_hint(cfg, 4),
        event_config_set_max_dispatch_interval(cfg, &tv, 5, 1),
        event_config_set_max_dispatch_interval(cfg, NULL, -1, 0),
        event_config_set_max_dispatch_interval(cfg, NULL, 0, -5));
    show("hints", cfg);
    for (i = 0; i < 6; i++) {
        setenv(env[i], "", 1);
        show(env[i], NULL);
        cfg = event_config_new();
        event_config_set_flag(cfg, EVENT_BASE_FLAG_IGNORE_ENV);
        show("ignored", cfg);
        unsetenv(env[i]);
    }
    for (i = 0; i < 3; i++)
        setenv(env[i], "1", 1);
    show("nothing left", NULL);
    printf("version %s %x size %d\n", event_get_version(), (unsigned)event_get_version_number(),
        (int)event_get_struct_event_size());
    return 0;
}
