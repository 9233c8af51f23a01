#include "doctor.h"

#include "client.h"
#include "config.h"
#include "health.h"
#include "json.h"
#include "local.h"
#include "place.h"
#include "rsc.h"
#include "show.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"

enum { YOUNG_S = 600, YEAR_2025 = 1735689600 };

void doctor_say(struct doctor *d, enum finding finding, const char *advice, const char *format, ...)
{
    static const char *const states[] = {"ok", "warn", "fail"};
    auto_str struct str text = STR_EMPTY;
    va_list args;
    json_t *one;

    va_start(args, format);
    str_vaddf(&text, format, args);
    va_end(args);
    one = json_pack("{s:s,s:s,s:s}", "check", d->check, "state", states[finding], "text", str_text(&text));
    if (advice)
        json_object_set_new(one, "advice", json_string(advice));
    json_array_append_new(d->findings, one);
    if ((int)finding > d->worst)
        d->worst = (int)finding;
}

/* ---- processes ---- */

/* Columns: part of a reason, what to do about it. The first that is found counts. */
/* clang-format off */
static const struct {
    const char *part, *advice;
} remedies[] = {
    {"low on disk", "make room where the state directory is: the broker wants TESSERA_BROKER_DISK (50MB) free, and looks every 10 s"},
    {"low on memory", "some queue is long (docs/troubleshooting.md shows how to see them); TESSERA_BROKER_MEMORY is the limit"},
    {"disk is full", "make room; it goes on by itself then"},
    {"or its password", "make down, make up: the broker takes over the passwords of the state directory's secrets"},
    {"nobody takes the connection", "the broker is away or still starting: tessera logs broker; its port is TESSERA_BROKER_PORT"},
    {"connection to the MQTT broker", "a broker of your own: is it there? The private one: tessera logs mosquitto; if it hangs, make down, make up"},
    {"no connection to the broker", "tessera logs broker; one that hangs is started again within a minute and a half"},
    {"not a database", "restore a backup: docs/backup.md; tessera restore keeps what is there beside it"},
    {"malformed", "restore a backup: docs/backup.md; tessera restore keeps what is there beside it"},
    {"storage does not answer", "what ails storage: its own line here, tessera logs storage --level warn"},
    {"does not answer", "what hangs is ended and started again: within half a minute, a broker within a minute and a half"},
    {"status 78", "correct the setting: docs/configuration.md, then make down, make up"},
};
/* clang-format on */

static const char *remedy_of(const char *why)
{
    for (size_t i = 0; why && i < ARRAY_LEN(remedies); i++)
        if (strstr(why, remedies[i].part))
            return remedies[i].advice;
    return NULL;
}

static bool is_alike(const json_t *a, const json_t *b)
{
    const char *why_a = json_str(a, "why"), *why_b = json_str(b, "why");

    return strcmp(json_str(a, "state"), json_str(b, "state")) == 0 && strcmp(why_a ? why_a : "", why_b ? why_b : "") == 0;
}

/* Process number `first`, and all others that are so for the same reason, once. */
static void say_unwell(struct doctor *d, const json_t *children, size_t first)
{
    const json_t *child = json_array_get(children, first), *other;
    const char *why = json_str(child, "why");
    auto_str struct str names = STR_EMPTY;
    auto_free char *general = xasprintf("tessera logs %s --level warn", json_str(child, "name"));
    size_t i, alike = 0;

    json_array_foreach(children, i, other)
    {
        if (!is_alike(child, other))
            continue;
        if (i < first)
            return;
        str_addf(&names, "%s%s", alike++ ? ", " : "", json_str(other, "name"));
    }
    doctor_say(d, FINDING_FAIL, remedy_of(why) ? remedy_of(why) : general, "%s %s %s%s%s", str_text(&names),
               alike > 1 ? "are" : "is", json_str(child, "state"), why ? ": " : "", why ? why : "");
}

static void check_processes(struct doctor *d)
{
    const json_t *children = json_object_get(d->report, "children"), *child;
    size_t i, healthy = 0;

    if (d->alone) {
        const char *name = json_str(d->alone, "instance"), *why = json_str(d->alone, "why");

        doctor_say(d, why ? FINDING_FAIL : FINDING_OK, why ? "more is in its log" : NULL, "%s runs alone here%s%s", name,
                   why ? " and is not healthy: " : " and is healthy", why ? why : "");
        return;
    }
    if (!d->report) {
        auto_str struct str why = STR_EMPTY, advice = STR_EMPTY;

        local_absent(&why, &advice);
        doctor_say(d, FINDING_FAIL, str_text(&advice), "%s", str_text(&why));
        return;
    }
    json_array_foreach(children, i, child)
    {
        const char *state = json_str(child, "state"), *name = json_str(child, "name");
        int64_t restarts = json_int(child, "restarts", 0);

        if (strcmp(state, "healthy") != 0)
            say_unwell(d, children, i);
        else if (restarts > 0 && json_int(child, "up", 0) < YOUNG_S)
            doctor_say(d, FINDING_WARN, "why it ended: tessera logs --level warn --since 15m",
                       "%s was started again %lld times, last %lld s ago", name, (long long)restarts,
                       (long long)json_int(child, "up", 0));
        healthy += strcmp(state, "healthy") == 0;
    }
    if (healthy == i)
        doctor_say(d, FINDING_OK, NULL, "all %zu are healthy", i);
}

/* ---- the API, ports ---- */

static bool answers(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool there = fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0;

    if (fd >= 0)
        close(fd);
    return there;
}

static bool is_http(const json_t *alone)
{
    return json_str(alone, "instance") && health_is(json_str(alone, "instance"), "http");
}

static void check_api(struct doctor *d)
{
    static const struct args none = {0};
    struct client *client = client_new(&none);
    struct call call = {.method = "GET", .address = "-"};
    struct answer a = {.body = STR_EMPTY};
    struct timespec begin, end;
    double ms;

    if (!client)
        return;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    if (!d->report && !is_http(d->alone)) {
        if (!d->alone && config_int("http.port") && answers((int)config_int("http.port")))
            doctor_say(d, FINDING_WARN, "another program has it: choose another with TESSERA_HTTP_PORT, or end that one",
                       "port %d is in use, and nothing of Tessera runs here", (int)config_int("http.port"));
        client_free(client);
        return;
    }
    if (client_send(client, &call, &a) != EXIT_OK)
        doctor_say(d, FINDING_FAIL, "TESSERA_HTTP_PORT here must be that of the installation; tessera logs http",
                   "%s does not answer", client_url(client));
    else if (a.rsc == RSC_TARGET_NOT_REACHABLE || a.rsc == RSC_REQUEST_TIMEOUT || a.rsc >= RSC_INTERNAL_SERVER_ERROR)
        doctor_say(d, FINDING_FAIL, "the processes above, and tessera logs --level warn", "%s answers %s (%d)",
                   client_url(client), rsc_row(a.rsc)->name, a.rsc);
    clock_gettime(CLOCK_MONOTONIC, &end);
    ms = (double)(end.tv_sec - begin.tv_sec) * 1000 + (double)(end.tv_nsec - begin.tv_nsec) / 1e6;
    if (a.rsc && a.rsc < RSC_INTERNAL_SERVER_ERROR && a.rsc != RSC_REQUEST_TIMEOUT)
        doctor_say(d, ms < 1000 ? FINDING_OK : FINDING_WARN, ms < 1000 ? NULL : "the machine or the disk is busy: top, iostat",
                   "%s answers in %.0f ms", client_url(client), ms);
    answer_done(&a);
    client_free(client);
}

static void check_broker(struct doctor *d)
{
    int port = (int)config_int("broker.port");

    if (*config_text("bus.host") && strcmp(config_text("bus.host"), "127.0.0.1") != 0) {
        doctor_say(d, FINDING_OK, NULL, "at %s; the processes say whether they reach it", config_text("bus.host"));
        return;
    }
    if (d->report && !answers(port))
        doctor_say(d, FINDING_FAIL, "tessera logs broker; another port is named by TESSERA_BROKER_PORT",
                   "nobody answers on port %d", port);
    else if (d->report)
        doctor_say(d, FINDING_OK, NULL, "reachable on port %d; its alarms would show in the processes' health", port);
    else if (!d->alone && answers(port))
        doctor_say(d, FINDING_WARN,
                   "a broker that was left behind, or another program: make down, or another TESSERA_BROKER_PORT",
                   "port %d is in use", port);
}

/* ---- the machine ---- */

static long open_files(int pid)
{
    auto_free char *path = xasprintf("/proc/%d/limits", pid);
    FILE *f = fopen(path, "re");
    char line[256];
    long soft = -1;

    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "Max open files", 14) == 0)
            soft = strtol(line + 14, NULL, 10);
    if (f)
        fclose(f);
    return soft;
}

static void check_files(struct doctor *d)
{
    const json_t *child;
    int64_t wanted = config_int("http.connections") + 200;
    size_t i;

    json_array_foreach(json_object_get(d->report, "children"), i, child)
    {
        const char *name = json_str(child, "name");
        long limit = strncmp(name, "http.", 5) == 0 ? open_files((int)json_int(child, "pid", 0)) : -1;

        if (limit < 0)
            continue;
        if (limit < wanted)
            doctor_say(d, FINDING_WARN, "raise it (ulimit -n, LimitNOFILE=, ulimits: in compose.yaml), or lower http.connections",
                       "%s may open %ld files, http.connections needs %lld", name, limit, (long long)wanted);
        else
            doctor_say(d, FINDING_OK, NULL, "%s may open %ld files", name, limit);
    }
}

static void check_clock(struct doctor *d)
{
    struct timex t = {0};
    int state = adjtimex(&t);

    if (time(NULL) < YEAR_2025)
        doctor_say(d, FINDING_FAIL, "set it: expirations, tokens and certificates depend on it", "it is years behind");
    else if (state < 0 || state == TIME_ERROR || (t.status & STA_UNSYNC))
        doctor_say(d, FINDING_WARN, "run chrony or systemd-timesyncd; on a virtual machine the host may do it",
                   "nobody keeps it in time (NTP)");
    else
        doctor_say(d, FINDING_OK, NULL, "kept in time");
}

/* ---- all ---- */

static const struct {
    const char *name;
    void (*check)(struct doctor *d);
} checks[] = {
    {"settings",     check_settings    },
    {"processes",    check_processes   },
    {"API",          check_api         },
    {"broker",       check_broker      },
    {"queues",       check_metrics     },
    {"disk",         check_disk        },
    {"database",     check_database    },
    {"certificates", check_certificates},
    {"secrets",      check_secrets     },
    {"open files",   check_files       },
    {"clock",        check_clock       },
};

/* Of a process at management.port that is no supervisor, its health. The caller owns it. */
static json_t *ask_alone(void)
{
    auto_str struct str text = STR_EMPTY;
    char why[256];

    if (local_get((int)config_int("management.port"), "/health", &text, why, sizeof why) == 0)
        return NULL;
    return json_parse(str_text(&text), text.len, why, sizeof why);
}

static void gather_metrics(struct doctor *d)
{
    const json_t *child;
    char why[256];
    size_t i;

    if (d->alone)
        local_get((int)config_int("management.port"), "/metrics", &d->metrics, why, sizeof why);
    json_array_foreach(json_object_get(d->report, "children"), i, child)
    {
        int port = (int)json_int(child, "port", 0);

        if (port && json_int(child, "pid", 0))
            local_get(port, "/metrics", &d->metrics, why, sizeof why);
        str_putc(&d->metrics, '\n');
    }
}

static void print_finding(const json_t *one, bool coloured)
{
    const char *state = json_str(one, "state"), *advice = json_str(one, "advice");
    auto_free char *word = xasprintf("%-5s", state), *check = xasprintf("%-13s", json_str(one, "check"));
    auto_str struct str line = STR_EMPTY;

    show_in(&line, strcmp(state, "ok") == 0 ? GREEN : strcmp(state, "warn") == 0 ? YELLOW : RED, word, coloured);
    show_in(&line, BOLD, check, coloured);
    str_puts(&line, json_str(one, "text"));
    if (advice)
        str_addf(&line, "\n                  -> %s", advice);
    printf("%s\n", str_text(&line));
}

int doctor_run(const struct args *args)
{
    auto_str struct str text = STR_EMPTY;
    auto_str struct str out = STR_EMPTY;
    json_auto_t *report = local_status(&text);
    json_auto_t *alone = report ? NULL : ask_alone();
    json_auto_t *findings = json_array();
    struct doctor d = {.report = report, .alone = json_str(alone, "instance") ? alone : NULL, .findings = findings};
    const json_t *one;
    size_t i;

    gather_metrics(&d);
    for (i = 0; i < ARRAY_LEN(checks); i++) {
        d.check = checks[i].name;
        checks[i].check(&d);
    }
    if (args->option[OPTION_JSON]) {
        json_write(&out, findings);
        show_print_json(out.data, out.len);
    } else {
        json_array_foreach(findings, i, one)
        {
            print_finding(one, show_colours());
        }
    }
    str_done(&d.metrics);
    return d.worst == FINDING_FAIL ? EXIT_REFUSED : EXIT_OK;
}
