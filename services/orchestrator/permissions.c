/*
 * What an originator may do: result content 12 (permissions) and the filter criterion `ops` (TS-0001 8.1.2). The rules in force
 * are asked as a request would ask them; no use is counted for that.
 */
#include "json.h"
#include "mem.h"
#include "rules.h"

/* Operations that have no type of child. */
static const enum access_op plain[] = {ACCESS_RETRIEVE, ACCESS_UPDATE, ACCESS_DELETE, ACCESS_NOTIFY, ACCESS_DISCOVER};

struct permissions {
    struct snapshot *snap;
    const struct plan *plan;
    json_t *rules; /* list of m2m:accessControlRule */
    bool unknown;
};

static bool may(struct permissions *p, enum access_op op, int child_ty)
{
    char ignored[WHY_SIZE];
    enum verdict verdict = access_check(p->snap, &p->plan->who, p->plan->target, op, child_ty, ignored, sizeof ignored);

    p->unknown |= verdict == NOT_KNOWN_YET;
    return verdict == ALLOWED;
}

/* One rule more for these operations; `member` is what restricts it, or NULL. Takes `value`. */
static void add_rule(struct permissions *p, int64_t ops, const char *member, json_t *value)
{
    json_t *rule = json_pack("{s[s] sI}", "acor", p->plan->originator, "acop", (json_int_t)ops);

    if (member)
        json_object_set_new(rule, member, value);
    json_array_append_new(p->rules, rule);
}

/* The types that may be created below the target: all that there are, or those in `acod`. */
static int64_t creations(struct permissions *p)
{
    const struct rtype *type = p->plan->target->type;
    json_t *types = json_array();
    size_t count = 0;

    for (const struct rtype *const *child = rtype_all(); *child; child++) {
        if (!(*child)->create || !rtype_child_allowed(type, (*child)->ty))
            continue;
        count++;
        if (may(p, ACCESS_CREATE, (*child)->ty))
            json_array_append_new(types, json_integer((*child)->ty));
    }
    if (json_array_size(types) > 0 && json_array_size(types) < count)
        add_rule(p, ACCESS_CREATE, "acod", json_pack("[{si sO}]", "ty", type->ty, "chty", types));
    count -= json_array_size(types);
    json_decref(types);
    return count == 0 && type->children && *type->children ? ACCESS_CREATE : 0;
}

static void add_parts(struct permissions *p, int64_t whole)
{
    static const enum access_op ops[] = {ACCESS_CREATE, ACCESS_RETRIEVE, ACCESS_UPDATE};

    for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
        json_t *names = NULL;
        enum verdict verdict;

        if (whole & ops[i])
            continue;
        verdict = access_check_part(p->snap, &p->plan->who, p->plan->target, ops[i], 0, &names);
        p->unknown |= verdict == NOT_KNOWN_YET;
        if (names)
            add_rule(p, ops[i], "aca", names);
    }
}

enum rsc plan_permissions(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    struct permissions p = {snap, plan, json_array(), false};
    json_t *uses = snap->uses ? json_deep_copy(snap->uses) : NULL; /* of the RETRIEVE itself */
    int64_t whole = 0;

    (void)req;
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        whole |= may(&p, plain[i], 0) ? plain[i] : 0;
    whole |= creations(&p);
    add_parts(&p, whole);
    json_decref(snap->uses);
    snap->uses = uses;
    if (whole)
        add_rule(&p, whole, NULL, NULL);
    str_puts(&plan->content, "{\"m2m:perm\":{\"acr\":");
    json_write(&plan->content, p.rules);
    str_puts(&plan->content, "}}");
    json_decref(p.rules);
    plan->kind = PLAN_ANSWER;
    plan->rsc = RSC_OK;
    return p.unknown ? PLAN_WAIT : RSC_OK;
}

enum rsc has_rights(struct snapshot *snap, const struct plan *plan, const struct resource *r, int64_t ops)
{
    json_t *uses = snap->uses ? json_deep_copy(snap->uses) : NULL;
    enum rsc rsc = RSC_OK;

    for (int64_t op = ACCESS_CREATE; op <= ACCESS_DISCOVER && rsc == RSC_OK; op *= 2) {
        char ignored[WHY_SIZE];

        if (ops & op)
            rsc = verdict_step(access_check(snap, &plan->who, r, (enum access_op)op, 0, ignored, sizeof ignored));
    }
    json_decref(snap->uses);
    snap->uses = uses;
    return rsc;
}
