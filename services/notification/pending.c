#include "pending.h"

#include "bus.h"
#include "id.h"
#include "json.h"
#include "lanes.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"
#include "store.h"

static int64_t bound;

static struct metric overflow =
    METRIC_COUNTER("tessera_notifications_overflow_total", "Waiting notifications dropped because their lane was full", NULL);

void pending_init(int64_t max)
{
    bound = max;
    metric_add(&overflow, 0, NULL);
}

/* ---- pend ---- */

static void add_entry(struct str *body, const struct lane *lane, const struct note *note)
{
    str_puts(body, body->len > 1 ? ",{\"lane\":" : "{\"lane\":");
    str_json(body, lane->name);
    str_puts(body, ",\"sub\":");
    str_json(body, lane->ri);
    str_addf(body, ",\"at\":%lld,\"n\":", (long long)note->at);
    note_write(body, note, bus_instance());
    str_putc(body, '}');
}

static void on_stored(void *context, enum store_status st, const struct envelope *reply)
{
    struct lane *lane = context;
    int64_t dropped = reply ? envelope_int(reply, "dropped", 0) : 0;

    if (!lanes_answered(lane))
        return;
    if (dropped > 0 && !lane->newest_only) {
        metric_add(&overflow, (double)dropped, NULL);
        log_often(LOG_INFO, "lane.overflow", "sub=%s target=%s dropped=%lld", lane->ri, lane->target, (long long)dropped);
    }
    if (st == STORE_REFUSED)
        log_often(LOG_ERROR, "lane.unstorable", "sub=%s target=%s count=%d", lane->ri, lane->target, lane->storing.count);
    lane_stored(lane, st != STORE_FAILED, dropped);
}

void pending_store(struct lane *lane)
{
    auto_str struct str head = STR_EMPTY, body = STR_EMPTY;
    char key[ID_SIZE];

    id_random("pend", key);
    store_begin(&head, "pend");
    head_str(&head, "key", key);
    head_int(&head, "max", bound);
    if (lane->newest_only)
        head_str(&head, "keep", "latest");
    str_putc(&body, '[');
    for (const struct note *note = lane->newest_only ? lane->storing.tail : lane->storing.head; note; note = note->next)
        add_entry(&body, lane, note);
    str_putc(&body, ']');
    lane->calls++;
    if (store_send(&head, body.data, body.len, on_stored, lane) < 0) {
        lane->calls--;
        lane_stored(lane, false, 0);
    }
}

/* ---- pending ---- */

static struct note *read_entry(struct slice entry)
{
    struct json_member members[8];
    int count = json_members(entry.p, entry.n, members, (int)ARRAY_LEN(members));
    struct note *note = NULL;
    int64_t seq = 0, at = 0;

    for (int i = 0; i < count; i++) {
        if (slice_is(members[i].name, "seq"))
            seq = strtoll(members[i].value.p, NULL, 10); /* numbers end at the comma or brace behind them */
        else if (slice_is(members[i].name, "at"))
            at = strtoll(members[i].value.p, NULL, 10);
        else if (slice_is(members[i].name, "n"))
            note = note_read(members[i].value, bus_instance());
    }
    if (!note) { /* another version's: older than everything, so it goes */
        note = note_new(NULL, content_new("{}", 2, false));
        note->foreign = true;
        at = 0;
    }
    note->seq = seq;
    note->at = at;
    note->kept = true;
    return note;
}

static void on_read(void *context, enum store_status st, const struct envelope *reply)
{
    struct lane *lane = context;
    struct notes notes = {NULL, NULL, 0};
    struct slice rest, entry;

    if (!lanes_answered(lane))
        return;
    if (st == STORE_OK) {
        rest = (struct slice){reply->body, reply->body_len};
        while (json_next_element(&rest, &entry))
            notes_push(&notes, read_entry(entry));
    }
    lane_read(lane, &notes, st == STORE_OK);
}

void pending_read(struct lane *lane, int max)
{
    auto_str struct str head = STR_EMPTY;
    struct notes none = {NULL, NULL, 0};

    store_begin(&head, "pending");
    head_str(&head, "lane", lane->name);
    head_int(&head, "max", max);
    lane->calls++;
    if (store_send(&head, "", 0, on_read, lane) < 0) {
        lane->calls--;
        lane_read(lane, &none, false);
    }
}

/* ---- pended ---- */

static void on_removed(void *context, enum store_status st, const struct envelope *reply)
{
    struct lane *lane = context;

    (void)reply;
    if (lanes_answered(lane))
        lane_removed(lane, st == STORE_OK);
}

void pending_remove(struct lane *lane, int64_t upto)
{
    auto_str struct str head = STR_EMPTY;

    store_begin(&head, "pended");
    head_str(&head, "lane", lane->name);
    head_int(&head, "upto", upto);
    lane->calls++;
    if (store_send(&head, "", 0, on_removed, lane) < 0) {
        lane->calls--;
        lane_removed(lane, false);
    }
}

/* ---- the summary ---- */

static pending_lane_fn *summary_each;
static pending_done_fn *summary_done;

/* One question after the other; `lanes`, owned, is what was told so far. */
static bool ask_summary(json_t *lanes);

static void tell_lane(const json_t *one)
{
    const char *lane = json_str(one, "lane"), *sub = json_str(one, "sub");
    size_t len = sub ? strlen(sub) : 0;

    if (lane && sub && strncmp(lane, sub, len) == 0 && lane[len] == ' ')
        summary_each(sub, lane + len + 1, json_int(one, "count", 1), json_int(one, "first", 0));
}

static void on_summary(void *context, enum store_status st, const struct envelope *reply)
{
    json_t *lanes = context;
    char why[128];
    json_auto_t *list = st == STORE_OK ? json_parse(reply->body, reply->body_len, why, sizeof why) : NULL;
    const json_t *one;
    size_t i;

    if (json_array_size(list) > 0) {
        json_array_extend(lanes, list);
        if (!ask_summary(lanes))
            summary_done(false);
        return;
    }
    json_array_foreach(lanes, i, one)
    {
        if (list) /* now that all are known */
            tell_lane(one);
    }
    json_decref(lanes);
    summary_done(list != NULL);
}

static bool ask_summary(json_t *lanes)
{
    auto_str struct str head = STR_EMPTY;
    size_t count = json_array_size(lanes);

    store_begin(&head, "pending");
    if (count > 0)
        head_str(&head, "after", json_str(json_array_get(lanes, count - 1), "lane"));
    if (store_send(&head, "", 0, on_summary, lanes) == 0)
        return true;
    json_decref(lanes);
    return false;
}

void pending_summary(pending_lane_fn *each, pending_done_fn *done)
{
    summary_each = each;
    summary_done = done;
    if (!ask_summary(json_array()))
        done(false);
}
