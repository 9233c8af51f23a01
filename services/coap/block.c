#include "block.h"

#include "table.h"

#include "mem.h"

/* A content under way, in either direction. */
struct transfer {
    struct table_entry entry;
    struct transfer *prev, *next; /* by the time of their last use, the latest first */
    char *key;
    struct str data; /* what has come; or a packed message */
    int64_t used;
};

/* Two directions, two name spaces. */
enum { DIRECTION_IN = 'i', DIRECTION_OUT = 'o' };

static struct table transfers;
static struct transfer *latest, *oldest;
static size_t bytes;
static struct block_limits limits;

void block_setup(const struct block_limits *given)
{
    limits = *given;
}

size_t block_bytes(void)
{
    return bytes;
}

/* ---- what is kept ---- */

static void unlink_transfer(struct transfer *t)
{
    *(t->prev ? &t->prev->next : &latest) = t->next;
    *(t->next ? &t->next->prev : &oldest) = t->prev;
}

static void link_first(struct transfer *t)
{
    t->prev = NULL;
    t->next = latest;
    *(latest ? &latest->prev : &oldest) = t;
    latest = t;
}

static size_t weight(const struct transfer *t)
{
    return t->data.size + sizeof *t + strlen(t->key);
}

static void forget(struct transfer *t)
{
    bytes -= weight(t);
    table_remove(&transfers, &t->entry);
    unlink_transfer(t);
    str_done(&t->data);
    free(t->key);
    free(t);
}

/* Keys are bytes; those of the table are text. The caller frees. */
static char *text_key(char direction, struct slice key)
{
    static const char digits[] = "0123456789abcdef";
    char *text = xmalloc(2 * key.n + 2), *p = text;

    *p++ = direction;
    for (size_t i = 0; i < key.n; i++) {
        *p++ = digits[(unsigned char)key.p[i] >> 4];
        *p++ = digits[key.p[i] & 15];
    }
    *p = '\0';
    return text;
}

static struct transfer *find(char direction, struct slice key, int64_t now)
{
    auto_free char *text = text_key(direction, key);
    struct table_entry *entry;

    block_expire(now);
    entry = table_find(&transfers, text);
    return (struct transfer *)entry;
}

static void touch(struct transfer *t, int64_t now)
{
    t->used = now;
    unlink_transfer(t);
    link_first(t);
}

static struct transfer *begin(char direction, struct slice key, int64_t now)
{
    struct transfer *t = find(direction, key, now);

    if (t)
        forget(t);
    t = xcalloc(1, sizeof *t);
    t->key = text_key(direction, key);
    t->entry.key = t->key;
    t->used = now;
    table_insert(&transfers, &t->entry);
    link_first(t);
    bytes += weight(t);
    return t;
}

/* The oldest give way. */
static void append(struct transfer *t, const void *data, size_t len)
{
    bytes -= weight(t);
    str_add(&t->data, data, len);
    bytes += weight(t);
    while (bytes > limits.all && oldest != t)
        forget(oldest);
}

void block_expire(int64_t now)
{
    while (oldest && oldest->used + limits.patience < now)
        forget(oldest);
}

void block_forget(void)
{
    while (oldest)
        forget(oldest);
    free(transfers.slots);
    transfers = (struct table){NULL, 0, 0};
}

/* ---- the options ---- */

int block_read(const struct message *m, unsigned option, struct block *block)
{
    const struct option *o = message_find(m, option);
    uint32_t value;

    if (!o)
        return 0;
    if (o->value.n > 3 || !option_uint(o, &value) || (value & 7) == 7)
        return -1;
    *block = (struct block){value >> 4, value & 8, value & 7};
    return 1;
}

bool block_add(struct message *m, struct arena *arena, unsigned option, const struct block *block)
{
    return message_add_uint(m, arena, option, block->num << 4 | (block->more ? 8 : 0) | block->szx);
}

/* ---- what comes ---- */

static int refuse(struct transfer *t, int code)
{
    if (t)
        forget(t);
    return code;
}

int block_receive(struct slice key, const struct block *block, struct slice payload, int64_t now, struct str *whole)
{
    struct transfer *t = find(DIRECTION_IN, key, now);
    uint64_t at = (uint64_t)block->num * block_size(block->szx);

    if (at + payload.n > limits.content)
        return refuse(t, 413);
    if (payload.n > block_size(block->szx) || (block->more && payload.n != block_size(block->szx)))
        return refuse(t, 408);
    if (block->num == 0)
        t = begin(DIRECTION_IN, key, now);
    if (!t || t->data.len != at)
        return refuse(t, 408);
    touch(t, now);
    append(t, payload.p, payload.n);
    if (block->more)
        return 231;
    bytes -= weight(t);
    *whole = t->data;
    t->data = (struct str)STR_EMPTY;
    bytes += weight(t);
    forget(t);
    return 0;
}

/* ---- what goes ---- */

/* Of the content alone: who puts the blocks together sees whether they belong together. */
static uint32_t tag(struct slice payload)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < payload.n; i++)
        h = (h ^ (unsigned char)payload.p[i]) * 16777619u;
    return h;
}

void block_keep(struct slice key, struct message *m, struct arena *arena, int64_t now)
{
    auto_str struct str packed = STR_EMPTY;

    message_add_uint(m, arena, OPTION_ETAG, tag(m->payload) | 1); /* once: it is as long as the content */
    message_pack(&packed, m);
    append(begin(DIRECTION_OUT, key, now), packed.data, packed.len);
}

bool block_kept(struct slice key, struct message *m, int64_t now)
{
    struct transfer *t = find(DIRECTION_OUT, key, now);

    if (!t)
        return false;
    touch(t, now);
    message_unpack(m, &t->data);
    return true;
}

bool block_cut(struct message *m, struct arena *arena, const struct block *wanted)
{
    struct block block = {wanted->num, false, wanted->szx};
    size_t size = block_size(block.szx);
    uint64_t at = (uint64_t)block.num * size;
    struct slice whole = m->payload;

    if (at >= whole.n && block.num > 0)
        return false;
    block.more = at + size < whole.n;
    message_add_uint(m, arena, OPTION_SIZE2, (uint32_t)whole.n);
    m->payload = (struct slice){whole.p + at, block.more ? size : whole.n - at};
    return block_add(m, arena, OPTION_BLOCK2, &block);
}
