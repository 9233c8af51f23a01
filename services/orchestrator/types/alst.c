/*
 * <AEContactList> and <AEContactListPerCSE>, TS-0001 9.6.44 and 9.6.45: which AEs with an id of the service provider are
 * registered with which CSE. Kept by the IN-CSE itself, which tells itself by a NOTIFY of its own that an AE has come or gone
 * (follow.c); what is true now is looked up, so that order and repetition do not matter.
 */
#include "contact.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "special.h"

enum { TY_CSEBASE = 5, TY_AE = 2, TY_LIST = 43, TY_PER_CSE = 44 };

static const char list_ri[] = "alst", list_rn[] = "AEContactList";

/* ---- what the lists are to say ---- */

static size_t find_text(const json_t *list, const char *text)
{
    size_t i = 0;

    while (i < json_array_size(list) && strcmp(json_string_value(json_array_get(list, i)), text) != 0)
        i++;
    return i;
}

static bool has_text(const json_t *list, const char *text)
{
    return find_text(list, text) < json_array_size(list);
}

/* Where the AE is now: *cse is a CSE-ID or NULL, to be freed; *was where it was before, borrowed, or NULL. */
static enum rsc find_now(struct snapshot *snap, const char *stem, char **cse, const char **was)
{
    auto_free char *ri = contact_annc_ri(stem);
    const struct resource *ae = NULL, *copy = NULL;
    enum rsc here = look_up(snap, stem, &ae), there = look_up(snap, ri, &copy);

    *cse = NULL;
    *was = NULL;
    if (here == PLAN_WAIT || there == PLAN_WAIT)
        return PLAN_WAIT;
    if (here == RSC_OK && ae->type->ty == TY_AE) {
        *cse = xstrdup(cse_id());
        *was = json_str(ae->a, CONTACT_FORMER);
        return RSC_OK;
    }
    if (there == RSC_OK)
        *was = json_str(copy->a, CONTACT_FORMER);
    there = contact_find(snap, stem, cse);
    return there == PLAN_WAIT ? there : RSC_OK;
}

/* All <AEContactListPerCSE>, as the CSE itself sees them. */
static const struct asked *ask_lists(const struct request *req, struct snapshot *snap)
{
    struct request question;

    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = list_ri;
    question.fr = cse_id();
    question.rcn = 8;
    return snapshot_ask(snap, req, "lists", &question, 0);
}

/* ---- operations ---- */

static void add(struct plan *plan, json_t *op)
{
    if (!plan->ops)
        plan->ops = json_array();
    json_array_append_new(plan->ops, op);
}

static json_t *new_record(const struct snapshot *snap, int ty, const char *ri, const char *pi, const char *path, json_t *a)
{
    const char *rn = strrchr(path, '/') + 1;
    json_t *whole = json_pack("{ss si ss ss so}", "rn", rn, "ty", ty, "ri", ri, "pi", pi, "ct", json_time(snap->now));

    json_object_update(whole, a);
    json_decref(a);
    return json_pack("{ss s{ss ss si ss ss so}}", "op", "create", "r", "ri", ri, "pi", pi, "ty", ty, "path", path, "by", cse_id(),
                     "a", whole);
}

/* The AE enters the list of `cse`; *more counts lists that come. */
static enum rsc enter(struct snapshot *snap, struct plan *plan, const char *stem, const char *cse, int *more, bool *came)
{
    auto_free char *ri = xasprintf("alpc-%s", cse + 1);
    auto_free char *path = xasprintf("%s/%s/%s", cse_name(), list_rn, ri);
    const struct resource *list = NULL;
    enum rsc rsc = look_up(snap, ri, &list);
    json_t *ids;

    if (rsc == PLAN_WAIT)
        return rsc;
    if (rsc != RSC_OK) {
        add(plan, new_record(snap, TY_PER_CSE, ri, list_ri, path, json_pack("{ss s[s]}", "csi", cse, "ail", stem)));
        ++*more;
    } else if (!has_text(json_object_get(list->a, "ail"), stem)) {
        ids = json_copy(json_object_get(list->a, "ail"));
        json_array_append_new(ids, json_string(stem));
        add(plan, json_pack("{ss ss s{so} s[]}", "op", "update", "ri", ri, "set", "ail", ids, "del"));
    } else {
        return RSC_OK;
    }
    *came = true;
    return RSC_OK;
}

/* It leaves one; an empty list goes. */
static enum rsc leave(struct snapshot *snap, struct plan *plan, const char *stem, const char *ri, int *more)
{
    const struct resource *list = NULL;
    enum rsc rsc = look_up(snap, ri, &list);
    json_t *ids;

    if (rsc != RSC_OK || !has_text(json_object_get(list->a, "ail"), stem))
        return rsc == PLAN_WAIT ? rsc : RSC_OK;
    if (json_array_size(json_object_get(list->a, "ail")) == 1) {
        add(plan, json_pack("{ss ss}", "op", "delete", "ri", ri));
        --*more;
        return RSC_OK;
    }
    ids = json_copy(json_object_get(list->a, "ail"));
    json_array_remove(ids, find_text(ids, stem));
    add(plan, json_pack("{ss ss s{so} s[]}", "op", "update", "ri", ri, "set", "ail", ids, "del"));
    return RSC_OK;
}

/*
 * The <AEContactList> itself, made when it is needed; numberImpactedCSEs counts what is below it. Counted from what it is: that
 * is a precondition, while the lists may be others by now.
 */
static enum rsc count(struct snapshot *snap, struct plan *plan, int more)
{
    auto_free char *path = xasprintf("%s/%s", cse_name(), list_rn);
    const struct resource *list = NULL;
    enum rsc rsc = look_up(snap, list_ri, &list);
    int64_t nic;

    if (rsc == PLAN_WAIT || more == 0)
        return rsc == PLAN_WAIT ? rsc : RSC_OK;
    nic = more + (rsc == RSC_OK ? json_int(list->a, "nic", 0) : 0);
    if (rsc == RSC_OK)
        json_array_insert_new(
            plan->ops, 0, json_pack("{ss ss s{sI} s[]}", "op", "update", "ri", list_ri, "set", "nic", (json_int_t)nic, "del"));
    else
        json_array_insert_new(plan->ops, 0,
                              new_record(snap, TY_LIST, list_ri, cse_ri(), path, json_pack("{sI}", "nic", (json_int_t)nic)));
    return RSC_OK;
}

/* ---- telling the CSEs ---- */

/* AERegistrationPointChange, TS-0004 7.5.1.2.16: what was trackingID1 is trackingID2 now. */
static void tell(const struct request *req, struct snapshot *snap, const char *stem, const char *to, const char *was,
                 const char *now)
{
    json_auto_t *pc = json_pack("{s{so sb so so}}", "m2m:sgn", "sur", json_sprintf("%s/%s/%s", cse_id(), cse_name(), list_rn),
                                "aerp", 1, "tid1", json_sprintf("%s/%s", was, stem), "tid2", json_sprintf("%s/%s", now, stem));
    auto_free char *key = xasprintf("moved.%s", to);
    auto_str struct str text = STR_EMPTY;
    struct request question;

    json_write(&text, pc);
    request_init(&question);
    question.op = OP_NOTIFY;
    question.to = to;
    question.fr = cse_id();
    question.pc = (struct slice){text.data, text.len};
    snapshot_ask(snap, req, key, &question, ASK_AFTER);
}

/* All whose AEs may know it by its old address, the former registrar among them. The new one knows. */
static void tell_all(const struct request *req, struct snapshot *snap, const json_t *lists, const char *stem, const char *was,
                     const char *now)
{
    bool told = false;

    for (size_t i = 0; i < json_array_size(lists); i++) {
        const char *csi = json_str(json_array_get(lists, i), "csi");

        if (!csi || strcmp(csi, now) == 0 || strcmp(csi, cse_id()) == 0)
            continue;
        tell(req, snap, stem, csi, was, now);
        told |= strcmp(csi, was) == 0;
    }
    if (!told && strcmp(was, cse_id()) != 0)
        tell(req, snap, stem, was, was, now);
}

/* ---- the whole ---- */

static enum rsc settle(const struct request *req, struct snapshot *snap, struct plan *plan, const char *stem)
{
    const struct asked *answer = ask_lists(req, snap);
    auto_free char *cse = NULL;
    const char *was = NULL;
    enum rsc rsc = find_now(snap, stem, &cse, &was);
    json_auto_t *pc = answer && answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, 0, NULL) : NULL;
    const json_t *lists = json_object_get(json_object_get(pc, "m2m:alst"), "m2m:alpc");
    bool came = false;
    int more = 0;

    if (!answer || rsc == PLAN_WAIT)
        return PLAN_WAIT;
    for (size_t i = 0; i < json_array_size(lists) && rsc == RSC_OK; i++) {
        const json_t *list = json_array_get(lists, i);

        if (!cse || strcmp(json_str(list, "csi"), cse) != 0)
            rsc = leave(snap, plan, stem, json_str(list, "ri"), &more);
    }
    if (rsc == RSC_OK && cse)
        rsc = enter(snap, plan, stem, cse, &more, &came);
    if (rsc == RSC_OK)
        rsc = count(snap, plan, more);
    if (rsc == RSC_OK && came && was && strcmp(was, cse) != 0)
        tell_all(req, snap, lists, stem, was, cse);
    return rsc;
}

/*
 * NOTIFY of the CSEBase: from this CSE itself {"m2m:moved":{"id":"Sxyz"}}; from the IN-CSE the notice that an AE has moved.
 * Requests find an AE where it is now: nothing is kept here that would have to be changed.
 */
enum rsc cb_notify(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    json_auto_t *pc = req->pc.n > 0 ? json_loadb(req->pc.p, req->pc.n, 0, NULL) : NULL;
    const char *stem = json_str(json_object_get(pc, "m2m:moved"), "id");
    const char *in = cse_in();
    enum rsc rsc = RSC_OK;

    if (json_object_get(pc, "m2m:tgp"))
        return cb_trigger(req, snap, plan);
    if (stem && strcmp(plan->originator, cse_id()) == 0)
        rsc = settle(req, snap, plan, stem);
    else if (!in || strcmp(plan->originator, in) != 0 || !json_is_true(json_object_get(json_object_get(pc, "m2m:sgn"), "aerp")))
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "a %s cannot be notified", plan->target->type->name);
    if (rsc != RSC_OK)
        return rsc;
    plan->kind = plan->ops ? PLAN_COMMIT : PLAN_ANSWER;
    plan->rsc = RSC_OK;
    return RSC_OK;
}
