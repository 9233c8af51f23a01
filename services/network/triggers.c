#include "triggers.h"

#include "active.h"
#include "calls.h"
#include "clock.h"
#include "config.h"
#include "cse.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "table.h"
#include "talk.h"

enum { TIMER_MAX_MS = 86400000, RECALL_MS = 600000 };
enum { HTTP_NO_CONTENT = 204, HTTP_NOT_FOUND = 404, HTTP_UNAVAILABLE = 503 };

enum wish_kind { REPLACE, RECALL, REPORT };

/* What is to be done about a trigger when nothing else is under way. */
struct wish {
    struct wish *next;
    enum wish_kind kind;
    struct bus_delivery *delivery; /* of a question */
    json_t *a;                     /* REPLACE: as it is to be */
    struct post *post;             /* of a REPORT */
    int status;
};

struct trigger {
    struct table_entry entry; /* key = ri */
    char *ri, *id;            /* at the network; NULL: not known */
    json_t *a;
    int64_t status, until;
    bool busy;
    bool maybe_sent;               /* it may be there although `id` is not known */
    bool reached;                  /* the network has answered at all */
    bool recalled;                 /* it is there no more */
    bool gone;                     /* the resource is */
    struct bus_delivery *deletion; /* to be acknowledged */
    struct wish *wishes, **last;
    struct loop_timer *timer;
    int64_t pause, retry_at;
};

static struct table all;

static struct metric statuses =
    METRIC_COUNTER("tessera_network_triggers_total", "Triggers by the triggerStatus that they came to", "status");

static void step(struct trigger *t);

static struct trigger *find(const char *ri)
{
    return (struct trigger *)table_find(&all, ri);
}

static void drop_wish(struct trigger *t)
{
    struct wish *wish = t->wishes;

    t->wishes = wish->next;
    if (!t->wishes)
        t->last = &t->wishes;
    json_decref(wish->a);
    free(wish);
}

static void trigger_free(struct trigger *t)
{
    table_remove(&all, &t->entry);
    while (t->wishes)
        drop_wish(t);
    loop_timer_free(t->timer);
    json_decref(t->a);
    free(t->id);
    free(t->ri);
    free(t);
}

static void on_timer(void *context)
{
    step(context);
}

static void wake_at(struct trigger *t, int64_t at)
{
    int64_t wait = at - clock_now_ms();

    loop_timer_start(t->timer, wait < 0 ? 0 : wait > TIMER_MAX_MS ? TIMER_MAX_MS : wait, 0);
}

static void retry_later(struct trigger *t)
{
    t->retry_at = clock_now_ms() + talk_pause(&t->pause);
}

/* ---- the status in the resource ------------------------------------------------------------------------------------- */

static void on_kept(void *context, enum call_status st, const json_t *body)
{
    struct trigger *t = context;

    (void)body;
    if (st == CALL_FORGOTTEN)
        return;
    t->busy = false;
    if (st == CALL_REFUSED) /* the event of its deletion is on its way */
        t->gone = true;
    step(t);
}

static void keep_status(struct trigger *t, int64_t status, call_fn *then)
{
    auto_free char *text = xasprintf("%d", (int)status);
    json_t *set = json_pack("{sI}", "tst", (json_int_t)status);

    if (t->id)
        json_object_set_new(set, "trf", json_string(t->id));
    metric_add(&statuses, 1, text);
    log_info("trigger.status", "ri=%s tst=%d trf=%s", t->ri, (int)status, t->id ? t->id : "");
    t->status = status;
    t->busy = true;
    calls_commit(json_pack("{ss ss so s[]}", "op", "update", "ri", t->ri, "set", set, "del"), then, t);
}

/* ---- submission ----------------------------------------------------------------------------------------------------- */

static void submitted(struct trigger *t, const struct answer *answer)
{
    int status = t8_trigger_status(json_str(answer->body, "deliveryResult"));

    free(t->id);
    t->id = t8_id(answer->location, answer->body);
    t->maybe_sent = false;
    t->pause = t->retry_at = 0;
    keep_status(t, status ? status : TRIGGER_TRIGGERED, on_kept);
}

static void on_submitted(void *context, const struct answer *answer)
{
    struct trigger *t = context;

    if (!answer)
        return;
    t->busy = false;
    t->reached = t->reached || answer->status != 0;
    if (answer_is_good(answer)) {
        submitted(t, answer);
        return;
    }
    if (!answer_is_transient(answer)) {
        keep_status(t, TRIGGER_FAILED, on_kept);
        return;
    }
    t->maybe_sent = t->maybe_sent || answer->sent;
    retry_later(t);
    step(t);
}

static void submit(struct trigger *t)
{
    auto_free char *destination = callback_address(t->ri);
    json_auto_t *body = t8_trigger(t->a, clock_now_ms(), t->until, cse_poa(), destination);

    t->busy = true;
    talk(T8_TRIGGER, "POST", NULL, body, on_submitted, t);
}

/* Was it submitted already? `id` is set then. */
static void on_list(void *context, const struct answer *answer)
{
    struct trigger *t = context;
    int found;

    if (!answer)
        return;
    t->busy = false;
    t->reached = t->reached || answer->status != 0;
    free(t->id);
    found = talk_found(answer, t->ri, &t->id);
    if (found < 0)
        retry_later(t);
    else
        t->maybe_sent = false;
    if (found > 0 && !t->gone)
        keep_status(t, TRIGGER_TRIGGERED, on_kept);
    else
        step(t);
}

static void look(struct trigger *t)
{
    t->busy = true;
    talk(T8_TRIGGER, "GET", NULL, NULL, on_list, t);
}

/* ---- the end -------------------------------------------------------------------------------------------------------- */

static void bury(struct trigger *t)
{
    while (t->wishes) {
        if (t->wishes->post)
            callback_answer(t->wishes->post, HTTP_NOT_FOUND);
        else
            talk_refuse(t->wishes->delivery, RSC_NOT_FOUND, "it is not there any more");
        drop_wish(t);
    }
    if (t->deletion)
        active_done(t->deletion);
    trigger_free(t);
}

static void on_withdrawn(void *context, const struct answer *answer)
{
    struct trigger *t = context;

    if (!answer)
        return;
    t->busy = false;
    t->recalled = !answer_is_transient(answer);
    if (!t->recalled)
        retry_later(t);
    step(t);
}

/* The resource is gone, as with its AE: what is pending is recalled, as long as that makes sense. */
static void withdraw(struct trigger *t)
{
    int64_t now = clock_now_ms();
    bool there = t->id || t->maybe_sent;

    if (!there || t->recalled || !trigger_is_pending(t->status) || now >= t->until) {
        bury(t);
    } else if (now < t->retry_at) {
        wake_at(t, t->retry_at);
    } else if (t->id) {
        t->busy = true;
        talk(T8_TRIGGER, "DELETE", t->id, NULL, on_withdrawn, t);
    } else {
        look(t);
    }
}

/* ---- questions and reports ------------------------------------------------------------------------------------------ */

static void on_replaced(void *context, const struct answer *answer)
{
    struct trigger *t = context;
    struct wish *wish = t->wishes;

    if (!answer)
        return;
    t->busy = false;
    if (answer_is_good(answer)) {
        json_decref(t->a);
        t->a = json_incref(wish->a);
        t->until = json_int(t->a, "_until", t->until);
        t->status = TRIGGER_REPLACED;
        talk_agree(wish->delivery, json_pack("{si}", "tst", TRIGGER_REPLACED));
    } else {
        talk_refuse(wish->delivery, RSC_UNABLE_TO_REPLACE_REQUEST, answer->why);
    }
    drop_wish(t);
    step(t);
}

/* One that the network has not heard of is submitted as it is to be. */
static void replace(struct trigger *t, struct wish *wish)
{
    auto_free char *destination = callback_address(t->ri);
    json_auto_t *body = NULL;

    if (!t->id && t->maybe_sent) {
        talk_refuse(wish->delivery, RSC_UNABLE_TO_REPLACE_REQUEST, "the network does not answer");
        drop_wish(t);
        return;
    }
    if (!t->id) {
        json_decref(t->a);
        t->a = json_incref(wish->a);
        t->until = json_int(t->a, "_until", t->until);
        talk_agree(wish->delivery, json_pack("{si}", "tst", TRIGGER_PROCESSING));
        drop_wish(t);
        return;
    }
    body = t8_trigger(wish->a, clock_now_ms(), json_int(wish->a, "_until", t->until), cse_poa(), destination);
    t->busy = true;
    talk(T8_TRIGGER, "PUT", t->id, body, on_replaced, t);
}

static void on_recalled(void *context, const struct answer *answer)
{
    struct trigger *t = context;
    struct wish *wish = t->wishes;

    if (!answer)
        return;
    t->busy = false;
    if (answer_is_good(answer) || answer->status == HTTP_NOT_FOUND) {
        t->recalled = true;
        talk_agree(wish->delivery, NULL);
    } else {
        talk_refuse(wish->delivery, RSC_UNABLE_TO_RECALL_REQUEST, answer->why);
    }
    drop_wish(t);
    step(t);
}

static void recall(struct trigger *t, struct wish *wish)
{
    if (t->id && !t->recalled) {
        t->busy = true;
        talk(T8_TRIGGER, "DELETE", t->id, NULL, on_recalled, t);
        return;
    }
    if (t->maybe_sent) {
        talk_refuse(wish->delivery, RSC_UNABLE_TO_RECALL_REQUEST, "the network does not answer");
    } else {
        t->recalled = true; /* not to be submitted any more */
        talk_agree(wish->delivery, NULL);
    }
    drop_wish(t);
}

static void on_report_kept(void *context, enum call_status st, const json_t *body)
{
    struct trigger *t = context;

    callback_answer(t->wishes->post, st == CALL_FORGOTTEN ? HTTP_UNAVAILABLE : HTTP_NO_CONTENT);
    drop_wish(t);
    on_kept(t, st, body);
}

/* That it has been accepted is known without a report. */
static void take_report(struct trigger *t, struct wish *wish)
{
    bool final = wish->status && !trigger_is_pending(wish->status);

    if (final && trigger_is_pending(t->status)) {
        keep_status(t, wish->status, on_report_kept);
        return;
    }
    callback_answer(wish->post, HTTP_NO_CONTENT);
    drop_wish(t);
}

static void grant(struct trigger *t)
{
    struct wish *wish = t->wishes;

    if (wish->kind == REPLACE)
        replace(t, wish);
    else if (wish->kind == RECALL)
        recall(t, wish);
    else
        take_report(t, wish);
}

/* ---- what is next --------------------------------------------------------------------------------------------------- */

/* Nothing has been heard for its whole validity: it has expired, or was never anybody's. */
static void expire(struct trigger *t)
{
    keep_status(t, t->status != TRIGGER_PROCESSING || t->reached ? TRIGGER_EXPIRED : TRIGGER_NSE_NOT_FOUND, on_kept);
}

static void go_on(struct trigger *t)
{
    int64_t now = clock_now_ms(), patience = config_int("network.timeout"); /* for the last report */
    bool waits = t->status == TRIGGER_PROCESSING;
    int64_t end = waits ? t->until : t->until + patience;

    if (!trigger_is_pending(t->status))
        trigger_free(t); /* nothing more is to come */
    else if (t->recalled)
        loop_timer_stop(t->timer);
    else if (now >= end)
        expire(t);
    else if (!waits)
        wake_at(t, end);
    else if (now < t->retry_at)
        wake_at(t, t->retry_at < end ? t->retry_at : end);
    else if (t->maybe_sent)
        look(t);
    else
        submit(t);
}

/* Questions wait for the first answer of the network: only then it is known what there is to be replaced or recalled. */
static void step(struct trigger *t)
{
    while (!t->busy && !t->gone && t->wishes && !(t->maybe_sent && !t->id && t->retry_at == 0))
        grant(t);
    if (t->busy)
        return;
    if (t->gone)
        withdraw(t);
    else
        go_on(t);
}

/* ---- from outside --------------------------------------------------------------------------------------------------- */

/* Until when it is valid, ms. An event does not show what the CSE keeps for itself, but says when it was created. */
static int64_t validity_end(const json_t *a)
{
    const char *ct = json_str(a, "ct"), *tvt = json_str(a, "tvt");
    int64_t begin, validity;

    if (ct && tvt && clock_parse(ct, &begin) == 0 && clock_parse_duration(tvt, &validity) == 0)
        return json_int(a, "_until", begin + validity);
    return json_int(a, "_until", clock_now_ms() + RECALL_MS);
}

static struct trigger *trigger_new(const char *ri, const json_t *a, bool fresh)
{
    struct trigger *t = xcalloc(1, sizeof *t);

    t->ri = xstrdup(ri);
    t->entry.key = t->ri;
    t->a = json_incref((json_t *)a);
    t->status = json_int(a, "tst", 0);
    t->id = json_str(a, "trf") ? xstrdup(json_str(a, "trf")) : NULL;
    t->until = validity_end(a);
    t->maybe_sent = !fresh && !t->id && t->status == TRIGGER_PROCESSING;
    t->last = &t->wishes;
    t->timer = loop_timer_new(on_timer, t);
    table_insert(&all, &t->entry);
    return t;
}

void triggers_learn(const char *ri, const json_t *a, bool fresh)
{
    if (!find(ri) && trigger_is_pending(json_int(a, "tst", 0)))
        step(trigger_new(ri, a, fresh));
}

void triggers_deleted(struct bus_delivery *delivery, const char *ri, const json_t *a)
{
    struct trigger *t = find(ri);

    if (!t)
        t = trigger_new(ri, a, false);
    t->gone = true;
    t->deletion = delivery;
    t->retry_at = t->pause = 0;
    if (!t->busy)
        step(t);
}

static void add_wish(struct trigger *t, const struct wish *from)
{
    struct wish *wish = xmalloc(sizeof *wish);

    *wish = *from;
    *t->last = wish;
    t->last = &wish->next;
    step(t);
}

/* One that was not heard of yet: the event of its creation comes behind this. */
static struct trigger *find_or_learn(const char *ri, const json_t *a)
{
    struct trigger *t = find(ri);

    return t ? t : trigger_new(ri, a, false);
}

void triggers_replace(struct bus_delivery *delivery, const char *ri, const json_t *a)
{
    add_wish(find_or_learn(ri, a), &(struct wish){.kind = REPLACE, .delivery = delivery, .a = json_incref((json_t *)a)});
}

void triggers_recall(struct bus_delivery *delivery, const char *ri, const json_t *a)
{
    add_wish(find_or_learn(ri, a), &(struct wish){.kind = RECALL, .delivery = delivery});
}

bool triggers_report(struct post *post, const char *ri, const json_t *body)
{
    struct trigger *t = find(ri);

    if (!t)
        return false;
    add_wish(t, &(struct wish){.kind = REPORT, .post = post, .status = t8_trigger_status(json_str(body, "result"))});
    return true;
}

/* Unacknowledged events come back; questions are asked again, or given up by who asked. */
static void forget_one(struct table_entry *entry, void *context)
{
    struct trigger *t = (struct trigger *)entry;

    (void)context;
    for (struct wish *wish = t->wishes; wish; wish = wish->next)
        if (wish->post)
            callback_answer(wish->post, HTTP_UNAVAILABLE);
    trigger_free(t);
}

void triggers_forget(void)
{
    table_each(&all, forget_one, NULL);
}
