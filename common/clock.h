/* Time: milliseconds since 1970 (UTC) and the standard's text forms, TS-0004 6.3.3 (m2m:timestamp, absRelTimestamp, xs:duration).
 */
#ifndef TESSERA_CLOCK_H
#define TESSERA_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_TEXT_SIZE 24

int64_t clock_now_ms(void); /* wall clock */
int64_t clock_now_us(void);
int64_t clock_mono_us(void);                              /* for measuring */
void clock_format(int64_t ms, char out[CLOCK_TEXT_SIZE]); /* 20261121T080102,345 */
/* YYYYMMDDThhmmss with an optional fraction after ',' or '.', real calendar dates only. -1 when it is not one. */
int clock_parse(const char *text, int64_t *ms);
/* As above, or a signed count of milliseconds from `now`. */
int clock_parse_absrel(const char *text, int64_t now, int64_t *ms);
int clock_parse_us(const char *text, int64_t now, int64_t *us); /* likewise, to the microsecond; `now` in ms */
/* PnYnMnDTnHnMnS or PnW; years count 365 days, months 30. Milliseconds. */
int clock_parse_duration(const char *text, int64_t *ms);

struct clock_date {
    int year, month, day, weekday; /* Sunday is 0 */
    int hour, minute, second, ms;
};
void clock_split(int64_t ms, struct clock_date *date); /* UTC; outside the years 1-9999 the nearest moment inside */

/* A m2m:scheduleEntry, "sec min hour dom month dow year" with *, lists, ranges and /step. */
bool clock_schedule_valid(const char *entry);
bool clock_schedule_matches(const char *entry, int64_t ms);

#endif
