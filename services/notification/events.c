#include "events.h"

#include "active.h"
#include "address.h"
#include "build.h"
#include "count.h"
#include "cse.h"
#include "json.h"
#include "lanes.h"
#include "log.h"
#include "match.h"
#include "mem.h"
#include "metrics.h"
#include "recent.h"
#include "result.h"

#define MAX_MEMBERS 128

static uint64_t numbers;

static struct metric events_total =
    METRIC_COUNTER("tessera_notification_events_total", "Events by what became of them", "result");

/* What all notes of an event have in common. */
struct origin {
    const struct event *event;
    struct source *source;
    bool again;
};

static void on_source_end(struct source *source)
{
    active_done(source->context);
    free(source);
}

static struct source *source_new(struct bus_delivery *delivery)
{
    struct source *source = xmalloc(sizeof *source);

    *source = (struct source){1, on_source_end, delivery};
    return source;
}

#define SUBSCRIBER (-1)

/* To `which` target of the subscription, or to its SUBSCRIBER; NULL if that is done. */
static struct note *note_of(const struct origin *origin, const struct subscription *sub, struct content *content, int which)
{
    struct note *note = note_new(origin->source, content_ref(content));

    snprintf(note->rqi, sizeof note->rqi, "%.48s-%.60s-%d", origin->event->id, sub->ri, which < 0 ? 0 : which + 1);
    if (origin->again && recent_has(note->rqi)) {
        note_free(note);
        return NULL;
    }
    note->number = ++numbers;
    note->event = table_hash(origin->event->id);
    note->at = origin->event->at;
    note->trace = origin->event->trace ? xstrdup(origin->event->trace) : NULL;
    return note;
}

static void add_note(const struct origin *origin, struct subscription *sub, const char *target, int which,
                     struct content *content, bool final)
{
    struct lane *lane = lanes_get(sub, target);
    struct note *note = note_of(origin, sub, content, which);

    if (!note)
        return;
    note->uncounted = which == SUBSCRIBER;
    if (!note->uncounted)
        count_event(sub->ri, target);
    lanes_add(lane, note, final);
}

static bool is_repeated(const json_t *nu, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (json_equal(json_array_get(nu, i), json_array_get(nu, index)))
            return true;
    return false;
}

/* Is it another CSE, or an AE there? Or one whose CSE may be any. */
static bool is_outside(const char *target)
{
    auto_free char *stem = address_originator(target);

    return !strstr(target, "://") && (*stem == '/' || *stem == 'S');
}

static struct content *content_of(const struct origin *origin, const struct subscription *sub, enum net net, bool outside)
{
    static struct str text;

    str_reset(&text);
    if (origin->event->kind == EVENT_RELAY)
        str_add(&text, origin->event->rep.p, origin->event->rep.n);
    else
        build_notification(&text, origin->event, sub, net, cse_id(), outside);
    return content_new(text.data, text.len, false);
}

/* One notification, to each target of the subscription. Others know the creator by another name than those here. */
static void notify(const struct origin *origin, struct subscription *sub, enum net net)
{
    struct content *contents[] = {NULL, NULL};
    const json_t *target;
    size_t i;

    count_subscription(sub);
    json_array_foreach(sub->nu, i, target)
    {
        bool outside = json_is_string(target) && is_outside(json_string_value(target));

        if (!json_is_string(target) || is_repeated(sub->nu, i))
            continue;
        if (!contents[outside])
            contents[outside] = content_of(origin, sub, net, outside);
        add_note(origin, sub, json_string_value(target), (int)i, contents[outside], net == NET_DELETE);
    }
    content_unref(contents[false]);
    content_unref(contents[true]);
}

static void notify_subscription(const struct origin *origin, struct slice element)
{
    struct event_sub entry;
    struct subscription *sub = event_sub_read(&entry, element) ? lanes_subscription(&entry) : NULL;
    enum net net;

    if (!sub)
        log_warn("event.subscription", "event_id=%s why=%s", origin->event->id, "unusable");
    else if (match_event(origin->event, sub, entry.parent, &net))
        notify(origin, sub, net);
}

/* The deleted subscription, from its representation. */
static struct subscription *deleted_subscription(const struct event *event)
{
    struct json_member root, members[MAX_MEMBERS];
    struct event_sub entry = {
        .path = {event->path, strlen(event->path)}
    };
    int count;

    if (json_members(event->rep.p, event->rep.n, &root, 1) != 1)
        return NULL;
    entry.a = root.value;
    count = json_members(root.value.p, root.value.n, members, MAX_MEMBERS);
    for (int i = 0; i < count; i++)
        if (slice_is(members[i].name, "ri") && members[i].value.n > 2)
            entry.ri = (struct slice){members[i].value.p + 1, members[i].value.n - 2};
    return entry.ri.n > 0 ? subscription_new(&entry) : NULL;
}

/* TS-0004 7.4.8.2.4: the subscriber, and crossResourceSubscriptions that rest on it, are told that the subscription is gone. */
static void notify_deletion(const struct origin *origin)
{
    auto_str struct str text = STR_EMPTY;
    struct subscription *sub = deleted_subscription(origin->event);
    const json_t *acrs = sub ? json_object_get(sub->a, "acrs") : NULL;
    struct content *content;

    if (sub && (sub->su || acrs)) {
        build_deletion(&text, sub->path, cse_id());
        content = content_new(text.data, text.len, false);
        if (sub->su)
            add_note(origin, sub, sub->su, SUBSCRIBER, content, true);
        for (size_t i = 0; i < json_array_size(acrs); i++)
            add_note(origin, sub, json_string_value(json_array_get(acrs, i)), SUBSCRIBER, content, true);
        content_unref(content);
    }
    subscription_unref(sub);
}

/* To each target once, in its lane for results: what cannot be told waits in storage, and holds up nobody. */
static void tell_result(const struct origin *origin, const struct result *result)
{
    struct content *content = content_new(result->content.data, result->content.len, true);
    const json_t *target;
    size_t i;

    json_array_foreach(result->targets, i, target)
    {
        struct note *note;

        if (!json_is_string(target) || is_repeated(result->targets, i))
            continue;
        note = note_of(origin, lanes_results(), content, (int)i);
        if (!note)
            continue;
        note->until = result->until;
        note->uncounted = true;
        lanes_add(lanes_get(lanes_results(), json_string_value(target)), note, false);
    }
    content_unref(content);
}

void events_handle(struct bus_delivery *delivery)
{
    struct event event;
    struct slice rest, element;
    struct origin origin;
    struct result result;
    char why[160];

    if (event_read(&event, &delivery->envelope, why, sizeof why) < 0) {
        log_error("event.malformed", "event_id=%s why=%s", delivery->id, why);
        metric_add(&events_total, 1, "malformed");
        active_reject(delivery);
        return;
    }
    if (event.kind == EVENT_POLL)
        lanes_polled(event.path);
    if (event.kind == EVENT_POLL || event.kind == EVENT_OTHER) {
        active_done(delivery);
        return;
    }
    event.id = event.id && *event.id ? event.id : delivery->id;
    origin = (struct origin){&event, source_new(delivery), delivery->again || envelope_bool(&delivery->envelope, "again", false)};
    rest = event.subs;
    while (json_next_element(&rest, &element))
        notify_subscription(&origin, element);
    if (match_deletion(&event))
        notify_deletion(&origin);
    if (result_read(&result, &event)) {
        tell_result(&origin, &result);
        result_done(&result);
    }
    if (match_schedule(&event))
        lanes_reschedule(event.pi);
    metric_add(&events_total, 1, "handled");
    source_release(origin.source);
}
