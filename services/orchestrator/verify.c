#include "verify.h"

#include "cse.h"
#include "egress.h"
#include "id.h"
#include "json.h"
#include "loop.h"
#include "mem.h"

/* One notification target; its points of access are tried one after the other. */
struct target {
    struct verify *verify;
    json_t *urls;
    json_t *csz; /* borrowed, or NULL */
    char *to;    /* resource id, or NULL */
    size_t next;
};

struct verify {
    const struct request *req; /* borrowed from the job that waits */
    json_t *targets;           /* keeps what the targets borrow */
    struct str content;
    int64_t deadline;
    void (*done)(void *context, const char *why);
    void *context;
    struct loop_timer *soon; /* for an end without a single request sent */
    char *why;
    int open;
    size_t count;
    struct target list[];
};

static void finish(void *context)
{
    struct verify *v = context;

    v->done(v->context, v->why);
    for (size_t i = 0; i < v->count; i++) {
        json_decref(v->list[i].urls);
        free(v->list[i].to);
    }
    loop_timer_free(v->soon);
    json_decref(v->targets);
    str_done(&v->content);
    free(v->why);
    free(v);
}

static void close_target(struct target *t)
{
    struct verify *v = t->verify;

    if (--v->open == 0)
        loop_timer_start(v->soon, 0, 0);
}

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure);

/* Tries the next point of access. */
static void try_next(struct target *t, const char *why)
{
    struct verify *v = t->verify;
    char rqi[ID_SIZE];

    while (t->next < json_array_size(t->urls)) {
        const char *url = json_string_value(json_array_get(t->urls, t->next++));
        struct egress_notify n = {
            .url = url,
            .to = t->to,
            .fr = cse_id(),
            .rqi = rqi,
            .rvi = "3",
            .ec = ABSENT,
            .csz = t->csz,
            .content = {v->content.data, v->content.len},
        };

        id_random("v", rqi);
        if (url && egress_send(v->req, &n, egress_deadline(t->next < json_array_size(t->urls), v->deadline), on_reply, t) == 0)
            return;
        why = "no service for its protocol can be reached";
    }
    if (!v->why)
        v->why = xasprintf("notification target %s: %s", t->to ? t->to : json_string_value(json_array_get(t->urls, 0)), why);
    close_target(t);
}

/* What the target says itself, or else the one that asked it. The caller owns it; NULL: neither says anything. */
static char *explanation(const struct envelope *reply)
{
    char problem[80];
    json_auto_t *content = reply->body_len > 0 ? json_parse(reply->body, reply->body_len, problem, sizeof problem) : NULL;
    const char *said = json_str(content, "m2m:dbg"), *why = envelope_str(reply, "why");
    char *text = said ? xasprintf("%.300s", said) : why ? xstrdup(why) : NULL;

    if (text)
        json_ascii(text);
    return text;
}

static void on_reply(void *context, const struct envelope *reply, enum bus_failure failure)
{
    struct target *t = context;
    const char *st = reply ? envelope_str(reply, "st") : NULL;
    auto_free char *said = reply ? explanation(reply) : NULL;
    const char *why = said;

    if (failure == BUS_OK && st && strcmp(st, "ok") == 0) {
        close_target(t);
        return;
    }
    if (failure == BUS_TIMEOUT)
        why = "no answer in time";
    if (failure == BUS_NOBODY)
        why = egress_nobody(json_string_value(json_array_get(t->urls, t->next - 1)));
    try_next(t, why ? why : st ? st : "it cannot be reached");
}

void verify_start(const struct request *req, const json_t *targets, const json_t *sgn, int64_t deadline,
                  void (*done)(void *context, const char *why), void *context)
{
    size_t count = json_array_size(targets);
    struct verify *v = xcalloc(1, sizeof(*v) + count * sizeof(v->list[0]));
    bool wrapped = json_object_get(sgn, "m2m:sgn") != NULL;

    v->req = req;
    v->targets = json_incref((json_t *)targets);
    v->deadline = deadline;
    v->done = done;
    v->context = context;
    v->soon = loop_timer_new(finish, v);
    v->count = count;
    v->open = (int)count + 1;
    str_puts(&v->content, wrapped ? "" : "{\"m2m:sgn\":");
    json_write(&v->content, sgn);
    str_puts(&v->content, wrapped ? "" : "}");
    for (size_t i = 0; i < count; i++) {
        const json_t *wanted = json_array_get(targets, i);
        const char *ri = json_str(wanted, "ri");
        const char *url = json_str(wanted, "url");

        v->list[i] = (struct target){
            .verify = v,
            .urls = url ? json_pack("[s]", url) : json_incref(json_object_get(wanted, "poa")),
            .csz = json_object_get(wanted, "csz"),
            .to = ri ? xstrdup(ri) : NULL,
        };
        try_next(&v->list[i], "it has no point of access");
    }
    if (--v->open == 0)
        loop_timer_start(v->soon, 0, 0);
}
