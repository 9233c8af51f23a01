/*
 * <group>, TS-0004 7.4.13, TS-0001 9.6.13: its members must be there, readable for who names them, and of the type that the group
 * says. Each is asked for it (ask.h); who does not answer is taken as he is, and asked again with a later fan-out.
 */
#include "cse.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

enum { MIXED = 0, TY_GROUP = 9, TY_MGMT = 13, TY_DESCRIPTOR = 24, TY_FLEX = 28 };
enum strategy { ABANDON_MEMBER = 1, ABANDON_GROUP = 2, SET_MIXED = 3 };

/* What a group demands of its members. */
struct demand {
    int mt;
    const json_t *spty; /* or NULL */
    enum strategy csy;
    const char *fr; /* who asks them */
    bool again;     /* the members are there already: what fails now is no reason to refuse */
};

/* What came of asking them. */
struct roll {
    json_t *kept; /* owned */
    json_t *seen; /* owned: what was kept, as keys */
    bool all;     /* everyone was validated */
    bool mixed;   /* they do not fit together, and may do so from now on */
};

static void roll_done(struct roll *roll)
{
    json_decref(roll->kept);
    json_decref(roll->seen);
}

static struct demand demand_of(const json_t *a, const char *fr)
{
    return (struct demand){
        .fr = fr,
        .mt = (int)json_int(a, "mt", MIXED),
        .spty = json_object_get(a, "spty"),
        .csy = (enum strategy)json_int(a, "csy", ABANDON_MEMBER),
    };
}

/* ---- one member ---- */

/* The attributes that tell whether it fits. Those of a sub-group speak for its members. */
static void write_question(struct str *out, const struct demand *demand, enum address_virtual virt)
{
    str_puts(out, "{\"m2m:atrl\":[\"ri\",\"ty\"");
    if (virt == VIRTUAL_FANOUT)
        str_puts(out, ",\"mt\",\"spty\"");
    else if (json_object_get(demand->spty, "cnd"))
        str_puts(out, ",\"cnd\"");
    else if (json_object_get(demand->spty, "mgd"))
        str_puts(out, ",\"mgd\"");
    str_puts(out, "]}");
}

/* A virtual member counts as its parent. Half of the time is for asking, the rest for what comes after it. */
static const struct asked *ask_member(const struct request *req, struct snapshot *snap, const struct demand *demand,
                                      const char *id)
{
    auto_str struct str content = STR_EMPTY;
    enum address_virtual virt;
    auto_free char *to = xstrndup(id, address_parent_length(id, &virt));
    auto_free char *key = xasprintf("member/%s", id);
    struct request question;

    write_question(&content, demand, virt);
    request_init(&question);
    question.op = OP_RETRIEVE;
    question.to = to;
    question.fr = demand->fr;
    question.rvi = req->rvi;
    question.pc = (struct slice){content.data, content.len};
    if (req->deadline > snap->now)
        question.deadline = snap->now + (req->deadline - snap->now) / 2;
    return snapshot_ask(snap, req, key, &question, 0);
}

static bool fits(const struct demand *demand, const json_t *a, enum address_virtual virt)
{
    int ty = (int)json_int(a, "ty", -1);
    const char *name;
    json_t *value;

    if (demand->mt == MIXED)
        return true;
    if (virt == VIRTUAL_FANOUT && demand->mt != TY_GROUP)
        return ty == TY_GROUP && json_int(a, "mt", MIXED) == demand->mt &&
               (!demand->spty || json_equal(json_object_get(a, "spty"), demand->spty));
    json_object_foreach((json_t *)demand->spty, name, value) if (!json_equal(json_object_get(a, name), value)) return false;
    return ty == demand->mt;
}

enum fit { FITS, MISFIT, UNHEARD };

/* The answer of a CSE that could be asked: RSC_OK, or why this cannot be a member. */
static enum rsc refuse_member(struct plan *plan, const char *id, const struct asked *answer, enum address_virtual virt)
{
    if (answer->rsc == RSC_ORIGINATOR_HAS_NO_PRIVILEGE || answer->rsc == RSC_OPERATION_NOT_ALLOWED)
        return plan_refuse(plan, RSC_RECEIVER_HAS_NO_PRIVILEGE, "mid: %s has no right to retrieve %s", plan->originator, id);
    if (answer->place == ASK_AWAY || answer->late || answer->rsc >= RSC_INTERNAL_SERVER_ERROR)
        return RSC_OK;
    if (answer->rsc == RSC_NOT_FOUND)
        return plan_refuse(plan, RSC_NOT_FOUND, "mid: %s does not exist", id);
    if (virt == VIRTUAL_FANOUT && answer->rsc == RSC_BAD_REQUEST)
        return plan_refuse(plan, RSC_NOT_FOUND, "mid: %s does not exist, its parent is no group", id);
    return RSC_OK;
}

/* *identity is what it has in common with other addresses of the same resource; the caller frees. */
static enum rsc judge(struct plan *plan, const struct demand *demand, const char *id, const struct asked *answer, enum fit *fit,
                      char **identity)
{
    enum address_virtual virt;
    size_t parent = address_parent_length(id, &virt);
    json_auto_t *root = answer->rsc == RSC_OK ? json_loadb(str_text(&answer->content), answer->content.len, 0, NULL) : NULL;
    const json_t *a = json_object_iter_value(json_object_iter(root));

    *fit = UNHEARD;
    if (answer->rsc != RSC_OK) {
        /* The attribute that says the specialization is not there: another type. */
        if (answer->rsc == RSC_BAD_REQUEST && demand->spty && virt != VIRTUAL_FANOUT)
            *fit = MISFIT;
        else if (!demand->again)
            return refuse_member(plan, id, answer, virt);
        return RSC_OK;
    }
    if (!json_str(a, "ri") || json_int(a, "ty", -1) < 0)
        return RSC_OK;
    *fit = fits(demand, a, virt) ? FITS : MISFIT;
    if (answer->place == ASK_HERE)
        *identity = xasprintf("%s%s", json_str(a, "ri"), id + parent);
    return RSC_OK;
}

/* ---- all of them ---- */

static enum rsc keep(struct plan *plan, const struct demand *demand, const json_t *member, const struct asked *answer,
                     struct roll *roll)
{
    const char *id = json_string_value(member);
    auto_free char *identity = NULL;
    enum fit fit = FITS;
    enum rsc rsc = answer ? judge(plan, demand, id, answer, &fit, &identity) : RSC_OK;

    if (rsc != RSC_OK)
        return rsc;
    roll->all &= fit != UNHEARD;
    if (fit == MISFIT && demand->csy == ABANDON_GROUP)
        return plan_refuse(plan, RSC_GROUP_MEMBER_TYPE_INCONSISTENT, "mid: %s is not of the group's memberType", id);
    if (fit == MISFIT && demand->csy == SET_MIXED)
        roll->mixed = true;
    if (fit == MISFIT && demand->csy == ABANDON_MEMBER)
        return RSC_OK;
    if (identity && json_object_get(roll->seen, identity))
        return RSC_OK; /* the same resource by another address */
    json_object_set_new(roll->seen, identity ? identity : id, json_true());
    json_array_append(roll->kept, (json_t *)member);
    return RSC_OK;
}

/* Asks all of `list` but those in `trusted` (an object, or NULL), and keeps who may be a member. */
static enum rsc call_roll(const struct request *req, struct snapshot *snap, struct plan *plan, const struct demand *demand,
                          const json_t *list, const json_t *trusted, struct roll *roll)
{
    size_t count = json_array_size(list);
    bool waiting = false;
    enum rsc rsc = RSC_OK;

    *roll = (struct roll){json_array(), json_object(), true, false};
    for (int pass = 0; pass < 2 && rsc == RSC_OK; pass++) {
        for (size_t i = 0; i < count && rsc == RSC_OK; i++) {
            const json_t *member = json_array_get(list, i);
            const char *id = json_string_value(member);
            const struct asked *answer = NULL;

            if (!json_object_get(trusted, id)) {
                answer = ask_member(req, snap, demand, id);
                waiting |= !answer;
            }
            if (pass == 1)
                rsc = keep(plan, demand, member, answer, roll);
        }
        if (waiting)
            rsc = PLAN_WAIT;
    }
    return rsc;
}

/* The list without repetitions, in *out (the caller's); each must be an address, and there may not be too many. */
static enum rsc read_members(struct plan *plan, const json_t *list, int64_t most, json_t **out)
{
    json_auto_t *seen = json_object();
    json_auto_t *unique = json_array();
    char why[WHY_SIZE] = "";

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = json_string_value(json_array_get(list, i));
        struct address address;

        if (json_object_get(seen, id))
            continue;
        if (address_parse(&address, id, why, sizeof why) < 0)
            return plan_refuse(plan, RSC_BAD_REQUEST, "mid: %.200s: %s", id, why);
        address_done(&address);
        json_object_set_new(seen, id, json_true());
        json_array_append(unique, json_array_get(list, i));
    }
    if ((int64_t)json_array_size(unique) > most)
        return plan_refuse(plan, RSC_MAX_NUMBER_OF_MEMBER_EXCEEDED, "mid: %zu members, but maxNrOfMembers is %lld",
                           json_array_size(unique), (long long)most);
    if (json_array_size(unique) > plan_group_members())
        return plan_refuse(plan, RSC_MAX_NUMBER_OF_MEMBER_EXCEEDED, "mid: %zu members, this CSE allows %zu",
                           json_array_size(unique), plan_group_members());
    *out = json_incref(unique);
    return RSC_OK;
}

/* A specialization belongs to flexContainers and management objects. */
static enum rsc check_specialization(struct plan *plan, const struct demand *demand)
{
    const json_t *cnd = json_object_get(demand->spty, "cnd"), *mgd = json_object_get(demand->spty, "mgd");

    if (demand->spty && !(demand->mt == TY_FLEX && cnd && !mgd) && !(demand->mt == TY_MGMT && mgd && !cnd))
        return plan_refuse(plan, RSC_BAD_REQUEST, "spty: a cnd with memberType 28, or a mgd with 13");
    return RSC_OK;
}

enum rsc grp_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    struct demand demand = demand_of(a, plan->originator);
    json_auto_t *members = NULL;
    struct roll roll;
    enum rsc rsc;

    if ((rsc = check_specialization(plan, &demand)) != RSC_OK)
        return rsc;
    if ((rsc = check_policies(snap, plan, "macp", json_object_get(a, "macp"))) != RSC_OK)
        return rsc;
    if ((rsc = read_members(plan, json_object_get(a, "mid"), json_int(a, "mnm", 0), &members)) != RSC_OK)
        return rsc;
    rsc = call_roll(req, snap, plan, &demand, members, NULL, &roll);
    if (rsc == RSC_OK) {
        json_object_set(a, "mid", roll.kept);
        json_object_set_new(a, "cnm", json_integer((json_int_t)json_array_size(roll.kept)));
        json_object_set_new(a, "mtv", json_boolean(roll.all));
        if (roll.mixed) {
            json_object_set_new(a, "mt", json_integer(MIXED));
            json_object_del(a, "spty");
        }
        if (json_int(a, "mt", MIXED) == TY_DESCRIPTOR) /* its semanticFanOutPoint has something to ask */
            json_object_set_new(a, "ssi", json_true());
    }
    roll_done(&roll);
    return rsc;
}

/* ---- changes ---- */

/* What the roll says, as far as it is not so already. */
static void note_roll(const struct roll *roll, const json_t *a, json_t *set, json_t *del)
{
    static const char *const names[] = {"spty", "ssi"}; /* of groups that are not mixed */

    json_object_del(set, "mid");
    if (!json_equal(json_object_get(a, "mid"), roll->kept)) {
        json_object_set(set, "mid", roll->kept);
        json_object_set_new(set, "cnm", json_integer((json_int_t)json_array_size(roll->kept)));
    }
    if (json_is_true(json_object_get(a, "mtv")) != roll->all)
        json_object_set_new(set, "mtv", json_boolean(roll->all));
    if (roll->mixed) {
        json_object_set_new(set, "mt", json_integer(MIXED));
        for (size_t i = 0; i < ARRAY_LEN(names); i++)
            if (json_object_get(a, names[i]))
                json_array_append_new(del, json_string(names[i]));
    }
}

/* Ends the plan: there is nothing to be changed, or not that. */
static enum rsc conclude(struct plan *plan, json_t *ops)
{
    json_decref(plan->ops);
    plan->ops = ops;
    plan->kind = ops ? PLAN_COMMIT : PLAN_ANSWER;
    plan->rsc = RSC_UPDATED;
    return RSC_UPDATED;
}

/* Members that were not reached before: an UPDATE of nothing, from the CSE itself (fanout.c), for who created the group. */
static enum rsc validate_again(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const struct resource *r = plan->target;
    struct demand demand = demand_of(r->a, r->by ? r->by : plan->originator);
    struct roll roll;
    enum rsc rsc;

    demand.again = true;
    rsc = call_roll(req, snap, plan, &demand, json_object_get(r->a, "mid"), NULL, &roll);
    if (rsc == RSC_OK)
        note_roll(&roll, r->a, set, del);
    roll_done(&roll);
    if (rsc == RSC_GROUP_MEMBER_TYPE_INCONSISTENT) /* as its consistencyStrategy says */
        return conclude(plan, json_pack("[{ss ss}]", "op", "delete", "ri", r->ri));
    if (rsc == RSC_OK && json_object_size(set) == 0)
        return conclude(plan, NULL);
    return rsc;
}

/* Those that are members and were validated, as an object. The caller owns it; NULL if there are none. */
static json_t *trusted_members(const struct resource *r)
{
    const json_t *list = json_object_get(r->a, "mid");
    json_t *trusted;

    if (!json_is_true(json_object_get(r->a, "mtv")))
        return NULL;
    trusted = json_object();
    for (size_t i = 0; i < json_array_size(list); i++)
        json_object_set_new(trusted, json_string_value(json_array_get(list, i)), json_true());
    return trusted;
}

static enum rsc change_members(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const struct resource *r = plan->target;
    struct demand demand = demand_of(r->a, plan->originator);
    json_auto_t *members = NULL;
    json_auto_t *trusted = trusted_members(r);
    struct roll roll;
    enum rsc rsc;

    rsc = read_members(plan, json_object_get(set, "mid"), json_int(set, "mnm", json_int(r->a, "mnm", 0)), &members);
    if (rsc != RSC_OK)
        return rsc;
    rsc = call_roll(req, snap, plan, &demand, members, trusted, &roll);
    if (rsc == RSC_OK)
        note_roll(&roll, r->a, set, del);
    roll_done(&roll);
    return rsc;
}

enum rsc grp_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const json_t *a = plan->target->a;
    enum rsc rsc;

    if (json_object_size(set) == 0 && json_array_size(del) == 0 && strcmp(plan->originator, cse_id()) == 0)
        return validate_again(req, snap, plan, set, del);
    if ((rsc = check_policies(snap, plan, "macp", json_object_get(set, "macp"))) != RSC_OK)
        return rsc;
    if (json_object_get(set, "mid"))
        return change_members(req, snap, plan, set, del);
    if (json_int(set, "mnm", INT64_MAX) < json_int(a, "cnm", 0))
        return plan_refuse(plan, RSC_MAX_NUMBER_OF_MEMBER_EXCEEDED, "mnm: there are %lld members",
                           (long long)json_int(a, "cnm", 0));
    return RSC_OK;
}
