#include "relay.h"

#include "log.h"
#include "mem.h"

/* One job's events on their way to the broker. */
struct relay {
    struct job *job;
    int open;
    bool failed;
};

static void settle(struct relay *relay, bool failed)
{
    struct job *job = relay->job;

    relay->failed |= failed;
    if (--relay->open > 0)
        return;
    failed = relay->failed;
    free(relay);
    if (failed)
        answer_later(job, "the notification cannot be kept now");
    else
        answer(job, job->plan.rsc, (struct slice){NULL, 0});
}

static void on_confirm(void *context, bool failed)
{
    settle(context, failed);
}

/* The id is the same when the request comes again: a repetition can be told. */
static void write_event(struct str *out, const struct job *job, int number, struct slice body)
{
    const struct resource *group = job->plan.target;
    auto_free char *id = xasprintf("%s-%d", job->req.id ? job->req.id : job->req.rqi, number);

    str_puts(out, "{\"id\":");
    str_json(out, id);
    head_str(out, "tenant", job->req.tenant);
    head_str(out, "event", "relay");
    head_int(out, "at", job->snap.now);
    head_int(out, "op", job->req.op);
    head_int(out, "ty", group->type->ty);
    head_str(out, "ri", group->ri);
    head_str(out, "pi", group->pi);
    head_str(out, "path", group->path);
    head_str(out, "fr", job->plan.originator);
    head_str(out, "rqi", job->req.rqi);
    head_str(out, "trace", job->req.trace);
    str_puts(out, "}\n");
    str_add(out, body.p, body.n);
    str_putc(out, '\n');
}

void relay(struct job *job)
{
    const char *tenant = job->req.tenant ? job->req.tenant : "main";
    auto_free char *key = xasprintf("%s.%s.relay.watched", tenant, job->plan.target->type->sn);
    struct relay *relay = xcalloc(1, sizeof(*relay));
    const char *line = str_text(&job->plan.content);

    relay->job = job;
    relay->open = 1;
    for (int number = 1; *line; number++) {
        auto_str struct str event = STR_EMPTY;
        size_t n = strcspn(line, "\n");

        write_event(&event, job, number, (struct slice){line, n});
        relay->open++;
        if (bus_event(key, event.data, event.len, on_confirm, relay) < 0) {
            relay->open--;
            relay->failed = true;
        }
        line += n + (line[n] == '\n');
    }
    settle(relay, false);
}
