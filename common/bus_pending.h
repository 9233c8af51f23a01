/* Requests in flight: found by their number, expired by their deadline. Pure: no clock, no broker. */
#ifndef TESSERA_BUS_PENDING_H
#define TESSERA_BUS_PENDING_H

#include "bus.h"

struct pending {
    uint64_t number;
    int64_t deadline; /* ms, of whatever clock the caller uses */
    bus_reply_fn *fn;
    void *context;
};

void pending_add(const struct pending *entry);
/* Takes out the entry of this number, or any / the earliest one that is due at `now`. False when there is none. */
bool pending_take(uint64_t number, struct pending *out);
bool pending_take_any(struct pending *out);
bool pending_take_due(int64_t now, struct pending *out);
int pending_count(void);

#endif
