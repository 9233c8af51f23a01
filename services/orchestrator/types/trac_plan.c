/*
 * The request of a <transaction>, planned but not carried out: what it would be answered, and the operations that storage carries
 * out together with the commit. Requests that others must be asked to take part in cannot be taken back, and are no part of a
 * transaction.
 */
#include "trac.h"

#include "clock.h"
#include "cse.h"
#include "envelope.h"
#include "json.h"
#include "mem.h"

void provisional_done(struct provisional *p)
{
    json_decref(p->pc);
    json_decref(p->ops);
    json_decref(p->verify);
    json_decref(p->sgn);
    *p = (struct provisional){0};
}

/* The request as a primitive in two lines, by the CSE on behalf of who created the transaction. */
static void write_request(struct str *text, const struct request *req, const struct resource *r)
{
    static const char *const done_with[] = {"rt", "rp", "oet", "rqet", "rset", "gid", "pc"};
    const json_t *rqp = json_object_get(r->a, "rqp"), *content = json_object_get(rqp, "pc");
    json_auto_t *head = json_copy((json_t *)rqp);

    for (size_t i = 0; i < ARRAY_LEN(done_with); i++)
        json_object_del(head, done_with[i]);
    json_object_set_new(head, "id", json_string(r->ri)); /* what it creates has the same id every time */
    json_object_set_new(head, "tenant", json_string(req->tenant ? req->tenant : ""));
    json_object_set_new(head, "identity", json_pack("{ss}", "by", "cse"));
    if (!json_str(head, "rqi"))
        json_object_set_new(head, "rqi", json_string(r->ri));
    if (!json_str(head, "rvi"))
        json_object_set_new(head, "rvi", json_string("3"));
    json_write(text, head);
    str_putc(text, '\n');
    if (content)
        json_write(text, content);
    str_putc(text, '\n');
}

static void set_text(struct provisional *out, int rsc, const char *text)
{
    provisional_done(out);
    out->rsc = rsc;
    if (*text)
        out->pc = json_pack("{ss}", "m2m:dbg", text);
}

/* ---- what it would be answered ---- */

/* Addresses as the originator sees them. */
static char *address_for(const struct plan *inner, const char *path)
{
    return inner->originator && inner->originator[0] == '/' ? xasprintf("%s/%s", cse_id(), path) : xstrdup(path);
}

/* By result content: TS-0004 7.5.2. `path` of what was created, else NULL. */
static void set_content(struct provisional *out, const struct plan *inner, const char *key, json_t *a, const char *path)
{
    enum { ATTRIBUTES = 1, ADDRESS = 2, BOTH = 3 };
    auto_free char *uri = path ? address_for(inner, path) : NULL;

    if (inner->rcn == ATTRIBUTES)
        out->pc = json_pack("{sO}", key, a);
    else if (inner->rcn == ADDRESS && uri)
        out->pc = json_pack("{ss}", "m2m:uri", uri);
    else if (inner->rcn == BOTH && uri)
        out->pc = json_pack("{s{sO ss}}", "m2m:rce", key, a, "uri", uri);
}

/* What storage keeps itself, as it will be. */
static void add_counted(const struct plan *inner, json_t *a, int64_t now)
{
    json_object_set_new(a, "lt", json_time(now));
    if (inner->req->op == OP_UPDATE && json_object_get(a, "st"))
        json_object_set_new(a, "st", json_integer(json_int(a, "st", 0) + 1));
}

static void answer_change(struct provisional *out, const struct plan *inner, int64_t now)
{
    const json_t *op = json_array_get(inner->ops, 0), *record = json_object_get(op, "r");
    const struct resource *target = inner->target;
    json_auto_t *a = NULL;

    if (inner->req->op == OP_CREATE)
        a = json_copy(json_object_get(record, "a"));
    else if (inner->req->op == OP_UPDATE)
        a = update_result(target, json_object_get(op, "set"), json_object_get(op, "del"));
    else
        a = json_copy(target->a);
    if (inner->req->op != OP_DELETE)
        add_counted(inner, a, now);
    set_content(out, inner, inner->req->op == OP_CREATE ? inner->type->key : target->type->key, a, json_str(record, "path"));
}

/* RETRIEVE of the resource, of some of its attributes, or of an instance of it. */
static void answer_get(struct provisional *out, const struct plan *inner, const struct resource *r)
{
    json_auto_t *a = json_object();
    const char *name;
    json_t *value;
    size_t i;

    json_array_foreach(inner->attributes, i, value)
    {
        name = json_string_value(value);
        if (json_object_get(r->a, name))
            json_object_set(a, name, json_object_get(r->a, name));
    }
    out->pc = json_pack("{sO}", r->type->key, inner->attributes ? a : r->a);
}

/* ---- what will be done ---- */

/* Storage finds out that a name is taken when it is too late: so look. */
static enum rsc check_free(struct snapshot *snap, struct provisional *out, const char *ri, const char *path)
{
    const struct resource *taken;
    enum rsc by_path = look_up(snap, path, &taken), by_ri = ri ? look_up(snap, ri, &taken) : RSC_NOT_FOUND;

    if (by_path == PLAN_WAIT || by_ri == PLAN_WAIT)
        return PLAN_WAIT;
    if (by_path == RSC_OK || by_ri == RSC_OK)
        set_text(out, RSC_CONFLICT, "a resource with this name exists already");
    return RSC_OK;
}

/* The instance that la or ol stands for. */
static enum rsc find_instance(struct snapshot *snap, const struct plan *inner, struct provisional *out,
                              const struct resource **instance)
{
    auto_free char *address = xasprintf("%s/%s", inner->address.local, address_virtual_name(inner->address.virt));
    enum rsc rsc = look_up(snap, address, instance);

    if (rsc != RSC_NOT_FOUND)
        return rsc;
    *instance = NULL;
    set_text(out, RSC_NOT_FOUND, "the container holds no instance");
    return RSC_OK;
}

static enum rsc take_commit(struct snapshot *snap, const struct plan *inner, struct provisional *out)
{
    const json_t *record = json_object_get(json_array_get(inner->ops, 0), "r");
    enum rsc rsc;

    if (json_array_size(inner->consult) > 0) {
        set_text(out, RSC_NOT_IMPLEMENTED, "a transaction changes no semantic description");
        return RSC_OK;
    }
    answer_change(out, inner, snap->now);
    out->ops = json_incref(inner->ops);
    out->verify = json_incref(inner->verify);
    out->sgn = json_incref(inner->sgn);
    if (record && (rsc = check_free(snap, out, json_str(record, "ri"), json_str(record, "path"))) != RSC_OK)
        return rsc;
    return RSC_OK;
}

static enum rsc take_removal(struct snapshot *snap, const struct plan *inner, struct provisional *out)
{
    const struct resource *instance = NULL;
    json_t *op = json_array_get(inner->ops, 0);
    enum rsc rsc;

    if (inner->address.virt == VIRTUAL_NONE)
        return take_commit(snap, inner, out);
    if ((rsc = find_instance(snap, inner, out, &instance)) != RSC_OK || !instance)
        return rsc;
    json_object_set_new(op, "ri", json_string(instance->ri));
    json_object_del(op, "virt");
    out->ops = json_incref(inner->ops);
    set_content(out, inner, instance->type->key, instance->a, NULL);
    return RSC_OK;
}

/* One more instance, as an operation of a commit. It gets its name here, so that its creator can be told. */
static enum rsc take_append(const struct request *req, struct snapshot *snap, struct plan *inner, struct provisional *out)
{
    json_auto_t *a = json_loadb(inner->given.data, inner->given.len, 0, NULL);
    json_t *instance = json_pack("{si sI sO}", "ty", inner->type->ty, "cs", (json_int_t)inner->size, "a", a);
    json_auto_t *shown = json_copy(a);
    auto_free char *path = NULL;

    if (!inner->rn) {
        give_id(req, snap, inner->type->sn);
        inner->rn = xstrdup(snap->new_id);
    }
    path = xasprintf("%s/%s", inner->target->path, inner->rn);
    json_object_set_new(instance, "rn", json_string(inner->rn));
    if (inner->et > 0)
        json_object_set_new(instance, "et", json_integer(inner->et));
    if (inner->unique)
        json_object_set_new(instance, "dgt", json_integer(inner->dgt));
    if (inner->limits)
        json_object_update(instance, inner->limits);
    out->ops = json_pack("[{ss ss so}]", "op", "append", "ri", inner->target->ri, "instance", instance);
    if (inner->then)
        json_array_extend(out->ops, inner->then);
    json_object_update_new(shown,
                           json_pack("{ss si ss so so sI}", "rn", inner->rn, "ty", inner->type->ty, "pi", inner->target->ri, "ct",
                                     json_time(snap->now), "lt", json_time(snap->now), "cs", (json_int_t)inner->size));
    set_content(out, inner, inner->type->key, shown, path);
    return check_free(snap, out, NULL, path);
}

static enum rsc take_get(struct snapshot *snap, const struct plan *inner, struct provisional *out)
{
    const struct resource *r = inner->target;
    enum rsc rsc = RSC_OK;

    if (inner->address.virt != VIRTUAL_NONE)
        rsc = find_instance(snap, inner, out, &r);
    if (rsc == RSC_OK && r)
        answer_get(out, inner, r);
    return rsc;
}

static void take_answer(const struct plan *inner, struct provisional *out)
{
    set_text(out, inner->rsc, str_text((struct str *)&inner->text));
    if (inner->content.len > 0) {
        json_decref(out->pc);
        out->pc = json_loadb(inner->content.data, inner->content.len, 0, NULL);
    }
}

/* ---- planning ---- */

/* Does it wait for what others would have to do? What is only asked for may be asked. */
static bool needs_others(const struct snapshot *snap)
{
    for (size_t i = 0; i < snap->asked_count; i++) {
        const struct asked *asked = snap->asked[i];

        if ((asked->state == ASKED_NEW || asked->state == ASKED_AFTER) && asked->op != OP_RETRIEVE &&
            strncmp(asked->key, "das/", 4) != 0)
            return true;
    }
    return false;
}

static enum rsc take(const struct request *req, struct snapshot *snap, struct plan *inner, struct provisional *out)
{
    out->rsc = inner->rsc;
    switch (inner->kind) {
    case PLAN_NEED:
        return PLAN_WAIT;
    case PLAN_ANSWER:
        take_answer(inner, out);
        return RSC_OK;
    case PLAN_COMMIT:
        return req->op == OP_DELETE ? take_removal(snap, inner, out) : take_commit(snap, inner, out);
    case PLAN_APPEND:
        return take_append(req, snap, inner, out);
    case PLAN_GET:
        return take_get(snap, inner, out);
    default:
        set_text(out, RSC_NOT_IMPLEMENTED, "such a request cannot be part of a transaction");
        return RSC_OK;
    }
}

static enum rsc plan_inside(const struct request *req, struct snapshot *snap, const char *holds, struct provisional *out)
{
    struct plan inner;
    enum rsc rsc;

    plan_init(&inner);
    inner.holds = holds;
    plan_request(req, snap, &inner);
    if (needs_others(snap)) {
        ask_drop_new(snap);
        set_text(out, RSC_NOT_IMPLEMENTED, "what others must take part in cannot be part of a transaction");
        rsc = RSC_OK;
    } else {
        rsc = take(req, snap, &inner, out);
    }
    plan_done(&inner);
    return rsc;
}

enum rsc trac_plan(const struct request *req, struct snapshot *snap, const struct resource *r, const struct resource *parent,
                   struct provisional *out)
{
    auto_str struct str text = STR_EMPTY;
    struct envelope *e = xcalloc(1, sizeof(*e));
    struct request inside;
    char why[WHY_SIZE] = "malformed";
    enum rsc rsc = RSC_OK;

    *out = (struct provisional){0};
    write_request(&text, req, r);
    if (envelope_parse(e, text.data, text.len) > 0 && request_decode(&inside, e, why, sizeof why) == 0) {
        inside.deadline = req->deadline;
        inside.trace = req->trace;
        rsc = plan_inside(&inside, snap, parent->ri, out);
    } else {
        set_text(out, RSC_BAD_REQUEST, why);
    }
    free(e);
    return rsc;
}
