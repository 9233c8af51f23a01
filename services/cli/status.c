#include "status.h"

#include "clock.h"
#include "json.h"
#include "local.h"
#include "mem.h"
#include "text.h"

#include <time.h>

#define WAIT_MAX_S 86400
#define SETTLED_TRIES 40 /* of status_wait(): who is degraded may become healthy soon */

static bool is_state(const json_t *child, const char *state)
{
    const char *says = json_str(child, "state");

    return says && strcmp(says, state) == 0;
}

/* All are healthy; with `degraded`, it is enough to be that. */
static bool all_up(const json_t *report, bool degraded)
{
    const json_t *children = json_object_get(report, "children");
    const json_t *child;
    size_t i;

    json_array_foreach(children, i, child)
    {
        if (!is_state(child, "healthy") && !(degraded && is_state(child, "degraded")))
            return false;
    }
    return json_array_size(children) > 0;
}

/* True when a process was ended by its own settings: waiting makes them no better. */
static bool misconfigured(const json_t *report)
{
    static const char ended[] = "ended with status 78";
    const json_t *child;
    size_t i;

    json_array_foreach(json_object_get(report, "children"), i, child)
    {
        const char *why = json_str(child, "why");

        if (why && strncmp(why, ended, sizeof ended - 1) == 0)
            return true;
    }
    return false;
}

static void print_table(const json_t *report)
{
    const json_t *child;
    size_t i;

    printf("%-18s %-9s %8s %7s %9s %9s  %s\n", "PROCESS", "STATE", "PID", "PORT", "UP", "RESTARTS", "WHY");
    json_array_foreach(json_object_get(report, "children"), i, child)
    {
        const char *why = json_str(child, "why");
        int64_t up = json_int(child, "up", 0);

        printf("%-18s %-9s %8d %7d %6d:%02d %9d  %s\n", json_str(child, "name"), json_str(child, "state"),
               (int)json_int(child, "pid", 0), (int)json_int(child, "port", 0), (int)(up / 60), (int)(up % 60),
               (int)json_int(child, "restarts", 0), why ? why : "");
    }
}

int status_show(const struct args *args)
{
    auto_str struct str text = STR_EMPTY;
    json_auto_t *report = local_status(&text);

    if (!report) {
        auto_str struct str why = STR_EMPTY, advice = STR_EMPTY;

        local_absent(&why, &advice);
        fprintf(stderr, "tessera status: %s\n-> %s\n", str_text(&why), str_text(&advice));
        return EXIT_REFUSED;
    }
    if (args->option[OPTION_JSON])
        printf("%s\n", str_text(&text));
    else
        print_table(report);
    return all_up(report, true) ? 0 : 1;
}

static void print_degraded(const json_t *report)
{
    const json_t *child;
    size_t i;

    json_array_foreach(json_object_get(report, "children"), i, child)
    {
        if (is_state(child, "degraded"))
            fprintf(stderr, "%s is degraded: %s\n", json_str(child, "name"), json_str(child, "why"));
    }
}

int status_wait(const struct args *args)
{
    int64_t seconds = 20;
    const struct timespec pause = {.tv_nsec = 50000000};
    int64_t until;
    int settled = 0;

    if (args->count > 0 &&
        (!text_number(args->words[0], strlen(args->words[0]), &seconds) || seconds < 0 || seconds > WAIT_MAX_S)) {
        fprintf(stderr, "tessera wait: %s: a number of seconds, 0 to %d\n", args->words[0], WAIT_MAX_S);
        return EXIT_USAGE;
    }
    until = clock_mono_us() + seconds * INT64_C(1000000);

    for (bool last = false; !last;) {
        auto_str struct str text = STR_EMPTY;
        json_auto_t *report = local_status(&text);

        last = clock_mono_us() >= until;
        if (report && all_up(report, false))
            return 0;
        settled = report && all_up(report, true) ? settled + 1 : 0;
        if (settled == SETTLED_TRIES || (settled > 0 && last)) {
            print_degraded(report);
            return 0;
        }
        if (report && (last || misconfigured(report)))
            print_table(report);
        if (misconfigured(report))
            return EXIT_SETTING;
        nanosleep(&pause, NULL);
    }
    fprintf(stderr, "not healthy after %lld s; what to do: tessera doctor\n", (long long)seconds);
    return 1;
}
