#include "scale.h"

#include "config.h"
#include "json.h"
#include "local.h"
#include "text.h"

#include <time.h>

#include "mem.h"

enum { PATIENCE_MS = 60000, PAUSE_MS = 100, DONE = 200 };

static int misused(const char *why)
{
    fprintf(stderr, "tessera scale: %s\n", why);
    return EXIT_USAGE;
}

/* "http=2": 0, or -1. */
static int take_apart(const char *word, char *service, size_t size, int64_t *wanted)
{
    size_t len = strcspn(word, "=");

    if (!word[len] || len == 0 || len >= size || !text_number(word + len + 1, strlen(word + len + 1), wanted))
        return -1;
    snprintf(service, size, "%.*s", (int)len, word);
    return 0;
}

static bool is_of(const json_t *child, const char *service)
{
    const char *name = json_str(child, "name");
    size_t len = strlen(service);

    return name && strncmp(name, service, len) == 0 && (!name[len] || name[len] == '.');
}

/* How many there are; *settled is false when one of them starts, ends or is ill, with the reason in `why`. */
static int64_t count(const json_t *report, const char *service, bool *settled, char *why, size_t why_size)
{
    const json_t *child;
    int64_t n = 0;
    size_t i;

    json_array_foreach(json_object_get(report, "children"), i, child)
    {
        const char *state = json_str(child, "state"), *reason = json_str(child, "why");

        if (!is_of(child, service))
            continue;
        n++;
        if (strcmp(state, "healthy") == 0 || strcmp(state, "degraded") == 0)
            continue;
        *settled = false;
        snprintf(why, why_size, "%s is %s%s%s", json_str(child, "name"), state, reason ? ": " : "", reason ? reason : "");
    }
    return n;
}

/* Until there are as many as were asked for, all of them healthy. */
static int wait_for(const struct args *args)
{
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    char why[256] = "the supervisor does not answer";

    for (int ms = 0; ms < PATIENCE_MS; ms += PAUSE_MS) {
        auto_str struct str text = STR_EMPTY;
        json_auto_t *report = local_status(&text);
        bool settled = report != NULL;

        for (int i = 0; settled && i < args->count; i++) {
            char service[64];
            int64_t wanted;

            if (take_apart(args->words[i], service, sizeof(service), &wanted) == 0 &&
                count(report, service, &settled, why, sizeof(why)) != wanted)
                settled = false;
        }
        if (settled)
            return EXIT_OK;
        nanosleep(&pause, NULL);
    }
    fprintf(stderr, "tessera scale: after %d s: %s; tessera logs --level warn\n", PATIENCE_MS / 1000, why);
    return EXIT_REFUSED;
}

static int show(bool as_json)
{
    auto_str struct str text = STR_EMPTY;
    json_auto_t *report = local_status(&text);
    json_auto_t *counts = json_object();
    const json_t *child;
    const char *service;
    json_t *n;
    size_t i;

    if (!report) {
        fprintf(stderr, "Tessera is not running here (no supervisor answers). Start it with: make up\n");
        return EXIT_REFUSED;
    }
    json_array_foreach(json_object_get(report, "children"), i, child)
    {
        const char *name = json_str(child, "name");
        auto_free char *one = xstrndup(name, strcspn(name, "."));

        json_object_set_new(counts, one, json_integer(json_int(counts, one, 0) + 1));
    }
    str_reset(&text);
    json_write(&text, counts);
    if (as_json)
        printf("%s\n", str_text(&text));
    else
        json_object_foreach(counts, service, n) printf("%s=%d\n", service, (int)json_integer_value(n));
    return EXIT_OK;
}

int scale_run(const struct args *args)
{
    auto_str struct str body = STR_EMPTY;
    auto_str struct str answer = STR_EMPTY;
    json_auto_t *said = NULL;
    char why[512];
    long status;

    for (int i = 0; i < args->count; i++) {
        char service[64];
        int64_t wanted;

        if (take_apart(args->words[i], service, sizeof(service), &wanted) < 0)
            return misused("expected SERVICE=N, like http=2");
        str_addf(&body, "%s%s", i ? " " : "", args->words[i]);
    }
    if (args->count == 0)
        return show(args->option[OPTION_JSON] != NULL);
    status = local_post((int)config_int("management.port"), "/scale", str_text(&body), &answer, why, sizeof(why));
    if (status == 0) {
        fprintf(stderr, "no supervisor answers (%s). Start it with: make up; in containers: docker compose up -d --scale %s\n",
                why, args->words[0]);
        return EXIT_REFUSED;
    }
    said = json_parse(str_text(&answer), answer.len, why, sizeof(why));
    if (status != DONE) {
        fprintf(stderr, "tessera scale: %s\n",
                json_str(said, "error") ? json_str(said, "error") : "no supervisor answers at that port");
        return EXIT_REFUSED;
    }
    if (wait_for(args) != EXIT_OK)
        return EXIT_REFUSED;
    printf("done, until `make down`; for good: TESSERA_SUPERVISOR_INSTANCES\n");
    return EXIT_OK;
}
