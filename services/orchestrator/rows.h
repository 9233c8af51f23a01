/*
 * Lists in storage's answers, taken apart as text: what is only passed on is never parsed, and its numbers stay as they
 * were written. The text is valid JSON (storage wrote it); all slices borrow from it. Pure.
 */
#ifndef TESSERA_ROWS_H
#define TESSERA_ROWS_H

#include "str.h"

/* The list at the start of `text`, to be walked with list_next(). False if it is none. */
bool list_open(struct slice text, struct slice *rest);
/* The next element; false at the end. */
bool list_next(struct slice *rest, struct slice *item);

/* A match of a query (docs/contracts.md). Raw JSON, strings with their quotes; {NULL,0} for null. */
struct row {
    struct slice path, ri, pi, acpi, by, a;
    struct slice key; /* of the root, where the type does not say it */
    int ty;
};

/* {"rows":[...],"more":...}: `rest` is for row_next(), `more` the cursor without quotes or {NULL,0}. False if malformed. */
bool rows_open(struct slice text, struct slice *rest, struct slice *more);
/* 1 with a row, 0 at the end, -1 if malformed. */
int row_next(struct slice *rest, struct row *row);

/* The text of a raw string without escapes (identifiers and paths have none), as a copy of the caller's; NULL if `raw` has
 * escapes or is no string. */
char *raw_text(struct slice raw);

#endif
