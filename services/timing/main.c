/* timing - does what is due: by the clock, and when resources that others look at change. */
#include "actions.h"
#include "active.h"
#include "beacons.h"
#include "cse.h"
#include "due.h"
#include "load.h"
#include "log.h"
#include "mashups.h"
#include "mem.h"
#include "metrics.h"
#include "primitive.h"
#include "processes.h"
#include "question.h"
#include "request.h"
#include "series.h"
#include "service.h"
#include "store.h"
#include "subjects.h"
#include "windows.h"

enum { PREFETCH = 256, HELD_MAX = 64 * PREFETCH };

static const struct config_row config[] = {
    {"timing.missing.max",    CONFIG_INT,  "1000",  1,   10000,     "entries of a missingDataList without missingDataMaxNr"          },
    {"timing.action.period",  CONFIG_INT,  "10000", 1,   INT32_MAX, "ms, period of a periodic action that does not say its own"      },
    {"timing.action.times",   CONFIG_INT,  "1000",  1,   INT32_MAX, "times that a continuous action is carried out that does not say"},
    {"timing.action.timeout", CONFIG_INT,  "10000", 100, 600000,    "ms that the request of an action may take"                      },
    {NULL,                    CONFIG_TEXT, NULL,    0,   0,         NULL                                                             },
};

static struct metric events_total = METRIC_COUNTER("tessera_timing_events_total", "Events by what became of them", "result");

static void on_beacon(const struct change *change, struct source *source)
{
    (void)source;
    beacons_on_change(change, envelope_str(&source->delivery->envelope, "path"));
}

/* Columns: event, resource type (0 = any), operation (0 = any), who is told. All rows that fit count. */
static const struct {
    const char *event;
    int ty, op;
    void (*tell)(const struct change *change, struct source *source);
} rows[] = {
    {"resource", 29, 0,         series_on_change   },
    {"resource", 30, OP_CREATE, series_on_point    },
    {"resource", 48, 0,         windows_on_change  },
    {"resource", 41, 0,         mashups_on_change  },
    {"resource", 60, 0,         on_beacon          },
    {"resource", 63, 0,         processes_on_change},
    {"resource", 64, 0,         processes_on_state },
    {"resource", 65, 0,         actions_on_change  },
    {"armed",    65, 0,         actions_on_armed   },
    {"armed",    17, 0,         due_on_armed       },
};

static void handle(struct bus_delivery *delivery)
{
    struct source *source;
    struct change change;
    char why[160];

    if (change_read(&change, &delivery->envelope, why, sizeof why) < 0) {
        log_error("event.malformed", "event_id=%s why=%s", delivery->id, why);
        metric_add(&events_total, 1, "malformed");
        active_reject(delivery);
        change_done(&change);
        return;
    }
    source = source_new(delivery);
    if (strcmp(change.event, "clock") == 0 && change.fr)
        beacons_on_clock(change.fr, envelope_int(&delivery->envelope, "ot", change.at), change.at);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].event, change.event) == 0 && rows[i].ty == change.ty && (!rows[i].op || rows[i].op == change.op))
            rows[i].tell(&change, source);
    if (strcmp(change.event, "resource") == 0)
        subjects_on_change(&change, source);
    metric_add(&events_total, 1, "handled");
    change_done(&change);
    source_release(source);
}

/* In this order: what waits for storage or an answer is freed by its callback. */
static void forget(void)
{
    load_forget();
    actions_forget();
    processes_forget();
    series_forget();
    beacons_forget();
    due_forget();
    windows_forget();
    mashups_forget();
    subjects_forget();
    questions_forget();
    request_forget();
}

static void start(void)
{
    static const struct active active = {
        .queue = "events.timing",
        .tenant = STORE_TENANT,
        .keeper = "storage",
        .about = cse_ri,
        .held_max = HELD_MAX,
        .begin = load_begin,
        .handle = handle,
        .forget = forget,
    };

    series_init(config_int("timing.missing.max"));
    actions_init(config_int("timing.action.period"), config_int("timing.action.times"), config_int("timing.action.timeout"));
    active_start(&active);
}

int main(int argc, char **argv)
{
    static const struct bus_consumer consumers[] = {
        {BUS_EVENTS, "timing",
         "*.ts.*.* *.actr.*.* *.prmr.*.* *.stte.*.* *.tsb.*.* *.crs.*.* *.smi.*.* *.req.armed.* *.*.clock.* *.*.*.acted "
         "*.*.*.both",               BUS_SINGLE_ACTIVE, PREFETCH, active_on_event},
        {0,          NULL,     NULL, 0,                 0,        NULL           },
    };
    static const struct service timing = {
        .name = "timing",
        .config = config,
        .consumers = consumers,
        .start = start,
        .purpose = "Does what is due by the clock, and when resources that others look at change.",
    };

    return service_main(argc, argv, &timing);
}
