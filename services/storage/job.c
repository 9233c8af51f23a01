/* Requests to the writer: decoded and answered. */
#include "job.h"
#include "clock.h"
#include "json.h"
#include "mem.h"

#define NEED_MAX 128

void answer_reset(struct answer *a)
{
    a->st = ST_OK;
    str_reset(&a->head);
    str_reset(&a->body);
}

void answer_done(struct answer *a)
{
    str_done(&a->head);
    str_done(&a->body);
}

void answer_none(struct answer *a)
{
    answer_reset(a);
    a->st = ST_NONE;
}

void answer_exists(struct answer *a, const char *what)
{
    answer_reset(a);
    a->st = ST_EXISTS;
    head_str(&a->head, "what", what);
}

void answer_failed(struct answer *a, const char *why)
{
    answer_reset(a);
    a->st = ST_FAILED;
    head_str(&a->head, "why", why);
}

void answer_refuse(struct answer *a, enum rsc rsc, const char *format, ...)
{
    auto_str struct str why = STR_EMPTY;
    va_list args;

    va_start(args, format);
    str_vaddf(&why, format, args);
    va_end(args);
    answer_reset(a);
    a->st = ST_REFUSED;
    head_int(&a->head, "rsc", rsc);
    head_str(&a->head, "why", str_text(&why));
}

void answer_gone(struct answer *a, const char *ri)
{
    answer_reset(a);
    a->st = ST_STALE;
    str_putc(&a->body, '{');
    str_json(&a->body, ri);
    str_puts(&a->body, ":null}");
}

/* A short decimal number; -1 when it is none. */
static int64_t slice_number(struct slice s)
{
    int64_t value = 0;

    if (s.n == 0 || s.n > 18)
        return -1;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return -1;
        value = value * 10 + (s.p[i] - '0');
    }
    return value;
}

int need_check(struct nodes *nodes, struct db *db, struct slice need, struct answer *a)
{
    struct json_member members[NEED_MAX];
    int count = need.n ? json_members(need.p, need.n, members, NEED_MAX) : 0;
    char separator = '{', ri[256];
    bool failed, stale = false;
    struct node *node;

    answer_reset(a);
    if (count < 0) {
        answer_refuse(a, RSC_BAD_REQUEST, "need is not an object of at most %d versions", NEED_MAX);
        return 0;
    }
    for (int i = 0; i < count; i++) {
        snprintf(ri, sizeof ri, "%.*s", (int)members[i].name.n, members[i].name.p);
        node = nodes_by_ri(nodes, db, ri, &failed);
        if (failed)
            return -1;
        stale = stale || !node || node->v != slice_number(members[i].value);
        str_putc(&a->body, separator);
        str_json(&a->body, ri);
        if (node)
            str_addf(&a->body, ":%lld", (long long)node->v);
        else
            str_puts(&a->body, ":null");
        separator = ',';
    }
    if (!stale) {
        str_reset(&a->body);
        return 0;
    }
    str_putc(&a->body, '}');
    a->st = ST_STALE;
    return 0;
}

void job_done(struct job *job)
{
    if (job->kind == JOB_COMMIT)
        json_decref(job->ops);
    else if (job->kind == JOB_APPEND)
        json_decref(job->append.then);
    else if (job->kind == JOB_PEND || job->kind == JOB_PENDED)
        json_decref(job->pend.list);
    free(job->replay);
    answer_done(&job->answer);
}

static int bad(struct job *job, const char *what)
{
    answer_refuse(&job->answer, RSC_BAD_REQUEST, "%s", what);
    return -1;
}

static int decode_append(struct job *job, const struct envelope *e)
{
    struct slice then = envelope_raw(e, "then");
    char why[128];

    job->append = (struct append){
        .pi = envelope_str(e, "pi"),
        .rn = envelope_str(e, "rn"),
        .ty = (int)envelope_int(e, "ty", 0),
        .cs = envelope_int(e, "cs", 0),
        .et = envelope_int(e, "et", NEVER),
        .dgt = envelope_int(e, "dgt", NEVER),
        .mni = envelope_int(e, "mni", -1),
        .mbs = envelope_int(e, "mbs", -1),
        .a = {e->body, e->body_len},
        .then = then.p ? json_parse(then.p, then.n, why, sizeof why) : NULL,
    };
    job->origin.at = envelope_int(e, "ct", job->origin.at);
    if (then.p && !json_is_array(job->append.then))
        return bad(job, "then is no list of operations");
    if (!job->append.pi || job->append.ty <= 0)
        return bad(job, "append wants pi and ty");
    if (job->append.cs < 0)
        return bad(job, "cs is negative");
    if (e->body_len < 2 || e->body[0] != '{' || e->body[e->body_len - 1] != '}' ||
        json_check(e->body, e->body_len, why, sizeof why) < 0)
        return bad(job, "line two is not an object");
    return 0;
}

static int decode_commit(struct job *job, const struct envelope *e)
{
    char why[128];
    json_t *body = json_parse(e->body, e->body_len, why, sizeof why);

    job->ops = json_incref(json_object_get(body, "ops"));
    json_decref(body);
    if (!body)
        return bad(job, why);
    if (!json_is_array(job->ops) || json_array_size(job->ops) == 0)
        return bad(job, "line two wants a list \"ops\"");
    return 0;
}

static int decode_pend(struct job *job, const struct envelope *e)
{
    char why[128];
    const char *keep = envelope_str(e, "keep");

    job->pend = (struct pend){.latest = keep && strcmp(keep, "latest") == 0, .max = envelope_int(e, "max", 0)};
    job->pend.list = json_parse(e->body, e->body_len, why, sizeof why);
    if (!job->pend.list)
        return bad(job, why);
    return json_is_array(job->pend.list) ? 0 : bad(job, "line two is not a list");
}

static int decode_pended(struct job *job, const struct envelope *e)
{
    job->pend = (struct pend){.lane = envelope_str(e, "lane"), .upto = envelope_int(e, "upto", -1)};
    return job->pend.lane && job->pend.upto >= 0 ? 0 : bad(job, "pended wants lane and upto");
}

static bool is_key(const char *key)
{
    for (const char *c = key; c && *c; c++)
        if ((unsigned char)*c <= ' ')
            return false;
    return true;
}

int job_decode(struct job *job, enum job_kind kind, const struct envelope *e)
{
    job->kind = kind;
    job->origin = (struct origin){
        .key = envelope_str(e, "key"),
        .also = envelope_str(e, "also"),
        .again = envelope_bool(e, "again", false),
        .fr = envelope_str(e, "fr"),
        .rqi = envelope_str(e, "rqi"),
        .trace = envelope_str(e, "trace"),
        .at = envelope_int(e, "at", clock_now_ms()),
    };
    job->need = envelope_raw(e, "need");
    if (!is_key(job->origin.key) || !is_key(job->origin.also))
        return bad(job, "key has a blank or control character");
    switch (kind) {
    case JOB_APPEND:
        return decode_append(job, e);
    case JOB_COMMIT:
        return decode_commit(job, e);
    case JOB_PEND:
        return decode_pend(job, e);
    case JOB_PENDED:
        return decode_pended(job, e);
    default:
        return 0;
    }
}
