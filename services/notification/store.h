/* Requests to storage: docs/contracts.md. Each answer comes back exactly once, also when storage was not to be reached. */
#ifndef NOTIFICATION_STORE_H
#define NOTIFICATION_STORE_H

#include "envelope.h"

#define STORE_TENANT "main"

enum store_status { STORE_OK, STORE_REFUSED /* asked wrongly, or not there: no use in asking again */, STORE_FAILED };

/* `reply` is NULL when there is none. */
typedef void store_fn(void *context, enum store_status st, const struct envelope *reply);

/* `head` as begun by store_begin(). Returns -1 when it cannot be sent now: then `fn` is not called. */
void store_begin(struct str *head, const char *verb);
int store_send(const struct str *head, const char *body, size_t len, store_fn *fn, void *context);
/* The record at an address, and the one at another if that is not NULL: the reply's body is a list, entries may be null. */
int store_record(const char *address, const char *other, store_fn *fn, void *context);

#endif
