/* A window of events on their way; behind it the table. */
#include "outbox.h"
#include "clock.h"
#include "mem.h"

#define WINDOW 1024
#define WINDOW_BYTES (1 << 20)

struct flight {
    struct outbox *outbox;
    int64_t seq;
    size_t len;
    bool confirmed;
};

struct outbox {
    struct db *db;
    outbox_publish_fn *publish;
    outbox_confirmed_fn *on_confirmed;
    struct flight flights[WINDOW];
    size_t first, count; /* of the ring: in order of seq */
    size_t open;         /* of them not answered yet */
    size_t bytes;
    bool broken; /* one was refused: when all are answered it goes on from there */
    int64_t sent, newest, length;
    int64_t again; /* up to this one they may be with the broker already */
    int64_t moved;
};

struct outbox *outbox_new(struct db *reader, outbox_publish_fn *publish, outbox_confirmed_fn *confirmed)
{
    struct outbox *o = xcalloc(1, sizeof *o);

    o->db = reader;
    o->publish = publish;
    o->on_confirmed = confirmed;
    o->newest = INT64_MAX; /* until the table has said that it is empty */
    if (db_ask(reader, OUTBOX_LENGTH, "") > 0) {
        o->length = db_int(reader, OUTBOX_LENGTH, 0);
        o->again = db_int(reader, OUTBOX_LENGTH, 1); /* a process before this one was perhaps killed while it published */
    }
    db_end(reader, OUTBOX_LENGTH);
    o->moved = clock_mono_us();
    return o;
}

void outbox_free(struct outbox *outbox)
{
    free(outbox);
}

void outbox_written(struct outbox *o, int64_t newest, int64_t count)
{
    if (o->length == 0)
        o->moved = clock_mono_us();
    o->length += count;
    if (newest > o->newest || o->newest == INT64_MAX)
        o->newest = o->newest == INT64_MAX ? INT64_MAX : newest;
}

/* Those at the front that are confirmed are done. */
static void advance(struct outbox *o)
{
    int64_t upto = 0;

    while (o->count > 0 && o->flights[o->first].confirmed) {
        upto = o->flights[o->first].seq;
        o->bytes -= o->flights[o->first].len;
        o->first = (o->first + 1) % WINDOW;
        o->count--;
        o->length--;
    }
    if (upto) {
        o->moved = clock_mono_us();
        o->on_confirmed(upto);
    }
}

static void on_confirm(void *context, bool failed)
{
    struct flight *f = context;
    struct outbox *o = f->outbox;

    o->open--;
    f->confirmed = !failed;
    o->broken = o->broken || failed;
    advance(o);
    if (o->broken && o->open == 0) { /* again, from the first that is not safe */
        o->again = o->sent > o->again ? o->sent : o->again;
        if (o->count > 0)
            o->sent = o->flights[o->first].seq - 1;
        o->count = 0;
        o->bytes = 0;
        o->broken = false;
        o->on_confirmed(0);
    }
}

/* The event as one that may have been published before: whoever cares is told by `again`. Its first line is an object. */
static struct slice marked(struct str *out, struct slice text)
{
    str_puts(out, "{\"again\":true,");
    str_add(out, text.p + 1, text.n - 1);
    return (struct slice){out->data, out->len};
}

/* Hands the event at the statement's row to the broker. */
static int send_one(struct outbox *o)
{
    struct flight *f = &o->flights[(o->first + o->count) % WINDOW];
    struct slice text = db_slice(o->db, OUTBOX_RANGE, 2);
    auto_str struct str copy = STR_EMPTY;

    *f = (struct flight){.outbox = o, .seq = db_int(o->db, OUTBOX_RANGE, 0), .len = text.n};
    if (f->seq <= o->again)
        text = marked(&copy, text);
    if (o->publish(db_text(o->db, OUTBOX_RANGE, 1), text.p, text.n, on_confirm, f) < 0)
        return -1;
    o->sent = f->seq;
    o->bytes += f->len;
    o->count++;
    o->open++;
    return 0;
}

int outbox_pump(struct outbox *o)
{
    bool blocked = false;
    int found;

    if (o->broken || o->count == WINDOW || o->bytes > WINDOW_BYTES || o->sent >= o->newest)
        return 0;
    found = db_ask(o->db, OUTBOX_RANGE, "ii", o->sent, (int64_t)(WINDOW - o->count));
    while (found > 0 && !blocked && o->bytes <= WINDOW_BYTES) {
        blocked = send_one(o) < 0;
        if (!blocked)
            found = db_next(o->db, OUTBOX_RANGE);
    }
    db_end(o->db, OUTBOX_RANGE);
    if (found == 0 && o->count < WINDOW)
        o->newest = o->sent;
    return found < 0 ? -1 : blocked;
}

int64_t outbox_length(const struct outbox *o)
{
    return o->length;
}

double outbox_waiting(const struct outbox *o)
{
    return o->length > 0 ? (double)(clock_mono_us() - o->moved) / 1e6 : 0;
}
