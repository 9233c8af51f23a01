#include "transfers.h"

#include "active.h"
#include "callback.h"
#include "clock.h"
#include "json.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "talk.h"

enum { GIVE_UP_MS = 600000 };

/* ---- negotiation ---------------------------------------------------------------------------------------------------- */

struct negotiation {
    struct bus_delivery *delivery;
    char *ri, *id;
    json_t *a;
    int64_t start, stop; /* asked for, then granted */
};

static void negotiation_free(struct negotiation *n)
{
    json_decref(n->a);
    free(n->id);
    free(n->ri);
    free(n);
}

static void refuse(struct negotiation *n, enum rsc rsc, const char *why)
{
    talk_refuse(n->delivery, rsc, why);
    negotiation_free(n);
}

/* The network says no, or nothing. */
static void give_up(struct negotiation *n, const struct answer *answer)
{
    refuse(n, answer_is_transient(answer) ? RSC_TARGET_NOT_REACHABLE : RSC_CONTENTS_UNACCEPTABLE, answer->why);
}

/* The window is shown as far as a schedule entry can say it. */
static void agree(struct negotiation *n)
{
    char *entry = t8_entry(n->start, n->stop);
    json_t *dtw = entry ? json_string(entry) : json_incref(json_object_get(n->a, "dtw"));

    log_info("transfer.granted", "ri=%s id=%s dtw=%s", n->ri, n->id, json_string_value(dtw));
    talk_agree(n->delivery, json_pack("{so}", "dtw", dtw));
    free(entry);
    negotiation_free(n);
}

static void on_selected(void *context, const struct answer *answer)
{
    struct negotiation *n = context;

    if (!answer)
        negotiation_free(n);
    else if (answer_is_good(answer))
        agree(n);
    else
        give_up(n, answer);
}

/* Of what is offered one is chosen. A network that offers nothing grants what was asked for. */
static void on_offered(void *context, const struct answer *answer)
{
    struct negotiation *n = context;
    const json_t *policies, *best;
    json_auto_t *patch = NULL;
    char *id;

    if (!answer) {
        negotiation_free(n);
        return;
    }
    if (!answer_is_good(answer)) {
        give_up(n, answer);
        return;
    }
    if ((id = t8_id(answer->location, answer->body))) {
        free(n->id);
        n->id = id;
    }
    policies = json_object_get(answer->body, "transferPolicies");
    if (!n->id || json_array_size(policies) == 0) {
        agree(n);
        return;
    }
    best = t8_choose(policies, json_int(n->a, "tsg", 0));
    if (!best) {
        refuse(n, RSC_CONTENTS_UNACCEPTABLE, "the network offers no policy that can be understood");
        return;
    }
    t8_policy_window(best, &n->start, &n->stop);
    if (json_array_size(policies) == 1) { /* nothing to choose from: it counts as selected, TS 29.122 4.4.3 */
        agree(n);
        return;
    }
    patch = json_pack("{sO}", "selectedPolicy", json_object_get(best, "bdtPolicyId"));
    talk(T8_TRANSFER, "PATCH", n->id, patch, on_selected, n);
}

/* The same request again, after a crash or as an update, meets what it has left there. */
static void on_list(void *context, const struct answer *answer)
{
    struct negotiation *n = context;
    auto_free char *destination = NULL;
    json_auto_t *body = NULL;

    if (!answer) {
        negotiation_free(n);
        return;
    }
    if (talk_found(answer, n->ri, &n->id) < 0) {
        give_up(n, answer);
        return;
    }
    destination = callback_address(n->ri);
    body = t8_transfer(n->a, n->start, n->stop, destination);
    talk(T8_TRANSFER, n->id ? "PUT" : "POST", n->id, body, on_offered, n);
}

void transfers_negotiate(struct bus_delivery *delivery, const char *ri, const json_t *a)
{
    struct negotiation *n = xcalloc(1, sizeof *n);
    const char *dtw = json_str(a, "dtw");

    n->delivery = delivery;
    n->ri = xstrdup(ri);
    n->a = json_incref((json_t *)a);
    if (!dtw || !t8_next_window(dtw, clock_now_ms(), &n->start, &n->stop))
        refuse(n, RSC_BAD_REQUEST, "dtw: no time in the coming year");
    else
        talk(T8_TRANSFER, "GET", NULL, NULL, on_list, n);
}

/* ---- the end -------------------------------------------------------------------------------------------------------- */

struct ending {
    struct ending *next, **at;
    struct bus_delivery *delivery;
    char *ri, *id;
    int64_t pause, give_up;
    struct loop_timer *timer;
};

static struct ending *endings;

static void ending_free(struct ending *e)
{
    *e->at = e->next;
    if (e->next)
        e->next->at = e->at;
    loop_timer_free(e->timer);
    free(e->id);
    free(e->ri);
    free(e);
}

/* Not now: again, for some time. */
static void finish(struct ending *e, bool again)
{
    if (again && clock_now_ms() < e->give_up) {
        loop_timer_start(e->timer, talk_pause(&e->pause), 0);
        return;
    }
    if (again)
        log_warn("transfer.left", "ri=%s why=%s", e->ri, "the network does not answer: it keeps a background data transfer");
    active_done(e->delivery);
    ending_free(e);
}

static void on_ended(void *context, const struct answer *answer)
{
    if (answer)
        finish(context, answer_is_transient(answer));
}

static void on_found(void *context, const struct answer *answer)
{
    struct ending *e = context;
    int found;

    if (!answer)
        return;
    free(e->id);
    found = talk_found(answer, e->ri, &e->id);
    if (found > 0)
        talk(T8_TRANSFER, "DELETE", e->id, NULL, on_ended, e);
    else
        finish(e, found < 0);
}

static void look(void *context)
{
    talk(T8_TRANSFER, "GET", NULL, NULL, on_found, context);
}

void transfers_deleted(struct bus_delivery *delivery, const char *ri)
{
    struct ending *e = xcalloc(1, sizeof *e);

    e->delivery = delivery;
    e->ri = xstrdup(ri);
    e->give_up = clock_now_ms() + GIVE_UP_MS;
    e->timer = loop_timer_new(look, e);
    e->next = endings;
    e->at = &endings;
    if (endings)
        endings->at = &e->next;
    endings = e;
    look(e);
}

void transfers_forget(void)
{
    while (endings)
        ending_free(endings);
}
