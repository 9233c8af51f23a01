/*
 * <mgmtCmd> and <execInstance>, TS-0001 9.6.16, 9.6.17 and 10.2.8, TS-0004 7.4.16 and 7.4.17. execEnable set true makes one
 * <execInstance> for each node that is meant, and has the AEs on it do the command: the first that can be reached gets it in a
 * NOTIFY, and its answer is the result. When and how often (execMode, execDelay, ...) is up to the AE, which is told.
 */
#include "cse.h"
#include "id.h"
#include "json.h"
#include "mem.h"
#include "rules.h"
#include "special.h"

enum { TY_EXEC = 8, TY_GROUP = 9, TY_NODE = 14 };
enum { INITIATED = 1, PENDING, FINISHED, CANCELLING, CANCELLED, NOT_CANCELLABLE };
enum { SUCCESS = 0, DENIED_BY_DEVICE = 2, NOT_FINISHED = 31 };

/* The command, as it will be. */
struct command {
    const char *ri, *path;
    const json_t *a;
};

/* m2m:cmdType: its arguments in execReqArgs, and whether it can do without. */
static enum rsc check_arguments(struct plan *plan, const json_t *a)
{
    static const struct {
        const char *name;
        bool needed;
    } rows[] = {
        {"",     false}, /* none has the number 0 */
        {"rst",  false},
        {"rbo",  false},
        {"uld",  true },
        {"dld",  true },
        {"swin", true },
        {"swun", true },
        {"swup", true },
    };
    int64_t cmt = json_int(a, "cmt", 0);
    const json_t *args = json_object_get(a, "exra");
    const char *name;
    json_t *value;

    if (cmt < 1 || cmt >= (int64_t)ARRAY_LEN(rows))
        return plan_refuse(plan, RSC_INVALID_CMDTYPE, "cmt: %lld is no command", (long long)cmt);
    json_object_foreach((json_t *)args, name, value)
    {
        if (strcmp(name, rows[cmt].name) != 0)
            return plan_refuse(plan, RSC_INVALID_ARGUMENTS, "exra: %s is not for the command %lld, but %s", name, (long long)cmt,
                               rows[cmt].name);
    }
    if (rows[cmt].needed && json_array_size(json_object_get(args, rows[cmt].name)) == 0)
        return plan_refuse(plan, RSC_INSUFFICIENT_ARGUMENTS, "exra: the command %lld needs %s", (long long)cmt, rows[cmt].name);
    return RSC_OK;
}

/* ---- carrying out */

/* The same in every round of planning: the devices are asked once. */
static json_t *exec_instance(const struct plan *plan, const struct request *req, const struct command *c, const char *target,
                             int64_t now)
{
    static const char *const copied[] = {"exm", "exf", "exy", "exn", "exra"};
    auto_free char *seed = xasprintf("%s/%s/%s", req->id ? req->id : plan->originator, c->ri, target);
    char id[ID_SIZE];
    json_t *a;

    id_derived("exin", seed, id);
    a = json_pack("{ss si ss ss so sO* si si sb ss}", "rn", id, "ty", TY_EXEC, "ri", id, "pi", c->ri, "ct", json_time(now), "et",
                  json_object_get(c->a, "et"), "exs", PENDING, "exr", NOT_FINISHED, "exd", 0, "ext", target);
    for (size_t i = 0; i < ARRAY_LEN(copied); i++)
        if (json_object_get(c->a, copied[i]))
            json_object_set(a, copied[i], json_object_get(c->a, copied[i]));
    return a;
}

static const struct asked *tell(const struct request *req, struct snapshot *snap, const struct command *c, const char *device,
                                const json_t *exin)
{
    auto_free char *key = xasprintf("exec/%s/%s", json_str(exin, "ri"), device);
    auto_free char *sur = xasprintf("%s/%s", cse_id(), c->path);
    json_auto_t *command = json_pack("{ss sO sO}", "ri", c->ri, "cmt", json_object_get(c->a, "cmt"), "m2m:exin", exin);
    json_auto_t *pc = json_pack("{s{s{s{sO} si} ss}}", "m2m:sgn", "nev", "rep", "m2m:mgc", command, "net", 3, "sur", sur);
    auto_str struct str text = STR_EMPTY;
    struct request question;

    json_write(&text, pc);
    request_init(&question);
    question.op = OP_NOTIFY;
    question.to = device;
    question.fr = cse_id();
    question.pc = (struct slice){text.data, text.len};
    if (req->deadline > snap->now)
        question.deadline = snap->now + (req->deadline - snap->now) / 2;
    return snapshot_ask(snap, req, key, &question, 0);
}

/* What became of it. Nobody there: it stays pending. */
static enum rsc carry_out(const struct request *req, struct snapshot *snap, const struct command *c, const struct resource *node,
                          json_t *exin)
{
    const json_t *devices = node ? json_object_get(node->a, "hael") : NULL;

    for (size_t i = 0; i < json_array_size(devices); i++) {
        const struct asked *answer = tell(req, snap, c, json_string_value(json_array_get(devices, i)), exin);

        if (!answer)
            return PLAN_WAIT;
        if (answer->late || answer->rsc == RSC_TARGET_NOT_REACHABLE || answer->rsc == RSC_NOT_FOUND)
            continue;
        json_object_set_new(exin, "exs", json_integer(FINISHED));
        json_object_set_new(exin, "exr", json_integer(rsc_is_success(answer->rsc) ? SUCCESS : DENIED_BY_DEVICE));
        return RSC_OK;
    }
    return RSC_OK;
}

static enum rsc execute_on(const struct request *req, struct snapshot *snap, struct plan *plan, const struct command *c,
                           const char *target, const struct resource *node)
{
    json_auto_t *exin = exec_instance(plan, req, c, target, snap->now);
    auto_free char *path = xasprintf("%s/%s", c->path, json_str(exin, "rn"));
    enum rsc rsc = carry_out(req, snap, c, node, exin);

    if (rsc != RSC_OK && rsc != PLAN_WAIT)
        return rsc;
    if (!plan->ops)
        plan->ops = json_array();
    json_array_append_new(plan->ops, json_pack("{ss s{ss ss si ss ss sO}}", "op", "create", "r", "ri", json_str(exin, "ri"), "pi",
                                               c->ri, "ty", TY_EXEC, "path", path, "by", plan->originator, "a", exin));
    return rsc;
}

/* A node or a group here; anything else may be the id of a node that nobody has described: NULL. */
static enum rsc find_target_of(struct snapshot *snap, const char *ext, const struct resource **out)
{
    struct address address;
    char why[WHY_SIZE];
    enum rsc rsc = RSC_NOT_FOUND;

    *out = NULL;
    if (address_parse(&address, ext, why, sizeof why) < 0)
        return RSC_OK;
    if (address.hosted && address.virt == VIRTUAL_NONE)
        rsc = look_up(snap, address.local, out);
    address_done(&address);
    if (rsc == RSC_NOT_FOUND)
        *out = NULL;
    return rsc == PLAN_WAIT ? rsc : RSC_OK;
}

static enum rsc execute_one(const struct request *req, struct snapshot *snap, struct plan *plan, const struct command *c,
                            const char *target)
{
    const struct resource *r;
    enum rsc rsc = find_target_of(snap, target, &r);

    if (rsc != RSC_OK)
        return rsc;
    if (r && r->type->ty != TY_NODE)
        return plan_refuse(plan, RSC_BAD_REQUEST, "ext: %.200s is not a node", target);
    return execute_on(req, snap, plan, c, target, r);
}

static enum rsc execute(const struct request *req, struct snapshot *snap, struct plan *plan, const struct command *c)
{
    const char *ext = json_str(c->a, "ext");
    const struct resource *r = NULL;
    const json_t *members;
    enum rsc rsc = check_arguments(plan, c->a), wait = RSC_OK;

    if (rsc == RSC_OK)
        rsc = find_target_of(snap, ext, &r);
    if (rsc != RSC_OK)
        return rsc;
    if (!r || r->type->ty != TY_GROUP)
        return execute_one(req, snap, plan, c, ext);
    members = json_object_get(r->a, "mid");
    for (size_t i = 0; i < json_array_size(members); i++) {
        rsc = execute_one(req, snap, plan, c, json_string_value(json_array_get(members, i)));
        if (rsc == PLAN_WAIT)
            wait = rsc; /* all of them at the same time */
        else if (rsc != RSC_OK)
            return rsc;
    }
    return wait;
}

enum rsc mgc_create(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *a)
{
    auto_free char *path = xasprintf("%s/%s", plan->target->path, json_str(a, "rn"));
    const struct command c = {json_str(a, "ri"), path, a};

    return json_is_true(json_object_get(a, "exe")) ? execute(req, snap, plan, &c) : RSC_OK;
}

enum rsc mgc_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const struct resource *r = plan->target;
    json_auto_t *a = update_result(r, set, del);
    const struct command c = {r->ri, r->path, a};

    return json_is_true(json_object_get(set, "exe")) ? execute(req, snap, plan, &c) : RSC_OK;
}

/* execDisable cancels what nobody has done yet, TS-0004 7.4.17.2.3. */
enum rsc exin_update(const struct request *req, struct snapshot *snap, struct plan *plan, json_t *set, json_t *del)
{
    const struct resource *r = plan->target;

    (void)req;
    (void)snap;
    (void)del;
    if (!json_is_true(json_object_get(set, "exd")))
        return RSC_OK;
    switch (json_int(r->a, "exs", 0)) {
    case INITIATED:
    case PENDING:
        json_object_set_new(set, "exs", json_integer(CANCELLED));
        return RSC_OK;
    case NOT_CANCELLABLE:
        return plan_refuse(plan, RSC_MGMT_COMMAND_NOT_CANCELLABLE, "exd: %s cannot be cancelled", r->ri);
    default:
        return plan_refuse(plan, RSC_ALREADY_COMPLETE, "exd: %s is finished or cancelled already", r->ri);
    }
}
