/* Rights to some attributes only: accessControlAttributes, TS-0001 9.6.2. */
#include "json.h"
#include "mem.h"
#include "rules.h"

enum { ATTRIBUTES_MAX = 256 };

static bool is_listed(const json_t *names, struct slice name)
{
    for (size_t i = 0; i < json_array_size(names); i++)
        if (slice_is(name, json_string_value(json_array_get(names, i))))
            return true;
    return false;
}

enum rsc require_some(struct snapshot *snap, struct plan *plan, const struct resource *r, enum access_op op, int child_ty,
                      json_t **names)
{
    char why[WHY_SIZE];
    enum rsc rsc = verdict_step(access_check(snap, &plan->who, r, op, child_ty, why, sizeof why));

    *names = NULL;
    if (rsc != RSC_ORIGINATOR_HAS_NO_PRIVILEGE)
        return rsc;
    rsc = verdict_step(access_check_part(snap, &plan->who, r, op, child_ty, names));
    return rsc == RSC_ORIGINATOR_HAS_NO_PRIVILEGE ? require_access(snap, plan, r, op, child_ty) : rsc;
}

enum rsc require_attributes(struct snapshot *snap, struct plan *plan, const struct resource *r, enum access_op op, int child_ty,
                            json_t **names)
{
    struct slice pc = plan->req->pc;
    struct json_member root, members[ATTRIBUTES_MAX];
    char ignored[WHY_SIZE];
    int count = -1;
    enum rsc rsc = require_some(snap, plan, r, op, child_ty, names);

    if (rsc != RSC_OK || !*names)
        return rsc;
    if (pc.n > 0 && json_check(pc.p, pc.n, ignored, sizeof ignored) == 0 && json_members(pc.p, pc.n, &root, 1) == 1)
        count = json_members(root.value.p, root.value.n, members, ATTRIBUTES_MAX);
    for (int i = 0; i < count; i++)
        if (!is_listed(*names, members[i].name))
            return plan_refuse(plan, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "%.*s: the rules of %s give %s other attributes only",
                               (int)(members[i].name.n < 64 ? members[i].name.n : 64), members[i].name.p, r->ri,
                               plan->originator);
    return RSC_OK; /* what is wrong with a content without attributes is said later */
}
