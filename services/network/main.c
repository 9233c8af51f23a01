/* network - speaks with the underlying 3GPP network: triggers devices, locates them, negotiates background data transfers. */
#include "active.h"
#include "callback.h"
#include "calls.h"
#include "client.h"
#include "clock.h"
#include "cse.h"
#include "json.h"
#include "log.h"
#include "mem.h"
#include "network.h"
#include "places.h"
#include "primitive.h"
#include "question.h"
#include "service.h"
#include "talk.h"
#include "transfers.h"
#include "triggers.h"

enum { PREFETCH = 64, HELD_MAX = 64 * PREFETCH, TY_POLICY = 10, TY_TRIGGER = 47, TY_TRANSFER = 49 };
enum { HTTP_NOT_FOUND = 404 };

/* ---- events and questions ------------------------------------------------------------------------------------------- */

/* Perhaps it has been here: delivered, or published, a second time. */
static bool is_fresh(const struct bus_delivery *d)
{
    return !d->again && !envelope_bool(&d->envelope, "again", false);
}

static void on_trigger(struct bus_delivery *d, const char *ri, const json_t *a)
{
    triggers_learn(ri, a, is_fresh(d));
    active_done(d);
}

static void on_policy(struct bus_delivery *d, const char *ri, const json_t *a)
{
    places_learn(ri, a, is_fresh(d));
    active_done(d);
}

static void on_policy_changed(struct bus_delivery *d, const char *ri, const json_t *a)
{
    (void)a;
    places_changed(ri);
    active_done(d);
}

static void on_transfer_deleted(struct bus_delivery *d, const char *ri, const json_t *a)
{
    (void)a;
    transfers_deleted(d, ri);
}

/* Columns: event, resource type, operation (0 = any), who is told and acknowledges it. */
static const struct {
    const char *event;
    int ty, op;
    void (*tell)(struct bus_delivery *delivery, const char *ri, const json_t *a);
} events[] = {
    {"resource", TY_TRIGGER,  OP_CREATE, on_trigger         },
    {"resource", TY_TRIGGER,  OP_DELETE, triggers_deleted   },
    {"resource", TY_POLICY,   OP_CREATE, on_policy          },
    {"resource", TY_POLICY,   OP_DELETE, places_deleted     },
    {"locate",   TY_POLICY,   0,         on_policy_changed  },
    {"resource", TY_TRANSFER, OP_DELETE, on_transfer_deleted},
};

static const struct {
    const char *verb;
    void (*ask)(struct bus_delivery *delivery, const char *ri, const json_t *a);
} questions[] = {
    {"replace",   triggers_replace   },
    {"recall",    triggers_recall    },
    {"negotiate", transfers_negotiate},
};

static void answer_question(struct bus_delivery *d, const char *verb)
{
    const struct envelope *e = &d->envelope;
    json_auto_t *a = e->body_len > 0 ? json_loadb(e->body, e->body_len, 0, NULL) : NULL;
    const char *ri = json_str(a, "ri");

    if (envelope_int(e, "deadline", 0) < clock_now_ms()) {
        active_done(d); /* nobody waits any more */
        return;
    }
    for (size_t i = 0; ri && i < ARRAY_LEN(questions); i++) {
        if (strcmp(questions[i].verb, verb) == 0) {
            questions[i].ask(d, ri, a);
            return;
        }
    }
    talk_refuse(d, RSC_BAD_REQUEST, ri ? "do: no task of this service" : "ri is missing");
}

/* {"rep":{"m2m:tgr":{...}},...}: the attributes. The caller owns them. */
static json_t *attributes_of(const struct envelope *e)
{
    json_auto_t *body = e->body_len > 0 ? json_loadb(e->body, e->body_len, 0, NULL) : NULL;
    json_t *rep = json_object_get(body, "rep");
    void *first = json_is_object(rep) ? json_object_iter(rep) : NULL;

    return first ? json_incref(json_object_iter_value(first)) : NULL;
}

static void handle(struct bus_delivery *d)
{
    const struct envelope *e = &d->envelope;
    const char *verb = envelope_str(e, "do"), *event = envelope_str(e, "event"), *ri = envelope_str(e, "ri");
    int ty = (int)envelope_int(e, "ty", 0), op = (int)envelope_int(e, "op", 0);
    json_auto_t *a = NULL;

    if (verb) {
        answer_question(d, verb);
        return;
    }
    for (size_t i = 0; event && ri && i < ARRAY_LEN(events); i++) {
        if (strcmp(events[i].event, event) != 0 || events[i].ty != ty || (events[i].op && events[i].op != op))
            continue;
        a = attributes_of(e);
        events[i].tell(d, ri, a);
        return;
    }
    active_done(d);
}

static void on_report(struct post *post, const char *ri, const json_t *body)
{
    if (!triggers_report(post, ri, body) && !places_report(post, ri, body))
        callback_answer(post, HTTP_NOT_FOUND);
}

/* ---- learning what there is ----------------------------------------------------------------------------------------- */

static const struct {
    int ty;
    void (*learn)(const char *ri, const json_t *a, bool fresh);
} kinds[] = {
    {TY_TRIGGER, triggers_learn},
    {TY_POLICY,  places_learn  },
};

static void (*ready)(void);
static size_t kind;

static void load(const char *after);

/* {"rows":[["path","ri",ty,"pi",acpi,by,v,a],...],"more":...} */
static void on_rows(void *context, enum call_status st, const json_t *body)
{
    const json_t *row, *more = json_object_get(body, "more");
    size_t i;

    (void)context;
    if (st == CALL_FORGOTTEN)
        return;
    json_array_foreach(json_object_get(body, "rows"), i, row)
    {
        const char *ri = json_string_value(json_array_get(row, 1));

        if (ri && json_is_object(json_array_get(row, 7)))
            kinds[kind].learn(ri, json_array_get(row, 7), false);
    }
    if (json_is_string(more)) {
        load(json_string_value(more));
    } else if (++kind < ARRAY_LEN(kinds)) {
        load(NULL);
    } else {
        log_info("load.done", "instance=%s", bus_instance());
        callback_open();
        ready();
    }
}

static void load(const char *after)
{
    calls_query(kinds[kind].ty, after, on_rows, NULL);
}

static void begin(void (*done)(void))
{
    ready = done;
    kind = 0;
    load(NULL);
}

/* In this order: what waits for an answer is freed by its callback. */
static void forget(void)
{
    client_forget();
    questions_forget();
    triggers_forget();
    places_forget();
    transfers_forget();
    callback_close();
}

static void start(void)
{
    static const struct active active = {
        .queue = "events.network",
        .tenant = CALLS_TENANT,
        .keeper = "storage",
        .about = cse_ri,
        .held_max = HELD_MAX,
        .begin = begin,
        .handle = handle,
        .forget = forget,
    };

    if (!network_configured())
        config_refuse("network.url", "must be set: without it this service has nothing to do");
    client_start();
    callback_start(on_report);
    active_start(&active);
}

static void stop(void)
{
    forget();
    client_stop();
}

int main(int argc, char **argv)
{
    static const struct bus_consumer consumers[] = {
        {BUS_EVENTS, "network", "*.tgr.create.* *.tgr.delete.* *.lcp.create.* *.lcp.delete.* *.lcp.locate.* *.bdt.delete.*",
         BUS_SINGLE_ACTIVE,                                                                                                     PREFETCH, active_on_event},
        {0,          NULL,      NULL,                                                                                        0, 0,        NULL           },
    };
    static const struct service network = {
        .name = "network",
        .consumers = consumers,
        .start = start,
        .stop = stop,
        .idle = client_idle,
        .purpose =
            "Speaks with the underlying 3GPP network: triggers devices, locates them, negotiates background data transfers.",
    };

    return service_main(argc, argv, &network);
}
