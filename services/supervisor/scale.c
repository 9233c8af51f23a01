#include "scale.h"

#include "config.h"
#include "fleet.h"
#include "kept.h"
#include "log.h"
#include "mem.h"

enum { DONE = 200, REFUSED = 400, NOT_NOW = 503 };

/* Columns: process, how few and how many may be asked for (1, 0: no number at all), why. */
static const struct {
    const char *name;
    int least, most;
    const char *why;
} bounds[] = {
    {"broker",     1, 0, "there is one; several are a cluster: broker.nodes, docs/scaling.md"                  },
    {"mosquitto",  1, 0, "there is one; several need a MQTT broker of your own: mqtt.url"                      },
    {"keeper",     1, 0, "there is one"                                                                        },
    {"supervisor", 1, 0, "there is one"                                                                        },
    {"coap",       0, 1, "only one on a machine can have the port; in containers: docker compose up -d --scale"},
    {"websocket",  0, 1, "only one on a machine can have the port; in containers: docker compose up -d --scale"},
};

/* 0, or a status with `why`. */
static unsigned check(const struct fleet_entry *e, char *why, size_t why_size)
{
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++) {
        if (strcmp(bounds[i].name, e->service) == 0 && (e->instances < bounds[i].least || e->instances > bounds[i].most)) {
            snprintf(why, why_size, "%.31s: %s", e->service, bounds[i].why);
            return REFUSED;
        }
    }
    if (!fleet_knows(e->service)) {
        snprintf(why, why_size, "%.31s: no such service", e->service);
        return REFUSED;
    }
    if (!fleet_needs(e->service)) {
        snprintf(why, why_size, "%.31s: it has nothing to do, a setting is missing (docs/configuration.md)", e->service);
        return REFUSED;
    }
    if (strcmp(e->service, "mqtt") == 0 && *config_text("supervisor.mosquitto") && fleet_count("mosquitto") == 0 &&
        e->instances > 0) {
        snprintf(why, why_size, "mqtt: its private broker was not started; set TESSERA_SUPERVISOR_INSTANCES and start again");
        return REFUSED;
    }
    if (fleet_leaving(e->service)) {
        snprintf(why, why_size, "%.31s: one is still ending; try again", e->service);
        return NOT_NOW;
    }
    return 0;
}

static unsigned check_all(const struct fleet_entry *entries, int count, char *why, size_t why_size)
{
    int more = 0;

    for (int i = 0; i < count; i++) {
        unsigned status = check(&entries[i], why, why_size);

        if (status)
            return status;
        more += entries[i].instances - fleet_count(entries[i].service);
        for (int j = 0; j < i; j++) {
            if (strcmp(entries[i].service, entries[j].service) == 0) {
                snprintf(why, why_size, "%.31s: given twice", entries[i].service);
                return REFUSED;
            }
        }
    }
    if (more > fleet_room()) {
        snprintf(why, why_size, "more than %d processes", FLEET_MAX);
        return REFUSED;
    }
    return 0;
}

static void apply(const struct fleet_entry *e)
{
    int now = fleet_count(e->service);

    log_info("fleet.scale", "service=%s from=%d to=%d", e->service, now, e->instances);
    for (; now < e->instances; now++)
        fleet_add(e->service, now + 1);
    for (; now > e->instances; now--)
        fleet_remove_last(e->service);
}

/* What was asked for, now and before, for a successor. */
static void remember(const struct fleet_entry *entries, int count)
{
    struct fleet_entry all[FLEET_MAX];
    auto_str struct str text = STR_EMPTY;
    int n = kept_instances(all, 0, FLEET_MAX);

    for (int i = 0; i < count; i++) {
        int at = 0;

        while (at < n && strcmp(all[at].service, entries[i].service) != 0)
            at++;
        if (at == FLEET_MAX)
            continue;
        all[at] = entries[i];
        n += at == n;
    }
    for (int i = 0; i < n; i++)
        str_addf(&text, "%s%s=%d", i ? " " : "", all[i].service, all[i].instances);
    kept_save_instances(str_text(&text));
}

unsigned scale_action(const char *body, struct str *json)
{
    struct fleet_entry entries[FLEET_MAX];
    char why[256] = "nothing is said";
    int count = fleet_parse(body, entries, FLEET_MAX, why, sizeof(why));
    unsigned status = count < 1 ? REFUSED : check_all(entries, count, why, sizeof(why));

    if (!status && fleet_stops()) {
        snprintf(why, sizeof(why), "everything is being stopped");
        status = NOT_NOW;
    }
    if (status) {
        str_puts(json, "{\"error\":");
        str_json(json, why);
        str_puts(json, "}\n");
        return status;
    }
    remember(entries, count); /* first: killed meanwhile, the successor does the rest */
    for (int i = 0; i < count; i++)
        apply(&entries[i]);
    str_puts(json, "{\"status\":\"ok\"}\n");
    return DONE;
}
