#include "spend.h"

#include "cache.h"
#include "json.h"
#include "mem.h"

enum { MEMBERS_MAX = 128 };

static bool is_spent(const struct job *job, const char *key)
{
    return json_object_get(job->spent, key) != NULL;
}

void spend_along(struct job *job, json_t **ops)
{
    const char *key;
    json_t *op;

    json_object_foreach(job->snap.uses, key, op)
    {
        if (is_spent(job, key))
            continue;
        if (!*ops)
            *ops = json_array();
        json_array_append(*ops, op);
    }
}

void spend_done(struct job *job)
{
    const char *key;
    json_t *op;

    if (json_object_size(job->snap.uses) > 0 && !job->spent)
        job->spent = json_object();
    json_object_foreach(job->snap.uses, key, op)
    {
        json_object_set_new(job->spent, key, json_true());
        cache_drop(job_cache(), json_str(op, "ri")); /* it shows how many are left */
    }
}

static void go_on(struct job *job)
{
    job_step *then = job->after_spending;

    job->after_spending = NULL;
    then(job);
}

/* Under a key of its own: what is counted once is not counted again when the request comes a second time. */
static void commit(struct job *job, const char *what, const json_t *ops,
                   void (*done)(struct job *job, const struct store_reply *reply))
{
    auto_free char *key = xasprintf("%s/%s", job->req.id ? job->req.id : "", what);
    struct request req = job->req;

    if (req.id && *req.id)
        req.id = key;
    if (job_calls(job, "storage", done))
        job_called(job, store_commit(&job->call, &req, job->plan.originator, ops, job->snap.now, job_need(job)));
}

static void on_rights(struct job *job, const struct store_reply *reply)
{
    if (!job_reply_ok(job, reply))
        return;
    spend_done(job);
    go_on(job);
}

void spend_rights(struct job *job, job_step *then)
{
    json_auto_t *ops = NULL;

    spend_along(job, &ops);
    if (!ops) {
        then(job);
        return;
    }
    job->after_spending = then;
    commit(job, "rights", ops, on_rights);
}

/* ---- retrievals ---- */

static int find_members(struct slice attributes, struct json_member members[MEMBERS_MAX])
{
    if (!memmem(attributes.p, attributes.n, "\"dcnt\"", 6))
        return -1;
    return json_members(attributes.p, attributes.n, members, MEMBERS_MAX);
}

bool spend_counts(struct slice attributes)
{
    struct json_member members[MEMBERS_MAX];
    int count = attributes.n > 0 ? find_members(attributes, members) : -1;

    for (int i = 0; i < count; i++)
        if (slice_is(members[i].name, "dcnt"))
            return true;
    return false;
}

void spend_write(struct str *out, struct slice attributes)
{
    struct json_member members[MEMBERS_MAX];
    int count = find_members(attributes, members);
    char separator = '{';

    for (int i = 0; i < count; i++) {
        str_putc(out, separator);
        str_putc(out, '"');
        str_add(out, members[i].name.p, members[i].name.n);
        str_puts(out, "\":");
        if (slice_is(members[i].name, "dcnt"))
            str_int(out, strtoll(members[i].value.p, NULL, 10) - 1);
        else
            str_add(out, members[i].value.p, members[i].value.n);
        separator = ',';
    }
    str_putc(out, '}');
}

static void on_counted(struct job *job, const struct store_reply *reply)
{
    if (job_reply_ok(job, reply))
        go_on(job);
}

void spend_retrievals(struct job *job, json_t *instances, job_step *then)
{
    json_auto_t *list = instances, *ops = json_array();

    for (size_t i = 0; i < json_array_size(list); i++)
        json_array_append_new(ops, json_pack("{ss sO}", "op", "retrieved", "ri", json_array_get(list, i)));
    job->after_spending = then;
    commit(job, "retrieved", ops, on_counted);
}
