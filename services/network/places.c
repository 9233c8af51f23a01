#include "places.h"

#include "active.h"
#include "calls.h"
#include "clock.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "table.h"
#include "talk.h"

enum { BY_NETWORK = 1 };
enum { HTTP_OK = 200, HTTP_NO_CONTENT = 204, HTTP_NOT_FOUND = 404, HTTP_UNAVAILABLE = 503, GIVE_UP_MS = 600000 };

/* Kept with the policy instead of an identifier: the network was asked once, and has answered, or has refused. */
#define DONE "."

struct place {
    struct table_entry entry; /* key = ri */
    char *ri, *id;            /* at the network, or DONE; NULL: not known */
    json_t *a;
    bool busy;
    bool maybe_there;              /* it may be there although `id` is not known */
    bool changed;                  /* the network is to be told */
    bool gone;                     /* the resource is */
    struct bus_delivery *deletion; /* to be acknowledged */
    struct loop_timer *timer;
    int64_t pause, retry_at, give_up;
};

/* Positions of one message of the network until all are stored. */
struct storing {
    struct post *post; /* NULL: they came with an answer */
    int open;
    bool forgotten;
};

static struct table all;

static struct metric positions = METRIC_COUNTER("tessera_network_positions_total", "Positions by what became of them", "result");
static struct metric followed = METRIC_GAUGE("tessera_network_followed", "Location policies that the network is asked for", NULL);

static void step(struct place *p);

static struct place *find(const char *ri)
{
    return (struct place *)table_find(&all, ri);
}

static void place_free(struct place *p)
{
    table_remove(&all, &p->entry);
    metric_set(&followed, (double)all.count, NULL);
    loop_timer_free(p->timer);
    json_decref(p->a);
    free(p->id);
    free(p->ri);
    free(p);
}

static void on_timer(void *context)
{
    step(context);
}

static void retry_later(struct place *p)
{
    int64_t pause = talk_pause(&p->pause);

    p->retry_at = clock_now_ms() + pause;
    loop_timer_start(p->timer, pause, 0);
}

static void set_id(struct place *p, char *id)
{
    free(p->id);
    p->id = id;
}

static bool is_there(const struct place *p)
{
    return p->id && strcmp(p->id, DONE) != 0;
}

/* ---- positions ------------------------------------------------------------------------------------------------------ */

static void storing_release(struct storing *s)
{
    if (--s->open > 0)
        return;
    if (s->post)
        callback_answer(s->post, s->forgotten ? HTTP_UNAVAILABLE : HTTP_NO_CONTENT);
    free(s);
}

static void on_stored(void *context, enum call_status st, const json_t *body)
{
    struct storing *s = context;

    (void)body;
    metric_add(&positions, 1, st == CALL_OK ? "stored" : st == CALL_REFUSED ? "refused" : "lost");
    s->forgotten = s->forgotten || st == CALL_FORGOTTEN;
    storing_release(s);
}

/* The same report twice is stored once: its name is derived from what it says. */
static void store_position(struct place *p, struct storing *s, const json_t *report)
{
    const char *container = json_str(p->a, "loi");
    json_auto_t *position = t8_position(report);
    auto_str struct str text = STR_EMPTY;
    char rn[ID_SIZE];

    if (!position || !container) {
        metric_add(&positions, 1, "none");
        return;
    }
    str_puts(&text, p->ri);
    json_write(&text, report);
    id_derived("pos", str_text(&text), rn);
    s->open++;
    calls_store(container, rn, position, on_stored, s);
}

/* MonitoringNotification, or a report alone. */
static void store_positions(struct place *p, struct post *post, const json_t *body)
{
    const json_t *reports = json_object_get(body, "monitoringEventReports"),
                 *single = json_object_get(body, "monitoringEventReport"), *report;
    struct storing *s = xcalloc(1, sizeof *s);
    size_t i;

    s->post = post;
    s->open = 1;
    json_array_foreach(reports, i, report)
    {
        store_position(p, s, report);
    }
    if (single)
        store_position(p, s, single);
    else if (json_object_get(body, "locationInfo"))
        store_position(p, s, body);
    storing_release(s);
}

/* ---- the subscription ----------------------------------------------------------------------------------------------- */

static void on_kept(void *context, enum call_status st, const json_t *body)
{
    struct place *p = context;

    (void)body;
    if (st == CALL_FORGOTTEN)
        return;
    p->busy = false;
    if (st == CALL_REFUSED) /* the event of its deletion is on its way */
        p->gone = true;
    step(p);
}

static void keep_id(struct place *p)
{
    p->busy = true;
    calls_commit(json_pack("{ss ss s{ss} s[]}", "op", "count", "ri", p->ri, "set", "_net", p->id, "del"), on_kept, p);
}

/* locationStatus says why there will be no positions. */
static void fail(struct place *p, const char *why)
{
    auto_free char *text = xasprintf("refused: %.200s", why);

    set_id(p, xstrdup(DONE));
    p->busy = true;
    log_warn("place.refused", "ri=%s why=%s", p->ri, why);
    calls_commit(json_pack("{ss ss s{ss ss} s[]}", "op", "update", "ri", p->ri, "set", "_net", DONE, "lost", text, "del"),
                 on_kept, p);
}

static void on_subscribed(void *context, const struct answer *answer)
{
    struct place *p = context;
    char *id;

    if (!answer)
        return;
    p->busy = false;
    if (answer_is_transient(answer)) {
        p->maybe_there = p->maybe_there || answer->sent;
        retry_later(p);
        step(p);
        return;
    }
    p->maybe_there = false;
    if (!answer_is_good(answer)) {
        fail(p, answer->why);
        return;
    }
    p->pause = p->retry_at = 0;
    id = answer->status == HTTP_OK ? NULL : t8_id(answer->location, answer->body); /* 200: the report itself, and that is all */
    set_id(p, id ? id : xstrdup(DONE));
    keep_id(p);
    store_positions(p, NULL, answer->body);
}

static void subscribe(struct place *p)
{
    auto_free char *destination = callback_address(p->ri);
    json_auto_t *body = t8_location(p->a, destination);

    p->busy = true;
    p->changed = false;
    talk(T8_LOCATION, "POST", NULL, body, on_subscribed, p);
}

static void on_list(void *context, const struct answer *answer)
{
    struct place *p = context;
    char *id = NULL;
    int found;

    if (!answer)
        return;
    p->busy = false;
    found = talk_found(answer, p->ri, &id);
    if (found < 0) {
        retry_later(p);
    } else {
        p->maybe_there = false;
        set_id(p, id);
    }
    if (found > 0 && !p->gone)
        keep_id(p);
    else
        step(p);
}

static void look(struct place *p)
{
    p->busy = true;
    talk(T8_LOCATION, "GET", NULL, NULL, on_list, p);
}

static void on_updated(void *context, const struct answer *answer)
{
    struct place *p = context;

    if (!answer)
        return;
    p->busy = false;
    if (answer_is_transient(answer)) {
        p->changed = true;
        retry_later(p);
    } else if (answer->status == HTTP_NOT_FOUND || answer->status == 405) {
        set_id(p, NULL); /* it has ended there: anew */
    } else if (!answer_is_good(answer)) {
        log_warn("place.refused", "ri=%s why=%s", p->ri, answer->why);
    }
    step(p);
}

/* As the policy is now. */
static void on_record(void *context, enum call_status st, const json_t *body)
{
    struct place *p = context;
    const json_t *a = json_object_get(json_array_get(body, 0), "a");
    auto_free char *destination = NULL;
    json_auto_t *request = NULL;

    if (st == CALL_FORGOTTEN)
        return;
    p->busy = false;
    if (json_is_object(a)) {
        json_decref(p->a);
        p->a = json_incref((json_t *)a);
    }
    if (!is_there(p)) { /* the network was asked once, or has refused: it is asked again */
        set_id(p, NULL);
        step(p);
        return;
    }
    destination = callback_address(p->ri);
    request = t8_location(p->a, destination);
    p->busy = true;
    talk(T8_LOCATION, "PUT", p->id, request, on_updated, p);
}

static void tell_change(struct place *p)
{
    p->busy = true;
    p->changed = false;
    calls_record(p->ri, on_record, p);
}

/* ---- the end -------------------------------------------------------------------------------------------------------- */

static void bury(struct place *p)
{
    if (p->deletion)
        active_done(p->deletion);
    place_free(p);
}

static void on_ended(void *context, const struct answer *answer)
{
    struct place *p = context;

    if (!answer)
        return;
    p->busy = false;
    if (answer_is_transient(answer))
        retry_later(p);
    else
        set_id(p, xstrdup(DONE));
    step(p);
}

static void end(struct place *p)
{
    int64_t now = clock_now_ms();

    if (!p->give_up)
        p->give_up = now + GIVE_UP_MS;
    if ((!is_there(p) && !p->maybe_there) || now >= p->give_up) {
        bury(p);
    } else if (now < p->retry_at) {
        loop_timer_start(p->timer, p->retry_at - now, 0);
    } else if (is_there(p)) {
        p->busy = true;
        talk(T8_LOCATION, "DELETE", p->id, NULL, on_ended, p);
    } else {
        look(p);
    }
}

/* What is next. */
static void step(struct place *p)
{
    if (p->busy)
        return;
    if (p->gone)
        end(p);
    else if (clock_now_ms() < p->retry_at)
        loop_timer_start(p->timer, p->retry_at - clock_now_ms(), 0);
    else if (p->changed && p->id)
        tell_change(p);
    else if (p->maybe_there)
        look(p);
    else if (!p->id)
        subscribe(p);
}

/* ---- from outside --------------------------------------------------------------------------------------------------- */

static struct place *place_new(const char *ri, const json_t *a, bool fresh)
{
    struct place *p = xcalloc(1, sizeof *p);

    p->ri = xstrdup(ri);
    p->entry.key = p->ri;
    p->a = json_incref((json_t *)a);
    p->id = json_str(a, "_net") ? xstrdup(json_str(a, "_net")) : NULL;
    p->maybe_there = !fresh && !p->id;
    p->timer = loop_timer_new(on_timer, p);
    table_insert(&all, &p->entry);
    metric_set(&followed, (double)all.count, NULL);
    return p;
}

void places_learn(const char *ri, const json_t *a, bool fresh)
{
    if (!find(ri) && json_int(a, "los", 0) == BY_NETWORK)
        step(place_new(ri, a, fresh));
}

void places_changed(const char *ri)
{
    struct place *p = find(ri);

    if (!p)
        return;
    p->changed = true;
    step(p);
}

void places_deleted(struct bus_delivery *delivery, const char *ri, const json_t *a)
{
    struct place *p = find(ri);

    if (!p && json_int(a, "los", 0) != BY_NETWORK) {
        active_done(delivery);
        return;
    }
    if (!p)
        p = place_new(ri, a, false);
    p->gone = true;
    p->deletion = delivery;
    p->retry_at = p->pause = 0;
    step(p);
}

bool places_report(struct post *post, const char *ri, const json_t *body)
{
    struct place *p = find(ri);

    if (!p)
        return false;
    if (json_is_true(json_object_get(body, "cancelInd")) && !p->busy && is_there(p)) {
        set_id(p, xstrdup(DONE)); /* the network has ended it */
        keep_id(p);
    }
    store_positions(p, post, body);
    return true;
}

static void forget_one(struct table_entry *entry, void *context)
{
    (void)context;
    place_free((struct place *)entry);
}

void places_forget(void)
{
    table_each(&all, forget_one, NULL);
}
