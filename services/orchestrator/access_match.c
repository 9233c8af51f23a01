/*
 * A rule permits when all of its parts do: originators, operations, authentication, contexts, object details. Originators are
 * normalised when the rules are compiled; contexts and details are rare and read from the JSON.
 */
#include "access_match.h"
#include "address.h"
#include "clock.h"
#include "criterion.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "region.h"
#include "wildcard.h"

#include <strings.h>

enum { PATTERN_MAX = 1024 /* longer ones match nobody */ };

/* An accessControlOriginators entry. */
struct pattern {
    char *text;  /* normalised like originators: stems of own AEs, SP-relative ids of others; may hold `*` */
    bool all;    /* "all" */
    bool local;  /* only those registered here: it had this CSE's id in front */
    bool domain; /* could be the name of a service provider's domain */
    char *group; /* could be a group here: its id or path; else NULL */
};

struct rule {
    struct pattern *from;
    size_t from_count;
    int64_t ops;
    bool authenticated;
    const json_t *names;    /* accessControlAttributes: these only, or NULL */
    const json_t *contexts; /* accessControlContexts, or NULL */
    const json_t *details;  /* accessControlObjectDetails, or NULL */
};

struct acl {
    json_t *source; /* the rules borrow from it */
    size_t count;
    struct rule rules[];
};

/* ---- compiling */

/* What an entry would be called as a resource here, if it can be a group: a path, or an id as groups get it. */
static char *group_address(const char *text)
{
    struct address address;
    char why[64], *local = NULL;

    if (strchr(text, '*') || address_parse(&address, text, why, sizeof why) < 0)
        return NULL;
    if (address.hosted && address.virt == VIRTUAL_NONE && (strchr(address.local, '/') || strncmp(address.local, "grp", 3) == 0))
        local = xstrdup(address.local);
    address_done(&address);
    return local;
}

static void pattern_init(struct pattern *p, const char *text)
{
    *p = (struct pattern){0};
    p->all = strcmp(text, "all") == 0;
    if (strlen(text) > PATTERN_MAX)
        text = "";
    if (strncmp(text, "//", 2) == 0 && !strchr(text + 2, '/')) {
        p->text = xstrdup(text + 2);
        p->domain = true;
        return;
    }
    p->text = address_originator(text);
    p->local = text[0] == '/' && p->text[0] != '/';
    p->domain = !strchr(text, '/') && strchr(text, '.');
    p->group = group_address(text);
}

static bool rule_init(struct rule *rule, const json_t *acr)
{
    const json_t *from = json_object_get(acr, "acor");

    *rule = (struct rule){
        .ops = json_int(acr, "acop", -1),
        .authenticated = json_is_true(json_object_get(acr, "acaf")),
        .names = json_object_get(acr, "aca"),
        .contexts = json_object_get(acr, "acco"),
        .details = json_object_get(acr, "acod"),
    };
    if (!json_is_array(from) || rule->ops < 0 || (rule->contexts && !json_is_array(rule->contexts)) ||
        (rule->details && !json_is_array(rule->details)))
        return false;
    rule->from = xcalloc(json_array_size(from) + 1, sizeof(*rule->from));
    for (size_t i = 0; i < json_array_size(from); i++) {
        const char *text = json_string_value(json_array_get(from, i));

        if (!text)
            return false;
        pattern_init(&rule->from[rule->from_count++], text);
    }
    return true;
}

struct acl *acl_compile(const json_t *set_of_acrs)
{
    const json_t *list = json_object_get(set_of_acrs, "acr");
    size_t count = json_array_size(list);
    struct acl *acl;

    if (!json_is_object(set_of_acrs) || (list && !json_is_array(list)))
        return NULL;
    acl = xcalloc(1, sizeof(*acl) + count * sizeof(acl->rules[0]));
    acl->source = json_incref((json_t *)set_of_acrs); /* never changed */
    for (size_t i = 0; i < count; i++) {
        acl->count = i + 1;
        if (!rule_init(&acl->rules[i], json_array_get(list, i))) {
            acl_free(acl);
            return NULL;
        }
    }
    return acl;
}

void acl_free(struct acl *acl)
{
    if (!acl)
        return;
    for (size_t i = 0; i < acl->count; i++) {
        for (size_t k = 0; k < acl->rules[i].from_count; k++) {
            free(acl->rules[i].from[k].text);
            free(acl->rules[i].from[k].group);
        }
        free(acl->rules[i].from);
    }
    json_decref(acl->source);
    free(acl);
}

/* ---- originators */

/* The domain itself or one below it. Whoever has no SP-ID in front belongs to this one. */
static bool domain_matches(const char *pattern, const char *originator)
{
    const char *given = strncmp(originator, "//", 2) == 0 ? originator + 2 : cse_spid();
    auto_free char *domain = xstrndup(given, strcspn(given, "/"));
    size_t len = strlen(domain), tail = strlen(pattern);

    if (wildcard_match(pattern, domain, true))
        return true;
    return len > tail && domain[len - tail - 1] == '.' && strcasecmp(domain + len - tail, pattern) == 0;
}

static bool originator_matches(const struct pattern *p, const char *originator)
{
    if (p->all)
        return true;
    if (!p->text[0])
        return false;
    if (wildcard_match(p->text, originator, false) && (!p->local || originator[0] != '/'))
        return true;
    return p->domain && domain_matches(p->text, originator);
}

static bool any_originator(const struct rule *rule, const char *originator)
{
    for (size_t i = 0; i < rule->from_count; i++)
        if (originator_matches(&rule->from[i], originator))
            return true;
    return false;
}

/* A Role-ID stands in a rule like an originator. */
static bool any_role(const struct rule *rule, const json_t *roles)
{
    for (size_t i = 0; i < json_array_size(roles); i++)
        for (size_t k = 0; k < rule->from_count; k++)
            if (*rule->from[k].text && strcmp(rule->from[k].text, json_string_value(json_array_get(roles, i))) == 0)
                return true;
    return false;
}

/* ---- contexts */

/* One rule that is being looked at, by whom, and who knows the rest. */
struct asking {
    const struct access_who *who;
    const struct acl_world *world; /* or NULL: nobody knows */
};

static bool window_matches(const struct asking *q, const json_t *windows)
{
    for (size_t i = 0; i < json_array_size(windows); i++) {
        const char *entry = json_string_value(json_array_get(windows, i));

        if (entry && clock_schedule_matches(entry, q->who->now))
            return true;
    }
    return false;
}

static bool address_matches(const struct asking *q, const json_t *addresses)
{
    return region_has_address(addresses, q->who->peer);
}

static bool user_matches(const struct asking *q, const json_t *users)
{
    for (size_t i = 0; q->who->user && i < json_array_size(users); i++)
        if (strcmp(json_string_value(json_array_get(users, i)), q->who->user) == 0)
            return true;
    return false;
}

static bool limit_matches(const struct asking *q, const json_t *limit)
{
    (void)q;
    return json_integer_value(limit) > 0;
}

static bool region_matches(const struct asking *q, const json_t *region)
{
    const struct place *place = NULL;

    if (json_object_get(region, "accr") && q->world)
        place = q->world->place(q->world->context);
    return region_holds(region, place, region_country(q->who->peer));
}

static bool criterion_matches(const struct asking *q, const json_t *criterion)
{
    const json_t *a = q->world ? q->world->attributes(q->world->context) : NULL;

    return a && criteria_hold(criterion, a);
}

/* The kinds of accessControlContexts, those that may have to be loaded last. */
static const struct {
    const char *name;
    bool (*matches)(const struct asking *q, const json_t *value);
} kinds[] = {
    {"actw", window_matches   },
    {"acip", address_matches  },
    {"acui", user_matches     },
    {"acl",  limit_matches    },
    {"acec", criterion_matches},
    {"aclr", region_matches   },
};

/* All kinds of one context must hold. */
static bool context_matches(const json_t *context, const struct asking *q)
{
    size_t judged = 0;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const json_t *value = json_object_get(context, kinds[i].name);

        if (value && !kinds[i].matches(q, value))
            return false;
        judged += value != NULL;
    }
    return judged == json_object_size(context);
}

enum holds { HOLDS_NOT, HOLDS_LIMITED, HOLDS };

/* Any context: one without a limit, if there is one; else *index is the first with a limit. */
static enum holds any_context(const json_t *contexts, const struct asking *q, size_t *index)
{
    enum holds holds = json_array_size(contexts) == 0 ? HOLDS : HOLDS_NOT;

    for (size_t i = 0; i < json_array_size(contexts) && holds != HOLDS; i++) {
        const json_t *context = json_array_get(contexts, i);
        bool limited = json_object_get(context, "acl");

        if ((limited && holds == HOLDS_LIMITED) || !context_matches(context, q))
            continue;
        holds = limited ? HOLDS_LIMITED : HOLDS;
        *index = i;
    }
    return holds;
}

/* ---- object details */

static bool detail_matches(const json_t *detail, const struct access_case *what)
{
    const json_t *children = json_object_get(detail, "chty");

    /* No type with specializations is implemented. */
    if (json_object_get(detail, "spty") || json_int(detail, "ty", what->ty) != what->ty)
        return false;
    if (what->op != ACCESS_CREATE)
        return true;
    for (size_t i = 0; i < json_array_size(children); i++)
        if (json_integer_value(json_array_get(children, i)) == what->child_ty)
            return true;
    return false;
}

static bool any_detail(const json_t *details, const struct access_case *what)
{
    if (json_array_size(details) == 0)
        return true;
    for (size_t i = 0; i < json_array_size(details); i++)
        if (detail_matches(json_array_get(details, i), what))
            return true;
    return false;
}

/* What needs nothing but the rule: operations, authentication, objects. A rule about attributes is for operations on them. */
static bool rule_applies(const struct rule *rule, const struct access_who *who, const struct access_case *what)
{
    enum { ON_ATTRIBUTES = ACCESS_CREATE | ACCESS_RETRIEVE | ACCESS_UPDATE };

    return (rule->ops & what->op) && (!rule->authenticated || who->authenticated) && (!rule->names || what->op & ON_ATTRIBUTES) &&
           any_detail(rule->details, what);
}

static bool any_group(const struct rule *rule, const struct acl_world *world)
{
    for (size_t i = 0; i < rule->from_count; i++)
        if (rule->from[i].group && world->is_member(world->context, rule->from[i].group))
            return true;
    return false;
}

static void note(struct grant_use *use, size_t rule, size_t context, const json_t *names)
{
    if (!use->found)
        *use = (struct grant_use){true, rule, context, names};
}

static void add_names(json_t *names, const json_t *more)
{
    for (size_t i = 0; i < json_array_size(more); i++)
        json_array_append(names, json_array_get(more, i));
}

bool acl_judge(const struct acl *acl, const struct access_who *who, const struct access_case *what, const struct acl_world *world,
               bool groups, struct grant *grant, json_t *names)
{
    const struct asking q = {who, world};

    for (size_t i = 0; acl && i < acl->count; i++) {
        const struct rule *rule = &acl->rules[i];
        enum holds holds;
        size_t context = 0;

        if (!rule_applies(rule, who, what) || (rule->names && !names))
            continue;
        if (!(groups ? any_group(rule, world) : any_originator(rule, who->originator) || any_role(rule, who->roles)))
            continue;
        holds = any_context(rule->contexts, &q, &context);
        if (holds == HOLDS && !rule->names)
            return true;
        if (holds == HOLDS)
            add_names(names, rule->names);
        else if (holds == HOLDS_LIMITED)
            note(rule->names ? &grant->part : &grant->whole, i, context, rule->names);
    }
    return false;
}

bool acl_permits(const struct acl *acl, const struct access_who *who, const struct access_case *what)
{
    struct grant ignored = {0};

    return acl_judge(acl, who, what, NULL, false, &ignored, NULL);
}
