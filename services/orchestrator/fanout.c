/*
 * <fanOutPoint>, TS-0004 7.4.14, TS-0001 10.2.7: the same operation on each member of a group, and what they answered in one
 * response. Each is asked by the same originator, whose rights at the members are theirs to judge.
 */
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "types/sub_targets.h"

enum {
    TY_AE = 2,
    TY_REMOTE_CSE = 16,
    TY_SUBSCRIPTION = 23,
    VALIDATE_EVERY_MS = 60000, /* members that were not reached are asked again no more often */
    RESULT_MARGIN_MS = 100,    /* before rset, for putting the answers together */
};

/* One fan-out. */
struct fanout {
    const struct request *req;
    struct snapshot *snap;
    struct plan *plan;
    const struct resource *group;
    json_t *members; /* addressed by this request */
    char *below;     /* what follows each member's address: "/a/b", "/a#lbl", "" */
    char *gid;       /* or NULL */
    struct str content;
    struct slice pc; /* in `content`, or the request's own */
    int64_t deadline;
};

/* ---- group request identifier ---- */

static int64_t end_of(const struct request *req, const struct snapshot *snap)
{
    return req->deadline > 0 ? req->deadline : snap->now + cse_request_lifetime_ms();
}

/* Only one request of a fan-out reaches each target; at a group, whatever follows its fanOutPoint. */
static enum rsc claim_target(const struct request *req, struct snapshot *snap, struct plan *plan, const char *gid)
{
    auto_free char *what =
        xasprintf("%s %s %s/%s", gid, plan->originator, plan->target->ri, address_virtual_name(plan->address.virt));

    if (!snap->claim || snap->claim(what, req->id ? req->id : "", snap->now, end_of(req, snap)))
        return RSC_OK;
    return plan_refuse(plan, RSC_GROUP_REQUEST_IDENTIFIER_EXISTS, "gid: %s has had this group request before", plan->target->ri);
}

enum rsc check_group(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    if (req->grtm.p && plan->address.virt != VIRTUAL_FANOUT)
        return plan_refuse(plan, RSC_BAD_REQUEST, "grtm: only for the fanOutPoint of a group");
    if (req->gstn != ABSENT && plan->address.virt != VIRTUAL_FANOUT)
        return plan_refuse(plan, RSC_BAD_REQUEST, "gstn: only for the fanOutPoint of a group");
    if (req->gstn != ABSENT && req->gstn < 1)
        return plan_refuse(plan, RSC_BAD_REQUEST, "gstn: not a positive number");
    return req->gid ? claim_target(req, snap, plan, req->gid) : RSC_OK;
}

static bool is_fanout(const char *to)
{
    enum address_virtual virt;

    address_parent_length(to, &virt);
    return virt == VIRTUAL_FANOUT;
}

static bool any_fanout(const struct fanout *f)
{
    if (f->plan->address.rest && (strstr(f->plan->address.rest, "/fopt") || strncmp(f->plan->address.rest, "fopt", 4) == 0))
        return true;
    for (size_t i = 0; i < json_array_size(f->members); i++)
        if (is_fanout(json_string_value(json_array_get(f->members, i))))
            return true;
    return false;
}

/* A request that goes on to further groups carries an identifier, the same one when it is carried out again. */
static enum rsc choose_gid(struct fanout *f)
{
    if (f->req->gid) {
        f->gid = xstrdup(f->req->gid); /* claimed in check_group() */
        return RSC_OK;
    }
    if (!any_fanout(f))
        return RSC_OK;
    f->gid = xasprintf("%s/%s", cse_id(), f->req->id ? f->req->id : f->req->rqi);
    return claim_target(f->req, f->snap, f->plan, f->gid);
}

/* ---- whether, and to whom ---- */

static enum rsc check_access(struct fanout *f)
{
    static const enum access_op ops[] = {
        [OP_CREATE] = ACCESS_CREATE, [OP_RETRIEVE] = ACCESS_RETRIEVE, [OP_UPDATE] = ACCESS_UPDATE,
        [OP_DELETE] = ACCESS_DELETE, [OP_NOTIFY] = ACCESS_NOTIFY,
    };
    const struct request *req = f->req;
    enum access_op op = f->plan->discover ? ACCESS_DISCOVER : ops[req->op];
    char why[WHY_SIZE] = "";
    enum rsc rsc = verdict_step(
        access_check_members(f->snap, &f->plan->who, f->group, op, req->op == OP_CREATE ? req->ty : 0, why, sizeof why));

    return rsc == RSC_ORIGINATOR_HAS_NO_PRIVILEGE ? plan_refuse(f->plan, rsc, "%s", why) : rsc;
}

/* The same for all ways to write an address. The caller frees; NULL if it is none. */
static char *canonical(const char *to)
{
    struct address address;
    char why[64], *text;

    if (address_parse(&address, to, why, sizeof why) < 0)
        return NULL;
    text = xasprintf("%s %s/%s/%s", address.cse ? address.cse : "", address.local, address_virtual_name(address.virt),
                     address.rest ? address.rest : "");
    address_done(&address);
    return text;
}

/* groupRequestTargetMembers: only these members, TS-0004 7.4.14.1. `wanted` is emptied of what is found. */
static enum rsc select_members(struct fanout *f, json_t *wanted)
{
    const json_t *all = json_object_get(f->group->a, "mid");
    const char *missing;

    for (size_t i = 0; i < json_array_size(all); i++) {
        auto_free char *key = canonical(json_string_value(json_array_get(all, i)));

        if (key && json_object_del(wanted, key) == 0)
            json_array_append(f->members, json_array_get(all, i));
    }
    missing = json_string_value(json_object_iter_value(json_object_iter(wanted)));
    if (missing)
        return plan_refuse(f->plan, RSC_BAD_REQUEST, "grtm: %.200s is no member of %s", missing, f->group->ri);
    return RSC_OK;
}

static enum rsc choose_members(struct fanout *f)
{
    const struct request *req = f->req;
    json_t *all = json_object_get(f->group->a, "mid");
    json_auto_t *wanted = NULL, *list = NULL;
    char why[WHY_SIZE] = "";

    if (json_array_size(all) == 0)
        return plan_refuse(f->plan, RSC_NO_MEMBERS, "%s has no members", f->group->ri);
    if (!req->grtm.p) {
        f->members = json_incref(all);
        return RSC_OK;
    }
    if (req->op == OP_NOTIFY)
        return plan_refuse(f->plan, RSC_BAD_REQUEST, "grtm: not permitted in NOTIFY");
    list = json_parse(req->grtm.p, req->grtm.n, why, sizeof why);
    if (json_array_size(list) == 0)
        return plan_refuse(f->plan, RSC_BAD_REQUEST, "grtm: %s", list ? "an empty list" : why);
    wanted = json_object();
    f->members = json_array();
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *to = json_string_value(json_array_get(list, i));
        auto_free char *key = to ? canonical(to) : NULL;

        if (!key)
            return plan_refuse(f->plan, RSC_BAD_REQUEST, "grtm: not a list of addresses");
        json_object_set(wanted, key, json_array_get(list, i));
    }
    return select_members(f, wanted);
}

/* What can be told without asking the members. */
static enum rsc check_child(struct fanout *f)
{
    const struct request *req = f->req;
    const struct rtype *parent = rtype_by_ty((int)json_int(f->group->a, "mt", 0));

    if (req->op != OP_CREATE)
        return RSC_OK;
    if (req->ty == TY_AE || req->ty == TY_REMOTE_CSE)
        return plan_refuse(f->plan, RSC_BAD_REQUEST, "to: a registration is for one CSE, not for the members of a group");
    if (!parent || f->plan->address.rest || rtype_child_allowed(parent, req->ty))
        return RSC_OK;
    return plan_refuse(f->plan, RSC_INVALID_CHILD_RESOURCE_TYPE, "no resource of type %d below the members, which are %ss",
                       req->ty, parent->name);
}

/* ---- subscriptions through the group, TS-0001 10.2.7.11 ---- */

/* The one who is to be notified in the end is asked first, as the target of any subscription. */
static enum rsc verify_forwarding(struct fanout *f, const json_t *nfu)
{
    json_auto_t *targets = json_pack("[O]", nfu);
    auto_str struct str content = STR_EMPTY;
    enum rsc rsc = sub_check_targets(f->snap, f->plan, f->group->ri, targets, NULL);

    if (rsc != RSC_OK || !f->plan->sgn)
        return rsc;
    str_puts(&content, "{\"m2m:sgn\":");
    json_write(&content, f->plan->sgn);
    str_putc(&content, '}');
    for (size_t i = 0; i < json_array_size(f->plan->verify); i++) {
        const json_t *target = json_array_get(f->plan->verify, i);
        const char *to = json_str(target, "ri") ? json_str(target, "ri") : json_str(target, "url");
        const struct asked *answer;
        struct request question;

        request_init(&question);
        question.op = OP_NOTIFY;
        question.to = to;
        question.fr = cse_id();
        question.pc = (struct slice){content.data, content.len};
        answer = snapshot_ask(f->snap, f->req, "verify", &question, 0);
        if (!answer)
            return PLAN_WAIT;
        if (!rsc_is_success(answer->rsc))
            return plan_refuse(f->plan, RSC_SUBSCRIPTION_VERIFICATION_INITIATION_FAILED, "nfu: %.200s does not consent (%d)", to,
                               answer->rsc);
    }
    return RSC_OK;
}

/*
 * Subscriptions say which group they were made through. With an nfu the members notify the group, which collects their
 * notifications and passes them on to there (grp_notify()).
 */
static enum rsc write_subscription(struct fanout *f)
{
    json_auto_t *root = f->req->pc.n > 0 ? json_loadb(f->req->pc.p, f->req->pc.n, 0, NULL) : NULL;
    json_t *a = json_object_get(root, "m2m:sub");
    json_t *nfu = json_object_get(a, "nfu");
    auto_free char *group = xasprintf("%s/%s", cse_id(), f->group->ri);
    enum rsc rsc = RSC_OK;

    if (f->req->op != OP_CREATE || f->req->ty != TY_SUBSCRIPTION || !json_is_object(a))
        return RSC_OK; /* what is wrong with it the members will say */
    if (!json_object_get(a, "gpi"))
        json_object_set_new(a, "gpi", json_string(group));
    if (json_is_string(nfu)) {
        rsc = verify_forwarding(f, nfu);
        json_object_set_new(a, "nu", json_pack("[s]", group));
    }
    json_write(&f->content, root);
    f->pc = (struct slice){f->content.data, f->content.len};
    return rsc;
}

/* ---- asking ---- */

/* Names a question in the ids that are made of it: short, whatever the member is called. FNV-1a. */
static void member_key(const char *member, char out[24])
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *member; member++)
        hash = (hash ^ (unsigned char)*member) * UINT64_C(0x100000001b3);
    snprintf(out, 24, "m%016llx", (unsigned long long)hash);
}

static const struct asked *ask_member(const struct fanout *f, const char *member)
{
    auto_free char *to = xasprintf("%s%s", member, f->below);
    struct request question = *f->req;
    char key[24];

    question.to = to;
    question.fr = f->plan->originator;
    question.rqi = NULL;
    question.gid = f->gid;
    question.gstn = ABSENT;
    question.pc = f->pc;
    question.grtm = question.rt = (struct slice){NULL, 0};
    question.rqet = question.rset = question.oet = question.rp = NULL;
    question.deadline = f->deadline;
    member_key(member, key);
    return snapshot_ask(f->snap, f->req, key, &question, 0);
}

/* Who could not be reached is told, but is no answer. */
static bool is_heard(const struct asked *answer)
{
    return !answer->late && answer->rsc != RSC_TARGET_NOT_REACHABLE;
}

/*
 * groupSomecastTargetNumber: so many members and no more, beginning with one that the request's id names, that all of them get
 * their share. Another one takes the place of who cannot be reached.
 */
static enum rsc ask_some(struct fanout *f)
{
    size_t count = json_array_size(f->members), wanted = (size_t)f->req->gstn;
    json_t *chosen = json_array();
    enum rsc rsc = RSC_OK;
    char key[24];
    size_t first;

    member_key(f->req->id ? f->req->id : f->req->rqi, key);
    first = count > 0 ? strtoull(key + 1, NULL, 16) % count : 0;
    for (size_t i = 0; i < count && wanted > 0; i++) {
        json_t *member = json_array_get(f->members, (first + i) % count);
        const struct asked *answer = ask_member(f, json_string_value(member));

        json_array_append(chosen, member);
        if (!answer)
            rsc = PLAN_WAIT;
        wanted -= !answer || is_heard(answer);
    }
    json_decref(f->members);
    f->members = chosen;
    return rsc;
}

static enum rsc ask_members(struct fanout *f)
{
    enum rsc rsc = RSC_OK;

    if (f->req->gstn != ABSENT)
        return ask_some(f);

    for (size_t i = 0; i < json_array_size(f->members); i++)
        if (!ask_member(f, json_string_value(json_array_get(f->members, i))))
            rsc = PLAN_WAIT;
    return rsc;
}

/*
 * Members whose type could not be looked at: another try, for which nobody waits (see grp_update()). The first time that all
 * answer at once, else every now and then.
 */
static void validate_again(const struct fanout *f, bool all)
{
    static const char nothing[] = "{\"m2m:grp\":{}}";
    auto_free char *what = xasprintf("validate %s %s", all ? "all" : "some", f->group->ri);
    struct request question;

    if (!json_is_false(json_object_get(f->group->a, "mtv")))
        return;
    if (!f->snap->claim || !f->req->id || !f->snap->claim(what, f->req->id, f->snap->now, f->snap->now + VALIDATE_EVERY_MS))
        return;
    request_init(&question);
    question.op = OP_UPDATE;
    question.to = f->group->ri;
    question.fr = cse_id();
    question.pc = (struct slice){nothing, sizeof nothing - 1};
    snapshot_ask(f->snap, f->req, "validate", &question, ASK_AFTER);
}

/* ---- the answer ---- */

/* One m2m:rsp, TS-0004 6.3.5.33 and 6.4.2. */
static void write_response(const struct fanout *f, const char *member, const struct asked *answer)
{
    struct str *out = &f->plan->content;

    str_addf(out, "{\"rsc\":%d,\"rqi\":", answer->rsc);
    str_json(out, answer->rqi);
    head_str(out, "to", f->plan->originator);
    head_str(out, "fr", member);
    head_str(out, "rvi", cse_release_answered(f->req->rvi));
    if (answer->cnst != ABSENT)
        head_int(out, "cnst", answer->cnst);
    if (answer->cnot != ABSENT)
        head_int(out, "cnot", answer->cnot);
    if (answer->content.len > 0)
        head_raw(out, "pc", answer->content.data, answer->content.len);
    str_putc(out, '}');
    f->plan->partial |= answer->cut;
}

/* Who has not answered in time is left out. */
static enum rsc answer_all(struct fanout *f)
{
    struct plan *plan = f->plan;
    size_t heard = 0, count = json_array_size(f->members);
    char separator = '[';

    str_puts(&plan->content, "{\"m2m:agr\":{\"m2m:rsp\":");
    for (size_t i = 0; i < count; i++) {
        const char *member = json_string_value(json_array_get(f->members, i));
        const struct asked *answer = ask_member(f, member);

        heard += is_heard(answer);
        if (answer->late)
            continue;
        str_putc(&plan->content, separator);
        write_response(f, member, answer);
        separator = ',';
    }
    str_puts(&plan->content, "]}}");
    validate_again(f, heard == count);
    if (heard == 0) {
        str_reset(&plan->content);
        return plan_refuse(plan, RSC_GROUP_MEMBERS_NOT_RESPONDED, "none of the members of %s answered", f->group->ri);
    }
    plan->kind = PLAN_ANSWER;
    plan->rsc = RSC_OK;
    return RSC_OK;
}

/* ---- the whole ---- */

static int64_t deadline_of(const struct request *req, int64_t now)
{
    int64_t ms;

    return req->rset && clock_parse_absrel(req->rset, now, &ms) == 0 ? ms - RESULT_MARGIN_MS : 0;
}

static enum rsc fan_out(struct fanout *f)
{
    static enum rsc (*const steps[])(struct fanout * f) = {
        check_access, choose_members, check_child, choose_gid, write_subscription, ask_members, answer_all,
    };
    enum rsc rsc = RSC_OK;

    for (size_t i = 0; i < ARRAY_LEN(steps) && rsc == RSC_OK; i++)
        rsc = steps[i](f);
    return rsc;
}

enum rsc plan_fanout(const struct request *req, struct snapshot *snap, struct plan *plan)
{
    const char *hash = strchr(req->to, '#');
    const char *rest = plan->address.rest;
    struct fanout f = {
        .req = req,
        .snap = snap,
        .plan = plan,
        .group = plan->target,
        .below = xasprintf("%s%s%s", rest ? "/" : "", rest ? rest : "", hash ? hash : ""),
        .pc = req->pc,
        .deadline = deadline_of(req, snap->now),
    };
    enum rsc rsc = fan_out(&f);

    json_decref(f.members);
    free(f.below);
    free(f.gid);
    str_done(&f.content);
    return rsc;
}
