/* Rules that several operations and types share. */
#include "rules.h"
#include "attr.h"
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"

enum rsc verdict_step(enum verdict verdict)
{
    static const enum rsc steps[] = {[ALLOWED] = RSC_OK, [NOT_KNOWN_YET] = PLAN_WAIT, [DENIED] = RSC_ORIGINATOR_HAS_NO_PRIVILEGE};

    return steps[verdict];
}

enum rsc require_access(struct snapshot *snap, struct plan *plan, const struct resource *r, enum access_op op, int child_ty)
{
    char why[WHY_SIZE] = "";
    enum rsc rsc = verdict_step(access_check(snap, &plan->who, r, op, child_ty, why, sizeof why));

    if (rsc == RSC_OK || rsc == PLAN_WAIT)
        return rsc;
    rsc = ask_consultations(snap, plan, r, op, child_ty);
    if (rsc == RSC_OK || rsc == PLAN_WAIT)
        return rsc;
    rsc = ask_authorities(snap, plan, r, op, child_ty);
    if (rsc == RSC_OK || rsc == PLAN_WAIT)
        return rsc;
    return plan_refuse(plan, RSC_ORIGINATOR_HAS_NO_PRIVILEGE, "%s%s", why, str_text(&plan->tokens_why));
}

json_t *content_parse(const struct request *req, const struct rtype *type, char *why, size_t why_size)
{
    json_auto_t *root = NULL;
    json_t *attrs;

    if (req->pc.n == 0) {
        snprintf(why, why_size, "pc: mandatory, missing");
        return NULL;
    }
    root = json_parse(req->pc.p, req->pc.n, why, why_size);
    if (!root)
        return NULL;
    attrs = json_object_get(root, type->key);
    if (json_object_size(root) != 1 || !json_is_object(attrs)) {
        snprintf(why, why_size, "pc: not an object with one member %s, itself an object", type->key);
        return NULL;
    }
    return json_incref(attrs);
}

enum rsc check_supported(struct plan *plan, const struct rtype *type, const json_t *attrs)
{
    const char *const *own = plan_type_of(type->ty)->unsupported;
    const json_t *value;

    for (; own && *own; own++) {
        value = json_object_get(attrs, *own);
        if (value && !json_is_null(value))
            return plan_refuse(plan, RSC_NOT_IMPLEMENTED, "%s is not supported", *own);
    }
    return RSC_OK;
}

static enum rsc check_policy(struct snapshot *snap, struct plan *plan, const char *name, const char *entry)
{
    const struct resource *acp = NULL;
    struct address address;
    char why[WHY_SIZE] = "";
    enum rsc rsc = RSC_OK;

    if (address_parse(&address, entry, why, sizeof why) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s: %s: %s", name, entry, why);
    if (address.hosted)
        rsc = address.virt == VIRTUAL_NONE ? look_up(snap, address.local, &acp) : RSC_NOT_FOUND;
    address_done(&address);
    if (rsc == RSC_NOT_FOUND || (acp && acp->type->access != ACCESS_SELF))
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s: %s is not an accessControlPolicy", name, entry);
    return rsc;
}

enum rsc check_policies(struct snapshot *snap, struct plan *plan, const char *name, const json_t *list)
{
    enum rsc rsc, wait = RSC_OK;

    if (!json_is_array(list))
        return RSC_OK;
    if (json_array_size(list) == 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "%s: an empty list", name);
    for (size_t i = 0; i < json_array_size(list); i++) {
        rsc = check_policy(snap, plan, name, json_string_value(json_array_get(list, i)));
        if (rsc == PLAN_WAIT)
            wait = rsc; /* the others can be loaded together with it */
        else if (rsc != RSC_OK)
            return rsc;
    }
    return wait;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

enum rsc give_expiry(struct snapshot *snap, struct plan *plan, const struct resource *parent, const char *wanted, int64_t *ms)
{
    int64_t now = snap->now, longest = cse_expiration_max_ms(), et, limit;
    const char *limit_text = parent ? json_str(parent->a, "et") : NULL;

    if (!wanted)
        et = now + cse_expiration_default_ms();
    else if (clock_parse(wanted, &et) < 0)
        return plan_refuse(plan, RSC_BAD_REQUEST, "et: not a timestamp");
    else if (et <= now)
        return plan_refuse(plan, RSC_BAD_REQUEST, "et: %s is in the past", wanted);
    if (longest > 0)
        et = least(et, now + longest);
    if (limit_text && clock_parse(limit_text, &limit) == 0)
        et = least(et, limit);
    *ms = et;
    return RSC_OK;
}

json_t *json_time(int64_t ms)
{
    char text[CLOCK_TEXT_SIZE];

    clock_format(ms, text);
    return json_string(text);
}

char *asked_why(const struct asked *asked)
{
    json_auto_t *content = asked->content.len > 0 ? json_loadb(asked->content.data, asked->content.len, 0, NULL) : NULL;
    const char *why = json_str(content, "m2m:dbg");

    return xstrdup(why ? why : "");
}

enum rsc ask_semantics(const struct request *req, struct snapshot *snap, struct plan *plan, const char *verb, const char *about,
                       const json_t *body, const struct asked **answer)
{
    auto_free char *to = xasprintf(ASK_SEMANTICS "%s", verb);
    auto_free char *key = xasprintf("%s %s", verb, about);
    auto_free char *why = NULL;
    auto_str struct str text = STR_EMPTY;
    struct request question;

    json_write(&text, body);
    request_init(&question);
    question.op = OP_NOTIFY;
    question.to = to;
    question.fr = cse_id();
    question.pc = (struct slice){text.data, text.len};
    *answer = snapshot_ask(snap, req, key, &question, 0);
    if (!*answer)
        return PLAN_WAIT;
    if (rsc_is_success((*answer)->rsc))
        return RSC_OK;
    why = asked_why(*answer);
    return plan_refuse(plan, (enum rsc)(*answer)->rsc, "%s: %.300s", about, why);
}
