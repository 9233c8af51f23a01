/* <accessControlPolicy>, TS-0004 7.4.2: rules that can never be judged are refused. */
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

/* What moves without a change of the resource cannot be looked at: decisions rest on versions. NULL, or its name. */
static const char *moving_subject(const json_t *rule)
{
    static const char *const moving[] = {"lt", "st", "cni", "cbs", "mdc", "mdlt", "exc", "nsi"};
    const json_t *list = json_object_get(rule, "acco");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *sbjt = json_str(json_object_get(json_array_get(list, i), "acec"), "sbjt");

        for (size_t k = 0; sbjt && k < ARRAY_LEN(moving); k++)
            if (strcmp(sbjt, moving[k]) == 0)
                return moving[k];
    }
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
            const char *what = moving_subject(json_array_get(rules, i));

            if (what)
                return plan_refuse(plan, RSC_BAD_REQUEST, "%s.acr[%zu]: acec cannot look at %s, which the CSE counts", names[n],
                                   i, what);
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
