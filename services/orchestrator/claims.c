/* Sets of a few places each: a new claim takes a free one in its set, or the one that ends first. Texts are kept as hashes. */
#include "claims.h"

#include <stddef.h>
#include <sys/random.h>

enum { SETS = 4096, PLACES = 4 };

struct place {
    uint64_t what, owner;
    int64_t until; /* 0 = never used */
};

/* FNV-1a from a random start: the texts come from outside. */
static uint64_t hash(const char *text)
{
    static uint64_t seed;
    uint64_t h;

    while (seed == 0)
        if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
            seed = 0;
    h = seed;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return h ^ h >> 32;
}

bool claim(const char *what, const char *owner, int64_t now, int64_t until)
{
    static struct place places[SETS][PLACES];
    struct place wanted = {hash(what), hash(owner), until};
    struct place *set = places[wanted.what % SETS], *oldest = set;

    for (struct place *p = set; p < set + PLACES; p++) {
        if (p->what == wanted.what && p->until > now)
            return p->owner == wanted.owner;
        if (p->until < oldest->until)
            oldest = p;
    }
    *oldest = wanted;
    return true;
}
