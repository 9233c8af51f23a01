#include "health.h"

#include "config.h"
#include "json.h"
#include "local.h"
#include "mem.h"
#include "text.h"

bool health_is(const char *instance, const char *wanted)
{
    size_t len = strlen(wanted);

    return strncmp(instance, wanted, len) == 0 && (!instance[len] || instance[len] == '.');
}

/* Prints what the process at `port` says of itself. True: it is healthy. */
static bool ask(int port)
{
    auto_str struct str text = STR_EMPTY;
    char why[256];
    long status = local_get(port, "/health", &text, why, sizeof why);
    json_auto_t *report = status ? json_parse(str_text(&text), text.len, why, sizeof why) : NULL;
    const char *instance = json_str(report, "instance");

    if (status == 200) {
        printf("%s: ok\n", instance ? instance : "process");
        return true;
    }
    if (report && json_str(report, "why"))
        snprintf(why, sizeof why, "%s", json_str(report, "why"));
    else if (status)
        snprintf(why, sizeof why, "port %d answers with HTTP status %ld", port, status);
    fprintf(stderr, "%s: %s\n", instance ? instance : "unavailable", why);
    return false;
}

/* Is it the process at management.port, as in a container that runs one service alone? */
static bool is_own(const char *service)
{
    auto_str struct str text = STR_EMPTY;
    char why[256];
    json_auto_t *report = NULL;

    if (local_get((int)config_int("management.port"), "/health", &text, why, sizeof why) == 0)
        return false;
    report = json_parse(str_text(&text), text.len, why, sizeof why);
    return json_str(report, "instance") && health_is(json_str(report, "instance"), service);
}

/* All processes of a service, by the supervisor's report. */
static int ask_service(const char *service)
{
    auto_str struct str text = STR_EMPTY;
    json_auto_t *report = NULL;
    const json_t *child;
    int found = 0, healthy = 0;
    size_t i;

    if (is_own(service))
        return ask((int)config_int("management.port")) ? EXIT_OK : EXIT_REFUSED;
    report = local_status(&text);
    json_array_foreach(json_object_get(report, "children"), i, child)
    {
        if (!health_is(json_str(child, "name"), service))
            continue;
        found++;
        if (json_int(child, "port", 0)) {
            healthy += ask((int)json_int(child, "port", 0));
        } else { /* the broker, the keeper: healthy while they run */
            printf("%s: %s\n", json_str(child, "name"), json_str(child, "state"));
            healthy += strcmp(json_str(child, "state"), "healthy") == 0;
        }
    }
    if (found == 0)
        fprintf(stderr, "%s: no such process here%s\n", service,
                report ? "; `tessera status` lists them" : ", and no supervisor answers at management.port");
    return found > 0 && healthy == found ? EXIT_OK : EXIT_REFUSED;
}

int health_ask(const struct args *args)
{
    int64_t port = config_int("management.port");

    if (args->count > 0 && !text_number(args->words[0], strlen(args->words[0]), &port))
        return ask_service(args->words[0]);
    if (port < 1 || port > 65535) {
        fprintf(stderr, "tessera health: a port is a number from 1 to 65535\n");
        return EXIT_USAGE;
    }
    return ask((int)port) ? EXIT_OK : EXIT_REFUSED;
}
