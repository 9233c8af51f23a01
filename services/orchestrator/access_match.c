/*
 * A rule permits when all of its parts do: originators, operations, authentication, contexts, object details. Originators are
 * normalised when the rules are compiled; contexts and details are rare and read from the JSON.
 */
#include "access_match.h"
#include "address.h"
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "wildcard.h"

#include <arpa/inet.h>
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
    bool never;             /* holds what this CSE cannot judge */
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
        .never = json_object_get(acr, "aca") != NULL,
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

/* An address as IPv6, an IPv4 one mapped into it (RFC 4291 2.5.5.2). Bits is what a whole address has in its own family. */
static bool address_read(const char *text, unsigned char out[16], long *bits)
{
    unsigned char v4[4];

    if (inet_pton(AF_INET, text, v4) == 1) {
        memset(out, 0, 10);
        memset(out + 10, 0xFF, 2);
        memcpy(out + 12, v4, 4);
        *bits = 32;
        return true;
    }
    *bits = 128;
    return inet_pton(AF_INET6, text, out) == 1;
}

/* `network` is an address, or "address/prefix". */
static bool in_network(const char *network, const unsigned char peer[16])
{
    unsigned char base[16];
    size_t len = strcspn(network, "/");
    auto_free char *address = xstrndup(network, len);
    long whole, bits;
    unsigned mask;

    if (!address_read(address, base, &whole))
        return false;
    bits = network[len] ? strtol(network + len + 1, NULL, 10) : whole;
    if (bits < 0 || bits > whole)
        return false;
    bits += 128 - whole;
    if (memcmp(base, peer, (size_t)bits / 8) != 0)
        return false;
    mask = bits % 8 ? 0xFFU << (8 - bits % 8) & 0xFF : 0;
    return mask == 0 || (base[bits / 8] & mask) == (peer[bits / 8] & mask);
}

static bool ip_matches(const json_t *addresses, const char *peer)
{
    static const char *const families[] = {"ipv4", "ipv6"};
    unsigned char binary[16];
    long bits;

    if (!peer || !address_read(peer, binary, &bits))
        return false;
    for (size_t f = 0; f < ARRAY_LEN(families); f++) {
        const json_t *list = json_object_get(addresses, families[f]);

        for (size_t i = 0; i < json_array_size(list); i++) {
            const char *network = json_string_value(json_array_get(list, i));

            if (network && in_network(network, binary))
                return true;
        }
    }
    return false;
}

static bool window_matches(const json_t *windows, int64_t now)
{
    for (size_t i = 0; i < json_array_size(windows); i++) {
        const char *entry = json_string_value(json_array_get(windows, i));

        if (entry && clock_schedule_matches(entry, now))
            return true;
    }
    return false;
}

/* All kinds of one context must hold. Where an originator is (aclr) is not known here, so that a region is never entered. */
static bool context_matches(const json_t *context, const struct access_who *who)
{
    const json_t *windows = json_object_get(context, "actw");
    const json_t *addresses = json_object_get(context, "acip");
    size_t judged = (windows ? 1U : 0U) + (addresses ? 1U : 0U);

    if (json_object_size(context) != judged)
        return false;
    return (!windows || window_matches(windows, who->now)) && (!addresses || ip_matches(addresses, who->peer));
}

static bool any_context(const json_t *contexts, const struct access_who *who)
{
    if (json_array_size(contexts) == 0)
        return true;
    for (size_t i = 0; i < json_array_size(contexts); i++)
        if (context_matches(json_array_get(contexts, i), who))
            return true;
    return false;
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

/* Everything but the originators. */
static bool rule_applies(const struct rule *rule, const struct access_who *who, const struct access_case *what)
{
    return !rule->never && (rule->ops & what->op) && (!rule->authenticated || who->authenticated) &&
           any_context(rule->contexts, who) && any_detail(rule->details, what);
}

bool acl_permits(const struct acl *acl, const struct access_who *who, const struct access_case *what)
{
    for (size_t i = 0; acl && i < acl->count; i++)
        if ((any_originator(&acl->rules[i], who->originator) || any_role(&acl->rules[i], who->roles)) &&
            rule_applies(&acl->rules[i], who, what))
            return true;
    return false;
}

static bool any_group(const struct rule *rule, bool (*is_member)(void *context, const char *group), void *context)
{
    for (size_t i = 0; i < rule->from_count; i++)
        if (rule->from[i].group && is_member(context, rule->from[i].group))
            return true;
    return false;
}

bool acl_permits_member(const struct acl *acl, const struct access_who *who, const struct access_case *what,
                        bool (*is_member)(void *context, const char *group), void *context)
{
    for (size_t i = 0; acl && i < acl->count; i++)
        if (rule_applies(&acl->rules[i], who, what) && any_group(&acl->rules[i], is_member, context))
            return true;
    return false;
}
