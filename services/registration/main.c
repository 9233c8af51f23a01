/* registration - registers this CSE at its registrar and keeps it registered. */
#include "clock.h"
#include "content.h"
#include "cse.h"
#include "delivery.h"
#include "log.h"
#include "loop.h"
#include "rounds.h"
#include "service.h"

#include "mem.h"

enum { PREFETCH = 64, TICK_MS = 2000 };

static const struct config_row config[] = {
    {"registration.interval", CONFIG_INT,  "30",    1,  86400,    "s after which the registration is looked at again"},
    {"registration.retry",    CONFIG_INT,  "60",    1,  86400,
     "s between attempts at most, when the registrar does not answer or refuses"                                     },
    {"registration.lifetime", CONFIG_INT,  "86400", 60, 31536000,
     "s that the registrar keeps the registration of a CSE that is not heard of"                                     },
    {NULL,                    CONFIG_TEXT, NULL,    0,  0,        NULL                                               },
};

static struct loop_timer *tick;
static bool active; /* the broker delivers to this instance */

/* Only who is given events registers, one instance at a time. */
static void on_event(struct bus_delivery *delivery)
{
    bus_done(delivery);
    if (!cse_registrar())
        return;
    if (!active) {
        active = true;
        log_info("registration.active", "instance=%s", bus_instance());
        rounds_begin();
    } else {
        rounds_changed();
    }
}

/* An instance that is given nothing asks for a sign, which goes to whoever is active. */
static void on_tick(void *context)
{
    auto_str struct str head = STR_EMPTY;

    (void)context;
    if (active || !bus_is_up())
        return;
    head_str(&head, "tenant", "main");
    head_str(&head, "event", "tick");
    bus_send("events.registration", &head, "", 0, clock_now_ms() + TICK_MS, NULL, NULL);
}

static void on_bus(bool up)
{
    if (up) {
        loop_timer_start(tick, 0, TICK_MS);
        return;
    }
    active = false;
    rounds_suspend();
}

/* A point of access that only this machine can reach is a common mistake, in containers most of all. */
static void check_poa(void)
{
    auto_free char *list = xstrdup(cse_poa());
    bool far = cse_registrar() && !delivery_is_local(config_text("cse.registrar.url"));
    char *rest = list, *url;

    if (cse_is_connected() && !*list)
        log_warn("poa.none", "why=%s", "other CSEs cannot send requests here: set cse.poa to a URL that they reach");
    while (*list && (url = strsep(&rest, ",")))
        if (delivery_is_local(url) && (far || (cse_is_connected() && !cse_registrar())))
            log_warn("poa.local", "url=%s why=%s", url,
                     "cse.poa is an address of this machine alone: other machines cannot reach it");
}

static void start(void)
{
    cse_check();
    check_poa();
    if (!cse_registrar())
        return;
    rounds_start();
    tick = loop_timer_new(on_tick, NULL);
    bus_on_state(on_bus);
}

int main(int argc, char **argv)
{
    static const struct bus_consumer consumers[] = {
        {BUS_EVENTS, "registration", "*.csr.#", BUS_SINGLE_ACTIVE, PREFETCH, on_event},
        {0,          NULL,           NULL,      0,                 0,        NULL    },
    };
    static const struct service registration = {
        .name = "registration",
        .purpose = "registers this CSE at its registrar and keeps it registered",
        .config = config,
        .consumers = consumers,
        .start = start,
    };

    return service_main(argc, argv, &registration);
}
