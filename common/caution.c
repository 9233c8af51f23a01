#include "caution.h"

#include "json.h"
#include "mem.h"

static const int sizes[] = {CAUTION_ALL, 32, 1};

void caution_read(struct caution *c, const json_t *kept)
{
    const char *by = json_str(kept, "by"), *id = json_str(kept, "id");

    memset(c, 0, sizeof *c);
    snprintf(c->by, sizeof c->by, "%s", by ? by : "");
    snprintf(c->id, sizeof c->id, "%s", id ? id : "");
    c->size = (int)json_int(kept, "size", CAUTION_ALL);
    c->tries = (int)json_int(kept, "tries", 0);
}

void caution_write(struct str *out, const struct caution *c)
{
    str_puts(out, "{\"by\":");
    str_json(out, c->by);
    str_addf(out, ",\"size\":%d,\"id\":", c->size);
    str_json(out, c->id);
    str_addf(out, ",\"tries\":%d}", c->tries);
}

/* A process that finds its own has not died: it was the connection that did. */
static bool died(const struct caution *before, const char *me)
{
    return *before->by && strcmp(before->by, me) != 0;
}

int caution_size(const struct caution *before, const char *me)
{
    size_t last = ARRAY_LEN(sizes) - 1;

    if (!died(before, me))
        return *before->by ? before->size : sizes[0];
    for (size_t i = 0; i < last; i++)
        if (before->size == sizes[i])
            return sizes[i + 1];
    return sizes[last];
}

struct caution caution_alone(const struct caution *before, const char *me, const char *id)
{
    struct caution c = {.size = 1, .tries = 1};

    snprintf(c.by, sizeof c.by, "%s", me);
    snprintf(c.id, sizeof c.id, "%s", id);
    if (before->size == 1 && strcmp(before->id, c.id) == 0)
        c.tries = before->tries + (died(before, me) ? 1 : 0);
    return c;
}
