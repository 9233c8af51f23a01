/* Checks that several attributes need. */
#include "address.h"
#include "clock.h"
#include "mem.h"
#include "types/types.h"

#include <ctype.h>
#include <stdio.h>

bool check_text(const json_t *value, bool (*valid)(const char *), const char *what, char *why, size_t why_size)
{
    if (valid(json_string_value(value)))
        return true;
    snprintf(why, why_size, "not %s: \"%.64s\"", what, json_string_value(value));
    return false;
}

bool check_each(const json_t *list, bool (*valid)(const char *), const char *what, char *why, size_t why_size)
{
    const char *text;

    for (size_t i = 0; i < json_array_size(list); i++) {
        text = json_string_value(json_array_get(list, i));
        if (!text || !valid(text)) {
            snprintf(why, why_size, "not %s: \"%.64s\"", what, text ? text : "");
            return false;
        }
    }
    return true;
}

bool check_name(const json_t *value, char *why, size_t why_size)
{
    const char *rn = json_string_value(value);

    if (rn && address_name_valid(rn) && !rtype_name_is_virtual(rn))
        return true;
    snprintf(why, why_size, rn && rtype_name_is_virtual(rn) ? "reserved for a virtual resource" : "not a resource name");
    return false;
}

bool check_null(const json_t *value, char *why, size_t why_size)
{
    if (json_is_null(value))
        return true;
    snprintf(why, why_size, "only null is permitted, the CSE gives the value");
    return false;
}

static bool text_valid(const char *text)
{
    return *text;
}

bool check_texts(const json_t *value, char *why, size_t why_size)
{
    return check_each(value, text_valid, "a text", why, why_size);
}

bool check_not_empty(const json_t *value, char *why, size_t why_size)
{
    if (json_array_size(value) > 0)
        return true;
    snprintf(why, why_size, "an empty list");
    return false;
}

bool check_uint32(const json_t *value, char *why, size_t why_size)
{
    if (json_integer_value(value) <= UINT32_MAX)
        return true;
    snprintf(why, why_size, "greater than 4294967295");
    return false;
}

/* A scheme, "://" and something without blanks. */
static bool poa_valid(const char *text)
{
    const char *rest = text;

    if (!isalpha((unsigned char)*rest))
        return false;
    while (isalnum((unsigned char)*rest) || (*rest && strchr("+-.", *rest)))
        rest++;
    if (strncmp(rest, "://", 3) != 0 || !rest[3])
        return false;
    for (; *rest; rest++)
        if ((unsigned char)*rest <= ' ' || *rest == 0x7F)
            return false;
    return true;
}

bool check_poa(const json_t *value, char *why, size_t why_size)
{
    return check_each(value, poa_valid, "an address with a scheme", why, why_size);
}

/* A short token of release 3, or a media type. */
static bool serialization_valid(const char *text)
{
    static const char *const tokens[] = {"json", "cbor", "xml"};
    const char *slash = strchr(text, '/');

    for (size_t i = 0; i < ARRAY_LEN(tokens); i++)
        if (strcmp(text, tokens[i]) == 0)
            return true;
    if (!slash || slash == text || !slash[1])
        return false;
    for (; *text; text++)
        if ((*text == '/' && text != slash) || (!isalnum((unsigned char)*text) && !strchr("/!#$&^_.+-", *text)))
            return false;
    return true;
}

bool check_serializations(const json_t *value, char *why, size_t why_size)
{
    return check_each(value, serialization_valid, "json, cbor, xml or a media type", why, why_size);
}

static bool release_valid(const char *text)
{
    static const char *const releases[] = {"1", "2", "2a", "3", "4", "5"};

    for (size_t i = 0; i < ARRAY_LEN(releases); i++)
        if (strcmp(text, releases[i]) == 0)
            return true;
    return false;
}

bool check_releases(const json_t *value, char *why, size_t why_size)
{
    return check_each(value, release_valid, "a release (1, 2, 2a, 3, 4, 5)", why, why_size);
}

/* Skips one half of a media type: RFC 6838 4.2 names, which have no slash, colon or blank. */
static const char *skip_media_name(const char *p)
{
    while (isalnum((unsigned char)*p) || (*p && strchr("!#$&^_.+-*;=", *p)))
        p++;
    return p;
}

/* m2m:contentInfo: "type/subtype:encoding[:security]", TS-0004 6.3.3. */
bool check_content_info(const json_t *value, char *why, size_t why_size)
{
    const char *text = json_string_value(value), *slash = skip_media_name(text), *colon = slash;

    if (*slash == '/')
        colon = skip_media_name(slash + 1);
    if (slash > text && colon > slash + 1 && *colon == ':' && colon[1] >= '0' && colon[1] <= '2') {
        if (!colon[2] || (colon[2] == ':' && colon[3] >= '0' && colon[3] <= '5' && !colon[4]))
            return true;
    }
    snprintf(why, why_size, "not type/subtype:encoding[:security]");
    return false;
}

bool check_simple(const json_t *value, char *why, size_t why_size)
{
    if (json_is_string(value) || json_is_number(value) || json_is_boolean(value))
        return true;
    snprintf(why, why_size, "not a string, number or boolean");
    return false;
}

/* 0 stands for the categories that have no rule of their own. */
bool check_categories(const json_t *value, char *why, size_t why_size)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        json_int_t n = json_integer_value(json_array_get(value, i));

        if (n == 1 || (n > 4 && n < 100) || n > 999) {
            snprintf(why, why_size, "not an event category (0, 2, 3, 4, 100 to 999)");
            return false;
        }
    }
    return check_not_empty(value, why, why_size);
}

/* Two limits in ms, -1 for none: TS-0004 6.3.3. */
bool check_min_max(const json_t *value, char *why, size_t why_size)
{
    json_int_t least = json_integer_value(json_array_get(value, 0)), most = json_integer_value(json_array_get(value, 1));

    if (json_array_size(value) == 2 && least >= -1 && most >= -1 && (most == -1 || least <= most))
        return true;
    snprintf(why, why_size, "not a minimum and a maximum");
    return false;
}

/* Copies `len` characters without `separator`, which must stand at both places or at none. False if it does not fit. */
static bool compact(char *out, const char *text, size_t len, char separator, size_t first, size_t second)
{
    bool separated = len > second && text[first] == separator && text[second] == separator;
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        if (!separated || (i != first && i != second))
            out[n++] = text[i];
    out[n] = '\0';
    return !strpbrk(out, "-:") && n <= len;
}

/* Z, +hh:mm or +hhmm, or nothing. */
static bool zone_valid(const char *zone)
{
    static const char *const forms[] = {"", "Z", "+00:00", "+0000"};

    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        const char *p = zone, *form = forms[i];

        for (; *form && *p; form++, p++)
            if (*form == '0' ? !isdigit((unsigned char)*p) : *form == '+' ? !strchr("+-", *p) : *p != *form)
                break;
        if (!*form && !*p)
            return true;
    }
    return false;
}

/* A date and a time of day, each in the extended or in the basic form of ISO 8601. */
static bool moment_valid(const char *date, size_t date_len, const char *time)
{
    size_t time_len = strcspn(time, "Z+-");
    char text[2][32], both[64];
    int64_t ms;

    if (date_len > 10 || time_len >= sizeof text[1] || !zone_valid(time + time_len))
        return false;
    if (!compact(text[0], date, date_len, '-', 4, 7) || !compact(text[1], time, time_len, ':', 2, 5))
        return false;
    snprintf(both, sizeof both, "%sT%s", text[0], text[1]);
    return clock_parse(both, &ms) == 0;
}

static bool say(bool valid, const char *what, char *why, size_t why_size)
{
    if (!valid)
        snprintf(why, why_size, "not %s", what);
    return valid;
}

bool check_datetime(const json_t *value, char *why, size_t why_size)
{
    const char *text = json_string_value(value), *t = strchr(text, 'T');

    return say(t && moment_valid(text, (size_t)(t - text), t + 1), "a date and time (YYYY-MM-DDThh:mm:ss)", why, why_size);
}

bool check_date(const json_t *value, char *why, size_t why_size)
{
    const char *text = json_string_value(value);

    return say(moment_valid(text, strlen(text), "000000"), "a date (YYYY-MM-DD)", why, why_size);
}

bool check_time(const json_t *value, char *why, size_t why_size)
{
    return say(moment_valid("20000101", 8, json_string_value(value)), "a time of day (hh:mm:ss)", why, why_size);
}
