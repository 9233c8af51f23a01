/* Which certificates are in use and when they end: the processes tell of theirs; else the files that this environment names. */
#include "certificate.h"
#include "clock.h"
#include "config.h"
#include "doctor.h"
#include "place.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"

#define FILE_MAX (1 << 20)
#define RENEW "renew it; a new file is taken within seconds"
enum { SOON_DAYS = 14, DAY = 86400, CERTIFICATES_LISTED = 64 };

/* A label's value up to its quotation mark, unescaped. NULL when the label is not in the line. */
static const char *label(const char *line, const char *end, const char *name, struct str *value)
{
    const char *at = memmem(line, (size_t)(end - line), name, strlen(name));

    str_reset(value);
    if (!at)
        return NULL;
    for (at += strlen(name); at < end && *at != '"'; at++) {
        at += *at == '\\' && at + 1 < end;
        str_putc(value, *at);
    }
    return str_text(value);
}

int certificates_told(const char *metrics, struct told_certificate *out, int max)
{
    static const char expiry[] = "tessera_certificate_expiry_seconds{", refused[] = "tessera_certificate_refused{";
    auto_str struct str setting = STR_EMPTY, name = STR_EMPTY;
    int n = 0;

    for (const char *line = metrics, *end; *line; line = *end ? end + 1 : end) {
        bool ends = strncmp(line, expiry, sizeof expiry - 1) == 0, stale = strncmp(line, refused, sizeof refused - 1) == 0;
        struct told_certificate one;
        int at = 0;

        end = strchrnul(line, '\n');
        if ((!ends && !stale) || !memrchr(line, ' ', (size_t)(end - line)) || !label(line, end, "setting=\"", &setting))
            continue;
        one = (struct told_certificate){.seconds = strtod((char *)memrchr(line, ' ', (size_t)(end - line)), NULL),
                                        .refused = stale};
        if (stale && one.seconds == 0)
            continue;
        label(line, end, "name=\"", &name);
        snprintf(one.setting, sizeof one.setting, "%s", str_text(&setting));
        snprintf(one.name, sizeof one.name, "%s", str_text(&name));
        while (at < n &&
               (out[at].refused != stale || strcmp(out[at].setting, one.setting) != 0 || strcmp(out[at].name, one.name) != 0))
            at++;
        if (at == n && n < max)
            out[n++] = one;
        else if (at < n && one.seconds < out[at].seconds)
            out[at] = one;
    }
    return n;
}

static void judge(struct doctor *d, const char *where, const char *name, double seconds)
{
    char date[16] = "?";
    time_t end = time(NULL) + (time_t)seconds;
    struct tm when;
    int days = (int)(seconds / DAY);

    if (gmtime_r(&end, &when))
        strftime(date, sizeof date, "%Y-%m-%d", &when);
    if (seconds < 0)
        doctor_say(d, FINDING_FAIL, RENEW, "%s: \"%s\" has expired (%s)", where, name, date);
    else if (days < SOON_DAYS)
        doctor_say(d, FINDING_WARN, RENEW, "%s: \"%s\" expires on %s, in %d days", where, name, date, days);
    else
        doctor_say(d, FINDING_OK, NULL, "%s: \"%s\" is good until %s, %d days", where, name, date, days);
}

static void judge_file(struct doctor *d, const char *setting, const char *path)
{
    auto_free char *where = *setting ? xasprintf("%s (%s)", setting, path) : xstrdup(path), *text = xmalloc(FILE_MAX);
    struct certificate found[CERTIFICATES_MAX];
    FILE *f = fopen(path, "re");
    const char *why = f ? "no certificate" : strerror(errno);
    size_t len = f ? fread(text, 1, FILE_MAX, f) : 0;
    int n = f && len < FILE_MAX ? certificate_parse(text, len, found) : -1;

    if (f)
        fclose(f);
    if (n < 0)
        doctor_say(d, FINDING_FAIL, "it must be a PEM file that the installation may read", "%s: %s", where, why);
    for (int i = 0; i < n && n <= CERTIFICATES_MAX; i++)
        judge(d, where, found[i].name, (double)found[i].expires - (double)clock_now_ms() / 1000);
}

static bool is_told(const struct told_certificate *told, int n, const char *setting)
{
    for (int i = 0; i < n; i++)
        if (strcmp(told[i].setting, setting) == 0)
            return true;
    return false;
}

void check_certificates(struct doctor *d)
{
    static const char *const settings[] = {
        "tls.certificate",  "tls.ca",  "http.egress.ca", "websocket.egress.ca", "coap.egress.certificate", "coap.egress.ca",
        "mqtt.certificate", "mqtt.ca", "network.ca",     "bus.tls.ca",          "broker.tls.certificate",  "broker.tls.ca",
    };
    auto_free char *state = place_state();
    auto_free char *made = xasprintf("%s/tls/server.crt", state); /* by `make up`, for trying */
    struct told_certificate told[CERTIFICATES_LISTED];
    int n = certificates_told(str_text(&d->metrics), told, CERTIFICATES_LISTED);

    for (int i = 0; i < n; i++)
        if (told[i].refused)
            doctor_say(d, FINDING_FAIL, "what is wrong with it: tessera logs --level warn",
                       "%s: its new file is not taken, the former one stays in use", told[i].setting);
        else
            judge(d, told[i].setting, told[i].name, told[i].seconds);
    for (size_t i = 0; i < ARRAY_LEN(settings); i++)
        if (*config_text(settings[i]) && !is_told(told, n, settings[i]))
            judge_file(d, settings[i], config_text(settings[i]));
    if (!*config_text("tls.certificate") && !is_told(told, n, "tls.certificate") && access(made, F_OK) == 0)
        judge_file(d, "", made);
}
