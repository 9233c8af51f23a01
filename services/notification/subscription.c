#include "subscription.h"

#include "clock.h"
#include "json.h"
#include "mem.h"

#define DEFAULT_NETS (1u << NET_UPDATE)

static uint32_t nets_of(const json_t *enc, bool monitors)
{
    const json_t *net = json_object_get(enc, "net"), *one;
    uint32_t nets = 0;
    size_t i;

    json_array_foreach(net, i, one)
    {
        if (json_integer_value(one) >= 1 && json_integer_value(one) <= 10)
            nets |= 1u << json_integer_value(one);
    }
    if (nets == 0 && !monitors)
        nets = DEFAULT_NETS;
    return nets;
}

static int64_t duration(const json_t *object, const char *name)
{
    const char *text = json_str(object, name);
    int64_t ms;

    return text && clock_parse_duration(text, &ms) == 0 && ms > 0 ? ms : 0;
}

static struct policy policy_of(const json_t *a, const json_t *sched)
{
    const json_t *bn = json_object_get(a, "bn"), *nar = json_object_get(a, "nar"), *rl = json_object_get(a, "rl");
    struct policy policy;

    /* A group (TS-0001 9.6.13) passes notifications on; it calls the same rule notifyAggregation. */
    bn = bn ? bn : nar;
    policy = (struct policy){
        .batch = json_is_object(bn),
        .batch_number = json_int(bn, "num", 0),
        .batch_duration = duration(bn, "dur"),
        .limited = json_is_object(rl) && duration(rl, "tww") > 0,
        .rate_number = json_int(rl, "mnn", 0),
        .rate_window = duration(rl, "tww"),
        .latest = json_is_true(json_object_get(a, "ln")),
        .pending = (int)json_int(a, "pn", PENDING_UNSET),
        .category = (int)json_int(a, "nec", 0),
        .max_age = duration(a, "ma"),
        .schedule = json_array_size(sched) > 0 ? sched : NULL,
    };

    return policy;
}

static struct subscription *fill(struct subscription *sub)
{
    const json_t *a = sub->a, *enc = json_object_get(a, "enc");

    sub->refs = 1;
    sub->monitors = json_object_get(enc, "om") != NULL;
    sub->nets = nets_of(enc, sub->monitors);
    sub->nct = (int)json_int(a, "nct", 0);
    sub->policy = policy_of(a, sub->sched);
    sub->nu = json_object_get(a, "nu");
    sub->su = json_str(a, "su");
    sub->lt = json_str(a, "lt") ? json_str(a, "lt") : "";
    sub->counts = json_object_get(a, "exc") || json_is_true(json_object_get(a, "nse"));
    return sub;
}

struct subscription *subscription_new(const struct event_sub *from)
{
    json_t *a = json_loadb(from->a.p, from->a.n, 0, NULL);
    struct subscription *sub;

    if (!json_is_object(a)) {
        json_decref(a);
        return NULL;
    }
    sub = xcalloc(1, sizeof *sub);
    sub->ri = xstrndup(from->ri.p, from->ri.n);
    sub->path = xstrndup(from->path.p, from->path.n);
    sub->text = xstrndup(from->a.p, from->a.n);
    sub->text_len = from->a.n;
    sub->a = a;
    sub->sched_text = from->sched.n ? xstrndup(from->sched.p, from->sched.n) : NULL;
    sub->sched = from->sched.n ? json_loadb(from->sched.p, from->sched.n, 0, NULL) : NULL;
    return fill(sub);
}

struct subscription *subscription_from(const char *ri, const char *path, json_t *attributes, json_t *sched)
{
    struct subscription *sub = xcalloc(1, sizeof *sub);

    sub->ri = xstrdup(ri);
    sub->path = xstrdup(path);
    sub->text = xstrdup("");
    sub->a = attributes;
    sub->sched = sched;
    return fill(sub);
}

struct subscription *subscription_ref(struct subscription *sub)
{
    sub->refs++;
    return sub;
}

void subscription_unref(struct subscription *sub)
{
    if (!sub || --sub->refs > 0)
        return;
    json_decref(sub->a);
    json_decref(sub->sched);
    free(sub->sched_text);
    free(sub->ri);
    free(sub->path);
    free(sub->text);
    free(sub);
}

bool subscription_same(const struct subscription *sub, const struct event_sub *event)
{
    return sub->text_len == event->a.n && memcmp(sub->text, event->a.p, event->a.n) == 0 && slice_is(event->path, sub->path) &&
           slice_is(event->sched, sub->sched_text ? sub->sched_text : "");
}
