/*
 * <AEAnnc> at the IN-CSE of an AE whose id the service provider gives, TS-0001 10.2.2.2: the CSE at which it registers asks for
 * the id by creating this. There is one for each id, for good: its link says where the AE is, or that it is nowhere (INACTIVE).
 */
#include "announce.h"
#include "contact.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "special.h"

/* The CSE that asks, and the id it asks for: "/id-mn/Sxyz"; "/id-mn/S" leaves it to this CSE. */
struct asks {
    char *cse, *stem;
};

static void asks_done(struct asks *asks)
{
    free(asks->cse);
    free(asks->stem);
}

/* Takes the text. */
static json_t *take_text(char *text)
{
    json_t *value = json_string(text);

    free(text);
    return value;
}

/* The same in every round of planning, and when the request comes again. */
static struct asks read_asks(const struct snapshot *snap, const struct plan *plan)
{
    struct asks asks = {cse_of_originator(plan->originator), NULL};
    const char *stem = plan->originator + strlen(asks.cse) + 1;

    asks.stem = stem[1] ? xstrdup(stem) : xasprintf("S%s", snap->new_id + strlen(plan->type->sn));
    return asks;
}

/* Has it really gone from where it was? That CSE may not have said so yet, or may have lost it. */
static enum rsc ask_former(const struct request *req, struct snapshot *snap, const char *lnk, bool *gone)
{
    const struct asked *answer;
    struct request question;

    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = lnk;
    question.fr = cse_id();
    if (!(answer = snapshot_ask(snap, req, "former", &question, 0)))
        return PLAN_WAIT;
    *gone = answer->rsc == RSC_NOT_FOUND;
    return RSC_OK;
}

/* Is the AE free to be registered at `cse`? *copy is what is known of it, or NULL. As a step. */
static enum rsc check_free(const struct request *req, struct snapshot *snap, struct plan *plan, const char *stem, const char *cse,
                           const struct resource **copy)
{
    auto_free char *ri = contact_annc_ri(stem), *there = NULL;
    const char *lnk;
    bool gone = false;
    enum rsc rsc = look_up(snap, ri, copy);

    if (rsc == PLAN_WAIT)
        return rsc;
    if (rsc != RSC_OK)
        *copy = NULL;
    lnk = *copy ? json_str((*copy)->a, "lnk") : NULL;
    if (!lnk || *lnk != '/')
        return RSC_OK;
    there = cse_of_originator(lnk);
    if (strcmp(there, cse) == 0)
        return RSC_OK;
    if ((rsc = ask_former(req, snap, lnk, &gone)) != RSC_OK || gone)
        return rsc;
    return plan_refuse(plan, RSC_ORIGINATOR_HAS_ALREADY_REGISTERED, "fr: %s is registered already, at %s", stem, there);
}

static enum rsc check_asks(struct plan *plan, const struct asks *asks, const json_t *a)
{
    auto_free char *cse = NULL;
    const char *lnk = json_str(a, "lnk");

    if (strspn(asks->stem, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") != strlen(asks->stem))
        return plan_refuse(plan, RSC_BAD_REQUEST, "fr: %.200s is no AE-ID-STEM", asks->stem);
    cse = lnk[0] == '/' ? cse_of_originator(lnk) : NULL;
    if (!cse || strcmp(cse, asks->cse) != 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "lnk: must be an AE of %s", asks->cse);
    return RSC_OK;
}

/* The link as the other CSE has said it; with the id that it could not know yet. */
static void set_link(json_t *a, const struct asks *asks)
{
    const char *last = strrchr(json_str(a, "lnk"), '/') + 1;

    if (strcmp(last, "S") == 0)
        json_object_set_new(a, "lnk", json_sprintf("%s/%s", asks->cse, asks->stem));
}

/* Where it was last: those who know it from there are told that it has moved. */
static void note_former(json_t *a, const struct resource *copy)
{
    const char *lnk = copy ? json_str(copy->a, "lnk") : NULL;

    if (lnk && *lnk == '/')
        json_object_set_new(a, CONTACT_FORMER, take_text(cse_of_originator(lnk)));
    else if (copy && json_object_get(copy->a, CONTACT_FORMER))
        json_object_set(a, CONTACT_FORMER, json_object_get(copy->a, CONTACT_FORMER));
}

/* It is known: what the other CSE says replaces what was. */
static void take_over(struct plan *plan, const struct resource *copy, const json_t *a)
{
    static const char *const kept[] = {"rn", "ri", "pi", "ty", "ct", "lt"};
    json_auto_t *rest = json_copy(copy->a);
    json_t *set = json_copy((json_t *)a), *del = json_array(), *value;
    const char *name;

    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        json_object_del(set, kept[i]);
        json_object_del(rest, kept[i]);
    }
    json_object_foreach(rest, name, value)
    {
        if (!json_object_get(set, name))
            json_array_append_new(del, json_string(name));
    }
    plan->ops = json_pack("[{ss ss so so}]", "op", "update", "ri", copy->ri, "set", set, "del", del);
    plan->kind = PLAN_COMMIT;
    plan->rsc = RSC_CREATED;
}

static void set_originator(struct plan *plan, const char *cse)
{
    free(plan->originator);
    plan->originator = xstrdup(cse);
    plan->who.originator = plan->originator;
}

static enum rsc create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a, const struct asks *asks)
{
    auto_free char *ri = contact_annc_ri(asks->stem);
    bool named = strcmp(json_str(a, "rn"), json_str(a, "ri")) != 0; /* both are the generated id otherwise */
    const struct resource *copy = NULL, *taken;
    enum rsc rsc = check_asks(plan, asks, a);

    if (rsc == RSC_OK && (rsc = look_up(snap, asks->stem, &taken)) == RSC_OK)
        return plan_refuse(plan, RSC_ORIGINATOR_HAS_ALREADY_REGISTERED, "fr: %s is registered already, at %s", asks->stem,
                           cse_id());
    if (rsc == RSC_NOT_FOUND)
        rsc = check_subscription(req, snap, plan, a, asks->cse, asks->stem);
    if (rsc == RSC_OK)
        rsc = check_free(req, snap, plan, asks->stem, asks->cse, &copy);
    if (rsc != RSC_OK)
        return rsc;
    set_originator(plan, asks->cse); /* who may do what with it */
    json_object_set_new(a, "aei", json_string(asks->stem));
    json_object_set_new(a, "ri", json_string(ri));
    if (!named && address_name_valid(ri))
        json_object_set_new(a, "rn", json_string(ri));
    set_link(a, asks);
    note_former(a, copy);
    if (copy)
        take_over(plan, copy, a);
    return RSC_OK;
}

enum rsc aea_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    struct asks asks;
    enum rsc rsc;

    if (!announced_asks_id(plan->type->ty, plan->originator))
        return RSC_OK;
    if (cse_type() != CSE_TYPE_IN)
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "fr: only an IN-CSE gives AE-IDs that begin with S");
    asks = read_asks(snap, plan);
    rsc = create(req, snap, plan, a, &asks);
    asks_done(&asks);
    return rsc;
}

enum rsc aea_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const char *lnk = json_str(set, "lnk"), *now = json_str(plan->target->a, "lnk");

    (void)req;
    (void)snap;
    (void)del;
    if (lnk && *lnk != '/' && now && *now == '/')
        json_object_set_new(set, CONTACT_FORMER, take_text(cse_of_originator(now)));
    return RSC_OK;
}

enum rsc aea_leave(const struct request *req, struct snapshot *snap, struct plan *plan, const char *stem, json_t *a)
{
    const struct resource *copy = NULL;
    enum rsc rsc = check_free(req, snap, plan, stem, cse_id(), &copy);

    if (rsc != RSC_OK || !copy)
        return rsc;
    note_former(a, copy);
    plan->ops = json_pack("[{ss ss}]", "op", "delete", "ri", copy->ri);
    return RSC_OK;
}
