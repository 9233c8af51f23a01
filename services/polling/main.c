/* polling - keeps what is for the owners of polling channels until they poll, and brings back their answers. */
#include "channel.h"
#include "clock.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"
#include "primitive_json.h"
#include "reply.h"
#include "service.h"

enum {
    PREFETCH = 60000,  /* more than polling.open allows: only what is refused at once is ever on its way */
    SWEEP_MS = 50,     /* how late a deadline may be noticed */
    WAY_BACK_MS = 150, /* of a deadline, for that and for the answer to travel */
    ANNOUNCEMENT_MS = 2000,
};

static const struct config_row config[] = {
    {"polling.patience", CONFIG_INT,  "1200000", 1000, 1740000,
     "ms that a poll or a request waits at most, whatever it says; less than the broker's consumer_timeout (30 min)"    },
    {"polling.open",     CONFIG_INT,  "20000",   1,    50000,   "polls and requests that wait or are handed out at most"},
    {"polling.requests", CONFIG_INT,  "1000",    1,    50000,   "requests for one owner at most"                        },
    {"polling.polls",    CONFIG_INT,  "16",      1,    10000,   "polls of one owner at a time at most"                  },
    {NULL,               CONFIG_TEXT, NULL,      0,    0,       NULL                                                    },
};

static struct channels *channels;
static struct loop_timer *sweep;
static bool sweeping;
static int64_t patience;

static struct metric polls = METRIC_COUNTER("tessera_polling_polls_total", "Polls by what became of them", "result");
static struct metric requests =
    METRIC_COUNTER("tessera_polling_requests_total", "Requests for owners by what became of them", "result");
static struct metric open_now = METRIC_GAUGE("tessera_polling_open", "Polls and requests that are open", "what");
static struct metric waited =
    METRIC_HISTOGRAM("tessera_polling_wait_seconds", "Time that a request waited for a poll", metric_seconds, NULL);

/* ---- channel_ops: every context is a delivery ---- */

static void hand(void *poll, void *const *list, int count, bool aggregate)
{
    auto_str struct str content = STR_EMPTY;

    str_puts(&content, aggregate ? "{\"m2m:agrp\":[" : "{\"m2m:rqp\":");
    for (int i = 0; i < count; i++) {
        const struct bus_delivery *request = list[i];

        if (i > 0)
            str_putc(&content, ',');
        reply_write_request(&content, request);
        metric_observe(&waited, (double)(clock_mono_us() - request->received) / 1e6, NULL);
        log_debug("polling.handed", "rqi=%s url=%s trace=%s", envelope_str(&request->envelope, "rqi"),
                  envelope_str(&request->envelope, "url"), envelope_str(&request->envelope, "trace"));
    }
    str_puts(&content, aggregate ? "]}" : "}");
    metric_add(&polls, 1, "answered");
    reply_respond(poll, RSC_OK, (struct slice){content.data, content.len});
}

static void expire(void *poll)
{
    metric_add(&polls, 1, "empty");
    reply_refuse(poll, RSC_REQUEST_TIMEOUT, "no request came in time");
}

static void fail(void *request, bool handed)
{
    metric_add(&requests, 1, handed ? "unanswered" : "unpolled");
    reply_unreachable(request, handed, handed ? "the owner of the polling channel gave no answer" : "nobody polled in time");
}

static void twice(void *delivery)
{
    bus_done(delivery);
}

/* Whoever delivers notifications may have given up for a while. */
static void wanted(const char *channel)
{
    auto_str struct str head = STR_EMPTY;

    head_str(&head, "tenant", "main");
    head_str(&head, "event", "poll");
    head_str(&head, "url", channel);
    bus_send("events.notification", &head, "", 0, clock_now_ms() + ANNOUNCEMENT_MS, NULL, NULL);
}

/* ---- what comes ---- */

/* When to give up. */
static int64_t deadline_of(const struct bus_delivery *delivery)
{
    int64_t now = clock_now_ms(), deadline = envelope_int(&delivery->envelope, "deadline", INT64_MAX) - WAY_BACK_MS;

    return deadline < now + patience ? deadline : now + patience;
}

static void on_poll(struct bus_delivery *delivery, const char *url)
{
    struct channel_poll poll = {.id = delivery->id,
                                .deadline = deadline_of(delivery),
                                .aggregate = envelope_bool(&delivery->envelope, "rqag", false),
                                .context = delivery};

    if (channels_poll(channels, url, &poll) == 0)
        return;
    metric_add(&polls, 1, "refused");
    reply_refuse(delivery, RSC_TARGET_NOT_REACHABLE, "too many polls at a time");
}

static void on_answer(struct bus_delivery *delivery, const char *url)
{
    const struct envelope *e = &delivery->envelope;
    auto_str struct str text = STR_EMPTY;
    struct primitive answer;
    struct bus_delivery *request;
    char why[160];
    int read;

    str_add(&text, e->body, e->body_len);
    read = primitive_read(&answer, &text, false, why, sizeof why);
    if (read < 0 || answer.kind != PRIMITIVE_RESPONSE) {
        reply_refuse(delivery, RSC_BAD_REQUEST, "pc: no m2m:rsp%s%s", read < 0 ? ": " : "", read < 0 ? why : "");
        return;
    }
    request = channels_answer(channels, url, answer.rsp.rqi);
    if (!request) {
        reply_refuse(delivery, RSC_NOT_FOUND, "m2m:rsp: no request with this rqi waits for an answer");
        return;
    }
    metric_add(&requests, 1, rsc_is_success(answer.rsp.rsc) ? "ok" : "refused");
    reply_answered(request, &answer.rsp);
    reply_respond(delivery, RSC_OK, (struct slice){NULL, 0});
}

static void on_owed(struct bus_delivery *delivery, const char *url)
{
    const struct envelope *e = &delivery->envelope;
    struct request req;
    struct channel_request request = {.id = delivery->id,
                                      .rqi = envelope_str(e, "rqi"),
                                      .lane = envelope_str(e, "lane"),
                                      .deadline = deadline_of(delivery),
                                      .size = e->body_len,
                                      .again = delivery->again,
                                      .context = delivery};
    char why[160] = "rqi: mandatory, missing";

    if (request_decode(&req, e, why, sizeof why) < 0 || !request.rqi) {
        reply_malformed(delivery, why);
        return;
    }
    if (channels_request(channels, url, &request) == 0)
        return;
    metric_add(&requests, 1, "overflow");
    reply_unreachable(delivery, false, "too many requests wait for the owner of the polling channel");
}

static void on_leave(struct bus_delivery *delivery)
{
    const char *poll = envelope_str(&delivery->envelope, "poll");

    if (poll)
        channels_leave(channels, poll);
    bus_done(delivery);
}

static bool anything_open(void)
{
    struct channel_counts counts = channels_count(channels);

    return counts.polls + counts.waiting + counts.out > 0;
}

static void on_delivery(struct bus_delivery *delivery)
{
    const char *verb = envelope_str(&delivery->envelope, "do"), *url = envelope_str(&delivery->envelope, "url");

    if (verb && strcmp(verb, "leave") == 0)
        on_leave(delivery);
    else if (!url)
        reply_malformed(delivery, "url: mandatory, missing");
    else if (!verb)
        on_owed(delivery, url);
    else if (strcmp(verb, "poll") == 0)
        on_poll(delivery, url);
    else if (strcmp(verb, "answer") == 0)
        on_answer(delivery, url);
    else
        reply_malformed(delivery, "do: unknown");
    if (!sweeping && anything_open()) {
        sweeping = true;
        loop_timer_start(sweep, SWEEP_MS, SWEEP_MS);
    }
}

/* ---- life ---- */

static void on_sweep(void *context)
{
    (void)context;
    channels_expire(channels, clock_now_ms());
    if (anything_open())
        return;
    sweeping = false;
    loop_timer_stop(sweep);
}

static void drop(void *delivery)
{
    bus_done(delivery);
}

/* Nothing was acknowledged: it comes again, perhaps to another instance. */
static void on_bus(bool up)
{
    if (!up)
        channels_forget(channels, drop);
}

static void on_render(void)
{
    struct channel_counts counts = channels_count(channels);

    metric_set(&open_now, counts.polls, "polls");
    metric_set(&open_now, counts.waiting, "waiting");
    metric_set(&open_now, counts.out, "handed");
}

static void start(void)
{
    static const struct channel_ops ops = {
        .hand = hand,
        .expire = expire,
        .fail = fail,
        .twice = twice,
        .wanted = wanted,
    };
    struct channel_limits limits = {
        .requests = (int)config_int("polling.requests"),
        .polls = (int)config_int("polling.polls"),
        .open = (int)config_int("polling.open"),
    };

    patience = config_int("polling.patience");
    channels = channels_new(&ops, &limits);
    sweep = loop_timer_new(on_sweep, NULL);
    bus_on_state(on_bus);
    metrics_on_render(on_render);
}

/* What waits, waits on at the next instance. */
static bool idle(void)
{
    bus_leave();
    return true;
}

int main(int argc, char **argv)
{
    static const struct bus_consumer consumers[] = {
        {BUS_REQUESTS, "egress.poll", NULL, BUS_SINGLE_ACTIVE | BUS_PATIENT, PREFETCH, on_delivery},
        {0,            NULL,          NULL, 0,                               0,        NULL       },
    };
    static const struct service polling = {
        .name = "polling",
        .purpose = "Keeps what is for the owners of polling channels until they poll.",
        .config = config,
        .consumers = consumers,
        .start = start,
        .idle = idle,
    };

    return service_main(argc, argv, &polling);
}
