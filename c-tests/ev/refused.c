/* Configurations of ev.h that no shared library can serve end in an #error that names the way out;
 * those it can serve compile. */
/* harness: only=evrs */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef EVRS_INCLUDE
#define EVRS_INCLUDE ""
#endif

static int compiles(const char *flags, const char *code, const char *wanted)
{
    char command[2000], out[20000];
    const char *include = getenv("EVRS_INCLUDE");
    const char *src = getenv("TEST_SRCDIR");
    FILE *f = fopen("t.c", "w");
    size_t n;
    int status;
    fprintf(f, "%s\n", code);
    fclose(f);
    if (include)
        snprintf(command, sizeof command, "cc -I'%s' %s -c t.c 2>&1", include, flags);
    else
        snprintf(command, sizeof command, "cc -I'%s/../../include' %s -c t.c 2>&1", src ? src : ".", flags);
    f = popen(command, "r");
    n = fread(out, 1, sizeof out - 1, f);
    out[n] = 0;
    status = pclose(f);
    if (wanted && !strstr(out, wanted))
        printf("%s: no \"%s\" in: %s\n", flags, wanted, out);
    return status == 0 && !wanted ? 1 : status != 0 && wanted && strstr(out, wanted) ? 2 : 0;
}

int main(void)
{
    const char *use = "#include <ev.h>\nint main(void) { return ev_run(ev_default_loop(0), 0); }";
    int ok = 1;
    ok &= compiles("", use, NULL) == 1;
    ok &= compiles("-DEV_MULTIPLICITY=0", "#include <ev.h>", "EV_MULTIPLICITY=1") == 2;
    ok &= compiles("-DEV_FEATURES=0", "#include <ev.h>", "EV_MULTIPLICITY=1") == 2;
    ok &= compiles("'-DEV_COMMON=int x;'", "#include <ev.h>", "ev.c into the program") == 2;
    ok &= compiles("-DEV_MINPRI=0 -DEV_MAXPRI=0", use, "other priorities") == 2;
    ok &= compiles("-DEV_TSTAMP_T=float", use, "EV_TSTAMP_T") == 2;
    ok &= compiles("'-DEV_CB_DECLARE(t)=int cb;'", use, "EV_CB_DECLARE") == 2;
    ok &= compiles("-DEV_COMPAT3=0", use, NULL) == 1;
    ok &= compiles("-DEV_PROTOTYPES=0 -DEV_COMPAT3=0", "#include <ev.h>\nint ev_run;", NULL) == 1;
    ok &= compiles("-DEV_STAT_ENABLE=0 -DEV_EMBED_ENABLE=0 -DEV_FEATURES=0x4f", use, NULL) == 1;
    ok &= compiles("-Os -std=gnu89", use, NULL) == 1;
    puts(ok ? "ok" : "not ok");
    return !ok;
}
