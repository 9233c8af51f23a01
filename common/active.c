#include "active.h"

#include "caution.h"
#include "clock.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"

enum { TICK_MS = 2000, KEEPER_MS = 10000, AGAIN_MS = 1000 };

static const struct active *service;
static struct loop_timer *tick, *retry;
static bool active; /* the broker delivers to this instance */
static bool ready;  /* what storage holds is known */

/* Events that are not handled yet, in order: from `held_first` on. */
static struct bus_delivery **held;
static int held_first, held_count;
static bool pumping;

/* Those that came back. */
static enum {
    TRUST,  /* none are there */
    ASK,    /* what happened to the last who had them? */
    KEEP,   /* `keeping` is on its way */
    HANDLE, /* `size` of them together */
} stage;
static struct caution before, keeping;
static int size;
static int open_count;  /* handled and not ended */
static int chunk_count; /* handled in this chunk */
static int round_ = 1;  /* grows with every connection: what ends of an earlier one does not count */

static void pump(void);

/* ---- what is kept --------------------------------------------------------------------------------------------------- */

static void on_asked(void *context, const struct envelope *reply, enum bus_failure failure)
{
    const char *st = failure == BUS_OK ? envelope_str(reply, "st") : NULL;
    json_auto_t *list = st && strcmp(st, "ok") == 0 ? json_loadb(reply->body, reply->body_len, 0, NULL) : NULL;

    if ((int)(intptr_t)context != round_ || stage != ASK)
        return;
    if (!json_is_array(list)) {
        loop_timer_start(retry, AGAIN_MS, 0);
        return;
    }
    caution_read(&before, json_array_get(json_array_get(list, 0), 1));
    size = caution_size(&before, bus_instance());
    if (size != CAUTION_ALL)
        log_warn("active.caution", "together=%d by=%s", size, before.by);
    keeping = (struct caution){.size = size};
    snprintf(keeping.by, sizeof keeping.by, "%s", bus_instance());
    stage = size == 1 ? HANDLE : KEEP; /* one by one each is kept by itself */
    chunk_count = 0;
    if (stage == KEEP)
        loop_timer_start(retry, 0, 0);
    else
        pump();
}

static void ask(void)
{
    auto_str struct str head = STR_EMPTY;

    head_str(&head, "do", "kept");
    head_str(&head, "tenant", service->tenant);
    head_str(&head, "name", service->queue);
    if (bus_send(service->keeper, &head, "", 0, clock_now_ms() + KEEPER_MS, on_asked, (void *)(intptr_t)round_) < 0)
        loop_timer_start(retry, AGAIN_MS, 0);
}

static void on_kept(void *context, const struct envelope *reply, enum bus_failure failure)
{
    const char *st = failure == BUS_OK ? envelope_str(reply, "st") : NULL;

    if ((int)(intptr_t)context != round_ || stage != KEEP)
        return;
    if (!st || strcmp(st, "failed") == 0) {
        loop_timer_start(retry, AGAIN_MS, 0);
        return;
    }
    if (strcmp(st, "ok") != 0) /* asking again would not help: then without caution */
        log_often(LOG_ERROR, "active.keep", "st=%s why=%s", st, envelope_str(reply, "why"));
    stage = HANDLE;
    pump();
}

/* NULL: nothing any more. */
static int keep(const struct caution *c, bus_reply_fn *on_reply)
{
    auto_str struct str head = STR_EMPTY, body = STR_EMPTY;
    char key[ID_SIZE];

    id_random("active", key);
    head_str(&head, "do", "commit");
    head_str(&head, "tenant", service->tenant);
    head_str(&head, "key", key);
    head_int(&head, "at", clock_now_ms());
    str_puts(&body, "{\"ops\":[{\"op\":\"keep\",\"ri\":");
    str_json(&body, service->about());
    head_str(&body, "name", service->queue);
    str_puts(&body, ",\"value\":");
    if (c)
        caution_write(&body, c);
    else
        str_puts(&body, "null");
    str_puts(&body, "}]}");
    return bus_send(service->keeper, &head, body.data, body.len, clock_now_ms() + KEEPER_MS, on_reply, (void *)(intptr_t)round_);
}

static void on_retry(void *context)
{
    (void)context;
    if (stage == ASK)
        ask();
    else if (stage == KEEP && keep(&keeping, on_kept) < 0)
        loop_timer_start(retry, AGAIN_MS, 0);
}

/* ---- events --------------------------------------------------------------------------------------------------------- */

static void hand_over(struct bus_delivery *delivery)
{
    held_first++;
    if (stage == HANDLE && delivery->again) {
        open_count++;
        chunk_count++;
        delivery->context = (void *)(intptr_t)round_;
    }
    service->handle(delivery);
}

/* The next event that came back. False: it has to wait. */
static bool go_on(struct bus_delivery *delivery)
{
    if (size == CAUTION_ALL) {
        hand_over(delivery);
        return true;
    }
    if (size > 1) {
        if (chunk_count >= size && open_count > 0)
            return false;
        if (chunk_count >= size)
            chunk_count = 0;
        hand_over(delivery);
        return true;
    }
    if (open_count > 0)
        return false;
    if (strcmp(keeping.id, delivery->id) == 0) { /* kept, and now its turn */
        hand_over(delivery);
        return true;
    }
    keeping = caution_alone(&before, bus_instance(), delivery->id);
    if (keeping.tries > CAUTION_TRIES) {
        held_first++;
        log_error("active.poison", "queue=%s event_id=%s tries=%d", service->queue, delivery->id, keeping.tries - 1);
        bus_reject(delivery);
        size = keeping.size = CAUTION_ALL; /* the others have done nothing */
        *keeping.id = '\0';
        keeping.tries = 0;
    }
    stage = KEEP;
    loop_timer_start(retry, 0, 0);
    return false;
}

/* All that came back are done with. */
static void trust(void)
{
    stage = TRUST;
    keep(NULL, NULL);
}

/* Handles what may be handled. */
static void pump_on(void)
{
    while (ready && (stage == TRUST || stage == HANDLE)) {
        struct bus_delivery *delivery = held_first < held_count ? held[held_first] : NULL;
        bool again = delivery && delivery->again;

        if (stage == HANDLE && !again) {
            if (open_count > 0 && (size != CAUTION_ALL || !delivery))
                return;
            if (open_count == 0)
                trust();
        }
        if (!delivery)
            return;
        if (again && stage == TRUST) {
            stage = ASK;
            ask();
        } else if (!again || stage == TRUST) {
            hand_over(delivery);
        } else if (!go_on(delivery)) {
            return;
        }
    }
}

static void pump(void)
{
    if (pumping)
        return;
    pumping = true;
    pump_on();
    pumping = false;
    if (held_first == held_count)
        held_first = held_count = 0;
}

static void on_ready(void)
{
    ready = true;
    pump();
}

void active_on_event(struct bus_delivery *delivery)
{
    if (!active) {
        active = true;
        log_info("active.begin", "instance=%s", bus_instance());
        service->begin(on_ready);
    }
    if (!held)
        held = xcalloc((size_t)service->held_max, sizeof *held);
    if (held_count == service->held_max && held_first > 0) {
        memmove(held, held + held_first, (size_t)(held_count - held_first) * sizeof *held);
        held_count -= held_first;
        held_first = 0;
    }
    if (held_count == service->held_max) /* more than the prefetch allows */
        log_fatal("active.held", "count=%d", held_count);
    held[held_count++] = delivery;
    pump();
}

static void ended(const struct bus_delivery *delivery)
{
    if (stage == TRUST || (int)(intptr_t)delivery->context != round_)
        return;
    open_count--;
    pump();
}

void active_done(struct bus_delivery *delivery)
{
    struct bus_delivery copy = {.context = delivery->context};

    bus_done(delivery);
    ended(&copy);
}

void active_reject(struct bus_delivery *delivery)
{
    struct bus_delivery copy = {.context = delivery->context};

    bus_reject(delivery);
    ended(&copy);
}

void active_reply(struct bus_delivery *delivery, const struct str *head, const char *body, size_t body_len)
{
    struct bus_delivery copy = {.context = delivery->context};

    bus_reply(delivery, head, body, body_len);
    ended(&copy);
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
    loop_timer_stop(retry);
    round_++;
    stage = TRUST;
    open_count = 0;
    for (int i = held_first; i < held_count; i++)
        bus_done(held[i]);
    held_first = held_count = 0;
    active = ready = false;
    service->forget();
}

void active_start(const struct active *what)
{
    service = what;
    tick = loop_timer_new(on_tick, NULL);
    retry = loop_timer_new(on_retry, NULL);
    bus_on_state(on_bus);
}
