/* A short list of destinations; replies come and go with their askers, so what stays unused is forgotten. */
#include "bus_batch.h"
#include "mem.h"

#define FORGET_AFTER 1000

static struct batch *batches;
static struct batch *kept;

bool batch_fits(int count, size_t bytes, size_t more, bool keep)
{
    if (count == 0)
        return true;
    return count < BATCH_PRIMITIVES && (keep || bytes + more <= BATCH_BYTES);
}

static struct batch *find(const char *exchange, const char *key)
{
    struct batch *b;

    for (b = batches; b; b = b->next)
        if (b->exchange == exchange && strcmp(b->key, key) == 0)
            return b;
    b = xcalloc(1, sizeof(*b));
    b->exchange = exchange;
    b->key = xstrdup(key);
    b->next = batches;
    batches = b;
    return b;
}

static void leave_now(struct batch *b, batch_leave_fn *leave)
{
    if (b->count == 0)
        return;
    leave(b->exchange, b->key, &b->text, b->count);
    b->count = 0;
    b->unused = 0;
    str_reset(&b->text);
}

struct batch *batch_open(const char *exchange, const char *key, size_t more, batch_leave_fn *leave)
{
    struct batch *b = find(exchange, key);

    if (!batch_fits(b->count, b->text.len, more, b->kept))
        leave_now(b, leave);
    return b;
}

void batch_keep(const char *exchange, const char *key, batch_leave_fn *leave)
{
    batch_keep_end();
    kept = find(exchange, key);
    leave_now(kept, leave);
    kept->kept = true;
}

void batch_keep_end(void)
{
    if (kept)
        kept->kept = false;
    kept = NULL;
}

static void batch_free(struct batch *b)
{
    if (b == kept)
        kept = NULL;
    str_done(&b->text);
    free(b->key);
    free(b);
}

void batch_flush(batch_leave_fn *leave)
{
    struct batch **link = &batches, *b;

    while ((b = *link)) {
        leave_now(b, leave);
        if (b->unused++ > FORGET_AFTER && b != kept) {
            *link = b->next;
            batch_free(b);
        } else {
            link = &b->next;
        }
    }
}

void batch_drop(void)
{
    for (struct batch *b = batches; b; b = b->next) {
        b->count = 0;
        str_reset(&b->text);
    }
}

bool batch_empty(void)
{
    for (const struct batch *b = batches; b; b = b->next)
        if (b->count > 0)
            return false;
    return true;
}

size_t batch_split(const char *text, size_t len)
{
    const char *end = text + len, *p = text;

    for (int line = 0; line < 2; line++) {
        const char *feed = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;

        if (!feed)
            return len;
        p = feed + 1;
    }
    return (size_t)(p - text);
}
