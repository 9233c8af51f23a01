/*
 * What is delivered: frames put together to messages, messages taken apart into primitives, acknowledgements once all
 * primitives of a message have ended.
 *
 * A request that comes back (redelivered) may have killed whoever had it: its message is split, each primitive is published
 * again alone with the number of tries in a header, and the third of these that comes back goes to the dead letters. Events
 * keep their place in the queue instead, because their order counts. How often they came back only a quorum queue says: then
 * the first one of a connection that came back too often goes to the dead letters, and those that were in flight along with
 * it have their chance. Services that consume one at a time have a way of their own to find out: active.h.
 *
 * The copies are not touched before the broker has surely forgotten the original: whoever dies of a copy before that would
 * leave both behind, and so double the poison at every death. An answered basic.qos says that the acknowledgement before it
 * on the channel has been carried out.
 */
#include "bus_batch.h"
#include "bus_link.h"
#include "clock.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"

#define TRIES_MAX 3
#define EVENT_TRIES_MAX 10
#define HEADER_COUNT "x-delivery-count" /* a quorum queue's */

/* An AMQP message that has not been acknowledged yet. */
struct incoming {
    struct incoming *next; /* in the order of tags */
    uint64_t tag;
    uint64_t generation; /* of the connection; acknowledgements of an earlier one are void */
    int consumer;
    int open; /* primitives not ended, and one while they are handed out */
    bool done;
    bool moving; /* published again; counted in `moving` until it is acknowledged */
    bool held;   /* a copy that waits, see above */
    char *reply_to;
    struct str text; /* the primitives borrow from it */
};

struct delivery {
    struct bus_delivery public; /* first */
    struct incoming *message;
};

/* The message that is just being put together. */
static struct {
    bool begun;
    int consumer; /* -1: replies */
    bool redelivered;
    uint64_t tag;
    int64_t sent; /* header ms; 0 unknown */
    int tries;
    int64_t count; /* deliveries before this one, as far as the broker says */
    size_t size;
    char *reply_to;
    struct str text;
} next;

static const struct bus_consumer *consumers;
static struct incoming *first, **end = &first;
static uint64_t generation;
static int open_deliveries;
static bool dirty; /* something can be acknowledged */
static int moving, syncs;
static bool event_buried; /* since the connection was opened */

static struct metric queue_wait =
    METRIC_HISTOGRAM("tessera_bus_queue_wait_seconds", "Time between publishing and delivery", metric_seconds, "queue");
static struct metric redelivered = METRIC_COUNTER("tessera_bus_redelivered_total", "AMQP messages delivered again", "queue");
static struct metric dead = METRIC_COUNTER("tessera_bus_dead_total", "Primitives given to the dead letters", "queue", "why");
static struct metric expired =
    METRIC_COUNTER("tessera_bus_expired_total", "Requests dropped because their deadline had passed", "queue");

/* ---- acknowledging ---- */

static void forget(struct incoming *m)
{
    str_done(&m->text);
    free(m->reply_to);
    free(m);
}

static void end_one(struct incoming *m)
{
    if (--m->open > 0)
        return;
    if (m->generation == generation) {
        str_done(&m->text);
        m->done = dirty = true; /* in the list still */
        return;
    }
    forget(m);
}

static int acknowledge(uint64_t tag, bool multiple)
{
    amqp_connection_state_t in = link_in();
    int status = in ? amqp_basic_ack(in, CHANNEL_PLAIN, tag, multiple) : AMQP_STATUS_OK;

    if (status != AMQP_STATUS_OK)
        link_fail("acknowledge", status);
    return status;
}

/* Asks for a sign that the broker has come this far on the channel. The limit is for consumers to come: there are none. */
static void sync_channel(void)
{
    amqp_basic_qos_t qos = {.prefetch_count = 1};
    amqp_connection_state_t in = link_in();
    int status = in ? amqp_send_method(in, CHANNEL_PLAIN, AMQP_BASIC_QOS_METHOD, &qos) : AMQP_STATUS_OK;

    if (status != AMQP_STATUS_OK)
        link_fail("synchronize", status);
    syncs++;
}

/* What ended in order is acknowledged with one frame, what overtook others one by one. */
void in_flush(void)
{
    struct incoming **link = &first, *m;
    uint64_t prefix = 0;
    bool in_order = true;
    int moved = 0;

    if (!dirty || !link_in())
        return;
    dirty = false;
    while ((m = *link)) {
        if (!m->done) {
            if (in_order && prefix)
                acknowledge(prefix, true);
            in_order = false;
            link = &m->next;
            continue;
        }
        if (in_order)
            prefix = m->tag;
        else
            acknowledge(m->tag, false);
        moved += m->moving;
        *link = m->next;
        forget(m);
    }
    end = link;
    if (in_order && prefix)
        acknowledge(prefix, true);
    moving -= moved;
    if (moved)
        sync_channel();
}

void in_lost(void)
{
    struct incoming *m;

    generation++;
    while ((m = first)) {
        first = m->next;
        m->next = NULL;
        if (m->done || m->held)
            forget(m); /* the others are freed when their last primitive ends */
    }
    end = &first;
    dirty = false;
    moving = syncs = 0;
    event_buried = false;
    next.begun = false;
}

bool in_idle(void)
{
    return open_deliveries == 0 && !dirty;
}

/* ---- dead letters ---- */

static const char *queue_name(int consumer)
{
    return consumers && consumer >= 0 ? consumers[consumer].name : "reply";
}

/* Refused: left open, the message comes back when the connection ends. */
static void on_published(void *context, bool failed)
{
    struct incoming *m = context;

    if (!failed || m->generation != generation)
        end_one(m);
}

static void bury(struct incoming *m, struct str *text, const char *why)
{
    out_add(&(struct outgoing){.exchange = EXCHANGE_DEAD,
                               .key = queue_name(m->consumer),
                               .text = text,
                               .confirmed = true,
                               .on_confirm = on_published,
                               .context = m});
    metric_add(&dead, 1, queue_name(m->consumer), why);
    log_error("bus.dead", "queue=%s why=%s", queue_name(m->consumer), why);
}

/* The primitive as it came: the head is written again from what was read of it. */
static void write_again(const struct envelope *e, struct str *text)
{
    auto_str struct str head = STR_EMPTY;

    for (int i = 0; i < e->count; i++) {
        const struct field *f = &e->fields[i];

        if (f->kind == FIELD_STRING)
            head_str(&head, f->name, f->value);
        else
            head_raw(&head, f->name, f->value, f->len);
    }
    str_putc(text, '{');
    if (head.len)
        str_add(text, head.data + 1, head.len - 1);
    str_puts(text, "}\n");
    str_add(text, e->body, e->body_len);
    str_putc(text, '\n');
}

void in_end(struct bus_delivery *public)
{
    struct delivery *d = (struct delivery *)public;

    step_end(public, queue_name(d->message->consumer));
    open_deliveries--;
    end_one(d->message);
    free(d);
}

void in_dead(struct bus_delivery *public)
{
    struct delivery *d = (struct delivery *)public;
    auto_str struct str text = STR_EMPTY;

    if (d->message->generation == generation) {
        write_again(&public->envelope, &text);
        d->message->open++;
        bury(d->message, &text, "rejected");
    }
    public->step.rejected = true;
    in_end(public);
}

const char *in_reply_to(const struct bus_delivery *public)
{
    const struct incoming *m = ((const struct delivery *)public)->message;

    return m->generation == generation ? m->reply_to : NULL;
}

/* ---- handing out ---- */

static bool is_expired(const struct envelope *e, const struct bus_consumer *consumer, int64_t now)
{
    int64_t deadline = consumer->kind == BUS_REQUESTS ? envelope_int(e, "deadline", 0) : 0;

    return deadline > 0 && deadline < now;
}

/* One primitive at text[0..len); `raw` is a copy that parsing does not touch. */
static void hand_out(struct incoming *m, char *text, const char *raw, size_t len, bool again, int64_t now)
{
    const struct bus_consumer *consumer = &consumers[m->consumer];
    struct delivery *d = xmalloc(sizeof(*d));
    auto_str struct str copy = STR_EMPTY;
    const char *id;

    if (envelope_parse(&d->public.envelope, text, len) < 0) {
        free(d);
        str_add(&copy, raw, len);
        m->open++;
        bury(m, &copy, "malformed");
        return;
    }
    if (is_expired(&d->public.envelope, consumer, now)) {
        free(d);
        metric_add(&expired, 1, consumer->name);
        return;
    }
    id = envelope_str(&d->public.envelope, "id");
    d->public.id = id ? id : "";
    d->public.again = again;
    d->public.received = clock_mono_us();
    d->public.context = NULL;
    d->message = m;
    step_begin(&d->public);
    m->open++;
    open_deliveries++;
    consumer->handler(&d->public);
}

static void hand_out_all(struct incoming *m, bool again)
{
    static struct str raw;
    size_t len = m->text.len, at = 0, one;
    char *text = m->text.data;
    int64_t now = clock_now_ms();
    int count = 0;

    str_reset(&raw);
    str_add(&raw, text, len);
    m->open++; /* the text stays while we are here */
    while (at < len && m->generation == generation) {
        one = batch_split(raw.data + at, len - at);
        hand_out(m, text + at, raw.data + at, one, again, now);
        at += one;
        count++;
    }
    bus_count_batch(count, "in");
    end_one(m);
}

/* ---- what comes back ---- */

static void isolate(struct incoming *m, int tries)
{
    size_t at = 0, one;

    m->open++;
    for (; at < m->text.len; at += one) {
        auto_str struct str text = STR_EMPTY;

        one = batch_split(m->text.data + at, m->text.len - at);
        str_add(&text, m->text.data + at, one);
        m->open++;
        out_add(&(struct outgoing){.exchange = EXCHANGE_REQUESTS,
                                   .key = consumers[m->consumer].name,
                                   .text = &text,
                                   .reply_to = m->reply_to,
                                   .tries = tries,
                                   .confirmed = true,
                                   .on_confirm = on_published,
                                   .context = m});
    }
    end_one(m);
}

static void event_comes_back(struct incoming *m, int64_t count)
{
    if (count < EVENT_TRIES_MAX || event_buried) {
        hand_out_all(m, true);
        return;
    }
    event_buried = true;
    m->open++;
    bury(m, &m->text, "poison");
}

static void come_back(struct incoming *m, int tries, int64_t count)
{
    bool event = consumers[m->consumer].kind == BUS_EVENTS;

    metric_add(&redelivered, 1, queue_name(m->consumer));
    log_warn("bus.redelivered", "queue=%s tries=%lld bytes=%zu", queue_name(m->consumer), event ? (long long)count : tries,
             m->text.len);
    if (event) {
        event_comes_back(m, count);
        return;
    }
    m->moving = true;
    moving++;
    if (tries < TRIES_MAX) {
        isolate(m, tries + 1);
        return;
    }
    m->open++;
    bury(m, &m->text, "poison");
}

/* From the beginning each time: nothing promises that the list stays as it was while a handler runs. */
static void release_held(void)
{
    struct incoming *m = first;

    while (moving == 0 && syncs == 0 && m) {
        if (!m->held) {
            m = m->next;
            continue;
        }
        m->held = false;
        hand_out_all(m, true);
        m = first;
    }
}

/* ---- putting together ---- */

static void complete(void)
{
    struct incoming *m;

    next.begun = false;
    if (next.consumer < 0) {
        bus_on_reply(&next.text);
        return;
    }
    if (link_draining() && consumers[next.consumer].flags & BUS_SINGLE_ACTIVE)
        return; /* not acknowledged: it goes to the next instance, in its place, when the connection ends */
    m = xcalloc(1, sizeof(*m));
    m->tag = next.tag;
    m->generation = generation;
    m->consumer = next.consumer;
    m->reply_to = next.reply_to;
    m->text = next.text;
    next.reply_to = NULL;
    next.text = (struct str)STR_EMPTY;
    str_reserve(&m->text, 0);
    *end = m;
    end = &m->next;
    if (next.sent > 0)
        metric_observe(&queue_wait, (double)(clock_now_ms() - next.sent) / 1000, queue_name(m->consumer));
    if (m->text.len == 0) { /* nothing in it: nothing to do */
        m->done = dirty = true;
    } else if (next.redelivered) {
        come_back(m, next.tries, next.count);
    } else if (next.tries > 0 && moving + syncs > 0) {
        m->held = true;
    } else {
        hand_out_all(m, next.tries > 0);
    }
}

/* The tag of a consumer is its index. -1: replies, -2: unknown. */
static int consumer_of(amqp_bytes_t tag)
{
    char text[16] = "";
    long index;

    if (tag.len >= sizeof(text))
        return -2;
    memcpy(text, tag.bytes, tag.len);
    if (strcmp(text, REPLY_TAG) == 0)
        return -1;
    index = strtol(text, NULL, 10);
    return consumers && index >= 0 && index < 64 ? (int)index : -2;
}

static void on_header(const amqp_frame_t *frame)
{
    const amqp_basic_properties_t *p = frame->payload.properties.decoded;

    next.size = (size_t)frame->payload.properties.body_size;
    next.sent = 0;
    next.tries = 0;
    next.count = 0;
    free(next.reply_to);
    next.reply_to = NULL;
    str_reset(&next.text);
    if (p->_flags & AMQP_BASIC_REPLY_TO_FLAG)
        next.reply_to = xstrndup(p->reply_to.bytes, p->reply_to.len);
    for (int i = 0; (p->_flags & AMQP_BASIC_HEADERS_FLAG) && i < p->headers.num_entries; i++) {
        const amqp_table_entry_t *e = &p->headers.entries[i];
        bool i32 = e->value.kind == AMQP_FIELD_KIND_I32, i64 = e->value.kind == AMQP_FIELD_KIND_I64;
        int64_t value = i32 ? e->value.value.i32 : i64 ? e->value.value.i64 : 0;

        if (e->key.len == strlen(HEADER_MS) && memcmp(e->key.bytes, HEADER_MS, e->key.len) == 0)
            next.sent = value;
        else if (e->key.len == strlen(HEADER_TRIES) && memcmp(e->key.bytes, HEADER_TRIES, e->key.len) == 0)
            next.tries = value < 0 ? 0 : value > TRIES_MAX ? TRIES_MAX : (int)value;
        else if (e->key.len == strlen(HEADER_COUNT) && memcmp(e->key.bytes, HEADER_COUNT, e->key.len) == 0)
            next.count = value;
    }
}

/* What is to alarm when it first happens has been there before, as none. */
static void begin_counting(void)
{
    static const char *const whys[] = {"malformed", "poison", "rejected"};

    for (const struct bus_consumer *c = consumers; c && c->kind; c++) {
        metric_add(&redelivered, 0, c->name);
        metric_add(&expired, 0, c->name);
        for (size_t i = 0; i < ARRAY_LEN(whys); i++)
            metric_add(&dead, 0, c->name, whys[i]);
    }
}

void in_opened(const struct bus_consumer *table)
{
    if (table)
        consumers = table; /* kept through the drain: what is open still belongs to them */
    begin_counting();
    next.begun = false;
}

void in_frame(const amqp_frame_t *frame)
{
    if (frame->frame_type == AMQP_FRAME_METHOD) {
        const amqp_basic_deliver_t *deliver = frame->payload.method.decoded;

        if (frame->payload.method.id == AMQP_BASIC_QOS_OK_METHOD) {
            syncs--;
            release_held();
            return;
        }
        if (frame->payload.method.id == AMQP_QUEUE_UNBIND_OK_METHOD)
            return;
        if (frame->payload.method.id != AMQP_BASIC_DELIVER_METHOD) {
            link_closed(frame);
            return;
        }
        next.consumer = consumer_of(deliver->consumer_tag);
        next.begun = next.consumer >= -1;
        next.tag = deliver->delivery_tag;
        next.redelivered = deliver->redelivered;
    } else if (next.begun && frame->frame_type == AMQP_FRAME_HEADER) {
        on_header(frame);
    } else if (next.begun && frame->frame_type == AMQP_FRAME_BODY) {
        str_add(&next.text, frame->payload.body_fragment.bytes, frame->payload.body_fragment.len);
    }
    if (next.begun && frame->frame_type != AMQP_FRAME_METHOD && next.text.len >= next.size)
        complete();
}
