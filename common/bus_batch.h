/*
 * Batches: what becomes ready for one destination in one turn of the loop, gathered until it leaves as one message.
 * Pure: what a full or finished batch turns into is the caller's `leave`.
 */
#ifndef TESSERA_BUS_BATCH_H
#define TESSERA_BUS_BATCH_H

#include "str.h"

#define BATCH_PRIMITIVES 64
#define BATCH_BYTES (256 * 1024)

struct batch {
    const char *exchange; /* static text */
    char *key;            /* owned */
    struct str text;
    int count;
    bool kept;  /* cut by the number of primitives only */
    int unused; /* flushes that found it empty */
    struct batch *next;
};

/* `text` is the caller's to take; whatever is left of it is dropped. */
typedef void batch_leave_fn(const char *exchange, const char *key, struct str *text, int count);

/* May a primitive of `more` bytes join `count` ones of `bytes`? The first one always may. */
bool batch_fits(int count, size_t bytes, size_t more, bool kept);
/* The open batch of a destination with room for `more` bytes; one that is too full leaves first. Append to ->text, count up. */
struct batch *batch_open(const char *exchange, const char *key, size_t more, batch_leave_fn *leave);
/* What follows for this destination stays together; what is open for it leaves first. */
void batch_keep(const char *exchange, const char *key, batch_leave_fn *leave);
void batch_keep_end(void);
void batch_flush(batch_leave_fn *leave); /* all of them */
void batch_drop(void);                   /* all of them, unsent */
bool batch_empty(void);

/* The next primitive (two lines) of a message: its length with the line feeds, 0 at the end. */
size_t batch_split(const char *text, size_t len);

#endif
