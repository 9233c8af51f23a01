#include "recent.h"

#include <sys/random.h>

#include "mem.h"

struct recent {
    struct recent_key key;
    int64_t since;
    int next; /* with the same slot; -1 */
    bool used, acknowledged;
    struct str answer; /* packed; empty: there is none yet */
};

static struct recent *ring;
static int *slots;
static int size, at;
static uint64_t seed[2];
static int64_t lifetime;

void recent_setup(int most, int64_t lifetime_ms)
{
    size = most;
    lifetime = lifetime_ms;
    ring = xcalloc((size_t)size, sizeof *ring);
    slots = xmalloc((size_t)size * sizeof *slots);
    for (int i = 0; i < size; i++)
        slots[i] = -1;
    at = 0;
    if (getrandom(seed, sizeof seed, 0) != sizeof seed)
        seed[0] = (uint64_t)(uintptr_t)ring;
}

void recent_forget(void)
{
    for (int i = 0; i < size; i++)
        str_done(&ring[i].answer);
    free(ring);
    free(slots);
    ring = NULL;
    slots = NULL;
    size = 0;
}

/* ---- keys ---- */

static uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * 0x9fb21c651e98df25;
    return h ^ h >> 29;
}

static void add(struct recent_key *key, const void *data, size_t len)
{
    const unsigned char *p = data;
    uint64_t word;

    key->a = mix(key->a, len);
    for (; len >= sizeof word; p += sizeof word, len -= sizeof word) {
        memcpy(&word, p, sizeof word);
        key->a = mix(key->a, word);
        key->b = mix(key->b + key->a, word);
    }
    word = 0;
    if (len > 0)
        memcpy(&word, p, len);
    key->a = mix(key->a, word);
    key->b = mix(key->b + key->a, word);
}

struct recent_key recent_key(struct slice peer, uint16_t mid, struct slice token, const struct message *m)
{
    struct recent_key key = {seed[0], seed[1]};

    add(&key, peer.p, peer.n);
    add(&key, &mid, sizeof mid);
    add(&key, token.p, token.n);
    add(&key, &m->code, sizeof m->code);
    for (int i = 0; i < m->count; i++) {
        add(&key, &m->options[i].number, sizeof m->options[i].number);
        add(&key, m->options[i].value.p, m->options[i].value.n);
    }
    add(&key, m->payload.p, m->payload.n);
    return key;
}

static bool same(struct recent_key x, struct recent_key y)
{
    return x.a == y.a && x.b == y.b;
}

/* ---- the ring ---- */

static int *slot_of(struct recent_key key)
{
    return &slots[key.a % (uint64_t)size];
}

static void drop(int index)
{
    int *link = slot_of(ring[index].key);

    if (!ring[index].used)
        return;
    while (*link != index)
        link = &ring[*link].next;
    *link = ring[index].next;
    ring[index].used = false;
    str_done(&ring[index].answer);
}

struct recent *recent_find(struct recent_key key, int64_t now, struct recent **fresh)
{
    int *slot = slot_of(key);
    struct recent *r;

    for (int i = *slot; i >= 0; i = ring[i].next)
        if (same(ring[i].key, key) && ring[i].since + lifetime > now)
            return &ring[i];
    drop(at);
    r = &ring[at];
    *r = (struct recent){.key = key, .since = now, .next = *slot, .used = true, .answer = STR_EMPTY};
    *slot = at;
    at = (at + 1) % size;
    *fresh = r;
    return NULL;
}

bool recent_is(const struct recent *r, struct recent_key key)
{
    return r->used && same(r->key, key);
}

void recent_answer(struct recent *r, const struct message *m, bool acknowledged)
{
    str_reset(&r->answer);
    message_pack(&r->answer, m);
    r->acknowledged = acknowledged;
}

void recent_acknowledged(struct recent *r)
{
    r->acknowledged = true;
}

bool recent_answered(const struct recent *r, struct message *m, bool *acknowledged)
{
    *acknowledged = r->acknowledged;
    if (r->answer.len == 0)
        return false;
    message_unpack(m, &r->answer);
    return true;
}
