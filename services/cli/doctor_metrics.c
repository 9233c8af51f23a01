/* What the processes count: the same bounds as the alerts of services/monitoring. */
#include "doctor.h"

#include "mem.h"

bool metric_largest(const char *text, const char *name, double *value)
{
    size_t len = strlen(name);
    bool found = false;

    for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL) {
        const char *blank;
        double one;

        if (strncmp(line, name, len) != 0 || (line[len] != ' ' && line[len] != '{'))
            continue;
        blank = line[len] == '{' ? strchr(line + len, '}') : line + len - 1;
        if (!blank)
            continue;
        one = strtod(blank + 1, NULL);
        *value = found && *value > one ? *value : one;
        found = true;
    }
    return found;
}

/* Columns: metric, above which it is a warning, above which a failure, what it is ("%.0f"), what to do. */
static const struct {
    const char *name;
    double warn, fail;
    const char *text, *advice;
} bounds[] = {
    {"tessera_storage_waiting",              500,  3000,  "%.0f changes wait for the database",
     "the disk is slow, or there is too much: docs/scaling.md"                                                                                                        },
    {"tessera_bus_inflight",                 1000, 4000,  "%.0f requests of one process are not answered yet",
     "a service behind it is too slow or away: tessera status; docs/scaling.md"                                                                                       },
    {"tessera_storage_outbox_seconds",       30,   300,   "events wait for the broker since %.0f s",
     "is the broker well? tessera logs broker"                                                                                                                        },
    {"tessera_notification_oldest_seconds",  3600, 86400, "a notification waits since %.0f s",
     "its subscriber is away; one that is gone for good: delete its subscription"                                                                                     },
    {"tessera_notifications_overflow_total", 0,    1e300, "%.0f notifications were lost, too many waited for their subscriber",
     "subscribers that are away: notification.lane.max"                                                                                                               },
    {"tessera_bus_dead_total",               0,    1e300, "%.0f messages went to the dead letters",                             "docs/troubleshooting.md#dead-letters"},
};

void check_metrics(struct doctor *d)
{
    bool fine = true;

    if (d->metrics.len == 0)
        return;
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++) {
        auto_free char *text = NULL;
        double value;

        if (!metric_largest(d->metrics.data ? d->metrics.data : "", bounds[i].name, &value) || value <= bounds[i].warn)
            continue;
        fine = false;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        text = xasprintf(bounds[i].text, value); /* of the table above */
#pragma GCC diagnostic pop
        doctor_say(d, value > bounds[i].fail ? FINDING_FAIL : FINDING_WARN, bounds[i].advice, "%s", text);
    }
    if (fine)
        doctor_say(d, FINDING_OK, NULL, "nothing waits for long, no dead letters");
}
