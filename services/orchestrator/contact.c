#include "contact.h"

#include "announce.h"
#include "cse.h"
#include "json.h"
#include "mem.h"

enum { TY_AE = 2, TY_AE_ANNC = 10002 };

bool contact_is_stem(const char *id)
{
    return id[0] == 'S' && id[1] && !strchr(id, '/');
}

char *contact_stem(const char *id)
{
    char *stem = address_originator(id);
    const char *last = strrchr(stem, '/');
    char *own;

    if (!last || last == stem || stem[1] == '/' || strchr(stem + 1, '/') != last || !contact_is_stem(last + 1))
        return stem;
    own = xstrdup(last + 1);
    free(stem);
    return own;
}

char *contact_annc_ri(const char *stem)
{
    return xasprintf("aeA-%s", stem);
}

/* ---- where it is ---- */

enum rsc contact_find(struct snapshot *snap, const char *stem, char **cse)
{
    auto_free char *ri = contact_annc_ri(stem);
    const struct resource *copy = NULL;
    const char *lnk;
    enum rsc rsc;

    *cse = NULL;
    if (cse_type() != CSE_TYPE_IN)
        return RSC_NOT_FOUND;
    if ((rsc = look_up(snap, ri, &copy)) != RSC_OK)
        return rsc;
    lnk = json_str(copy->a, "lnk");
    if (copy->type->ty != TY_AE_ANNC || !lnk || *lnk != '/')
        return RSC_NOT_FOUND;
    *cse = cse_of_originator(lnk);
    return RSC_OK;
}

/* The AE-ID-STEM that an address may mean, or NULL. "/Sxyz" looks like a CSE's. */
static const char *stem_in(const struct address *address)
{
    const char *stem = address->hosted || *address->local ? address->local : address->cse + 1;

    if ((address->hosted && address->structured) || address->virt != VIRTUAL_NONE)
        return NULL;
    return contact_is_stem(stem) ? stem : NULL;
}

/* On the way to an AE that has left: up to the IN-CSE, which knows. */
static char *address_above(const struct address *address, const char *stem)
{
    return address->hosted && cse_in() ? xasprintf("/%s", stem) : NULL;
}

enum rsc contact_follow(struct snapshot *snap, const struct address *address, char **to)
{
    const char *stem = stem_in(address);
    const struct resource *r = NULL;
    auto_free char *cse = NULL;
    enum rsc rsc;

    *to = NULL;
    if (!stem)
        return RSC_OK;
    if (!address->hosted && !*address->local) { /* a CSE after all? */
        rsc = look_up(snap, address->cse, &r);
        if (rsc != RSC_NOT_FOUND)
            return rsc;
    }
    if (!address->hosted && *address->local && cse_type() != CSE_TYPE_IN) /* only the IN-CSE knows better */
        return RSC_OK;
    rsc = look_up(snap, stem, &r);
    if (rsc == RSC_OK) {
        if (!address->hosted && r->type->ty == TY_AE)
            *to = xstrdup(stem);
        return RSC_OK;
    }
    if (rsc == RSC_NOT_FOUND && (rsc = contact_find(snap, stem, &cse)) == RSC_OK) {
        if (address->hosted || strcmp(cse, address->cse) != 0)
            *to = xasprintf("%s/%s", cse, stem);
    } else if (rsc == RSC_NOT_FOUND) {
        *to = address_above(address, stem);
    }
    return rsc == PLAN_WAIT ? rsc : RSC_OK;
}

/* ---- registration at another CSE than the IN-CSE ---- */

/* What the IN-CSE is to know of the AE: what is always announced, its App-ID, and where it is. */
static char *registration(const struct plan *plan, const json_t *a)
{
    auto_free char *lnk = xasprintf("%s/%s", cse_id(), plan->originator);
    json_auto_t *pc = announced_copy(plan->type, a, lnk);
    json_t *copy = json_object_iter_value(json_object_iter(pc));
    struct str text = STR_EMPTY;

    json_object_del(copy, "acpi"); /* policies here mean nothing there */
    json_object_set(copy, "api", json_object_get(a, "api"));
    json_write(&text, pc);
    return str_take(&text);
}

static const struct asked *ask_in(const struct request *req, struct snapshot *snap, const struct plan *plan, const json_t *a)
{
    auto_free char *pc = registration(plan, a);
    struct request question;

    request_init(&question);
    question.op = OP_CREATE;
    question.ty = TY_AE_ANNC;
    question.to = cse_in();
    question.fr = cse_id(); /* as others see it: contact_originator() */
    question.pc = (struct slice){pc, strlen(pc)};
    return snapshot_ask(snap, req, "contact", &question, ASK_UNDO);
}

char *contact_originator(const struct request *req, const char *originator)
{
    json_auto_t *pc = NULL;
    const char *lnk;

    if (req->op != OP_CREATE || req->ty != TY_AE_ANNC || !cse_in() || strcmp(req->to, cse_in()) != 0 ||
        strcmp(originator, cse_id()) != 0)
        return NULL;
    pc = json_loadb(req->pc.p, req->pc.n, 0, NULL);
    lnk = json_str(json_object_get(pc, "m2m:aeA"), "lnk");
    return lnk ? xstrdup(lnk) : NULL;
}

/* The id that the IN-CSE has given: it may say so in several places. The caller frees; NULL. */
static char *given_stem(const struct asked *answer)
{
    json_auto_t *pc = json_loadb(str_text(&answer->content), answer->content.len, 0, NULL);
    void *root = json_object_iter(pc);
    const json_t *copy = root ? json_object_iter_value(root) : NULL;
    const char *lnk = json_str(copy, "lnk"), *last = lnk ? strrchr(lnk, '/') : NULL;
    const char *candidates[] = {json_str(copy, "aei"), last ? last + 1 : NULL, json_str(copy, "ri")};

    for (size_t i = 0; i < ARRAY_LEN(candidates); i++)
        if (candidates[i] && contact_is_stem(candidates[i] + (candidates[i][0] == '/')))
            return xstrdup(candidates[i] + (candidates[i][0] == '/'));
    return NULL;
}

/* Its refusal, where that is about the AE; all else is a trouble between the CSEs. */
static enum rsc refuse(struct plan *plan, const struct asked *answer)
{
    static const int passed_on[] = {RSC_BAD_REQUEST, RSC_ORIGINATOR_HAS_ALREADY_REGISTERED, RSC_APP_RULE_VALIDATION_FAILED,
                                    RSC_SERVICE_SUBSCRIPTION_NOT_ESTABLISHED};
    json_auto_t *pc = answer->content.len > 0 ? json_loadb(answer->content.data, answer->content.len, 0, NULL) : NULL;
    const char *why = json_str(pc, "m2m:dbg");
    enum rsc rsc = RSC_TARGET_NOT_REACHABLE;

    for (size_t i = 0; i < ARRAY_LEN(passed_on); i++)
        if (answer->rsc == passed_on[i])
            rsc = (enum rsc)answer->rsc;
    return plan_refuse(plan, rsc, "fr: the IN-CSE %s gives no AE-ID: %d %.300s", cse_in(), answer->rsc, why ? why : "");
}

enum rsc contact_register(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    bool named = strcmp(json_str(a, "rn"), snap->new_id) != 0 && strcmp(json_str(a, "rn"), plan->originator) != 0;
    const struct asked *answer = ask_in(req, snap, plan, a);
    char *stem;

    if (!answer)
        return PLAN_WAIT;
    if (!rsc_is_success(answer->rsc))
        return refuse(plan, answer);
    stem = given_stem(answer);
    if (!stem)
        return plan_refuse(plan, RSC_TARGET_NOT_REACHABLE, "fr: the IN-CSE %s answered without an AE-ID", cse_in());
    free(plan->originator);
    plan->originator = stem;
    plan->who.originator = stem;
    json_object_set_new(a, "ri", json_string(stem));
    if (!named && address_name_valid(stem))
        json_object_set_new(a, "rn", json_string(stem));
    plan_mark_announced(plan, stem);
    return RSC_OK;
}
