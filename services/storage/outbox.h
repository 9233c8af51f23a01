/*
 * The way of events from the table to the broker: in order, confirmed, at least once. What is not confirmed stays in the
 * table, so a broker that is away costs no memory. What may have been published before is marked (`again`): all that the table
 * holds at the start, and what was on its way when the broker did not take it. Main thread.
 */
#ifndef STORAGE_OUTBOX_H
#define STORAGE_OUTBOX_H

#include "db.h"

/* As bus_event(). */
typedef int outbox_publish_fn(const char *key, const char *text, size_t len, void (*on_confirm)(void *context, bool failed),
                              void *context);
/* All events up to `seq` are with the broker: they may be deleted. 0: some were refused, call outbox_pump() a little later. */
typedef void outbox_confirmed_fn(int64_t seq);

struct outbox;
struct outbox *outbox_new(struct db *reader, outbox_publish_fn *publish, outbox_confirmed_fn *confirmed);
void outbox_free(struct outbox *outbox);
void outbox_written(struct outbox *outbox, int64_t newest, int64_t count); /* a group wrote events */
/* Publishes what can go now. Returns 0; 1 when it should be called again a little later, -1 when the database failed. */
int outbox_pump(struct outbox *outbox);
int64_t outbox_length(const struct outbox *outbox); /* not confirmed yet */
double outbox_waiting(const struct outbox *outbox); /* seconds since it was empty or last moved */

#endif
