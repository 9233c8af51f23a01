#include "profile.h"

#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "wildcard.h"

#include <stddef.h>

enum { ATTRIBUTES_MAX = 256 };

enum param_kind { NUMBER, FLAG, TEXT, LIST_TEXT, OBJECT_TEXT };

/*
 * Parameters of requests that a profile may change. Whose request it is, what it does and to what, when, and by which token: that
 * is for its originator to say.
 */
static const struct param {
    const char *name;
    enum param_kind kind;
    size_t offset;
} params[] = {
    {"rcn",  NUMBER,      offsetof(struct request, rcn) },
    {"drt",  NUMBER,      offsetof(struct request, drt) },
    {"ec",   NUMBER,      offsetof(struct request, ec)  },
    {"da",   FLAG,        offsetof(struct request, da)  },
    {"rvi",  TEXT,        offsetof(struct request, rvi) },
    {"rset", TEXT,        offsetof(struct request, rset)},
    {"rp",   TEXT,        offsetof(struct request, rp)  },
    {"vsi",  TEXT,        offsetof(struct request, vsi) },
    {"rids", LIST_TEXT,   offsetof(struct request, rids)},
    {"fc",   OBJECT_TEXT, offsetof(struct request, fc)  },
};

/* Parameters of responses that it may leave out. */
static const struct answer_param {
    const char *name;
    bool number;
    size_t offset;
} answer_params[] = {
    {"to",   false, offsetof(struct response, to)  },
    {"fr",   false, offsetof(struct response, fr)  },
    {"ot",   false, offsetof(struct response, ot)  },
    {"rset", false, offsetof(struct response, rset)},
    {"vsi",  false, offsetof(struct response, vsi) },
    {"ec",   true,  offsetof(struct response, ec)  },
};

static const struct param *find_param(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(params); i++)
        if (strcmp(params[i].name, name) == 0)
            return &params[i];
    return NULL;
}

static const struct answer_param *find_answer_param(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(answer_params); i++)
        if (strcmp(answer_params[i].name, name) == 0)
            return &answer_params[i];
    return NULL;
}

/* ---- what a profile may say ---- */

int profile_applicability(const char *text)
{
    static const struct {
        const char *number, *name;
        int bit;
    } rows[] = {
        {"1", "REQUESTS_TO_CSE",        PROFILE_REQUESTS     },
        {"2", "RESPONSES_FROM_CSE",     PROFILE_RESPONSES    },
        {"4", "NOTIFICATIONS_FROM_CSE", PROFILE_NOTIFICATIONS},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(text, rows[i].number) == 0 || strcmp(text, rows[i].name) == 0)
            return rows[i].bit;
    return 0;
}

bool profile_means(const char *entry, const char *originator)
{
    auto_free char *stem = strchr(entry, '*') ? NULL : address_originator(entry);

    return stem ? strcmp(stem, originator) == 0 : wildcard_match(entry, originator, false);
}

static bool is_attribute(const char *name)
{
    for (const struct rtype *const *type = rtype_all(); *type; type++)
        if (rtype_attr(*type, name))
            return true;
    for (const struct rtype *const *type = rtype_variants(); *type; type++)
        if (rtype_attr(*type, name))
            return true;
    return false;
}

static bool param_fits(const struct param *p, const json_t *value)
{
    switch (p->kind) {
    case NUMBER:
        return json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= 999;
    case FLAG:
        return json_is_boolean(value);
    case TEXT:
        return json_is_string(value) && json_string_length(value) > 0;
    case LIST_TEXT:
        return json_is_array(value);
    case OBJECT_TEXT:
        break;
    }
    return json_is_object(value);
}

/* Parameters that are the originator's own, even if some type has an attribute of the same name. */
static bool is_untouchable(const char *name)
{
    static const char *const names[] = {"op",   "to",   "fr",   "rqi",   "pc", "rt",  "rqet", "oet", "ot",   "gid",
                                        "prpi", "tkns", "tids", "ltids", "ty", "aus", "asi",  "sqi", "auri", "grtm"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

bool profile_may_change(const char *name, const json_t *value, char *why, size_t why_size)
{
    const struct param *p = find_param(name);

    if (p && value && !param_fits(p, value))
        snprintf(why, why_size, "%s: not a value of this parameter", name);
    else if (p || (!value && find_answer_param(name)) || (!is_untouchable(name) && is_attribute(name)))
        return true;
    else
        snprintf(why, why_size, "%.64s is neither an attribute nor a parameter that a profile changes", name);
    return false;
}

/* ---- which profiles count ---- */

static bool lists_text(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

static bool lists_number(const json_t *list, int number)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_integer_value(json_array_get(list, i)) == number)
            return true;
    return false;
}

static bool names_originator(const json_t *profile, const char *originator)
{
    const json_t *idl = json_object_get(profile, "idl");

    for (size_t i = 0; i < json_array_size(idl); i++)
        if (profile_means(json_string_value(json_array_get(idl, i)), originator))
            return true;
    return false;
}

/* What a request is about: its target, with the virtual child of it. RSC_NOT_FOUND: something else will say why. */
static enum rsc find_subject(const struct request *req, struct snapshot *snap, enum address_virtual *virt,
                             const struct resource **r)
{
    auto_free char *to = xstrndup(req->to, strcspn(req->to, "#"));
    struct address address;
    char why[WHY_SIZE];
    enum rsc rsc;

    if (address_parse(&address, to, why, sizeof why) < 0)
        return RSC_NOT_FOUND;
    *virt = address.virt;
    rsc = look_up(snap, address.local, r);
    address_done(&address);
    return rsc;
}

/* The type that a profile's resourceTypes are about: of what is created, else of the target (of an instance, of members). */
static int subject_type(const struct request *req, const struct resource *target, enum address_virtual virt)
{
    const struct rtype *instance;

    if (req->op == OP_CREATE)
        return req->ty;
    if (virt == VIRTUAL_FANOUT)
        return (int)json_int(target->a, "mt", target->type->ty);
    instance = virt == VIRTUAL_LATEST || virt == VIRTUAL_OLDEST ? rtype_instance(target->type) : NULL;
    return instance ? instance->ty : target->type->ty;
}

static bool lists_resource(const json_t *list, const struct resource *r)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct address address;
        char why[WHY_SIZE];
        bool same;

        if (address_parse(&address, json_string_value(json_array_get(list, i)), why, sizeof why) < 0)
            continue;
        same = address.hosted && (strcmp(address.local, r->ri) == 0 || strcmp(address.local, r->path) == 0);
        address_done(&address);
        if (same)
            return true;
    }
    return false;
}

/* Is the request one that the profile is for? RSC_OK, RSC_NOT_FOUND, or PLAN_WAIT. */
static enum rsc applies(const struct request *req, struct snapshot *snap, const json_t *profile)
{
    const json_t *rvs = json_object_get(profile, "rvs"), *ops = json_object_get(profile, "ops"),
                 *rtys = json_object_get(profile, "rtys"), *rsds = json_object_get(profile, "rsds");
    const struct resource *target = NULL;
    enum address_virtual virt;
    enum rsc rsc;

    if ((rvs && !lists_text(rvs, cse_release_answered(req->rvi))) || (ops && !lists_number(ops, req->op)))
        return RSC_NOT_FOUND;
    if (!rtys && !rsds)
        return RSC_OK;
    rsc = find_subject(req, snap, &virt, &target);
    if (rsc != RSC_OK)
        return rsc;
    if ((rtys && !lists_number(rtys, subject_type(req, target, virt))) || (rsds && !lists_resource(rsds, target)))
        return RSC_NOT_FOUND;
    return RSC_OK;
}

/* Those of `list` that name the originator and are for the request are appended to `found`. */
static enum rsc add_listed(const struct request *req, struct snapshot *snap, const struct plan *plan, const json_t *list,
                           json_t *found)
{
    enum rsc rsc, wait = RSC_OK;
    const struct resource *profile;
    const char *ri;
    json_t *ignored;

    json_object_foreach((json_t *)list, ri, ignored)
    {
        rsc = look_up(snap, ri, &profile);
        if (rsc == RSC_OK && names_originator(profile->a, plan->originator))
            rsc = applies(req, snap, profile->a);
        else if (rsc == RSC_OK)
            rsc = RSC_NOT_FOUND;
        if (rsc == RSC_OK)
            json_array_append(found, profile->a);
        else if (rsc == PLAN_WAIT)
            wait = rsc;
    }
    return wait;
}

/* The one that the request asks for itself. */
static enum rsc add_named(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *found)
{
    const struct resource *profile = NULL;
    struct address address;
    char why[WHY_SIZE];
    enum rsc rsc = RSC_NOT_FOUND;

    if (address_parse(&address, req->prpi, why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "prpi: %s", why);
    if (address.hosted)
        rsc = look_up(snap, address.local, &profile);
    address_done(&address);
    if (rsc == PLAN_WAIT)
        return rsc;
    if (rsc != RSC_OK || profile->type->ty != TY_PROFILE)
        return plan_refuse(plan, RSC_BAD_REQUEST, "prpi: %.256s is no primitiveProfile here", req->prpi);
    if (!names_originator(profile->a, plan->originator))
        return plan_refuse(plan, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "prpi: the profile's idl does not name %s", plan->originator);
    rsc = applies(req, snap, profile->a);
    if (rsc == RSC_OK)
        json_array_append(found, profile->a);
    return rsc == PLAN_WAIT ? rsc : RSC_OK;
}

static enum rsc find_profiles(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *found)
{
    const struct resource *base;
    enum rsc rsc, wait;

    if (req->prpi)
        return add_named(req, snap, plan, found);
    wait = add_listed(req, snap, plan, json_object_get(plan->entity->a, PROFILE_LIST), found);
    rsc = look_up(snap, cse_ri(), &base);
    if (rsc == RSC_OK)
        rsc = add_listed(req, snap, plan, json_object_get(base->a, PROFILE_LIST), found);
    return rsc == RSC_OK ? wait : rsc;
}

/* Those of them for requests, or responses: without applicability they are for both. The caller owns the list; NULL: none. */
static json_t *applicable(const json_t *profiles, int what)
{
    json_t *list = NULL;

    for (size_t i = 0; i < json_array_size(profiles); i++) {
        json_t *profile = json_array_get(profiles, i);
        const json_t *appl = json_object_get(profile, "appl");
        int bits = appl ? 0 : what;

        for (size_t k = 0; k < json_array_size(appl); k++)
            bits |= profile_applicability(json_string_value(json_array_get(appl, k)));
        if (!(bits & what))
            continue;
        if (!list)
            list = json_array();
        json_array_append(list, profile);
    }
    return list;
}

/* ---- contents ---- */

static bool leaves_out(const json_t *profiles, struct slice name, int op)
{
    for (size_t i = 0; i < json_array_size(profiles); i++) {
        const json_t *dels = json_object_get(json_array_get(profiles, i), "dels");

        for (size_t k = 0; k < json_array_size(dels); k++) {
            const char *left = json_string_value(json_array_get(dels, k));

            if (slice_is(name, left) && !(op ? (const void *)find_param(left) : (const void *)find_answer_param(left)))
                return true;
        }
    }
    return false;
}

/* Of a response, any attribute of the type; of a request, those that it may have. */
static bool may_add(const struct rtype *type, const char *name, int op)
{
    const struct attr *attr = rtype_attr(type, name);

    if (!attr || (op && find_param(name)))
        return false;
    return op == OP_CREATE ? attr->create != NP : op != OP_UPDATE || attr->update != NP;
}

static void put_member(struct str *out, const char **separator, struct slice name)
{
    str_puts(out, *separator);
    str_putc(out, '"');
    str_add(out, name.p, name.n);
    str_puts(out, "\":");
    *separator = ",";
}

/* What is not there yet; of two profiles the first one's. `there` holds the names that are. */
static bool put_additions(struct str *out, const char *separator, const json_t *profiles, const struct rtype *type, int op,
                          json_t *there)
{
    bool changed = false;

    for (size_t i = 0; i < json_array_size(profiles); i++) {
        const json_t *adds = json_object_get(json_array_get(profiles, i), "adds");

        for (size_t k = 0; k < json_array_size(adds); k++) {
            const char *name = json_str(json_array_get(adds, k), "nm");

            if (!may_add(type, name, op) || json_object_get(there, name))
                continue;
            put_member(out, &separator, (struct slice){name, strlen(name)});
            json_write(out, json_object_get(json_array_get(adds, k), "val"));
            json_object_set_new(there, name, json_true());
            changed = true;
        }
    }
    return changed;
}

/* Numbers stay as they were written. */
bool profile_rewrite(struct slice content, const json_t *profiles, int op, struct str *out)
{
    struct json_member root, members[ATTRIBUTES_MAX];
    int count = content.n > 0 && json_members(content.p, content.n, &root, 1) == 1
                    ? json_members(root.value.p, root.value.n, members, ARRAY_LEN(members))
                    : -1;
    auto_free char *key = count >= 0 ? xstrndup(root.name.p, root.name.n) : NULL;
    const struct rtype *type = key ? rtype_by_key(key) : NULL;
    json_auto_t *there = json_object();
    const char *separator = "";
    bool changed = false;

    if (!type)
        return false;
    str_addf(out, "{\"%s\":{", key);
    for (int i = 0; i < count; i++) {
        if (leaves_out(profiles, members[i].name, op)) {
            changed = true;
            continue;
        }
        put_member(out, &separator, members[i].name);
        str_add(out, members[i].value.p, members[i].value.n);
        json_object_setn_new_nocheck(there, members[i].name.p, members[i].name.n, json_true());
    }
    changed = put_additions(out, separator, profiles, type, op, there) || changed;
    str_puts(out, "}}");
    return changed;
}

/* ---- requests ---- */

static bool is_given(const struct request *req, const struct param *p)
{
    const void *member = (const char *)req + p->offset;

    switch (p->kind) {
    case NUMBER:
    case FLAG:
        return *(const int *)member != ABSENT;
    case TEXT:
        return *(const char *const *)member != NULL;
    case LIST_TEXT:
    case OBJECT_TEXT:
        break;
    }
    return ((const struct slice *)member)->p != NULL;
}

/* `value` NULL: absent. Texts are kept by the snapshot. */
static void set_param(struct request *req, struct snapshot *snap, const struct param *p, const json_t *value)
{
    void *member = (char *)req + p->offset;
    auto_str struct str text = STR_EMPTY;

    switch (p->kind) {
    case NUMBER:
        *(int *)member = value ? (int)json_integer_value(value) : ABSENT;
        return;
    case FLAG:
        *(int *)member = value ? json_is_true(value) : ABSENT;
        return;
    case TEXT:
        *(const char **)member = value ? snapshot_keep(snap, json_string_value(value), json_string_length(value)) : NULL;
        return;
    case LIST_TEXT:
    case OBJECT_TEXT:
        break;
    }
    json_write(&text, value);
    *(struct slice *)member =
        value ? (struct slice){snapshot_keep(snap, text.data, text.len), text.len} : (struct slice){NULL, 0};
}

static bool change_params(struct request *req, struct snapshot *snap, const json_t *profiles)
{
    bool changed = false;

    for (size_t i = 0; i < ARRAY_LEN(params); i++) {
        const struct param *p = &params[i];

        for (size_t k = 0; k < json_array_size(profiles); k++) {
            if (!lists_text(json_object_get(json_array_get(profiles, k), "dels"), p->name) || !is_given(req, p))
                continue;
            set_param(req, snap, p, NULL);
            changed = true;
        }
        for (size_t k = 0; k < json_array_size(profiles); k++) {
            const json_t *adds = json_object_get(json_array_get(profiles, k), "adds");

            for (size_t n = 0; n < json_array_size(adds); n++) {
                const json_t *add = json_array_get(adds, n);

                if (strcmp(json_str(add, "nm"), p->name) != 0 || is_given(req, p))
                    continue;
                set_param(req, snap, p, json_object_get(add, "val"));
                changed = true;
            }
        }
    }
    return changed;
}

/* Profiles do not change what is done to profiles: a wrong one can always be mended. RSC_OK, RSC_NOT_FOUND, or PLAN_WAIT. */
static enum rsc is_for_others(const struct request *req, struct snapshot *snap)
{
    const struct resource *target = NULL;
    enum address_virtual virt;
    enum rsc rsc = RSC_OK;

    if (req->op == OP_CREATE)
        return req->ty == TY_PROFILE ? RSC_NOT_FOUND : RSC_OK;
    rsc = find_subject(req, snap, &virt, &target);
    return rsc == RSC_OK && target->type->ty == TY_PROFILE ? RSC_NOT_FOUND : rsc;
}

static bool change_content(struct request *req, struct snapshot *snap, const json_t *profiles)
{
    auto_str struct str text = STR_EMPTY;

    if ((req->op != OP_CREATE && req->op != OP_UPDATE) || !profile_rewrite(req->pc, profiles, req->op, &text))
        return false;
    req->pc = (struct slice){snapshot_keep(snap, text.data, text.len), text.len};
    return true;
}

enum rsc apply_profiles(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    json_auto_t *found = NULL;
    json_auto_t *asks = NULL;
    struct request changed = *req;
    bool params_changed;
    enum rsc rsc;

    if (req->inner || (!req->prpi && !(plan->entity && plan->entity->subs & MARK_PROFILED)))
        return RSC_OK;
    found = json_array();
    rsc = find_profiles(req, snap, plan, found);
    if (rsc != RSC_OK)
        return rsc;
    if (json_array_size(found) > 0 && (rsc = is_for_others(req, snap)) != RSC_OK)
        return rsc == PLAN_WAIT ? rsc : RSC_OK;
    plan->answers = applicable(found, PROFILE_RESPONSES);
    asks = applicable(found, PROFILE_REQUESTS);
    params_changed = change_params(&changed, snap, asks);
    if (!change_content(&changed, snap, asks) && !params_changed)
        return RSC_OK;
    plan->profiled = xcalloc(1, sizeof *plan->profiled);
    *plan->profiled = changed;
    plan->req = plan->profiled;
    rsc = check_mandatory(plan->req, snap, plan);
    return rsc == RSC_OK ? check_times(plan->req, snap, plan) : rsc;
}

/* ---- responses ---- */

void profile_answer(const json_t *profiles, struct response *rsp, struct slice *content, struct str *text)
{
    for (size_t i = 0; i < json_array_size(profiles); i++) {
        const json_t *dels = json_object_get(json_array_get(profiles, i), "dels");

        for (size_t k = 0; k < json_array_size(dels); k++) {
            const struct answer_param *p = find_answer_param(json_string_value(json_array_get(dels, k)));
            void *member = p ? (char *)rsp + p->offset : NULL;

            if (p && p->number)
                *(int *)member = ABSENT;
            else if (p)
                *(const char **)member = NULL;
        }
    }
    str_reset(text);
    if (profile_rewrite(*content, profiles, 0, text))
        *content = (struct slice){text->data, text->len};
}
