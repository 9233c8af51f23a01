/*
 * <contentInstance>, TS-0004 7.4.7, and <timeSeriesInstance>, 7.4.39. Their CREATE is the hot path: the content is taken apart
 * as text, its value is never parsed, and numbers stay as they were written.
 */
#include "announce.h"
#include "attr.h"
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

enum { MEMBERS_MAX = 32 /* more than there are attributes */ };

/* One attribute of the request. */
struct given {
    const struct attr *attr;
    struct slice value;
};

static enum rsc refuse_member(struct plan *plan, struct slice name, const char *what)
{
    plan_refuse(plan, RSC_BAD_REQUEST, "%.*s: %s", (int)(name.n < 64 ? name.n : 64), name.p, what);
    return RSC_BAD_REQUEST;
}

static const struct attr *find_attr(const struct rtype *type, struct slice name)
{
    for (const struct attr *attr = type->attrs; attr->name; attr++)
        if (slice_is(name, attr->name))
            return attr;
    return NULL;
}

/* Any value is content; the others must be what their row says. */
static enum rsc check_value(struct plan *plan, const struct given *given)
{
    char why[WHY_SIZE] = "";
    json_auto_t *value = NULL;

    if (given->attr->kind == ANY && !given->attr->check) {
        if (slice_is(given->value, "null"))
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: null is not permitted", given->attr->name);
        return RSC_OK;
    }
    /* Of a text that was checked: its depth is bounded. */
    value = json_loadb(given->value.p, given->value.n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    if (!value)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s: a member twice, or a number beyond all bounds", given->attr->name);
    if (attr_value_ok(given->attr, value, why, sizeof why))
        return RSC_OK;
    return plan_refuse(plan, RSC_BAD_REQUEST, "%s", why);
}

/* One more of the `count` attributes read so far. */
static enum rsc read_member(struct plan *plan, const struct json_member *member, struct given *given, int count)
{
    const struct attr *attr = find_attr(plan->type, member->name);
    char unknown[80];

    if (!attr) {
        snprintf(unknown, sizeof unknown, "unknown attribute of %s", plan->type->name);
        return refuse_member(plan, member->name, unknown);
    }
    if (attr->create == NP)
        return refuse_member(plan, member->name, "not permitted in CREATE");
    for (int i = 0; i < count; i++)
        if (given[i].attr == attr)
            return refuse_member(plan, member->name, "given twice");
    given[count] = (struct given){attr, member->value};
    return check_value(plan, &given[count]);
}

/* The content's attributes, each checked. Returns RSC_OK with their count. */
static enum rsc read_members(const struct request *req, struct plan *plan, struct given *given, int *count)
{
    struct json_member root[2], members[MEMBERS_MAX];
    char why[WHY_SIZE] = "";
    enum rsc rsc = RSC_OK;

    if (req->pc.n == 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: mandatory, missing");
    if (json_check(req->pc.p, req->pc.n, why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s", why);
    if (json_members(req->pc.p, req->pc.n, root, 2) != 1 || !slice_is(root[0].name, plan->type->key) || root[0].value.p[0] != '{')
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: not an object with one member %s, itself an object", plan->type->key);
    *count = json_members(root[0].value.p, root[0].value.n, members, MEMBERS_MAX);
    if (*count < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "pc: more attributes than a %s has", plan->type->name);
    for (int i = 0; i < *count && rsc == RSC_OK; i++)
        rsc = read_member(plan, &members[i], given, i);
    return rsc;
}

static const struct given *find_given(const struct given *given, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(given[i].attr->name, name) == 0)
            return &given[i];
    return NULL;
}

static enum rsc check_set(struct plan *plan, const struct given *given, int count)
{
    for (const struct attr *attr = plan->type->attrs; attr->name; attr++)
        if (attr->create == M && !find_given(given, count, attr->name))
            return plan_refuse(plan, RSC_BAD_REQUEST, "%s: mandatory, missing", attr->name);
    for (const char *const *name = plan_type_of(plan->type->ty)->unsupported; name && *name; name++)
        if (find_given(given, count, *name))
            return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "%s is not supported", *name);
    return RSC_OK;
}

/* contentSize: the bytes of a text, or of anything else as JSON. TS-0001 9.6.7. */
static size_t content_size(struct slice con)
{
    auto_str struct str text = STR_EMPTY;

    if (con.p[0] != '"')
        return con.n;
    if (!memchr(con.p, '\\', con.n))
        return con.n - 2;
    json_unquote(con, &text);
    return text.len;
}

/* The container's limits, and whether there is room at all: TS-0004 7.4.7.2.1. */
static enum rsc check_limits(struct plan *plan)
{
    static const char *const names[] = {"mni", "mbs"};
    const json_t *a = plan->target->a;
    int64_t mbs = json_int(a, "mbs", -1);

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        json_t *limit = json_object_get(a, names[i]);

        if (!json_is_integer(limit))
            continue;
        if (json_integer_value(limit) == 0)
            return plan_refuse(plan, RSC_NOT_ACCEPTABLE, "%s of %s is 0: it keeps no instance", names[i], plan->target->ri);
        if (!plan->limits)
            plan->limits = json_object();
        json_object_set(plan->limits, names[i], limit);
    }
    if (mbs >= 0 && plan->size > (size_t)mbs)
        return plan_refuse(plan, RSC_NOT_ACCEPTABLE, "con: %zu bytes, but the mbs of %s is %lld", plan->size, plan->target->ri,
                           (long long)mbs);
    return RSC_OK;
}

/* The instance's own expiry, or 0 when it goes with its container. maxInstanceAge bounds it. */
static enum rsc choose_expiry(struct snapshot *snap, struct plan *plan, const struct given *et)
{
    int64_t mia = json_int(plan->target->a, "mia", -1), oldest;
    auto_str struct str text = STR_EMPTY;
    enum rsc rsc;

    if (et) {
        json_unquote(et->value, &text);
        rsc = give_expiry(snap, plan, plan->target, str_text(&text), &plan->et);
        if (rsc != RSC_OK)
            return rsc;
    }
    if (mia < 0 || __builtin_mul_overflow(mia, 1000, &oldest) || __builtin_add_overflow(oldest, snap->now, &oldest))
        return RSC_OK;
    if (plan->et == 0) {
        rsc = give_expiry(snap, plan, plan->target, NULL, &plan->et);
        if (rsc != RSC_OK)
            return rsc;
    }
    if (oldest < plan->et)
        plan->et = oldest;
    return RSC_OK;
}

/* dataGenerationTime, where it is mandatory: one instance for each. A relative one counts from now. */
static enum rsc read_generation(struct snapshot *snap, struct plan *plan, const struct given *dgt)
{
    auto_str struct str text = STR_EMPTY;

    if (!dgt || dgt->attr->create != M)
        return RSC_OK;
    json_unquote(dgt->value, &text);
    if (clock_parse_us(str_text(&text), snap->now, &plan->dgt) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "dgt: not a time");
    plan->unique = true;
    return RSC_OK;
}

/* As it was given, or the time that a relative one means. */
static void write_generation(struct plan *plan, struct slice value)
{
    char text[CLOCK_TEXT_SIZE];

    if (!plan->unique || memchr(value.p, 'T', value.n)) {
        str_add(&plan->given, value.p, value.n);
    } else {
        clock_format(plan->dgt / 1000, text);
        str_json(&plan->given, text);
    }
}

/* What storage gets as given: all but the name and the expiry, which go beside it. */
static void write_given(struct plan *plan, const struct given *given, int count, const json_t *at)
{
    char separator = '{';

    for (int i = 0; i < count; i++) {
        const char *name = given[i].attr->name;

        if (strcmp(name, "rn") == 0 || strcmp(name, "et") == 0 || (strcmp(name, "at") == 0 && !at))
            continue;
        str_putc(&plan->given, separator);
        str_json(&plan->given, name);
        str_putc(&plan->given, ':');
        if (strcmp(name, "cr") == 0)
            str_json(&plan->given, plan->originator);
        else if (strcmp(name, "at") == 0)
            json_write(&plan->given, at);
        else if (strcmp(name, "dgt") == 0)
            write_generation(plan, given[i].value);
        else
            str_add(&plan->given, given[i].value.p, given[i].value.n);
        separator = ',';
    }
    str_putc(&plan->given, '}');
}

/* Copies are made before the instance is: it needs a name that they can refer to. `at` is where they are, or NULL. */
static enum rsc announce(const struct request *req, struct snapshot *snap, struct plan *plan, json_t **at)
{
    json_auto_t *pc = json_loadb(req->pc.p, req->pc.n, 0, NULL);
    json_t *a = json_object_get(pc, plan->type->key);
    auto_free char *lnk = NULL;
    enum rsc rsc;

    *at = NULL;
    if (!plan->rn) {
        give_id(req, snap, plan->type->sn);
        plan->rn = xstrdup(snap->new_id);
    }
    lnk = xasprintf("%s/%s/%s", cse_id(), plan->target->path, plan->rn);
    rsc = announce_new(req, snap, plan, plan->target, a, lnk);
    if (rsc == RSC_OK)
        *at = json_incref(json_object_get(a, "at"));
    return rsc;
}

enum rsc plan_append(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    struct given given[MEMBERS_MAX];
    const struct given *rn;
    auto_str struct str name = STR_EMPTY;
    json_auto_t *at = NULL;
    int count = 0;
    enum rsc rsc;

    if ((rsc = read_members(req, plan, given, &count)) != RSC_OK)
        return rsc;
    if ((rsc = check_set(plan, given, count)) != RSC_OK)
        return rsc;
    plan->size = content_size(find_given(given, count, "con")->value);
    if ((rsc = check_limits(plan)) != RSC_OK)
        return rsc;
    if ((rsc = choose_expiry(snap, plan, find_given(given, count, "et"))) != RSC_OK)
        return rsc;
    if ((rsc = read_generation(snap, plan, find_given(given, count, "dgt"))) != RSC_OK)
        return rsc;
    rn = find_given(given, count, "rn");
    if (rn && json_unquote(rn->value, &name))
        plan->rn = str_take(&name);
    if (find_given(given, count, "at") || find_given(given, count, "aa"))
        if ((rsc = announce(req, snap, plan, &at)) != RSC_OK)
            return rsc;
    write_given(plan, given, count, at);
    if ((rsc = lcp_position(snap, plan, find_given(given, count, "con")->value)) != RSC_OK)
        return rsc;
    plan->kind = PLAN_APPEND;
    plan->rsc = RSC_CREATED;
    return RSC_OK;
}

/* An instance of a container whose retrieval is disabled can be neither seen nor deleted, TS-0001 9.6.6. */
enum rsc cin_visible(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const struct resource *parent;
    enum rsc rsc = look_up(snap, plan->target->pi, &parent);

    (void)req;
    if (rsc == PLAN_WAIT)
        return rsc;
    if (rsc == RSC_OK && json_is_true(json_object_get(parent->a, "disr")))
        return plan_refuse(plan, RSC_OPERATION_NOT_ALLOWED, "the instances of %s are hidden: its disr is true", parent->ri);
    return RSC_OK;
}
