#include "active.h"

#include "clock.h"
#include "log.h"
#include "loop.h"
#include "mem.h"

enum { TICK_MS = 2000 };

static const struct active *service;
static struct loop_timer *tick;
static bool active; /* the broker delivers to this instance */
static bool ready;  /* what storage holds is known */

/* Events that came before that, in order. */
static struct bus_delivery **held;
static int held_count;

static void on_ready(void)
{
    int count = held_count;

    ready = true;
    held_count = 0;
    for (int i = 0; i < count; i++)
        service->handle(held[i]);
}

void active_on_event(struct bus_delivery *delivery)
{
    if (!active) {
        active = true;
        log_info("active.begin", "instance=%s", bus_instance());
        service->begin(on_ready);
    }
    if (ready) {
        service->handle(delivery);
        return;
    }
    if (!held)
        held = xcalloc((size_t)service->held_max, sizeof *held);
    if (held_count == service->held_max) /* more than the prefetch allows */
        log_fatal("active.held", "count=%d", held_count);
    held[held_count++] = delivery;
}

/*
 * An instance that is given nothing asks for a sign: an event for nobody, which goes to whoever is active. So it learns that
 * it is, even if no event comes.
 */
static void on_tick(void *context)
{
    auto_str struct str head = STR_EMPTY;

    (void)context;
    if (active || !bus_is_up())
        return;
    head_str(&head, "tenant", service->tenant);
    head_str(&head, "event", "tick");
    bus_send(service->queue, &head, "", 0, clock_now_ms() + TICK_MS, NULL, NULL);
}

/* What was not acknowledged is delivered again, perhaps to another instance; what was kept is in storage. */
static void on_bus(bool up)
{
    if (up) {
        loop_timer_start(tick, 0, TICK_MS);
        return;
    }
    for (int i = 0; i < held_count; i++)
        bus_done(held[i]);
    held_count = 0;
    active = ready = false;
    service->forget();
}

void active_start(const struct active *what)
{
    service = what;
    tick = loop_timer_new(on_tick, NULL);
    bus_on_state(on_bus);
}
