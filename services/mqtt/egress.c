#include "egress.h"

#include "clock.h"
#include "config.h"
#include "cse.h"
#include "log.h"
#include "loop.h"
#include "map.h"
#include "outbound.h"
#include "primitive_json.h"

#include "mem.h"

#define BROKERS_MAX 256
#define SWEEP_MS 1000

/* One request on its way. */
struct outgoing {
    struct outbound o; /* first */
    struct outgoing *prev, *next;
    struct broker broker;
    struct route route;
    struct str text;
    struct line *link; /* NULL: it was not sent */
    uint64_t tag;
    bool waits; /* for the connection */
};

/* A connection to another broker, as long as it is used. */
struct guest {
    struct line *link;
    int64_t used; /* clock_now_ms() */
};

static struct line *own;
static struct guest guests[BROKERS_MAX];
static struct outgoing *sent;
static uint64_t tags;
static struct loop_timer *sweep;
static int64_t idle_ms;
static int brokers_max;

static struct outbound_metrics metrics = OUTBOUND_METRICS("mqtt");

/* ---- connections ---- */

static struct guest *guest_of(const struct line *link)
{
    for (int i = 0; i < brokers_max; i++)
        if (guests[i].link == link)
            return &guests[i];
    return NULL;
}

static struct line *line_to(const struct broker *broker)
{
    struct guest *free_place = guest_of(NULL);

    if (broker_same(line_broker(own), broker))
        return own;
    for (int i = 0; i < brokers_max; i++) {
        if (!guests[i].link || !broker_same(line_broker(guests[i].link), broker))
            continue;
        guests[i].used = clock_now_ms();
        return guests[i].link;
    }
    if (!free_place)
        return NULL;
    *free_place = (struct guest){line_open(broker, false), clock_now_ms()};
    return free_place->link;
}

static bool is_used(const struct line *link)
{
    const struct outgoing *out = sent;

    while (out && out->link != link)
        out = out->next;
    return out != NULL;
}

static void on_sweep(void *unused)
{
    int64_t now = clock_now_ms();

    (void)unused;
    for (int i = 0; i < brokers_max; i++) {
        if (!guests[i].link || now - guests[i].used < idle_ms || is_used(guests[i].link))
            continue;
        line_close(guests[i].link);
        guests[i].link = NULL;
    }
}

/* ---- one request ---- */

static int prepare(struct outbound *o, char *why, size_t why_size)
{
    struct outgoing *out = (struct outgoing *)o;
    struct primitive p = {.kind = PRIMITIVE_REQUEST};

    if (broker_parse(&out->broker, str_text(&o->target.url), why, why_size) < 0 ||
        map_route(&out->route, &o->req, &out->broker, o->serialization, config_bool("mqtt.mobius"), why, why_size) < 0)
        return -1;
    p.req = o->req;
    if (!p.req.to) /* mandatory, TS-0004 7.2.1.1 */
        p.req.to = str_text(&o->target.url);
    return primitive_serialize(&out->text, &p, o->serialization == SERIALIZATION_CBOR, why, why_size);
}

static void publish(struct outgoing *out)
{
    out->waits = false;
    out->tag = ++tags;
    if (line_publish(out->link, out->route.topic, out->text.data, out->text.len, out->tag) < 0)
        outbound_failed(&out->o, "too much waits to be sent to this broker");
    else
        out->o.sent = true;
}

static void listen_for_response(struct outgoing *out)
{
    auto_free char *filter = NULL;

    if (!out->route.prefix)
        return;
    filter = xasprintf("%s/oneM2M/resp/%s/#", out->route.prefix, out->route.originator);
    line_subscribe(out->link, filter);
}

static int start_sending(struct outbound *o, int64_t left)
{
    struct outgoing *out = (struct outgoing *)o;

    (void)left;
    out->link = line_to(&out->broker);
    if (!out->link || (out->link == own && !line_is_up(own))) {
        snprintf(o->why, sizeof o->why, "%s", out->link ? "no connection to the MQTT broker" : "connected to too many brokers");
        out->link = NULL;
        return -1;
    }
    out->next = sent;
    if (sent)
        sent->prev = out;
    sent = out;
    listen_for_response(out);
    if (!line_is_up(out->link)) {
        out->waits = true;
        return 0;
    }
    out->tag = ++tags;
    if (line_publish(out->link, out->route.topic, out->text.data, out->text.len, out->tag) < 0) {
        snprintf(o->why, sizeof o->why, "too much waits to be sent to this broker");
        return -1;
    }
    o->sent = true;
    return 0;
}

static void expire(struct outbound *o)
{
    outbound_failed(o, ((struct outgoing *)o)->waits ? "the broker was not reached in time" : "no answer in time");
}

static void release(struct outbound *o)
{
    struct outgoing *out = (struct outgoing *)o;

    if (out->link) {
        if (out->next)
            out->next->prev = out->prev;
        *(out->prev ? &out->prev->next : &sent) = out->next;
    }
    route_done(&out->route);
    str_done(&out->text);
}

/* ---- what comes of it ---- */

static struct outgoing *first_of(const struct line *link, bool waiting)
{
    struct outgoing *out = sent;

    while (out && (out->link != link || (waiting && !out->waits)))
        out = out->next;
    return out;
}

void egress_up(struct line *link, bool up, const char *why)
{
    struct guest *guest = link == own ? NULL : guest_of(link);
    struct outgoing *out;

    while (up && (out = first_of(link, true)))
        publish(out);
    if (up)
        return;
    if (guest) /* what is asked of this broker while its requests end opens another one */
        guest->link = NULL;
    while ((out = first_of(link, false)))
        outbound_failed(&out->o, why);
    if (guest)
        line_close(link);
}

/* The broker has it: where no response comes, that is the end. */
void egress_published(uint64_t tag, bool ok)
{
    struct outgoing *out = sent;
    struct response rsp;

    while (out && out->tag != tag)
        out = out->next;
    if (!out || (ok && out->route.prefix))
        return;
    if (!ok) {
        outbound_failed(&out->o, "the broker did not take it");
        return;
    }
    response_init(&rsp);
    rsp.rsc = RSC_OK;
    rsp.rqi = out->o.req.rqi;
    outbound_answered(&out->o, &rsp, NULL, NULL);
}

static struct outgoing *asked(const struct line *link, const struct topic *t, const char *rqi)
{
    struct outgoing *out = sent;

    while (out && (out->link != link || !out->route.prefix || !out->o.req.rqi || strcmp(out->o.req.rqi, rqi) != 0 ||
                   strcmp(out->route.receiver, t->receiver) != 0))
        out = out->next;
    return out;
}

void egress_answer(struct line *link, const struct topic *t, struct message *message)
{
    struct primitive p;
    struct outgoing *out;
    char why[160] = "the topic names a serialization that is not spoken here";

    if (t->serialization == SERIALIZATION_NONE ||
        primitive_read(&p, &message->payload, t->serialization == SERIALIZATION_CBOR, why, sizeof why) < 0) {
        log_often(LOG_INFO, "mqtt.malformed", "topic=%s why=%s", message->topic, why);
        return;
    }
    out = p.kind == PRIMITIVE_RESPONSE ? asked(link, t, p.rsp.rqi) : NULL;
    if (out) /* else it is for another instance, or too late */
        outbound_answered(&out->o, &p.rsp, NULL, NULL);
}

void egress_start(struct line *link)
{
    static const char *const schemes[] = {"mqtt", "mqtts", NULL};
    static const struct outbound_binding binding = {
        .size = sizeof(struct outgoing),
        .schemes = schemes,
        .by_rqi = true,
        .metrics = &metrics,
        .prepare = prepare,
        .send = start_sending,
        .expire = expire,
        .release = release,
    };
    struct outbound_limits limits = {
        .total = (int)config_int("mqtt.egress.total"),
        .per_target = (int)config_int("mqtt.egress.per_target"),
        .per_cse = (int)config_int("mqtt.egress.per_cse"),
        .timeout = config_int("mqtt.egress.timeout"),
    };

    own = link;
    brokers_max = (int)config_int("mqtt.egress.brokers");
    idle_ms = config_int("mqtt.egress.idle");
    sweep = loop_timer_new(on_sweep, NULL);
    loop_timer_start(sweep, SWEEP_MS, SWEEP_MS);
    outbound_start(&binding, &limits);
}

void egress_stop(void)
{
    loop_timer_free(sweep);
    outbound_stop();
}
