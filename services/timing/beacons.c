#include "beacons.h"

#include "address.h"
#include "bus.h"
#include "clock.h"
#include "cse.h"
#include "delivery.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "primitive.h"
#include "store.h"
#include "table.h"

/* m2m:beaconCriteria */
enum { PERIODIC = 1, LOSS_OF_SYNCHRONIZATION };

enum { TIMER_MAX_MS = 86400000, SEND_MS = 5000, INTERVAL_MIN_MS = 100 };

struct beacon {
    struct table_entry entry; /* key = ri */
    char *ri, *path;
    json_t *a;
    int64_t phase, interval; /* periodic: sent at phase + n * interval, which a restart does not change */
    int64_t due;
    struct loop_timer *timer;
};

static struct table all;

static struct metric sent_total =
    METRIC_COUNTER("tessera_timing_beacons_total", "Time synchronization beacons by what became of them", "result");

static struct beacon *find(const char *ri)
{
    return (struct beacon *)table_find(&all, ri);
}

static void beacon_free(struct beacon *beacon)
{
    table_remove(&all, &beacon->entry);
    loop_timer_free(beacon->timer);
    json_decref(beacon->a);
    free(beacon->ri);
    free(beacon->path);
    free(beacon);
}

/* ---- sending -------------------------------------------------------------------------------------------------------- */

/* A beacon that was not delivered is not sent again: the next one tells a better time. */
static void on_sent(void *context, const struct envelope *reply, enum bus_failure failure)
{
    (void)context;
    (void)reply;
    metric_add(&sent_total, 1, failure == BUS_OK ? "sent" : "lost");
}

/* To a URL by whoever delivers there; to an entity through the CSE, which knows its points of access. */
static void send_to(const char *target, const struct str *content)
{
    bool url = strstr(target, "://") != NULL;
    const char *role = url ? delivery_role(target, NULL) : "orchestrator";
    auto_str struct str head = STR_EMPTY;
    char rqi[ID_SIZE];

    if (!role)
        return;
    id_random("b", rqi);
    head_str(&head, "tenant", STORE_TENANT);
    if (url) {
        head_str(&head, "url", target);
        head_str(&head, "lane", target);
    } else {
        head_str(&head, "to", target);
    }
    head_int(&head, "op", OP_NOTIFY);
    head_str(&head, "fr", cse_id());
    head_str(&head, "rqi", rqi);
    head_str(&head, "rvi", cse_release_answered(NULL));
    if (bus_send(role, &head, content->data, content->len, clock_now_ms() + SEND_MS, on_sent, NULL) < 0)
        metric_add(&sent_total, 1, "lost");
}

static void send_all(const struct beacon *beacon)
{
    auto_str struct str content = STR_EMPTY;
    auto_free char *address = xasprintf("%s/%s", cse_id(), beacon->path);
    const json_t *target;
    char now[CLOCK_TEXT_SIZE];
    size_t i;

    clock_format(clock_now_ms(), now);
    str_puts(&content, "{\"m2m:tsbn\":{\"tbr\":");
    str_json(&content, address);
    str_addf(&content, ",\"ctm\":\"%s\"}}", now);
    json_array_foreach(json_object_get(beacon->a, "bcnu"), i, target)
    {
        if (json_is_string(target))
            send_to(json_string_value(target), &content);
    }
}

/* ---- when ----------------------------------------------------------------------------------------------------------- */

static void schedule(struct beacon *beacon)
{
    int64_t now = clock_now_ms(), since = now - beacon->phase;
    int64_t wait;

    beacon->due = beacon->phase + (since < 0 ? 0 : since / beacon->interval + 1) * beacon->interval;
    wait = beacon->due - now;
    loop_timer_start(beacon->timer, wait > TIMER_MAX_MS ? TIMER_MAX_MS : wait, 0);
}

static void on_timer(void *context)
{
    struct beacon *beacon = context;

    if (clock_now_ms() >= beacon->due)
        send_all(beacon);
    schedule(beacon);
}

static void set_timer(struct beacon *beacon)
{
    const char *interval = json_str(beacon->a, "bcni"), *lt = json_str(beacon->a, "lt");

    if (json_int(beacon->a, "bcnc", 0) != PERIODIC || !interval || clock_parse_duration(interval, &beacon->interval) < 0 || !lt ||
        clock_parse(lt, &beacon->phase) < 0) {
        if (beacon->timer)
            loop_timer_stop(beacon->timer);
        return;
    }
    if (beacon->interval < INTERVAL_MIN_MS)
        beacon->interval = INTERVAL_MIN_MS;
    if (!beacon->timer)
        beacon->timer = loop_timer_new(on_timer, beacon);
    schedule(beacon);
}

static bool is_off(const struct beacon *beacon, const char *fr, int64_t off)
{
    const char *requester = json_str(beacon->a, "bcnr"), *threshold = json_str(beacon->a, "bcnt");
    auto_free char *stem = requester ? address_originator(requester) : NULL;
    int64_t limit;

    return json_int(beacon->a, "bcnc", 0) == LOSS_OF_SYNCHRONIZATION && stem && strcmp(stem, fr) == 0 && threshold &&
           clock_parse_duration(threshold, &limit) == 0 && (off < 0 ? -off : off) > limit;
}

struct clock_report {
    const char *fr;
    int64_t off;
};

static void check_one(struct table_entry *entry, void *context)
{
    const struct beacon *beacon = (const struct beacon *)entry;
    const struct clock_report *report = context;

    if (is_off(beacon, report->fr, report->off))
        send_all(beacon);
}

void beacons_on_clock(const char *fr, int64_t ot, int64_t at)
{
    struct clock_report report = {fr, at - ot};

    table_each(&all, check_one, &report);
}

/* ---- coming and going ----------------------------------------------------------------------------------------------- */

void beacons_learn(const char *ri, const char *path, const json_t *a)
{
    struct beacon *beacon = find(ri);

    if (!beacon) {
        beacon = xcalloc(1, sizeof *beacon);
        beacon->ri = xstrdup(ri);
        beacon->path = xstrdup(path);
        beacon->entry.key = beacon->ri;
        table_insert(&all, &beacon->entry);
    }
    json_decref(beacon->a);
    beacon->a = json_incref((json_t *)a);
    set_timer(beacon);
}

void beacons_on_change(const struct change *change, const char *path)
{
    struct beacon *beacon = find(change->ri);

    if (change->op != OP_DELETE)
        beacons_learn(change->ri, path, change->a);
    else if (beacon)
        beacon_free(beacon);
}

static void free_one(struct table_entry *entry, void *context)
{
    (void)context;
    beacon_free((struct beacon *)entry);
}

void beacons_forget(void)
{
    table_each(&all, free_one, NULL);
}
