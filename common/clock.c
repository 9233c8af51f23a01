/* Timestamps and durations. The calendar is computed (proleptic Gregorian, UTC): no locale, no time zone database. */
#include "clock.h"
#include "mem.h"

#include <ctype.h>
#include <errno.h>
#include <time.h>

#define MS_PER_DAY INT64_C(86400000)
#define MS_YEAR_0001 INT64_C(-62135596800000)
#define MS_YEAR_9999 INT64_C(253402300799999)

int64_t clock_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clock_now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_mono_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Days since 1970-01-01. Years begin in March here, so that the leap day is the last of its year. */
static int64_t days_from_date(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400, year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void date_from_days(int64_t days, int *year, int *month, int *day)
{
    int64_t z = days + 719468, era = z / 146097, day_of_era = z - era * 146097;
    int64_t y = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * day_of_year + 2) / 153;

    *day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2 ? 1 : 0));
}

void clock_split(int64_t ms, struct clock_date *date)
{
    int64_t days, rest;

    if (ms < MS_YEAR_0001)
        ms = MS_YEAR_0001;
    if (ms > MS_YEAR_9999)
        ms = MS_YEAR_9999;
    days = (ms - MS_YEAR_0001) / MS_PER_DAY + MS_YEAR_0001 / MS_PER_DAY; /* rounds down before 1970, too */
    rest = ms - days * MS_PER_DAY;
    date_from_days(days, &date->year, &date->month, &date->day);
    date->weekday = (int)((days % 7 + 11) % 7); /* 1970-01-01 was a Thursday */
    date->hour = (int)(rest / 3600000);
    date->minute = (int)(rest / 60000 % 60);
    date->second = (int)(rest / 1000 % 60);
    date->ms = (int)(rest % 1000);
}

static char *put_digits(char *p, int value, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        p[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return p + digits;
}

void clock_format(int64_t ms, char out[CLOCK_TEXT_SIZE])
{
    struct clock_date d;
    char *p = out;

    clock_split(ms, &d);
    p = put_digits(p, d.year, 4);
    p = put_digits(p, d.month, 2);
    p = put_digits(p, d.day, 2);
    *p++ = 'T';
    p = put_digits(p, d.hour, 2);
    p = put_digits(p, d.minute, 2);
    p = put_digits(p, d.second, 2);
    *p++ = ',';
    p = put_digits(p, d.ms, 3);
    *p = '\0';
}

/* The number that the next `digits` characters are, or -1. */
static int take_digits(const char **text, int digits)
{
    int value = 0;

    for (int i = 0; i < digits; i++, (*text)++) {
        if (!isdigit((unsigned char)**text))
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* A fraction of a second behind its point, in us; further digits are dropped. -1 without a digit. */
static int take_fraction(const char **text)
{
    int value = 0, weight = 100000;

    if (!isdigit((unsigned char)**text))
        return -1;
    for (; isdigit((unsigned char)**text); (*text)++, weight /= 10)
        value += (**text - '0') * weight;
    return value;
}

static int parse_us(const char *text, int64_t *us)
{
    int year, month, day, hour, minute, second, fraction = 0;

    if ((year = take_digits(&text, 4)) < 1 || (month = take_digits(&text, 2)) < 1 || month > 12)
        return -1;
    if ((day = take_digits(&text, 2)) < 1 || day > days_in_month(year, month) || *text++ != 'T')
        return -1;
    if ((hour = take_digits(&text, 2)) < 0 || hour > 23 || (minute = take_digits(&text, 2)) < 0 || minute > 59)
        return -1;
    if ((second = take_digits(&text, 2)) < 0 || second > 59)
        return -1;
    if (*text == ',' || *text == '.') {
        text++;
        if ((fraction = take_fraction(&text)) < 0)
            return -1;
    }
    if (*text)
        return -1;
    *us = (((days_from_date(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000000 + fraction;
    return 0;
}

int clock_parse(const char *text, int64_t *ms)
{
    int64_t us;

    if (parse_us(text, &us) < 0)
        return -1;
    *ms = us / 1000 - (us % 1000 < 0); /* rounds down before 1970, too */
    return 0;
}

int clock_parse_absrel(const char *text, int64_t now, int64_t *ms)
{
    const char *digits = *text == '-' || *text == '+' ? text + 1 : text;
    size_t count = strspn(digits, "0123456789");
    int64_t delta, sum;

    if (count == 0 || digits[count])
        return clock_parse(text, ms);
    errno = 0;
    delta = strtoll(text, NULL, 10);
    if (errno || __builtin_add_overflow(now, delta, &sum))
        return -1;
    *ms = sum;
    return 0;
}

int clock_parse_us(const char *text, int64_t now, int64_t *us)
{
    int64_t ms;

    if (parse_us(text, us) == 0)
        return 0;
    return clock_parse_absrel(text, now, &ms) < 0 || __builtin_mul_overflow(ms, 1000, us) ? -1 : 0;
}

struct duration_unit {
    char letter;
    bool time; /* stands behind the T */
    int64_t ms;
};

/* In the order they must have. */
static const struct duration_unit duration_units[] = {
    {'Y', false, 365 * MS_PER_DAY},
    {'M', false, 30 * MS_PER_DAY },
    {'W', false, 7 * MS_PER_DAY  },
    {'D', false, MS_PER_DAY      },
    {'H', true,  3600000         },
    {'M', true,  60000           },
    {'S', true,  1000            },
};

/* The unit's index, from `first` on, or -1. */
static int find_unit(char letter, bool time, int first)
{
    for (int i = first; i < (int)ARRAY_LEN(duration_units); i++)
        if (duration_units[i].letter == letter && duration_units[i].time == time)
            return i;
    return -1;
}

int clock_parse_duration(const char *text, int64_t *ms)
{
    int64_t sum = 0, value, part;
    int parts = 0, next = 0, unit, fraction;
    bool time = false;
    char *end;

    if (*text++ != 'P')
        return -1;
    while (*text) {
        if (*text == 'T' && !time && text[1]) {
            time = true;
            text++;
        }
        if (!isdigit((unsigned char)*text))
            return -1;
        errno = 0;
        value = strtoll(text, &end, 10);
        text = end;
        fraction = 0;
        if (*text == '.' || *text == ',') {
            text++;
            if ((fraction = take_fraction(&text)) < 0 || *text != 'S')
                return -1;
            fraction /= 1000;
        }
        unit = find_unit(*text, time, next);
        if (errno || unit < 0 || __builtin_mul_overflow(value, duration_units[unit].ms, &part))
            return -1;
        if (__builtin_add_overflow(sum, part, &sum) || __builtin_add_overflow(sum, fraction, &sum))
            return -1;
        next = unit + 1;
        text++;
        parts++;
    }
    if (parts == 0)
        return -1;
    *ms = sum;
    return 0;
}
