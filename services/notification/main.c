/* notification - turns events into oneM2M notifications, in order, and gets them delivered. */
#include "active.h"
#include "count.h"
#include "cse.h"
#include "deliver.h"
#include "events.h"
#include "lanes.h"
#include "pending.h"
#include "service.h"
#include "store.h"

enum { PREFETCH = 512, HELD_MAX = 64 * PREFETCH };

static const struct config_row config[] = {
    {"notification.timeout",        CONFIG_INT,  "6000",    100, 600000,
     "ms that the delivery of one notification may take; more than http.egress.timeout"                                                },
    {"notification.patience",       CONFIG_INT,  "500",     10,  60000,
     "ms without an answer after which what waits for a target goes to storage"                                                        },
    {"notification.retry",          CONFIG_INT,  "86400",   1,   31536000, "s that a notification which cannot be delivered is kept"   },
    {"notification.batch.duration", CONFIG_INT,  "60",      1,   86400,
     "s after its first notification that a batch leaves, if its subscription does not say"                                            },
    {"notification.lane.memory",    CONFIG_INT,  "2000",    1,   100000,   "notifications for one target in memory; more go to storage"},
    {"notification.lane.max",       CONFIG_INT,  "1000000", 1,   10000000,
     "notifications for one target in storage; beyond it the oldest is dropped"                                                        },
    {"notification.memory",         CONFIG_INT,  "20000",   100, 10000000,
     "notifications in memory; beyond it targets that do not keep up go to storage early"                                              },
    {NULL,                          CONFIG_TEXT, NULL,      0,   0,        NULL                                                        },
};

static struct limits limits;
static void forget(void)
{
    lanes_forget();
    count_forget();
}

static void start(void)
{
    static const struct active active = {
        .queue = "events.notification",
        .tenant = STORE_TENANT,
        .keeper = "storage",
        .about = cse_ri,
        .held_max = HELD_MAX,
        .begin = lanes_restore,
        .handle = events_handle,
        .forget = forget,
    };

    limits = (struct limits){
        .memory = config_int("notification.lane.memory"),
        .patience = config_int("notification.patience"),
        .batch = config_int("notification.batch.duration") * 1000,
        .retry = config_int("notification.retry") * 1000,
    };
    pending_init(config_int("notification.lane.max"));
    deliver_init(config_int("notification.timeout"));
    lanes_init(&limits, config_int("notification.memory"));
    active_start(&active);
}

static bool idle(void)
{
    bool drained = lanes_drain(), written = count_flush();

    return drained && written;
}

int main(int argc, char **argv)
{
    static const struct bus_consumer consumers[] = {
        {BUS_EVENTS, "notification", "*.*.*.watched *.*.*.both *.req.update.*", BUS_SINGLE_ACTIVE, PREFETCH, active_on_event},
        {0,          NULL,           NULL,                                      0,                 0,        NULL           },
    };
    static const struct service notification = {
        .name = "notification",
        .config = config,
        .consumers = consumers,
        .start = start,
        .idle = idle,
        .purpose = "Turns events into notifications and gets them delivered, in order.",
    };

    return service_main(argc, argv, &notification);
}
