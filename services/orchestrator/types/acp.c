/* <accessControlPolicy>, TS-0004 7.4.2: rules that this CSE cannot judge are refused rather than never matched. */
#include "mem.h"
#include "rules.h"
#include "special.h"

/* In one rule: what restricts it in a way that is not supported, or NULL. */
static const char *unsupported_in(const json_t *rule)
{
    static const char *const contexts[] = {"acui", "acec", "acl"};
    const json_t *list = json_object_get(rule, "acco");

    if (json_object_get(rule, "aca"))
        return "aca";
    for (size_t i = 0; i < json_array_size(list); i++)
        for (size_t k = 0; k < ARRAY_LEN(contexts); k++)
            if (json_object_get(json_array_get(list, i), contexts[k]))
                return contexts[k];
    return NULL;
}

static enum rsc check_privileges(struct plan *plan, const json_t *attrs)
{
    static const char *const names[] = {"pv", "pvs"};

    for (size_t n = 0; n < ARRAY_LEN(names); n++) {
        const json_t *set = json_object_get(attrs, names[n]);
        const json_t *rules = json_object_get(set, "acr");
        struct acl *acl = set ? acl_compile(set) : NULL;

        if (set && !acl)
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: not a set of access control rules", names[n]);
        acl_free(acl);
        for (size_t i = 0; i < json_array_size(rules); i++) {
            const char *what = unsupported_in(json_array_get(rules, i));

            if (what)
                return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "%s.acr[%zu]: %s is not supported", names[n], i, what);
        }
    }
    return RSC_OK;
}

enum rsc acp_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    (void)req;
    (void)snap;
    return check_privileges(plan, a);
}

enum rsc acp_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    (void)req;
    (void)snap;
    (void)del;
    return check_privileges(plan, set);
}
