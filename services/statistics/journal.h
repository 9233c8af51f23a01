/*
 * The files: records-YYYYMMDD.jsonl (UTC), one record a line, only ever appended to; and state.json, what has been counted,
 * replaced as a whole. A flush is the replacing: what was appended without it is cut off again at the next start, and
 * counted again from the events that were not acknowledged.
 */
#ifndef STATISTICS_JOURNAL_H
#define STATISTICS_JOURNAL_H

#include "str.h"

#include <jansson.h>

/* Makes the directory. Ends the process if that cannot be. */
void journal_open(const char *directory);
/* What was kept last: the caller owns it; NULL: nothing yet. To be called again whenever another instance may have written. */
json_t *journal_read(void);
/*
 * Keeps both, or nothing (-1, with `why`): asked again later. `members` are further members of the state, each ",\"name\":value".
 */
int journal_write(const struct str *records, const struct str *members, int64_t now, char *why, size_t why_size);

#endif
