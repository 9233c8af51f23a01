/*
 * What is to be published. Messages wait in a list and are written at the end of a turn, as long as the socket surely has
 * room for them: the library would wait, for ever, for a broker that has stopped reading (memory alarm, SIGSTOP).
 *
 * A quorum queue refuses, and on a channel without confirms drops without a word, what comes while its nodes are choosing a new
 * leader: the first thing that happens to a service whose node of the cluster has died. So with such queues requests are
 * confirmed, too, and what is refused is sent again a little later, as something that may have been delivered before.
 */
#include "bus_link.h"
#include "clock.h"
#include "log.h"
#include "mem.h"
#include "metrics.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define WAITING_MAX (16 * 1024 * 1024) /* bytes; beyond, new requests are refused */
#define OVERHEAD 512                   /* of frames, method and properties, generous */
#define BODY_FRAME 65536               /* of messages that do not fit in one go */
#define AGAIN_MS 50                    /* before what was refused is sent again */
#define AGAIN_MAX 200                  /* times: ten seconds, after which whoever asked has given up */

struct message {
    struct message *next;
    const char *exchange;
    char *key, *reply_to;
    struct str text;
    int tries;
    bool confirmed, persistent;
    bool insist;   /* sent again if it is refused */
    int refused;   /* times */
    int64_t after; /* clock_mono_us(): not before */
    bus_confirm_fn *on_confirm;
    void *context;
    uint64_t seq; /* confirms: once it is written */
    bool begun;   /* method and header are written, and `sent` bytes of the body */
    size_t sent;
};

struct list {
    struct message *first, **end;
};

static struct list waiting = {NULL, &waiting.first};
static struct list unconfirmed = {NULL, &unconfirmed.first};
static struct list refused = {NULL, &refused.first}; /* to be sent again, in the order of their time */
static size_t waiting_bytes;                         /* and what is kept to be sent again */
static bool insists;                                 /* what is not an event's is sent again, see above */
static uint64_t seq;
static char blocked_why[64];
static bool blocked;
static bool written;        /* something, since the last out_probe() */
static int64_t send_buffer; /* bytes that the socket surely takes when it is empty */
static int64_t room;        /* what is left of it, as far as we know */

static struct metric resent = METRIC_COUNTER("tessera_bus_resent_total", "AMQP messages that a queue refused, sent again");

/* A message of the broker back to us, with what it could not route. */
static struct str returned;
static size_t returned_size;
static bool returning;

static void list_add(struct list *list, struct message *m)
{
    m->next = NULL;
    *list->end = m;
    list->end = &m->next;
}

static struct message *list_take(struct list *list, struct message **link)
{
    struct message *m = *link;

    *link = m->next;
    if (!m->next)
        list->end = link;
    return m;
}

static void message_end(struct message *m, bool failed)
{
    if (m->on_confirm)
        m->on_confirm(m->context, failed);
    free(m->key);
    free(m->reply_to);
    str_done(&m->text);
    free(m);
}

void out_start(bool insist)
{
    insists = insist;
}

void out_add(const struct outgoing *o)
{
    struct message *m = xcalloc(1, sizeof(*m));

    m->exchange = o->exchange;
    m->key = xstrdup(o->key);
    m->reply_to = o->reply_to ? xstrdup(o->reply_to) : NULL;
    m->text = *o->text;
    *o->text = (struct str)STR_EMPTY;
    m->tries = o->tries;
    m->persistent = o->confirmed;
    m->insist = insists && (strcmp(o->exchange, EXCHANGE_REQUESTS) == 0 || strcmp(o->exchange, EXCHANGE_DEAD) == 0);
    m->confirmed = o->confirmed || m->insist;
    m->on_confirm = o->on_confirm;
    m->context = o->context;
    waiting_bytes += m->text.len;
    list_add(&waiting, m);
}

bool out_refuses(void)
{
    return blocked || waiting_bytes > WAITING_MAX;
}

bool out_blocked(void)
{
    return blocked;
}

const char *out_blocked_why(void)
{
    return blocked ? blocked_why : "";
}

/* To nobody: the broker drops it. */
void out_probe(void)
{
    struct str nothing = STR_EMPTY;

    if (!written && !blocked && !waiting.first)
        out_add(&(struct outgoing){.exchange = EXCHANGE_REPLIES, .key = "nobody", .text = &nothing});
    written = false;
}

bool out_idle(void)
{
    return !waiting.first && !unconfirmed.first && !refused.first;
}

/* ---- writing ---- */

/* Half of what the system reports is its own bookkeeping. */
void out_opened(amqp_connection_state_t out)
{
    int size = 0;
    socklen_t len = sizeof(size);

    if (getsockopt(amqp_get_sockfd(out), SOL_SOCKET, SO_SNDBUF, &size, &len) < 0)
        size = 0;
    send_buffer = size / 2;
    room = 0;
    seq = 0;
    blocked = returning = false;
}

static bool has_room(amqp_connection_state_t out, size_t bytes)
{
    int unsent = 0;

    if (room < (int64_t)bytes) {
        if (ioctl(amqp_get_sockfd(out), SIOCOUTQ, &unsent) < 0)
            return false;
        room = send_buffer - unsent;
    }
    return room >= (int64_t)bytes;
}

static void properties_of(const struct message *m, amqp_basic_properties_t *p, amqp_table_entry_t entries[2])
{
    int n = 0;

    *p = (amqp_basic_properties_t){._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_HEADERS_FLAG};
    p->delivery_mode = m->persistent ? AMQP_DELIVERY_PERSISTENT : AMQP_DELIVERY_NONPERSISTENT;
    entries[n++] = (amqp_table_entry_t){
        amqp_cstring_bytes(HEADER_MS), {.kind = AMQP_FIELD_KIND_I64, .value.i64 = clock_now_ms()}
    };
    if (m->tries)
        entries[n++] = (amqp_table_entry_t){
            amqp_cstring_bytes(HEADER_TRIES), {.kind = AMQP_FIELD_KIND_I32, .value.i32 = m->tries}
        };
    p->headers = (amqp_table_t){n, entries};
    if (m->reply_to) {
        p->_flags |= AMQP_BASIC_REPLY_TO_FLAG;
        p->reply_to = amqp_cstring_bytes(m->reply_to);
    }
}

static amqp_channel_t channel_of(const struct message *m)
{
    return m->confirmed ? CHANNEL_CONFIRMED : CHANNEL_PLAIN;
}

/* A request to a role whose queue nobody has made yet comes back, instead of being dropped. */
static bool is_mandatory(const struct message *m)
{
    return m->reply_to && m->exchange[0] && strcmp(m->exchange, EXCHANGE_REQUESTS) == 0;
}

static int write_whole(amqp_connection_state_t out, const struct message *m)
{
    amqp_basic_properties_t properties;
    amqp_table_entry_t entries[2];

    properties_of(m, &properties, entries);
    room -= (int64_t)(m->text.len + OVERHEAD);
    return amqp_basic_publish(out, channel_of(m), amqp_cstring_bytes(m->exchange), amqp_cstring_bytes(m->key), is_mandatory(m), 0,
                              &properties, (amqp_bytes_t){m->text.len, m->text.data});
}

/* The method and the header of a message whose body follows in frames of its own. */
static int write_begin(amqp_connection_state_t out, const struct message *m)
{
    amqp_basic_publish_t publish = {
        .exchange = amqp_cstring_bytes(m->exchange), .routing_key = amqp_cstring_bytes(m->key), .mandatory = is_mandatory(m)};
    amqp_basic_properties_t properties;
    amqp_table_entry_t entries[2];
    amqp_frame_t header = {.frame_type = AMQP_FRAME_HEADER, .channel = channel_of(m)};
    int status = amqp_send_method(out, channel_of(m), AMQP_BASIC_PUBLISH_METHOD, &publish);

    if (status != AMQP_STATUS_OK)
        return status;
    properties_of(m, &properties, entries);
    header.payload.properties.class_id = AMQP_BASIC_CLASS;
    header.payload.properties.body_size = m->text.len;
    header.payload.properties.decoded = &properties;
    room -= OVERHEAD;
    return amqp_send_frame(out, &header);
}

/* One more piece of a message that is larger than the socket's buffer. AMQP_STATUS_TIMEOUT: no room now. */
static int write_piece(amqp_connection_state_t out, struct message *m)
{
    size_t left = m->text.len - m->sent, piece = left < BODY_FRAME ? left : BODY_FRAME;
    amqp_frame_t body = {.frame_type = AMQP_FRAME_BODY, .channel = channel_of(m)};
    int status;

    if (!has_room(out, piece + OVERHEAD))
        return AMQP_STATUS_TIMEOUT;
    if (!m->begun) {
        status = write_begin(out, m);
        if (status != AMQP_STATUS_OK)
            return status;
        m->begun = true;
    }
    body.payload.body_fragment = (amqp_bytes_t){piece, m->text.data + m->sent};
    room -= (int64_t)piece;
    m->sent += piece;
    return amqp_send_frame(out, &body);
}

/* AMQP_STATUS_OK when it is written to its end, AMQP_STATUS_TIMEOUT when it must wait for room. */
static int write_message(amqp_connection_state_t out, struct message *m)
{
    int status = AMQP_STATUS_OK;

    if (!m->begun && (int64_t)(m->text.len + OVERHEAD) <= send_buffer)
        return has_room(out, m->text.len + OVERHEAD) ? write_whole(out, m) : AMQP_STATUS_TIMEOUT;
    while (status == AMQP_STATUS_OK && m->sent < m->text.len)
        status = write_piece(out, m);
    return status;
}

/* What was refused, when its time has come. */
static void send_again(void)
{
    int64_t now = refused.first ? clock_mono_us() : 0;

    while (refused.first && refused.first->after <= now)
        list_add(&waiting, list_take(&refused, &refused.first));
    if (refused.first)
        link_write_in(AGAIN_MS);
}

void out_flush(void)
{
    amqp_connection_state_t out;
    struct message *m;
    int status;

    send_again();
    if (waiting.first && link_silent())
        return;
    while ((out = link_out()) && waiting.first && !blocked) {
        m = waiting.first;
        status = write_message(out, m);
        if (status == AMQP_STATUS_TIMEOUT) {
            link_write_later();
            return;
        }
        if (status != AMQP_STATUS_OK) {
            link_fail("publish", status);
            return;
        }
        list_take(&waiting, &waiting.first);
        written = true;
        if (!m->insist)
            waiting_bytes -= m->text.len;
        if (m->confirmed) {
            m->seq = ++seq;
            if (!m->insist)
                str_done(&m->text);
            list_add(&unconfirmed, m);
        } else {
            message_end(m, false);
        }
    }
}

/* ---- what the broker says to it ---- */

static void confirm_one(struct message *m, bool failed)
{
    if (failed && m->insist && ++m->refused <= AGAIN_MAX) {
        m->begun = false;
        m->sent = 0;
        m->after = clock_mono_us() + AGAIN_MS * 1000;
        m->tries = m->tries ? m->tries : 1; /* its reader first looks whether it has been done */
        list_add(&refused, m);
        metric_add(&resent, 1);
        return;
    }
    if (m->insist)
        waiting_bytes -= m->text.len;
    message_end(m, failed);
}

static void on_confirm(uint64_t tag, bool multiple, bool failed)
{
    struct message **link = &unconfirmed.first;

    while (*link && (*link)->seq <= tag) {
        if (multiple || (*link)->seq == tag)
            confirm_one(list_take(&unconfirmed, link), failed); /* the link now holds the next one */
        else
            link = &(*link)->next;
    }
}

/* `reason`: as the broker gives it, "low on memory", "low on disk". */
static void block(const amqp_bytes_t *reason)
{
    snprintf(blocked_why, sizeof(blocked_why), "%.*s", (int)reason->len, (const char *)reason->bytes);
    if (!blocked)
        log_warn("bus.blocked",
                 "why=the broker is %s and takes nothing until it has some again (broker.memory, broker.disk) waiting_bytes=%zu",
                 blocked_why, waiting_bytes);
    blocked = true;
}

static void unblock(void)
{
    if (blocked)
        log_warn("bus.unblocked", "waiting_bytes=%zu", waiting_bytes);
    blocked = false;
}

static void on_method(const amqp_frame_t *frame)
{
    const void *decoded = frame->payload.method.decoded;
    const amqp_basic_ack_t *ack = decoded;
    const amqp_basic_nack_t *nack = decoded;

    switch (frame->payload.method.id) {
    case AMQP_BASIC_ACK_METHOD:
        on_confirm(ack->delivery_tag, ack->multiple, false);
        return;
    case AMQP_BASIC_NACK_METHOD:
        on_confirm(nack->delivery_tag, nack->multiple, true);
        return;
    case AMQP_BASIC_RETURN_METHOD:
        returning = true;
        str_reset(&returned);
        return;
    case AMQP_CONNECTION_BLOCKED_METHOD:
        block(&((const amqp_connection_blocked_t *)decoded)->reason);
        return;
    case AMQP_CONNECTION_UNBLOCKED_METHOD:
        unblock();
        return;
    default:
        link_closed(frame);
    }
}

void out_frame(const amqp_frame_t *frame)
{
    if (frame->frame_type == AMQP_FRAME_METHOD) {
        on_method(frame);
    } else if (returning && frame->frame_type == AMQP_FRAME_HEADER) {
        returned_size = (size_t)frame->payload.properties.body_size;
    } else if (returning && frame->frame_type == AMQP_FRAME_BODY) {
        str_add(&returned, frame->payload.body_fragment.bytes, frame->payload.body_fragment.len);
    }
    if (returning && frame->frame_type != AMQP_FRAME_METHOD && returned.len >= returned_size) {
        returning = false;
        bus_on_return(&returned);
    }
}

/* The list is empty afterwards; that of the answer begins and ends by itself, so only list_take() may be used on it. */
static struct list take_all(struct list *list)
{
    struct list all = *list;

    *list = (struct list){NULL, &list->first};
    return all;
}

static void drop_list(struct list *list)
{
    while (list->first)
        message_end(list_take(list, &list->first), true);
}

/* Nobody can tell what of it arrived: askers are told, events are published again by their owner. */
void out_lost(void)
{
    struct list unsent = take_all(&waiting), open = take_all(&unconfirmed), again = take_all(&refused);

    waiting_bytes = 0;
    blocked = returning = false;
    drop_list(&open);
    drop_list(&again);
    drop_list(&unsent);
}
