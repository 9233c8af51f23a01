/*
 * The spans of what is delivered: from the moment a primitive is handed to its service until it is ended. Here, and in submit.c,
 * is all that the services' spans are made of.
 */
#include "bus_link.h"
#include "primitive.h"
#include "rtype.h"
#include "span.h"
#include "target.h"

#include "mem.h"

#define EGRESS "egress."

void step_begin(struct bus_delivery *d)
{
    const char *trace = envelope_str(&d->envelope, "trace");

    /* It lies in the message's own text, which this delivery has for itself. */
    span_begin(&d->step.span, (char *)(uintptr_t)trace, false);
    d->step.rsc = 0;
    d->step.st[0] = '\0';
    d->step.rejected = false;
}

void step_reply(struct bus_delivery *d, const struct str *head)
{
    auto_str struct str text = STR_EMPTY;
    struct envelope e;
    const char *st;

    if (!span_recorded(&d->step.span) || head->len == 0)
        return;
    str_puts(&text, "{");
    str_add(&text, head->data + 1, head->len - 1);
    str_puts(&text, "}\n\n");
    if (envelope_parse(&e, text.data, text.len) < 0)
        return;
    st = envelope_str(&e, "st");
    d->step.rsc = (int)envelope_int(&e, "rsc", 0);
    snprintf(d->step.st, sizeof d->step.st, "%s", st ? st : "");
}

/* What is the platform's fault, or the target's; NULL: nothing is. A request refused for good reasons is no failure. */
static const char *failure(const struct bus_step *step)
{
    static const char *const bad[] = {"failed", "unreachable", "refused"};

    if (step->rejected)
        return "rejected";
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (strcmp(step->st, bad[i]) == 0)
            return bad[i];
    if (step->rsc == RSC_INTERNAL_SERVER_ERROR || step->rsc == RSC_TARGET_NOT_REACHABLE || step->rsc == RSC_REQUEST_TIMEOUT)
        return rsc_row(step->rsc)->name;
    return NULL;
}

/* The host of a URL, without user, port and all that follows; "" for other addresses. Valid until the next call. */
static const char *host_of(const char *url)
{
    static char host[256];
    const char *begin = url ? strstr(url, "://") : NULL, *at;

    host[0] = '\0';
    if (!begin)
        return host;
    begin += 3;
    at = memrchr(begin, '@', strcspn(begin, "/?#"));
    if (at)
        begin = at + 1;
    snprintf(host, sizeof host, "%.*s", (int)(*begin == '[' ? strcspn(begin, "]/") + 1 : strcspn(begin, ":/?#")), begin);
    return host;
}

static void record(struct bus_delivery *d, const char *queue)
{
    const struct envelope *e = &d->envelope;
    const char *act = envelope_str(e, "do"), *event = envelope_str(e, "event"), *host = host_of(envelope_str(e, "url"));
    int op = (int)envelope_int(e, "op", 0);
    const char *operation = op ? primitive_operation(op) : NULL, *what = act ? act : event ? event : operation;
    const struct rtype *type = rtype_by_ty((int)envelope_int(e, "ty", 0));
    bool out = strncmp(queue, EGRESS, strlen(EGRESS)) == 0;
    auto_free char *name = xasprintf("%s%s%s", queue, what ? " " : "", what ? what : "");
    const struct otlp_attribute attributes[] = {
        {"messaging.system",                     "rabbitmq",             OTLP_NONE                                  },
        {"messaging.operation.type",             "process",              OTLP_NONE                                  },
        {"messaging.destination.name",           queue,                  OTLP_NONE                                  },
        {"messaging.message.id",                 *d->id ? d->id : NULL,  OTLP_NONE                                  },
        {"server.address",                       *host ? host : NULL,    OTLP_NONE                                  },
        {"onem2m.operation",                     operation,              OTLP_NONE                                  },
        {"onem2m.resource_type",                 type ? type->sn : NULL, OTLP_NONE                                  },
        {"onem2m.to",                            envelope_str(e,         "to"),                                       OTLP_NONE},
        {"onem2m.request_id",                                      envelope_str(e,                                          "rqi"),                                  OTLP_NONE},
        {"onem2m.status_code",                             NULL,                                                   d->step.rsc ? d->step.rsc : OTLP_NONE                                         },
        {"tessera.result", *d->step.st ? d->step.st : NULL,OTLP_NONE},
    };

    span_end(&d->step.span, &(struct span_end){.kind = out ? OTLP_CLIENT : OTLP_CONSUMER,
                                               .name = name,
                                               .started = d->received,
                                               .attributes = attributes,
                                               .count = (int)ARRAY_LEN(attributes),
                                               .error = failure(&d->step)});
}

void step_end(struct bus_delivery *d, const char *queue)
{
    if (span_recorded(&d->step.span))
        record(d, queue);
}
