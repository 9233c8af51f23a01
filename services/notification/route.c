#include "route.h"

#include "address.h"
#include "clock.h"
#include "cse.h"
#include "delivery.h"
#include "json.h"
#include "mem.h"
#include "policy.h"
#include "store.h"
#include "table.h"

enum { FORGET_MS = 60000, TY_AE = 2, TY_REMOTE_CSE = 16 };

struct waiter {
    struct waiter *next;
    route_fn *fn;
    void *context;
};

/* What is known about a resource id. */
struct place {
    struct table_entry entry; /* key = target */
    char *target;
    char *to; /* as the receiver is told: an id of this CSE without the CSE-ID; NULL: `target` */
    bool asking, there;
    bool channel_asked; /* along with the target itself */
    bool own;           /* the CSE itself takes notifications for it: a crossResourceSubscription, a group */
    json_t *record;     /* while its polling channel is asked for */
    json_t *addresses;  /* delivery_addresses() */
    char *csz;
    json_t *sched; /* when its node can be reached, or NULL */
    size_t turn;   /* which address */
    int64_t asked_at;
    struct waiter *asked; /* for whom storage is being asked; newest first */
    struct waiter *later; /* who came after that question: its answer may be older than what they are to tell */
};

static struct table places;

static struct route route_of(const struct place *place)
{
    struct route route = {.status = place->there ? ROUTE_UNREACHABLE : ROUTE_NOWHERE, .scheme = "none"};
    size_t count = json_array_size(place->addresses);
    int64_t now = clock_now_ms();

    if (!policy_open(place->sched, now))
        route.closed_until = policy_look_again(place->sched, now);
    if (place->own) {
        route.status = ROUTE_OK;
        route.role = "orchestrator";
        route.scheme = "own";
        route.to = place->target;
        return route;
    }
    for (size_t i = 0; i < count; i++) {
        const char *url = json_string_value(json_array_get(place->addresses, (place->turn + i) % count));
        const char *role = url ? delivery_role(url, &route.scheme) : NULL;

        if (!role)
            continue;
        route.status = ROUTE_OK;
        route.role = role;
        route.url = url;
        route.to = place->to ? place->to : place->target;
        route.csz = place->csz;
        route.addresses = (int)count;
        break;
    }
    return route;
}

static void answer(struct waiter *waiters, const struct route *route)
{
    while (waiters) {
        struct waiter *waiter = waiters;

        waiters = waiter->next;
        waiter->fn(waiter->context, route);
        free(waiter);
    }
}

/* Does it stand for somebody outside? */
static bool is_entity(const json_t *record)
{
    return json_str(record, "ri") && (json_int(record, "ty", 0) == TY_AE || json_int(record, "ty", 0) == TY_REMOTE_CSE);
}

static void remember(struct place *place, const json_t *record, const json_t *channel)
{
    const json_t *a = json_object_get(record, "a"), *csz = json_object_get(a, "csz");
    auto_str struct str text = STR_EMPTY;

    if (json_array_size(csz) > 0)
        json_write(&text, csz);
    free(place->csz);
    place->csz = text.len ? str_take(&text) : NULL;
    json_decref(place->addresses);
    place->addresses = delivery_addresses(a, json_str(record, "ri"), json_str(channel, "ri"));
    json_decref(place->sched);
    place->sched = json_incref(json_object_get(record, "sched"));
    place->there = json_is_object(record);
    place->own = place->there && !is_entity(record);
}

static void ask(struct place *place);

/* All is known, or nothing (`st`): whoever waits is told. */
static void asked(struct place *place, enum store_status st, const json_t *record, const json_t *channel)
{
    struct waiter *waiters = place->asked;
    struct route route = {.status = ROUTE_UNREACHABLE, .scheme = "none"};

    place->asking = false;
    place->asked = NULL;
    if (st == STORE_OK) {
        remember(place, record, channel);
        route = route_of(place);
    }
    answer(waiters, &route);
    if (place->later && !place->asking)
        ask(place);
}

static void on_channel(void *context, enum store_status st, const struct envelope *reply)
{
    struct place *place = context;
    json_auto_t *list = st == STORE_OK ? json_loadb(reply->body, reply->body_len, 0, NULL) : NULL;
    json_auto_t *record = place->record;

    place->record = NULL;
    asked(place, list ? STORE_OK : STORE_FAILED, record, json_array_get(list, 0));
}

/* The target's record and its polling channel's, if the question could name that; or else the first that there is. */
static void on_record(void *context, enum store_status st, const struct envelope *reply)
{
    struct place *place = context;
    json_auto_t *list = st == STORE_OK ? json_loadb(reply->body, reply->body_len, 0, NULL) : NULL;
    json_t *record = json_array_get(list, 0), *other = json_array_get(list, 1);
    auto_free char *channel = NULL;

    if (!place->channel_asked && !json_is_object(record))
        record = other;
    if (place->channel_asked || !is_entity(record)) {
        asked(place, list ? STORE_OK : STORE_FAILED, record, place->channel_asked ? other : NULL);
        return;
    }
    channel = delivery_channel_id(json_str(record, "ri"));
    place->record = json_incref(record);
    if (store_record(channel, NULL, on_channel, place) < 0)
        on_channel(place, STORE_FAILED, NULL);
}

/* ---- AEs whose ids the service provider gives: where they are now, TS-0001 10.2.2.2 ---- */

/* "Sxyz" of "Sxyz", "/Sxyz", "/id-mn/Sxyz"; NULL: the target is none of these. */
static const char *provided_stem(const char *target)
{
    const char *last = strrchr(target, '/'), *stem = last ? last + 1 : target;
    size_t slashes = 0;

    for (const char *p = target; *p; p++)
        slashes += *p == '/';
    return stem[0] == 'S' && stem[1] && (slashes == 0 || (slashes <= 2 && *target == '/' && target[1] != '/')) ? stem : NULL;
}

static void set_to(struct place *place, const char *to)
{
    free(place->to);
    place->to = xstrdup(to);
}

/* By way of another CSE; on the way up the id alone says enough. */
static int ask_other(struct place *place, const char *to)
{
    auto_free char *cse = strchr(to + 1, '/') ? xstrndup(to, (size_t)(strchr(to + 1, '/') - to)) : xstrdup(to);

    set_to(place, to);
    place->channel_asked = false;
    return store_record(cse, cse_registrar(), on_record, place);
}

/* The <AEAnnc> at the IN-CSE says where the AE is. */
static void on_contact(void *context, enum store_status st, const struct envelope *reply)
{
    struct place *place = context;
    json_auto_t *list = st == STORE_OK ? json_loadb(reply->body, reply->body_len, 0, NULL) : NULL;
    const char *lnk = json_str(json_object_get(json_array_get(list, 0), "a"), "lnk");

    if (lnk && *lnk != '/') /* INACTIVE: nowhere at present */
        lnk = NULL;
    if (!list || (!lnk && *place->target != '/'))
        asked(place, list ? STORE_OK : STORE_FAILED, NULL, NULL);
    else if (ask_other(place, lnk ? lnk : place->target) < 0)
        asked(place, STORE_FAILED, NULL, NULL);
}

static int ask_contact(struct place *place, const char *stem)
{
    auto_free char *annc = xasprintf("aeA-%s", stem), *above = xasprintf("/%s", stem);

    if (cse_type() == CSE_TYPE_IN)
        return store_record(annc, NULL, on_contact, place);
    return ask_other(place, cse_registrar() ? above : place->target);
}

static void on_provided(void *context, enum store_status st, const struct envelope *reply)
{
    struct place *place = context;
    json_auto_t *list = st == STORE_OK ? json_loadb(reply->body, reply->body_len, 0, NULL) : NULL;

    if (!list || json_int(json_array_get(list, 0), "ty", 0) == TY_AE)
        asked(place, list ? STORE_OK : STORE_FAILED, json_array_get(list, 0), json_array_get(list, 1));
    else if (ask_contact(place, provided_stem(place->target)) < 0)
        asked(place, STORE_FAILED, NULL, NULL);
}

static int ask_provided(struct place *place, const char *stem)
{
    auto_free char *channel = delivery_channel_id(stem);

    set_to(place, stem);
    place->channel_asked = true;
    return store_record(stem, channel, on_provided, place);
}

/* ---- asking ---- */

/* Returns -1 when storage cannot be asked now, or the target is no address. */
static int send_question(struct place *place)
{
    auto_free char *channel = NULL;
    struct address address;
    char why[128];
    int result;

    if (provided_stem(place->target))
        return ask_provided(place, provided_stem(place->target));
    if (address_parse(&address, place->target, why, sizeof why) < 0)
        return -1;
    if (address.hosted && !place->to)
        place->to = xstrdup(address.local);
    place->channel_asked = address.hosted && !address.structured;
    if (place->channel_asked)
        channel = delivery_channel_id(address.local);
    /* Another CSE is reached through the remoteCSE that storage finds for its CSE-ID, or else through the registrar. */
    result = address.hosted ? store_record(address.local, channel, on_record, place)
                            : store_record(address.cse, cse_registrar(), on_record, place);
    address_done(&address);
    return result;
}

/* For all who wait. */
static void ask(struct place *place)
{
    struct route route = {.status = ROUTE_UNREACHABLE, .scheme = "none"};
    struct waiter *waiters = place->later;

    place->later = NULL;
    place->asked_at = clock_mono_us() / 1000;
    place->asking = send_question(place) == 0;
    if (place->asking)
        place->asked = waiters;
    else
        answer(waiters, &route);
}

static struct place *place_get(const char *target)
{
    struct place *place = (struct place *)table_find(&places, target);

    if (!place) {
        place = xcalloc(1, sizeof *place);
        place->target = xstrdup(target);
        place->entry.key = place->target;
        table_insert(&places, &place->entry);
    }
    return place;
}

/*
 * Asked for every burst: an application that has moved, and knows that it has (its UPDATE was acknowledged), is told of
 * later events at its new address only. Many lanes to one place share the question.
 */
static void get_place(const char *target, route_fn *fn, void *context)
{
    struct place *place = place_get(target);
    struct waiter *waiter = xmalloc(sizeof *waiter);

    *waiter = (struct waiter){place->later, fn, context};
    place->later = waiter;
    if (!place->asking)
        ask(place);
}

void route_get(const char *target, route_fn *fn, void *context)
{
    struct route route = {.status = ROUTE_NOWHERE, .scheme = "none", .url = target};

    if (!strstr(target, "://")) {
        get_place(target, fn, context);
        return;
    }
    route.role = delivery_role(target, &route.scheme);
    if (route.role)
        route.status = ROUTE_OK;
    fn(context, &route);
}

void route_failed(const char *target)
{
    struct place *place = strstr(target, "://") ? NULL : (struct place *)table_find(&places, target);

    if (place)
        place->turn++;
}

static void sweep_one(struct table_entry *entry, void *context)
{
    struct place *place = (struct place *)entry;

    if (place->asking || *(int64_t *)context - place->asked_at < FORGET_MS)
        return;
    table_remove(&places, entry);
    json_decref(place->addresses);
    json_decref(place->sched);
    free(place->csz);
    free(place->to);
    free(place->target);
    free(place);
}

void route_sweep(int64_t now)
{
    table_each(&places, sweep_one, &now);
}
