/*
 * Events on their way out: neighbours with one key are gathered to one message, and they leave in the order given.
 *
 * A quorum queue refuses what a sender sends it first while its nodes are choosing a leader, and what comes a moment later it may
 * take: two messages close behind each other would change places. Once it has taken one it keeps the order, whatever happens to
 * its nodes. So with such queues the first message of each key (the key decides which queues it reaches) goes alone on each
 * connection, again and again if it is refused, and the others wait for it.
 */
#include "bus_batch.h"
#include "bus_link.h"
#include "clock.h"
#include "mem.h"
#include "table.h"

#define AGAIN_MS 50
#define AGAIN_MAX 200 /* times: then its owner is told, who keeps it */

struct confirm {
    bus_confirm_fn *fn;
    void *context;
};

struct message {
    struct message *next;
    char *key;
    struct str text;
    bool first;  /* of its key: goes alone, and its text is kept */
    int refused; /* times */
    int count;
    struct confirm confirms[];
};

struct known_key {
    struct table_entry entry;
    uint64_t connection; /* on which it has been taken */
    char key[];
};

/* What is being gathered. */
static struct {
    char *key;
    struct str text;
    int count, room;
    struct confirm *confirms;
} next;

static struct message *waiting, **end = &waiting;
static bool careful;
static bool alone;    /* a first one is on its way */
static int in_flight; /* messages */
static int64_t after; /* clock_mono_us(): the one that was refused does not go before */
static uint64_t connection = 1;
static struct table keys;

void events_start(bool quorum)
{
    careful = quorum;
}

bool events_idle(void)
{
    return next.count == 0 && !waiting;
}

/* ---- keys ---- */

static bool is_known(const char *key)
{
    const struct known_key *known = (const struct known_key *)table_find(&keys, key);

    return known && known->connection == connection;
}

static void know(const char *key)
{
    struct known_key *known = (struct known_key *)table_find(&keys, key);

    if (!known) {
        known = xcalloc(1, sizeof(*known) + strlen(key) + 1);
        memcpy(known->key, key, strlen(key) + 1);
        known->entry.key = known->key;
        table_insert(&keys, &known->entry);
    }
    known->connection = connection;
}

/* ---- on their way ---- */

static void message_end(struct message *m, bool failed)
{
    for (int i = 0; i < m->count; i++)
        if (m->confirms[i].fn)
            m->confirms[i].fn(m->confirms[i].context, failed);
    free(m->key);
    str_done(&m->text);
    free(m);
}

static void on_confirm(void *context, bool failed)
{
    struct message *m = context;

    in_flight--;
    if (m->first)
        alone = false;
    if (failed && m->first && link_up() && ++m->refused <= AGAIN_MAX) {
        after = clock_mono_us() + AGAIN_MS * 1000;
        m->next = waiting;
        if (!waiting)
            end = &m->next;
        waiting = m;
        return;
    }
    if (failed)
        connection++; /* what its owner sends again begins anew */
    else if (m->first)
        know(m->key);
    message_end(m, failed);
}

static bool may_leave(const struct message *m)
{
    if (!careful || (!alone && is_known(m->key)))
        return true;
    if (in_flight > 0)
        return false;
    if (after <= clock_mono_us())
        return true;
    link_write_in(AGAIN_MS);
    return false;
}

static void leave(struct message *m)
{
    struct str text = STR_EMPTY;

    m->first = careful && !is_known(m->key);
    if (m->first) {
        alone = true;
        str_add(&text, m->text.data, m->text.len);
    } else {
        text = m->text;
        m->text = (struct str)STR_EMPTY;
    }
    in_flight++;
    out_add(&(struct outgoing){
        .exchange = EXCHANGE_EVENTS, .key = m->key, .text = &text, .confirmed = true, .on_confirm = on_confirm, .context = m});
}

/* ---- gathering ---- */

static void gathered(void)
{
    struct message *m;

    if (next.count == 0)
        return;
    m = xcalloc(1, sizeof(*m) + (size_t)next.count * sizeof(m->confirms[0]));
    m->key = xstrdup(next.key);
    m->text = next.text;
    m->count = next.count;
    memcpy(m->confirms, next.confirms, (size_t)next.count * sizeof(m->confirms[0]));
    next.text = (struct str)STR_EMPTY;
    bus_count_batch(next.count, "event");
    next.count = 0;
    *end = m;
    end = &m->next;
}

void events_leave(void)
{
    struct message *m;

    gathered();
    while ((m = waiting) && may_leave(m)) {
        waiting = m->next;
        if (!waiting)
            end = &waiting;
        leave(m);
    }
}

void events_lost(void)
{
    struct message *m;

    gathered();
    connection++;
    while ((m = waiting)) {
        waiting = m->next;
        message_end(m, true);
    }
    end = &waiting;
}

void events_add(const char *key, const char *text, size_t len, bus_confirm_fn *on_confirmed, void *context)
{
    if (next.count && (strcmp(next.key, key) != 0 || !batch_fits(next.count, next.text.len, len, false)))
        gathered();
    if (next.count == 0) {
        free(next.key);
        next.key = xstrdup(key);
    }
    if (next.count == next.room) {
        next.room = next.room ? next.room * 2 : BATCH_PRIMITIVES;
        next.confirms = xrealloc(next.confirms, (size_t)next.room * sizeof(next.confirms[0]));
    }
    str_add(&next.text, text, len);
    if (len == 0 || text[len - 1] != '\n')
        str_putc(&next.text, '\n');
    next.confirms[next.count++] = (struct confirm){on_confirmed, context};
}
