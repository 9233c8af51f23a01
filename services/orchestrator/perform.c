/* Doing what a plan says: one storage call for most, with the preconditions of the plan. */
#include "clock.h"
#include "consult.h"
#include "cse.h"
#include "delivery.h"
#include "discover.h"
#include "egress.h"
#include "emit.h"
#include "id.h"
#include "job.h"
#include "json.h"
#include "mem.h"
#include "relay.h"
#include "render.h"
#include "results.h"
#include "rows.h"
#include "rules.h"
#include "semantic.h"
#include "spend.h"
#include "verify.h"

enum {
    TY_AE = 2,
    TY_REMOTE_CSE = 16,
    TY_SUBSCRIPTION = 23,
    VERIFY_MS = 4000,       /* for all targets of a subscription */
    VERIFY_MARGIN_MS = 300, /* for the commit and the answer after it */
};

static struct slice body_of(const struct store_reply *reply)
{
    return (struct slice){reply->e->body, reply->e->body_len};
}

static struct slice text_of(const struct str *s)
{
    return (struct slice){s->data, s->len};
}

/* RETRIEVE of one resource. */

static void answer_empty(struct job *job)
{
    answer_error(job, RSC_NOT_FOUND, "the container holds no instance");
}

/* Of the representation as much as was asked for and may be seen. */
static void answer_got(struct job *job, struct slice rep)
{
    const json_t *names = job->plan.attributes ? job->plan.attributes : job->plan.readable;

    if (!names)
        answer(job, job->plan.rsc, rep);
    else if (render_some(&job->text, rep, names))
        answer(job, job->plan.rsc, text_of(&job->text));
    else
        answer_error(job, RSC_INTERNAL_SERVER_ERROR, "storage: malformed answer");
}

static void on_retrieval_counted(struct job *job)
{
    auto_str struct str rep = job->text;

    job->text = (struct str)STR_EMPTY;
    answer_got(job, text_of(&rep));
}

/* deletionCnt: what is told is what storage has counted. When it was the last one for somebody else, it is gone. */
static void count_retrieval(struct job *job, struct slice rep)
{
    struct json_member root;
    struct slice inside = render_inside(rep);
    json_auto_t *a = store_record(inside);

    json_members(rep.p, rep.n, &root, 1);
    str_reset(&job->text);
    str_puts(&job->text, "{\"");
    str_add(&job->text, root.name.p, root.name.n);
    str_puts(&job->text, "\":");
    spend_write(&job->text, inside);
    str_putc(&job->text, '}');
    spend_retrievals(job, json_pack("[O]", json_object_get(a, "ri")), on_retrieval_counted);
}

static void on_got(struct job *job, const struct store_reply *reply)
{
    if (reply->st == STORE_NONE) {
        if (job->plan.address.virt != VIRTUAL_NONE)
            emit_empty(job, answer_empty);
        else
            answer_error(job, RSC_NOT_FOUND, "not found");
        return;
    }
    if (!job_reply_ok(job, reply))
        return;
    if (spend_counts(render_inside(body_of(reply))))
        count_retrieval(job, body_of(reply));
    else
        answer_got(job, body_of(reply));
}

static void get(struct job *job)
{
    if (job_calls(job, "storage", on_got))
        job_called(job, store_get(&job->call, job->plan.target->ri, job->plan.address.virt, job_need(job)));
}

static void answer_discovered(struct job *job)
{
    answer(job, job->plan.rsc, text_of(&job->text));
}

/* What the search has used up on its way counts before anything of it is told. */
static void on_discovered(struct job *job)
{
    spend_rights(job, answer_discovered);
}

/* With semanticsFilter what it matches comes first, TS-0001 10.2.7; a semantic query is answered by it alone. */
static void discover_described(struct job *job)
{
    discover(job, on_discovered);
}

static void query(struct job *job)
{
    if (job->plan.descriptors)
        semantic_query_of(job, json_object_get(job->plan.target->a, "mid"), on_discovered);
    else if (job->plan.rcn == RCN_SEMANTIC_CONTENT)
        semantic_query(job, on_discovered);
    else if (json_object_get(job->plan.fc, "smf"))
        semantic_discover(job, discover_described);
    else
        discover(job, on_discovered);
}

/* CREATE: the result content. */

/* The object inside the request's content. The caller owns it; NULL if it is none. */
static json_t *asked_for(const struct request *req)
{
    struct slice inside = req->pc.n > 0 ? render_inside(req->pc) : (struct slice){NULL, 0};

    return inside.n > 0 ? json_loadb(inside.p, inside.n, 0, NULL) : NULL;
}

/* Answers a CREATE. `rep` is the new representation, `path` where it is. */
static void answer_created(struct job *job, int rcn, const struct rtype *type, struct slice rep, const char *path)
{
    struct slice content = {NULL, 0};

    if (path)
        job->loc = xasprintf("%s%s", answer_prefix(job->plan.originator ? job->plan.originator : job->req.fr), path);
    str_reset(&job->text);
    if (rcn == 1) {
        content = rep;
    } else if (rcn == 2 && job->loc) {
        render_uri(&job->text, job->loc);
    } else if (rcn == 3 && job->loc) {
        render_resource_uri(&job->text, rep, job->loc);
    } else if (rcn == 9) {
        json_auto_t *after = store_record(render_inside(rep));
        json_auto_t *asked = asked_for(&job->asked);

        render_modified(&job->text, type, after, NULL, asked);
    }
    answer(job, RSC_CREATED, rcn == 1 ? content : text_of(&job->text));
}

/* The id or the name of what is to be created is taken. */
static void answer_exists(struct job *job, const struct store_reply *reply)
{
    const char *what = envelope_str(reply->e, "what");
    const char *fr = job->req.fr;
    int ty = job->plan.type ? job->plan.type->ty : 0;
    bool own_id = (ty == TY_AE && fr && strlen(fr) > 1) || ty == TY_REMOTE_CSE;

    if (what && strcmp(what, "dgt") == 0)
        answer_error(job, RSC_CONFLICT, "dgt: the timeSeries has an instance of this time already");
    else if (!what || strcmp(what, "ri") != 0)
        answer_error(job, RSC_CONFLICT, "a resource with this name exists already");
    else if (own_id)
        answer_error(job, RSC_ORIGINATOR_HAS_ALREADY_REGISTERED, "%s is registered already", fr);
    else {
        id_random(job->plan.type ? job->plan.type->sn : "", job->snap.new_id);
        job_replan(job);
    }
}

static void on_appended(struct job *job, const struct store_reply *reply)
{
    auto_free char *path = NULL;
    const char *rn;

    if (reply->st == STORE_EXISTS) {
        answer_exists(job, reply);
        return;
    }
    if (!job_reply_ok(job, reply))
        return;
    spend_done(job);
    for (size_t i = 0; i < json_array_size(job->plan.then); i++) /* changed by it, perhaps */
        cache_drop(job_cache(), json_str(json_array_get(job->plan.then, i), "ri"));
    rn = envelope_str(reply->e, "rn");
    path = rn ? xasprintf("%s/%s", job->plan.target->path, rn) : NULL;
    answer_created(job, job->plan.rcn, job->plan.type, body_of(reply), path);
}

static void append(struct job *job)
{
    spend_along(job, &job->plan.then);
    if (job_calls(job, "storage", on_appended))
        job_called(job, store_append(&job->call, &job->req, &job->plan, job->snap.now, job_need(job)));
}

/* Changes. */

/* What the commit left behind, record by record: the cache learns it. The first one is returned, a new reference or NULL. */
static json_t *learn(struct job *job, struct slice records)
{
    json_t *first = NULL;
    struct slice list, item;

    if (!list_open(records, &list))
        return NULL;
    for (int i = 0; list_next(&list, &item); i++) {
        json_t *record = slice_is(item, "null") ? NULL : store_record(item);
        struct resource *r = record ? resource_new(record) : NULL;
        const char *gone = record ? NULL : json_str(json_array_get(job->plan.ops, (size_t)i), "ri");

        if (r)
            cache_put(job_cache(), r);
        if (gone)
            cache_drop(job_cache(), gone);
        resource_free(r);
        if (i == 0)
            first = record;
        else
            json_decref(record);
    }
    return first;
}

/* A subscription that comes, changes or goes changes its parent's version. */
static void drop_subscribed(const json_t *record, const struct resource *target)
{
    if (json_int(record, "ty", 0) == TY_SUBSCRIPTION)
        cache_drop(job_cache(), json_str(record, "pi"));
    else if (!record && target && target->type->ty == TY_SUBSCRIPTION)
        cache_drop(job_cache(), target->pi);
}

/* What may be shown of the attributes; the caller owns it. */
static json_t *readable_of(const struct plan *plan, json_t *a)
{
    json_t *shown, *value;
    const char *name;

    if (!plan->readable)
        return json_incref(a);
    shown = json_object();
    json_object_foreach(a, name, value)
    {
        json_auto_t *text = json_string(name);

        if (json_list_has(plan->readable, text))
            json_object_set(shown, name, value);
    }
    return shown;
}

static void answer_updated(struct job *job, int rcn, const json_t *record)
{
    const struct rtype *type = resource_type(record);
    json_auto_t *after = readable_of(&job->plan, json_object_get(record, "a"));

    if (type && rcn == 1) {
        render_resource(&job->text, type, after);
    } else if (type && rcn == 9) {
        json_auto_t *asked = asked_for(&job->asked);

        json_auto_t *before = readable_of(&job->plan, job->plan.target ? job->plan.target->a : NULL);

        render_modified(&job->text, type, after, before, asked);
    }
    answer(job, RSC_UPDATED, text_of(&job->text));
}

/* A non-blocking request: whoever asked is told where its result will be. */
static void answer_deferred(struct job *job, const json_t *record)
{
    auto_free char *uri = xasprintf("%s%s", answer_prefix(job->req.fr), json_str(record, "path"));
    int rtv = (int)json_int(json_object_get(json_object_get(json_object_get(record, "a"), "mi"), "rt"), "rtv", 1);

    str_reset(&job->text);
    render_uri(&job->text, uri);
    answer(job, rtv == 1 ? RSC_ACCEPTED_NON_BLOCKING_REQUEST_SYNCH : RSC_ACCEPTED_NON_BLOCKING_REQUEST_ASYNCH,
           text_of(&job->text));
}

/* `record` is what storage answered for the first operation, NULL for a deletion. */
static void answer_committed(struct job *job, int rcn, const json_t *record)
{
    const struct rtype *type = resource_type(record);
    auto_str struct str rep = STR_EMPTY;

    if (request_is_deferred(&job->req)) {
        answer_deferred(job, record);
        return;
    }
    switch (job->req.op) {
    case OP_CREATE:
        if (type)
            render_resource(&rep, type, json_object_get(record, "a"));
        answer_created(job, rcn, type, text_of(&rep), json_str(record, "path"));
        break;
    case OP_UPDATE:
        answer_updated(job, rcn, record);
        break;
    case OP_DELETE: /* the content was made before the commit */
        answer(job, RSC_DELETED, text_of(&job->text));
        break;
    default:
        answer(job, job->plan.rsc, text_of(&job->plan.content));
        break;
    }
}

static void on_committed(struct job *job, const struct store_reply *reply)
{
    json_auto_t *record = NULL;

    if (reply->st == STORE_EXISTS) {
        answer_exists(job, reply);
        return;
    }
    if (reply->st == STORE_NONE) {
        /* An instance that was found a moment ago: the latest may be another one now. */
        job_replan(job);
        return;
    }
    if (!job_reply_ok(job, reply))
        return;
    spend_done(job);
    record = learn(job, body_of(reply));
    drop_subscribed(record, job->plan.target);
    answer_committed(job, job->plan.rcn, record);
}

static void commit(struct job *job)
{
    spend_along(job, &job->plan.ops);
    if (job_calls(job, "storage", on_committed))
        job_called(job, store_commit(&job->call, &job->req, job->plan.originator, job->plan.ops, job->snap.now, job_need(job)));
}

static void prepare_delete(struct job *job)
{
    emit_prepare(job, commit);
}

/* An instance has no children to show. */
static void show_instance(struct job *job, const struct rtype *type, struct slice rep)
{
    struct results nothing;

    str_reset(&job->text);
    if (job->plan.rcn == 1 || job->plan.rcn == 4 || job->plan.rcn == 5) {
        str_add(&job->text, rep.p, rep.n);
    } else if (type && job->plan.rcn != 0) {
        results_init(&nothing, job->plan.rcn == 6 ? RESULTS_REFERENCES : RESULTS_CHILDREN);
        results_write(&nothing, type, rep, &job->text);
        results_done(&nothing);
    }
}

/* DELETE of la or ol: the instance that stands for it now is what is deleted. */
static void on_virtual(struct job *job, const struct store_reply *reply)
{
    json_auto_t *a = NULL;
    json_t *op = json_array_get(job->plan.ops, 0);

    if (reply->st == STORE_NONE)
        answer_error(job, RSC_NOT_FOUND, "the container holds no instance");
    if (reply->st == STORE_NONE || !job_reply_ok(job, reply))
        return;
    a = store_record(render_inside(body_of(reply)));
    if (!json_str(a, "ri")) {
        answer_error(job, RSC_INTERNAL_SERVER_ERROR, "storage: malformed answer");
        return;
    }
    json_object_set(op, "ri", json_object_get(a, "ri"));
    json_object_del(op, "virt");
    show_instance(job, rtype_instance(job->plan.target->type), body_of(reply));
    prepare_delete(job);
}

static void on_content(struct job *job, const struct store_reply *reply)
{
    if (!job_reply_ok(job, reply))
        return;
    str_reset(&job->text);
    str_add(&job->text, reply->e->body, reply->e->body_len);
    prepare_delete(job);
}

/* DELETE: what the answer shows is read before; the commit's preconditions cover it. */
static void read_before_delete(struct job *job)
{
    const struct plan *plan = &job->plan;

    if (plan->address.virt != VIRTUAL_NONE) {
        if (job_calls(job, "storage", on_virtual))
            job_called(job, store_get(&job->call, plan->target->ri, plan->address.virt, job_need(job)));
    } else if (plan->rcn == 0) {
        prepare_delete(job);
    } else if (plan->rcn != 1) {
        discover(job, prepare_delete);
    } else if (job_calls(job, "storage", on_content)) {
        job_called(job, store_get(&job->call, plan->target->ri, VIRTUAL_NONE, job_need(job)));
    }
}

static void on_verified(void *context, const char *why)
{
    struct job *job = context;

    job->verified = true;
    if (why)
        answer_error(job, RSC_SUBSCRIPTION_VERIFICATION_INITIATION_FAILED, "%s", why);
    else
        commit(job);
}

static void verify(struct job *job)
{
    int64_t now = clock_now_ms();
    int64_t deadline = job->answer_by - VERIFY_MARGIN_MS;

    if (deadline > now + VERIFY_MS)
        deadline = now + VERIFY_MS;
    if (deadline <= now)
        answer_error(job, RSC_REQUEST_TIMEOUT, "no time is left to verify the notification targets");
    else
        verify_start(&job->req, job->plan.verify, job->plan.sgn, deadline, on_verified, job);
}

static void change(struct job *job)
{
    if (json_array_size(job->plan.verify) > 0 && !job->verified)
        verify(job);
    else if (json_array_size(job->plan.consult) > job->consulted)
        consult_plan(job, change);
    else if (job->req.op == OP_DELETE && !job->plan.deferred && !plan_virtual_of(job->plan.address.virt)->plan)
        read_before_delete(job);
    else
        commit(job);
}

/* ---- polling channels: whoever keeps their requests answers, however long that takes ---- */

static void pass_on(struct job *job, const char *channel, const char *to, const char *verb)
{
    auto_str struct str more = STR_EMPTY;
    struct request req = job->req;

    if (job->sub) {
        answer_error(job, RSC_BAD_REQUEST, "a polling channel is used directly: blocking, and not through a group");
        return;
    }
    req.fr = job->plan.originator;
    req.to = to;
    req.identity = (struct slice){NULL, 0};
    head_str(&more, "url", channel);
    head_str(&more, "do", verb);
    if (job->plan.aggregate)
        head_bool(&more, "rqag", true);
    answer_elsewhere(job, "egress.poll", &req, &more);
}

/* NOTIFY to an AE registered here: its addresses in order, until one answers. */

static void notify(struct job *job);

static void on_notified(void *context, const struct envelope *e, enum bus_failure failure)
{
    struct job *job = context;
    const char *st = e ? envelope_str(e, "st") : NULL;
    int rsc = e ? (int)envelope_int(e, "rsc", 0) : 0;

    if (failure == BUS_OK && st && strcmp(st, "ok") == 0)
        answer(job, rsc ? rsc : job->plan.rsc, (struct slice){e->body, e->body_len});
    else if (failure == BUS_OK && st && strcmp(st, "refused") == 0 && rsc)
        answer(job, rsc, (struct slice){e->body, e->body_len});
    else
        notify(job);
}

static void notify(struct job *job)
{
    const struct request *req = &job->req;
    const char *url;

    while ((url = json_string_value(json_array_get(job->plan.poa, (size_t)job->poa_next)))) {
        struct egress_notify n = {
            .url = url,
            .to = job->plan.target ? job->plan.target->ri : NULL,
            .fr = job->plan.originator,
            .rqi = req->rqi,
            .rvi = req->rvi ? req->rvi : "3",
            .ec = req->ec,
            .csz = job->plan.csz,
            .content = req->pc,
        };

        job->poa_next++;
        if (egress_send(req, &n, egress_deadline(job->poa_next < (int)json_array_size(job->plan.poa), job->answer_by),
                        on_notified, job) == 0)
            return;
    }
    url = json_string_value(json_array_get(job->plan.poa, 0));
    answer_error(job, RSC_TARGET_NOT_REACHABLE, "%s",
                 url && strncmp(url, "ws:", 3) == 0 ? egress_nobody(url) : "no point of access of the target answers");
}

/* An AE that can be reached by polling alone may take as long as the request lives: that is not waited for here. */
static bool only_polls(const struct job *job)
{
    const char *binding = "", *url = json_string_value(json_array_get(job->plan.poa, 0));

    return json_array_size(job->plan.poa) == 1 && delivery_role(url, &binding) && strcmp(binding, "poll") == 0 && !job->sub &&
           !emit_needs(job);
}

/* Redelivery. */

static int asked_rcn(const struct request *req)
{
    return req->rcn != ABSENT ? req->rcn : req->op == OP_DELETE ? 0 : 1;
}

static void on_recalled(struct job *job, const struct store_reply *reply)
{
    struct slice list, first;
    json_auto_t *record = NULL;

    if (reply->st == STORE_STALE) {
        job_plan(job); /* not carried out yet */
        return;
    }
    if (!job_reply_ok(job, reply))
        return;
    if (list_open(body_of(reply), &list) && list_next(&list, &first) && !slice_is(first, "null"))
        record = store_record(first);
    answer_committed(job, asked_rcn(&job->req), record);
}

static bool creates_instance(const struct request *req)
{
    const struct rtype *type = req->op == OP_CREATE ? rtype_by_ty(req->ty) : NULL;

    return type && type->instance;
}

/* An `append` looks itself whether it has been done before; only a refusal must be kept from hiding that. */
void perform_recall(struct job *job)
{
    if (creates_instance(&job->req))
        job_plan(job);
    else if (job_calls(job, "recall", on_recalled))
        job_called(job, store_recall(&job->call, &job->req, NULL));
}

static void answer_plan(struct job *job)
{
    if (job->plan.partial)
        job->cnst = 1; /* PARTIAL_CONTENT */
    if (rsc_is_success(job->plan.rsc) || job->plan.content.len > 0)
        answer(job, job->plan.rsc, text_of(&job->plan.content));
    else
        answer_error(job, job->plan.rsc, "%s", str_text(&job->plan.text));
}

static void on_instance_recalled(struct job *job, const struct store_reply *reply)
{
    auto_free char *path = NULL;
    const char *rn;

    if (reply->st == STORE_STALE) {
        answer_plan(job);
        return;
    }
    if (!job_reply_ok(job, reply))
        return;
    rn = envelope_str(reply->e, "rn");
    path = rn ? xasprintf("%s/%s", job->plan.target->path, rn) : NULL;
    answer_created(job, asked_rcn(&job->req), rtype_by_ty(job->req.ty), body_of(reply), path);
}

/* A change uses up the rights to it in the same transaction, everything else before it is done; a refusal needs none. */
static bool spends_first(const struct plan *plan)
{
    switch (plan->kind) {
    case PLAN_APPEND:
    case PLAN_COMMIT:
        return false;
    case PLAN_ANSWER:
        return rsc_is_success(plan->rsc);
    default:
        return true;
    }
}

static void perform_plan(struct job *job);

void perform(struct job *job)
{
    if (spends_first(&job->plan))
        spend_rights(job, perform_plan);
    else
        perform_plan(job);
}

static void perform_plan(struct job *job)
{
    const struct plan *plan = &job->plan;

    switch (plan->kind) {
    case PLAN_NEED: /* job_plan() loads */
    case PLAN_ANSWER:
        if (!job->req.again || !plan->target || plan_virtual_of(plan->address.virt)->plan || !creates_instance(&job->req))
            answer_plan(job);
        else if (job_calls(job, "recall", on_instance_recalled))
            job_called(job, store_recall(&job->call, &job->req, plan->target));
        break;
    case PLAN_GET:
        get(job);
        break;
    case PLAN_QUERY:
        query(job);
        break;
    case PLAN_APPEND:
        append(job);
        break;
    case PLAN_COMMIT:
        change(job);
        break;
    case PLAN_NOTIFY:
        if (only_polls(job))
            pass_on(job, json_string_value(json_array_get(plan->poa, 0)), plan->target->ri, NULL);
        else
            notify(job);
        break;
    case PLAN_POLL:
        pass_on(job, plan->channel, job->req.to, plan->verb);
        break;
    case PLAN_RELAY:
        relay(job);
        break;
    case PLAN_FORWARD:
        forward(job);
        break;
    }
}
