#include "recent.h"

#include "mem.h"

static struct recent ring[RECENT_MAX];
static uint64_t count;

const struct recent *recent_find(const char *key)
{
    for (uint64_t n = count; n > 0 && n + RECENT_MAX > count; n--) {
        const struct recent *r = &ring[n % RECENT_MAX];

        if (r->number == n && strcmp(r->key, key) == 0)
            return r;
    }
    return NULL;
}

uint64_t recent_begin(const char *key, const char *id)
{
    struct recent *r = &ring[++count % RECENT_MAX];

    r->number = count;
    r->running = true;
    snprintf(r->key, sizeof r->key, "%s", key);
    snprintf(r->id, sizeof r->id, "%s", id);
    return count;
}

void recent_end(uint64_t number)
{
    struct recent *r = &ring[number % RECENT_MAX];

    if (r->number == number)
        r->running = false;
}
