#include "cmdh.h"

#include "address.h"
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"

/* m2m:mgmtDefinition */
enum {
    POLICY = 1011,
    ACTIVE = 1012,
    DEFAULTS = 1013,
    DEFAULT_EC = 1014,
    DEFAULT_PARAMETERS = 1015,
    LIMITS = 1016,
    ACCESS = 1017,
    ACCESS_RULE = 1018
};

enum { TY_SCHEDULE = 18, EC_ANY = 0, EC_BEST_EFFORT = 3, UNLIMITED = -1, DEFAULT_ACTION = 5, SPREAD_MAX_MS = 3600000 };

/* ---- what the links lead to ----------------------------------------------------------------------------------------- */

/* Columns of a row: path, ri, ty, ..., attributes. */
static const json_t *row_of(const json_t *rows, const char *address)
{
    struct address a;
    const json_t *row, *found = NULL;
    char why[64];
    size_t i;

    if (!address || address_parse(&a, address, why, sizeof why) < 0)
        return NULL;
    json_array_foreach(rows, i, row)
    {
        const char *path = json_string_value(json_array_get(row, 0)), *ri = json_string_value(json_array_get(row, 1));

        if (a.hosted && path && ri && (strcmp(path, a.local) == 0 || strcmp(ri, a.local) == 0))
            found = row;
    }
    address_done(&a);
    return found;
}

static const json_t *attributes_of(const json_t *row)
{
    return json_array_get(row, 7);
}

/* m2m:mgmtLinkRef: one, or a list of them. */
static size_t links_of(const json_t *a)
{
    const json_t *cmlk = json_object_get(a, "cmlk");

    return json_is_array(cmlk) ? json_array_size(cmlk) : cmlk != NULL;
}

static const json_t *linked(const json_t *rows, const json_t *a, size_t i)
{
    const json_t *cmlk = json_object_get(a, "cmlk");

    return row_of(rows, json_str(json_is_array(cmlk) ? json_array_get(cmlk, i) : cmlk, "val"));
}

/* Into the list in the order of their `od`. */
static void insert_ordered(json_t *list, const json_t *a)
{
    size_t at = 0;

    while (at < json_array_size(list) && json_int(json_array_get(list, at), "od", 0) <= json_int(a, "od", 0))
        at++;
    json_array_insert(list, at, (json_t *)a);
}

/* A cmdhNwAccessRule, with the entries of the schedule that it leads to, if it does. */
static json_t *access_rule_of(const json_t *rows, const json_t *a)
{
    json_t *rule = json_copy((json_t *)a);

    for (size_t i = 0; i < links_of(a); i++) {
        const json_t *row = linked(rows, a, i);

        if (row && json_integer_value(json_array_get(row, 2)) == TY_SCHEDULE)
            json_object_set(rule, "sce", json_object_get(json_object_get(attributes_of(row), "se"), "sce"));
    }
    return rule;
}

static void take_access(json_t *policy, const json_t *rows, const json_t *a)
{
    json_t *rules = json_array();

    for (size_t i = 0; i < links_of(a); i++) {
        const json_t *rule = attributes_of(linked(rows, a, i));

        if (json_int(rule, "mgd", 0) == ACCESS_RULE)
            json_array_append_new(rules, access_rule_of(rows, rule));
    }
    json_array_append_new(json_object_get(policy, "access"),
                          json_pack("{sO? so}", "aec", json_object_get(a, "aecs"), "rules", rules));
}

static void take_defaults(json_t *policy, const json_t *rows, const json_t *a)
{
    for (size_t i = 0; i < links_of(a); i++) {
        const json_t *row = attributes_of(linked(rows, a, i));

        if (json_int(row, "mgd", 0) == DEFAULT_EC)
            insert_ordered(json_object_get(policy, "ecs"), row);
        else if (json_int(row, "mgd", 0) == DEFAULT_PARAMETERS)
            json_array_append(json_object_get(policy, "parameters"), (json_t *)row);
    }
}

json_t *cmdh_resolve(const json_t *rows)
{
    const json_t *row, *active = NULL, *whole;
    json_t *policy;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        if (json_int(attributes_of(row), "mgd", 0) == ACTIVE)
            active = attributes_of(row);
    }
    whole = attributes_of(row_of(rows, json_str(active, "acmlk")));
    if (json_int(whole, "mgd", 0) != POLICY)
        return NULL;
    policy = json_pack("{s[] s[] s[] s[]}", "ecs", "parameters", "limits", "access");
    for (i = 0; i < links_of(whole); i++) {
        const json_t *a = attributes_of(linked(rows, whole, i));

        switch (json_int(a, "mgd", 0)) {
        case DEFAULTS:
            take_defaults(policy, rows, a);
            break;
        case LIMITS:
            insert_ordered(json_object_get(policy, "limits"), a);
            break;
        case ACCESS:
            take_access(policy, rows, a);
            break;
        default:
            break;
        }
    }
    return policy;
}

static json_t *in_force;
static bool known;

const json_t *cmdh_policy(void)
{
    return in_force;
}

bool cmdh_known(void)
{
    return known;
}

void cmdh_set(json_t *policy)
{
    known = true;
    json_decref(in_force);
    in_force = policy;
}

/* ---- which entry counts --------------------------------------------------------------------------------------------- */

static bool has_category(const json_t *list, int ec)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        if (json_integer_value(entry) == ec)
            return true;
    }
    return false;
}

/* The entry whose list `name` has the category, else the one that is for all others. */
static const json_t *entry_for(const json_t *entries, const char *name, int ec)
{
    const json_t *entry, *standard = NULL;
    size_t i;

    json_array_foreach(entries, i, entry)
    {
        const json_t *list = json_object_get(entry, name);

        if (has_category(list, ec))
            return entry;
        if (!standard && has_category(list, EC_ANY))
            standard = entry;
    }
    return standard;
}

/* requestOrigin: AE-IDs, or "localAE". Conditions on the context of a request cannot be told here: no such entry counts. */
static bool is_for(const json_t *entry, const char *originator)
{
    const json_t *name;
    size_t i;

    if (json_object_get(entry, "rct") || json_object_get(entry, "rch"))
        return false;
    json_array_foreach(json_object_get(entry, "ror"), i, name)
    {
        const char *text = json_string_value(name);
        auto_free char *stem = text ? address_originator(text) : NULL;

        if (stem && (strcmp(text, "localAE") == 0 || strcmp(stem, originator) == 0))
            return true;
    }
    return false;
}

/* The stem of an AE registered here; NULL: it is none. The caller frees. */
static char *local_ae(const struct request *req)
{
    char *stem = req->fr && *req->fr ? address_originator(req->fr) : NULL;

    if (stem && *stem != '/' && strcmp(stem, cse_admin()) != 0)
        return stem;
    free(stem);
    return NULL;
}

/* ---- parameters ----------------------------------------------------------------------------------------------------- */

static void give(const json_t *entry, const char *name, const char **parameter, char text[24])
{
    int64_t ms = json_int(entry, name, 0);

    if (*parameter || ms <= 0) /* -1: without limit */
        return;
    snprintf(text, 24, "%lld", (long long)ms);
    *parameter = text;
}

/* A result cannot expire before its request: what was given by the originator stands. */
static void reconcile(struct request *req, bool rqet_given, bool rset_given, int64_t now)
{
    int64_t rqet, rset;

    if (!req->rqet || !req->rset || (rqet_given && rset_given) || clock_parse_absrel(req->rqet, now, &rqet) < 0 ||
        clock_parse_absrel(req->rset, now, &rset) < 0 || rset >= rqet)
        return;
    if (rset_given)
        req->rqet = NULL;
    else
        req->rset = NULL;
}

void cmdh_complete(const json_t *policy, struct request *req, struct cmdh_texts *texts)
{
    auto_free char *originator = policy ? local_ae(req) : NULL;
    bool rqet_given = req->rqet != NULL, rset_given = req->rset != NULL;
    const json_t *entry;
    size_t i;

    if (!originator)
        return;
    json_array_foreach(json_object_get(policy, "ecs"), i, entry)
    {
        if (req->ec == ABSENT && is_for(entry, originator))
            req->ec = (int)json_int(entry, "dev", ABSENT);
    }
    entry = entry_for(json_object_get(policy, "parameters"), "aec", req->ec == ABSENT ? EC_BEST_EFFORT : req->ec);
    give(entry, "dqet", &req->rqet, texts->rqet);
    give(entry, "dset", &req->rset, texts->rset);
    give(entry, "doet", &req->oet, texts->oet);
    give(entry, "drp", &req->rp, texts->rp);
    if (req->da == ABSENT && json_is_boolean(json_object_get(entry, "dda")))
        req->da = json_is_true(json_object_get(entry, "dda"));
    reconcile(req, rqet_given, rset_given, clock_now_ms());
}

/* {least, most} in ms from now, -1 = no limit. */
static bool is_within(const json_t *range, const char *parameter, int64_t now)
{
    int64_t least = json_integer_value(json_array_get(range, 0)), most = json_integer_value(json_array_get(range, 1));
    int64_t ms;

    if (!parameter || json_array_size(range) != 2 || clock_parse_absrel(parameter, now, &ms) < 0)
        return true;
    return (least == UNLIMITED || ms - now >= least) && (most == UNLIMITED || ms - now <= most);
}

static bool keeps_to(const json_t *limits, const struct request *req, int64_t now, char *why, size_t why_size)
{
    const struct {
        const char *name, *limit, *value;
    } rows[] = {
        {"rqet", "lqet", req->rqet},
        {"rset", "lset", req->rset},
        {"oet",  "loet", req->oet },
        {"rp",   "lrp",  req->rp  },
    };
    const json_t *lda = json_object_get(limits, "lda"), *entry;
    bool asked = req->da == 1;
    size_t i;

    for (i = 0; i < ARRAY_LEN(rows); i++) {
        if (!is_within(json_object_get(limits, rows[i].limit), rows[i].value, now)) {
            snprintf(why, why_size, "%s: outside what cmdhLimits (%s) allow", rows[i].name, rows[i].limit);
            return false;
        }
    }
    json_array_foreach(lda, i, entry)
    {
        if (json_is_true(entry) == asked)
            return true;
    }
    snprintf(why, why_size, "da: not what cmdhLimits (lda) allow");
    return json_array_size(lda) == 0;
}

bool cmdh_allows(const json_t *policy, const struct request *req, int64_t now, char *why, size_t why_size)
{
    auto_free char *originator = policy ? local_ae(req) : NULL;
    int ec = req->ec == ABSENT ? EC_BEST_EFFORT : req->ec;
    const json_t *entry;
    size_t i;

    if (!originator)
        return true;
    json_array_foreach(json_object_get(policy, "limits"), i, entry)
    {
        if (is_for(entry, originator) && has_category(json_object_get(entry, "lec"), ec))
            return keeps_to(entry, req, now, why, why_size);
    }
    return true;
}

/* ---- access to the network ------------------------------------------------------------------------------------------ */

static const json_t *access_for(const json_t *policy, int ec)
{
    return json_object_get(entry_for(json_object_get(policy, "access"), "aec", ec == ABSENT ? EC_BEST_EFFORT : ec), "rules");
}

static bool is_open(const json_t *rule, int64_t now)
{
    const json_t *entries = json_object_get(rule, "sce"), *entry;
    size_t i;

    json_array_foreach(entries, i, entry)
    {
        if (json_is_string(entry) && clock_schedule_matches(json_string_value(entry), now))
            return true;
    }
    return !entries;
}

/* One of the rules must permit it: each is about networks of its own. */
bool cmdh_may_send(const json_t *policy, int ec, int64_t now, size_t volume)
{
    const json_t *rules = access_for(policy, ec), *rule;
    size_t i;

    json_array_foreach(rules, i, rule)
    {
        if (is_open(rule, now) && (int64_t)volume >= json_int(rule, "mrv", 0))
            return true;
    }
    return !rules;
}

bool cmdh_has_rules(const json_t *policy, int ec)
{
    return access_for(policy, ec) != NULL;
}

int64_t cmdh_spread(const json_t *policy, int ec)
{
    int64_t ms = json_int(json_array_get(access_for(policy, ec), 0), "swt", 0);

    return ms < SPREAD_MAX_MS ? ms : SPREAD_MAX_MS;
}

/* m2m:backOffParameters: of the network action "default", else the first. */
static const json_t *back_off_of(const json_t *rule)
{
    const json_t *sets = json_object_get(json_object_get(rule, "bop"), "bops"), *set;
    size_t i;

    json_array_foreach(sets, i, set)
    {
        if (json_int(set, "nwa", DEFAULT_ACTION) == DEFAULT_ACTION)
            return set;
    }
    return json_array_get(sets, 0);
}

int64_t cmdh_back_off(const json_t *policy, int ec, int failures, int64_t *random)
{
    const json_t *set = back_off_of(json_array_get(access_for(policy, ec), 0));
    int64_t most = json_int(set, "mbt", 0), pause = json_int(set, "ibt", 0);

    if (!set)
        return -1;
    *random = json_int(set, "rbt", 0);
    for (int i = 1; i < failures && pause < most; i++)
        pause += json_int(set, "abt", 0) > 0 ? json_int(set, "abt", 0) : most;
    return pause < most ? pause : most;
}
