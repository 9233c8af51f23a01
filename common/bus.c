/* The bus as services use it: requests and their answers, replies, events. See bus_link.h for what is below. */
#include "bus.h"
#include "bus_batch.h"
#include "bus_link.h"
#include "bus_pending.h"
#include "clock.h"
#include "id.h"
#include "log.h"
#include "loop.h"
#include "mem.h"
#include "metrics.h"

#define NONCE_CHARS 6
#define ROUNDS_MAX 16
#define DEADLINE_TICK 25 /* ms: how late a deadline may be noticed */

const struct config_row bus_config[] = {
    {"bus.host",         CONFIG_TEXT,   "127.0.0.1", 1,   1000,
     "host of the broker; of a cluster all nodes, a comma between, each HOST or HOST:PORT: any will do"                                     },
    {"bus.port",         CONFIG_INT,    "5672",      1,   65535,     "port of the broker, where bus.host names none"                        },
    {"bus.vhost",        CONFIG_TEXT,   "tessera",   1,   255,       "virtual host at the broker"                                           },
    {"bus.user",         CONFIG_TEXT,   "",          0,   255,       "user at the broker; empty: the name of the service"                   },
    {"bus.password",     CONFIG_SECRET, "",          0,   1000,      "password of that user, or @/path of a file that holds it"             },
    {"bus.heartbeat",    CONFIG_INT,    "10",        0,   600,       "seconds between signs of life on a connection, 0 = none"              },
    {"bus.inflight",     CONFIG_INT,    "4096",      1,   1000000,   "requests sent and not answered, beyond which new ones are refused"    },
    {"bus.tls",          CONFIG_BOOL,   "false",     0,   0,         "TLS to the broker; its certificate and host name are checked"         },
    {"bus.tls.ca",       CONFIG_TEXT,   "",          0,   4000,      "file of the authorities that may have signed the broker's certificate"},
    {"bus.queue.type",   CONFIG_TEXT,   "classic",   1,   10,
     "kind of the queues that instances share: classic, or quorum in a cluster of brokers"                                                  },
    {"bus.queue.length", CONFIG_INT,    "100000",    10,  100000000, "AMQP messages that a queue holds at most"                             },
    {"bus.queue.ttl",    CONFIG_INT,    "60000",     100, 3600000,
     "ms after which a request that nobody has taken is dropped from its queue"                                                             },
    {NULL,               CONFIG_TEXT,   NULL,        0,   0,         NULL                                                                   },
};

static char instance[80], next_id[ID_SIZE + 80];
static uint64_t number; /* of the last request */
static int64_t inflight_max;
static struct loop_timer *deadlines;
static bool ticking;
static bool leaving; /* what is open is left to others */

static struct metric batch_size =
    METRIC_HISTOGRAM("tessera_bus_batch_size", "Primitives in one AMQP message", metric_sizes, "direction");
static struct metric inflight = METRIC_GAUGE("tessera_bus_inflight", "Requests sent and not answered");
static struct metric refused = METRIC_COUNTER("tessera_bus_refused_total", "Requests and events that could not be sent", "why");
static struct metric unanswered = METRIC_COUNTER("tessera_bus_unanswered_total", "Requests that got no answer", "why");

void bus_count_batch(int count, const char *direction)
{
    metric_observe(&batch_size, count, direction);
}

/* ---- requests ---- */

static void leave(const char *exchange, const char *key, struct str *text, int count)
{
    bool request = strcmp(exchange, EXCHANGE_REQUESTS) == 0;

    bus_count_batch(count, "out");
    out_add(&(struct outgoing){.exchange = exchange, .key = key, .text = text, .reply_to = request ? link_reply_queue() : NULL});
}

/* Valid until the next one. */
static const char *next_own_id(void)
{
    char digits[ID_SIZE];

    id_instance("", (int64_t)(number + 1), digits);
    snprintf(next_id, sizeof(next_id), "%s-%s", instance, digits);
    return next_id;
}

/* Why nothing can be sent now, or NULL. */
static const char *refusal(void)
{
    if (!link_up())
        return "down";
    if (out_blocked())
        return "blocked";
    return out_refuses() ? "full" : NULL;
}

static int refuse(const char *why)
{
    metric_add(&refused, 1, why);
    return -1;
}

static void end_pending(const struct pending *p, const struct envelope *reply, enum bus_failure failure)
{
    if (failure != BUS_OK)
        metric_add(&unanswered, 1, failure == BUS_TIMEOUT ? "timeout" : failure == BUS_LOST ? "lost" : "nobody");
    p->fn(p->context, reply, failure);
}

static void on_deadlines(void *unused)
{
    int64_t now = clock_mono_us() / 1000;
    struct pending p;

    (void)unused;
    while (pending_take_due(now, &p))
        end_pending(&p, NULL, BUS_TIMEOUT);
    if (pending_count() == 0) {
        loop_timer_stop(deadlines);
        ticking = false;
    }
}

static void expect_reply(int64_t deadline, bus_reply_fn *on_reply, void *context)
{
    /* Kept by the monotonic clock: setting the time must not end what is under way. */
    pending_add(&(struct pending){number, clock_mono_us() / 1000 + deadline - clock_now_ms(), on_reply, context});
    if (!ticking)
        loop_timer_start(deadlines, DEADLINE_TICK, DEADLINE_TICK);
    ticking = true;
}

/* `first` are the bus's own members, `head` begins with a comma that goes when it is the first. */
static void write_primitive(struct str *text, const struct str *first, const struct str *head, const char *body, size_t body_len)
{
    size_t skip = first->len == 0 && head->len > 0;

    str_putc(text, '{');
    str_add(text, first->len ? first->data : "", first->len);
    str_add(text, head->len ? head->data + skip : "", head->len - skip);
    str_puts(text, "}\n");
    str_add(text, body ? body : "", body ? body_len : 0);
    str_putc(text, '\n');
}

static void write_own(struct str *own, const char *id, int64_t deadline)
{
    str_reset(own);
    str_puts(own, "\"id\":");
    str_json(own, id);
    head_int(own, "deadline", deadline);
}

int bus_send(const char *role, const struct str *head, const char *body, size_t body_len, int64_t deadline,
             bus_reply_fn *on_reply, void *context)
{
    static struct str own;
    const char *why = refusal();
    struct batch *b;

    if (why)
        return refuse(why);
    if (on_reply && pending_count() >= inflight_max)
        return refuse("inflight");
    write_own(&own, next_own_id(), deadline);
    number++;
    b = batch_open(EXCHANGE_REQUESTS, role, own.len + head->len + body_len + 4, leave);
    write_primitive(&b->text, &own, head, body, body_len);
    b->count++;
    if (on_reply)
        expect_reply(deadline, on_reply, context);
    return 0;
}

const char *bus_sent_id(void)
{
    return next_id;
}

void bus_keep_begin(const char *role)
{
    batch_keep(EXCHANGE_REQUESTS, role, leave);
}

void bus_keep_end(void)
{
    batch_keep_end();
}

/* The number in an id of this process; false for every other text. */
static bool own_number(const char *id, uint64_t *out)
{
    size_t len = strlen(instance);
    int64_t value;

    if (!id || strncmp(id, instance, len) != 0 || id[len] != '-' || !id_instance_number("", id + len + 1, &value))
        return false;
    *out = (uint64_t)value;
    return true;
}

/* What nobody waits for any more, or what is no answer, is dropped: its asker has its own deadline. */
static void answer_all(struct str *text, enum bus_failure failure)
{
    size_t at = 0;
    int count = 0;

    while (at < text->len) {
        struct envelope e;
        struct pending p;
        uint64_t which;
        ssize_t used = envelope_parse(&e, text->data + at, text->len - at);

        if (used <= 0) {
            log_warn("bus.reply.malformed", "at=%zu bytes=%zu", at, text->len);
            break;
        }
        at += (size_t)used;
        count++;
        if (own_number(envelope_str(&e, "id"), &which) && pending_take(which, &p))
            end_pending(&p, failure == BUS_OK ? &e : NULL, failure);
    }
    if (failure == BUS_OK)
        bus_count_batch(count, "reply");
}

void bus_on_reply(struct str *text)
{
    answer_all(text, BUS_OK);
}

void bus_on_return(struct str *text)
{
    log_debug("bus.nobody", "bytes=%zu", text->len);
    answer_all(text, BUS_NOBODY);
}

/* ---- deliveries ---- */

void bus_reply(struct bus_delivery *delivery, const struct str *head, const char *body, size_t body_len)
{
    static struct str own;
    const char *to = in_reply_to(delivery);
    struct batch *b;

    step_reply(delivery, head);
    if (to) {
        str_reset(&own);
        if (*delivery->id) {
            str_puts(&own, "\"id\":");
            str_json(&own, delivery->id);
        }
        b = batch_open(EXCHANGE_REPLIES, to, own.len + head->len + body_len + 4, leave);
        write_primitive(&b->text, &own, head, body, body_len);
        b->count++;
    }
    in_end(delivery);
}

int bus_forward(struct bus_delivery *delivery, const char *role, const struct str *head, const char *body, size_t body_len,
                int64_t deadline)
{
    auto_str struct str own = STR_EMPTY, text = STR_EMPTY;
    const char *to = in_reply_to(delivery), *why = refusal();

    if (why)
        return refuse(why);
    if (to) {
        write_own(&own, delivery->id, deadline);
        write_primitive(&text, &own, head, body, body_len);
        out_add(&(struct outgoing){.exchange = EXCHANGE_REQUESTS, .key = role, .text = &text, .reply_to = to});
    }
    in_end(delivery);
    return 0;
}

void bus_done(struct bus_delivery *delivery)
{
    in_end(delivery);
}

void bus_reject(struct bus_delivery *delivery)
{
    in_dead(delivery);
}

/* ---- events ---- */

int bus_event(const char *key, const char *text, size_t len, bus_confirm_fn *on_confirm, void *context)
{
    const char *why = refusal();

    if (why)
        return refuse(why);
    events_add(key, text, len, on_confirm, context);
    return 0;
}

/* ---- the turn of the loop, state ---- */

/*
 * Gathered, written, then acknowledged: an answer is on its way before its question is forgotten. Publishing reads as well,
 * and what was read is handled, so it goes round until nothing is left that the loop would not wake up for.
 */
static void flush(void *unused)
{
    int rounds = 0;

    (void)unused;
    do {
        link_check();
        batch_flush(leave);
        events_leave();
        out_flush();
        in_flush();
    } while (link_needs_check() && ++rounds < ROUNDS_MAX);
    if (rounds == ROUNDS_MAX)
        link_write_later(); /* others have waited long enough */
}

/* All that is under way ends at once: askers decide whether to ask again. */
static void on_change(bool up)
{
    struct pending p;

    if (up)
        return;
    batch_drop();
    events_lost();
    out_lost();
    while (pending_take_any(&p))
        end_pending(&p, NULL, BUS_LOST);
}

static void on_render(void)
{
    metric_set(&inflight, pending_count());
}

void bus_on_state(void (*fn)(bool up))
{
    link_on_change(fn);
}

bool bus_is_up(void)
{
    return link_up();
}

const char *bus_host(void)
{
    return link_host();
}

const char *bus_why(void)
{
    return link_why();
}

const char *bus_blocked_why(void)
{
    return out_blocked_why();
}

bool bus_is_blocked(void)
{
    return out_blocked();
}

int bus_in_flight(void)
{
    return pending_count();
}

const char *bus_instance(void)
{
    return instance;
}

/* What is to be seen when it first happens has been there before, as none. */
static void begin_counting(void)
{
    static const char *const whys[] = {"down", "blocked", "full", "inflight"};

    for (size_t i = 0; i < ARRAY_LEN(whys); i++)
        metric_add(&refused, 0, whys[i]);
}

void bus_start(const char *name, const char *user, const struct bus_consumer *consumers)
{
    const char *type = config_text("bus.queue.type");
    char nonce[ID_SIZE];

    if (strcmp(type, "classic") != 0 && strcmp(type, "quorum") != 0)
        log_fatal("bus.settings", "why=%s", "bus.queue.type is neither classic nor quorum");
    id_random("", nonce);
    snprintf(instance, sizeof(instance), "%.64s-%.*s", name, NONCE_CHARS, nonce);
    inflight_max = config_int("bus.inflight");
    deadlines = loop_timer_new(on_deadlines, NULL);
    begin_counting();
    metrics_on_render(on_render);
    loop_before_wait(flush, NULL);
    link_on_change(on_change);
    own_start(consumers);
    link_start(instance, user, consumers);
}

void bus_hold(void)
{
    link_hold();
}

void bus_consume(void)
{
    link_consume();
}

void bus_stop_consuming(void)
{
    link_stop_consuming();
}

void bus_leave(void)
{
    leaving = true;
}

bool bus_idle(void)
{
    return batch_empty() && events_idle() && (leaving || in_idle()) && (out_idle() || !link_up());
}

void bus_stop(void)
{
    flush(NULL);
    link_stop();
    loop_timer_free(deadlines);
}
