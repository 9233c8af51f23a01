/*
 * m2m:scheduleEntry, TS-0004 6.3.3: seven fields like crontab's, "sec min hour dom month dow year", in UTC. A moment
 * matches when all seven fields do (crontab's "day of month or day of week" is not oneM2M's).
 */
#include "clock.h"
#include "mem.h"

#include <ctype.h>

enum { WEEKDAY_FIELD = 5, FIELDS = 7 };

static const struct {
    int min, max;
} fields[FIELDS] = {
    {0,    59  },
    {0,    59  },
    {0,    23  },
    {1,    31  },
    {1,    12  },
    {0,    7   }, /* Sunday is 0, and 7 */
    {1970, 9999},
};

struct item {
    int from, to, step;
};

static bool take_number(const char **text, int *value)
{
    int n = 0, digits = 0;

    for (; isdigit((unsigned char)**text) && digits < 5; (*text)++, digits++)
        n = n * 10 + (**text - '0');
    *value = n;
    return digits > 0 && digits < 5;
}

/* One item of a field's list: "*", "5", "1-5", each with an optional "/step". */
static bool take_item(const char **text, int field, struct item *item)
{
    bool single = false;

    item->step = 1;
    if (**text == '*') {
        (*text)++;
        item->from = fields[field].min;
        item->to = fields[field].max;
    } else {
        if (!take_number(text, &item->from))
            return false;
        item->to = item->from;
        single = **text != '-';
        if (!single) {
            (*text)++;
            if (!take_number(text, &item->to))
                return false;
        }
    }
    if (**text == '/') {
        (*text)++;
        if (!take_number(text, &item->step) || item->step < 1)
            return false;
        if (single)
            item->to = fields[field].max;
    }
    return item->from >= fields[field].min && item->to <= fields[field].max && item->from <= item->to;
}

static bool item_has(const struct item *item, int value)
{
    return value >= item->from && value <= item->to && (value - item->from) % item->step == 0;
}

/* Reads one field and tells whether `value` is in it. False if it is malformed. */
static bool take_field(const char **text, int field, int value, bool *match)
{
    struct item item;

    *match = false;
    do {
        if (**text == ',')
            (*text)++;
        if (!take_item(text, field, &item))
            return false;
        if (item_has(&item, value) || (field == WEEKDAY_FIELD && value == 0 && item_has(&item, 7)))
            *match = true;
    } while (**text == ',');
    return **text == ' ' || **text == '\0';
}

/* False if `entry` is malformed, else `match`: all fields have their value. */
static bool schedule_read(const char *entry, const int values[FIELDS], bool *match)
{
    bool one;

    *match = true;
    for (int i = 0; i < FIELDS; i++) {
        while (*entry == ' ')
            entry++;
        if (!take_field(&entry, i, values[i], &one))
            return false;
        *match = *match && one;
    }
    while (*entry == ' ')
        entry++;
    return *entry == '\0';
}

bool clock_schedule_valid(const char *entry)
{
    static const int any[FIELDS] = {0, 0, 0, 1, 1, 0, 1970};
    bool match;

    return schedule_read(entry, any, &match);
}

bool clock_schedule_matches(const char *entry, int64_t ms)
{
    struct clock_date d;
    bool match;

    clock_split(ms, &d);
    return schedule_read(entry, (int[FIELDS]){d.second, d.minute, d.hour, d.day, d.month, d.weekday, d.year}, &match) && match;
}
