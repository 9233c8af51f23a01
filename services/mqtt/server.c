#include "server.h"

#include "bus.h"
#include "call.h"
#include "certificate.h"
#include "config.h"
#include "cse.h"
#include "egress.h"
#include "log.h"
#include "map.h"
#include "metrics.h"
#include "service.h"

#include "mem.h"

static struct broker home; /* the CSE's own broker */
static struct line *own;
static bool opened; /* the line to it */
static const char *prefix;
static char id[TOPIC_ID_SIZE]; /* this CSE's, as topics have it */
static char why_down[160] = "it has not answered yet";

static struct metric connected =
    METRIC_GAUGE("tessera_mqtt_connected", "1 while there is a connection to the CSE's own broker", NULL);
static struct metric ignored = METRIC_COUNTER("tessera_mqtt_ignored_total", "Messages that are for nobody here", "reason");

/* The responses' topics may have other prefixes: those of their targets. */
static bool is_response(struct topic *t, const char *topic)
{
    const char *root = strstr(topic, "/oneM2M/resp/");

    return root && topic_parse(t, root, "") == 0 && t->kind == TOPIC_RESPONSE && map_is_own_id(t->originator);
}

static void on_message(struct line *link, struct message *message)
{
    struct topic t;

    if (is_response(&t, message->topic))
        egress_answer(link, &t, message);
    else if (link == own && topic_parse(&t, message->topic, prefix) == 0 &&
             (t.kind == TOPIC_REQUEST || t.kind == TOPIC_REGISTRATION) && map_is_own_id(t.receiver))
        call_take(&t, message);
    else
        metric_add(&ignored, 1, "topic");
}

static void on_up(struct line *link, bool up, const char *why)
{
    if (link == own)
        snprintf(why_down, sizeof why_down, "%s", why);
    egress_up(link, up, why);
}

static void on_published(uint64_t tag, bool ok)
{
    if (tag)
        egress_published(tag, ok);
}

/* Of the requests, each instance gets its share. */
static void subscribe_requests(const char *kind, const char *own_id)
{
    bool shared = config_bool("mqtt.shared");
    auto_free char *alone = xasprintf("%s/oneM2M/%s/+/%s/#", prefix, kind, own_id);
    auto_free char *together = xasprintf("$share/tessera/%s", alone);

    line_subscribe(own, shared ? together : alone);
    line_forget(own, shared ? alone : together);
}

/* All instances see all responses. */
static void subscribe_responses(const char *own_id)
{
    auto_free char *filter = xasprintf("%s/oneM2M/resp/%s/#", prefix, own_id);

    line_subscribe(own, filter);
}

/* Other service providers know an IN-CSE by its absolute id, TS-0010 6.4. */
static void subscribe(void)
{
    char absolute[TOPIC_ID_SIZE];

    subscribe_requests("req", id);
    subscribe_requests("reg_req", id);
    subscribe_responses(id);
    if (cse_type() != CSE_TYPE_IN || map_own_id(absolute, true) < 0)
        return;
    subscribe_requests("req", absolute);
    subscribe_responses(absolute);
}

static void on_render(void)
{
    metric_set(&connected, opened && line_is_up(own), NULL);
}

static void find_broker(struct broker *broker)
{
    const char *url = config_text("mqtt.url");
    auto_free char *local = xasprintf("mqtt://127.0.0.1:%d", (int)config_int("mqtt.port"));
    char why[160];

    if (broker_parse(broker, *url ? url : local, why, sizeof why) < 0)
        config_refuse("mqtt.url", "%s", why);
    if (*broker->path)
        config_refuse("mqtt.url", "has a path; what stands before the topics is mqtt.prefix");
    prefix = config_text("mqtt.prefix");
    if (strcspn(prefix, "+#$") != strlen(prefix) || (*prefix && prefix[strlen(prefix) - 1] == '/'))
        config_refuse("mqtt.prefix", "must have no + # $ in it, and no slash at its end");
}

/* "C::id-in.mqtt.1", TS-0010 6.2: the same after a restart, another one in every instance. The caller frees. */
static char *client_id(void)
{
    const char *given = config_text("mqtt.client");

    return *given ? xstrdup(given) : xasprintf("C::%s.%s", id, service_instance());
}

/* Not before: what the broker has kept comes at once, and would be refused. */
static void on_bus(bool up)
{
    if (!up || opened)
        return;
    opened = true;
    own = line_open(&home, true);
    subscribe();
    call_setup(own, prefix);
    egress_start(own);
}

void server_start(void)
{
    static const struct line_events events = {.message = on_message, .up = on_up, .published = on_published, .busy = call_busy};
    auto_free char *client = NULL;
    static char client_text[TOPIC_ID_SIZE];

    if (map_own_id(id, false) < 0)
        config_refuse("cse.id", "cannot be part of a topic");
    find_broker(&home);
    client = client_id();
    snprintf(client_text, sizeof client_text, "%s", client);
    line_setup(
        &(struct line_settings){
            .client = client_text,
            .user = config_text("mqtt.user"),
            .password = config_text("mqtt.password"),
            .ca = config_text("mqtt.ca"),
            .certificate = config_text("mqtt.certificate"),
            .key = config_text("mqtt.key"),
            .keepalive = (int)config_int("mqtt.keepalive"),
            .inflight = (int)config_int("mqtt.inflight"),
            .backlog = (int)config_int("mqtt.backlog"),
            .queue = (size_t)config_int("mqtt.queue"),
            .max_message = (size_t)config_int("mqtt.max_message"),
        },
        &events);
    bus_on_state(on_bus);
    certificate_follow("mqtt.certificate");
    certificate_follow("mqtt.ca");
    metrics_on_render(on_render);
    log_info("mqtt.start", "host=%s port=%d client=%s", home.host, home.port, client);
}

void server_drain(void)
{
    call_drain();
}

bool server_idle(void)
{
    return !opened || (call_idle() && line_idle(own));
}

bool server_ready(struct str *why)
{
    const char *url = config_text("mqtt.url");

    if (opened && line_is_up(own))
        return true;
    str_addf(why, "%sno connection to the MQTT broker%s%s: %s", *url ? SERVICE_DEGRADED : "", *url ? " " : "", url, why_down);
    return false;
}

void server_stop(void)
{
    if (!opened)
        return;
    egress_stop();
    line_stop();
}
