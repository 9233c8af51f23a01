/* notification - turns events into oneM2M notifications, in order, and gets them delivered. */
#include "clock.h"
#include "count.h"
#include "deliver.h"
#include "events.h"
#include "lanes.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "pending.h"
#include "service.h"
#include "store.h"

enum { PREFETCH = 512, TICK_MS = 2000, HELD_MAX = 64 * PREFETCH };

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
static struct loop_timer *tick;
static bool active;   /* the broker delivers to this instance */
static bool restored; /* what storage holds is known */

/* Events that came before that, in order. */
static struct bus_delivery **held;
static int held_count;

static void on_restored(void)
{
    restored = true;
    for (int i = 0; i < held_count; i++)
        events_handle(held[i]);
    held_count = 0;
}

static void on_event(struct bus_delivery *delivery)
{
    if (!active) {
        active = true;
        log_info("notification.active", "instance=%s", bus_instance());
        lanes_restore(on_restored);
    }
    if (restored) {
        events_handle(delivery);
        return;
    }
    if (!held)
        held = xcalloc(HELD_MAX, sizeof(struct bus_delivery *));
    if (held_count == HELD_MAX) /* more than the prefetch allows */
        log_fatal("notification.held", "count=%d", held_count);
    held[held_count++] = delivery;
}

/*
 * One instance at a time is given events, and only that one may deliver what waits in storage. An instance that is given
 * nothing asks for a sign: an event for nobody, which goes to whoever is active.
 */
static void on_tick(void *context)
{
    auto_str struct str head = STR_EMPTY;

    (void)context;
    if (active || !bus_is_up())
        return;
    head_str(&head, "tenant", STORE_TENANT);
    head_str(&head, "event", "tick");
    bus_send("events.notification", &head, "", 0, clock_now_ms() + TICK_MS, NULL, NULL);
}

/*
 * Without the broker nothing here counts any more: what was not acknowledged is delivered again, perhaps to another
 * instance, and what was stored is in storage. So everything is forgotten, and learnt anew.
 */
static void on_bus(bool up)
{
    if (up) {
        loop_timer_start(tick, 0, TICK_MS);
        return;
    }
    for (int i = 0; i < held_count; i++)
        bus_done(held[i]);
    held_count = 0;
    active = restored = false;
    lanes_forget();
    count_forget();
}

static void start(void)
{
    limits = (struct limits){
        .memory = config_int("notification.lane.memory"),
        .patience = config_int("notification.patience"),
        .batch = config_int("notification.batch.duration") * 1000,
        .retry = config_int("notification.retry") * 1000,
    };
    pending_init(config_int("notification.lane.max"), lanes_free_dead);
    deliver_init(config_int("notification.timeout"), lanes_free_dead);
    lanes_init(&limits, config_int("notification.memory"));
    tick = loop_timer_new(on_tick, NULL);
    bus_on_state(on_bus);
}

static bool idle(void)
{
    bool drained = lanes_drain(), written = count_flush();

    return drained && written;
}

int main(int argc, char **argv)
{
    static const struct bus_consumer consumers[] = {
        {BUS_EVENTS, "notification", "*.*.*.watched", BUS_SINGLE_ACTIVE, PREFETCH, on_event},
        {0,          NULL,           NULL,            0,                 0,        NULL    },
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
