#include "consult.h"

#include "clock.h"
#include "json.h"
#include "mem.h"

/* ---- one question ---- */

static const json_t *task_of(const struct job *job)
{
    return json_array_get(job->plan.consult, job->consulted);
}

/* Who is asked, and what people call it. */
static const char *role_of(const struct job *job)
{
    const char *role = json_str(task_of(job), "role");

    return role ? role : "semantics";
}

static const char *name_of(const struct job *job)
{
    const char *role = role_of(job), *dot = strrchr(role, '.');

    return dot ? dot + 1 : role;
}

/* What the originator gave that is asked about: its name stands in front of a refusal. */
static const char *about(const struct job *job)
{
    const char *name = json_str(task_of(job), "about");

    return name ? name : "fc.smf";
}

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct job *job = context;
    const char *st = reply ? envelope_str(reply, "st") : NULL, *why = reply ? envelope_str(reply, "why") : NULL;

    if (failure == BUS_TIMEOUT && job->req.rqet && clock_now_ms() >= job->answer_by)
        answer_error(job, RSC_REQUEST_TIMEOUT, "the time for this request is over");
    else if (failure != BUS_OK || !st)
        answer_later(job, "%s did not answer in time", name_of(job));
    else if (strcmp(st, "ok") != 0)
        answer_error(job, (int)envelope_int(reply, "rsc", RSC_INTERNAL_SERVER_ERROR), "%s: %s", about(job),
                     why ? why : "refused");
    else
        job->on_consulted(job, reply);
}

void consult(struct job *job, const char *verb, const char *body, size_t len, consult_fn *then)
{
    auto_str struct str head = STR_EMPTY;

    head_str(&head, "do", verb);
    head_str(&head, "tenant", job->req.tenant);
    head_str(&head, "trace", job->req.trace);
    job->on_consulted = then;
    if (bus_send(role_of(job), &head, body, len, job->answer_by, on_reply, job) < 0)
        answer_later(job, "%s cannot be reached now", name_of(job));
}

/* ---- the tasks of a plan ---- */

static void next_task(struct job *job);

/* What the first operation sets: an update's attributes, or those of a new resource. */
static json_t *attributes_set(const struct job *job)
{
    const json_t *op = json_array_get(job->plan.ops, 0);
    json_t *set = json_object_get(op, "set");

    return set ? set : json_object_get(json_object_get(op, "r"), "a");
}

/* {"d":"..."}: the attribute, and what a later task is asked about. */
static void take_result(struct job *job, const json_t *task, const struct envelope *reply)
{
    const char *attr = json_str(task, "attr");
    json_auto_t *result = attr ? json_loadb(reply->body, reply->body_len, 0, NULL) : NULL;
    const char *member;
    json_t *value;

    json_object_foreach(result, member, value)
    {
        json_object_set(attributes_set(job), attr, value);
        for (size_t i = job->consulted; i < json_array_size(job->plan.consult); i++)
            json_object_set(
                json_array_get(json_object_get(json_object_get(json_array_get(job->plan.consult, i), "body"), "set"), 0), member,
                value);
    }
}

static void on_task_done(struct job *job, const struct envelope *reply)
{
    const json_t *task = json_array_get(job->plan.consult, job->consulted++);

    take_result(job, task, reply);
    next_task(job);
}

static void next_task(struct job *job)
{
    const json_t *task = task_of(job);
    auto_str struct str body = STR_EMPTY;

    if (!task) {
        job->after_consult(job);
        return;
    }
    json_write(&body, json_object_get(task, "body"));
    consult(job, json_str(task, "do"), str_text(&body), body.len, on_task_done);
}

void consult_plan(struct job *job, job_step *next)
{
    job->after_consult = next;
    next_task(job);
}
