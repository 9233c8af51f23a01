/* statistics - collects what <statsCollect> resources ask for: who has made how many requests, and of which size. */
#include "active.h"
#include "config.h"
#include "count.h"
#include "cse.h"
#include "log.h"
#include "mem.h"
#include "rules.h"
#include "service.h"

enum { PREFETCH = 64, PRIMITIVES_MAX = 64 };

static const struct config_row config[] = {
    {"statistics.directory", CONFIG_TEXT, "var/statistics", 1, 4000, "directory of the records and of what has been counted"},
    {NULL,                   CONFIG_TEXT, NULL,             0, 0,    NULL                                                   },
};

static void handle(struct bus_delivery *delivery)
{
    const char *event = envelope_str(&delivery->envelope, "event");

    if (event && strcmp(event, "request") == 0) {
        count_on_event(delivery);
        return;
    }
    if (event && strcmp(event, "resource") == 0 && !rules_on_change(&delivery->envelope)) {
        log_error("event.malformed", "event_id=%s", delivery->id);
        active_reject(delivery);
        return;
    }
    count_touch();
    active_done(delivery);
}

static void begin(void (*ready)(void))
{
    count_begin();
    rules_load(ready);
}

static void forget(void)
{
    rules_forget();
    count_forget();
}

static void start(void)
{
    static const struct active active = {
        .queue = "events.statistics",
        .tenant = "main",
        .keeper = "storage",
        .about = cse_ri,
        .held_max = PREFETCH * PRIMITIVES_MAX,
        .begin = begin,
        .handle = handle,
        .forget = forget,
    };

    count_start(config_text("statistics.directory"));
    active_start(&active);
}

int main(int argc, char **argv)
{
    static const struct bus_consumer consumers[] = {
        {BUS_EVENTS, "statistics", "*.stcl.*.* *.evcg.*.* *.*.*.counted", BUS_SINGLE_ACTIVE, PREFETCH, active_on_event},
        {0,          NULL,         NULL,                                  0,                 0,        NULL           },
    };
    static const struct service statistics = {
        .name = "statistics",
        .config = config,
        .consumers = consumers,
        .start = start,
        .purpose = "Collects what statsCollect resources ask for: who has made how many requests, and of which size.",
    };

    return service_main(argc, argv, &statistics);
}
