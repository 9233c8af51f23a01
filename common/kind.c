/* One function per data type and the table that names them. Strings from json_parse hold no NUL. */
#include "kind.h"
#include "clock.h"
#include "mem.h"

#include <ctype.h>

enum { REFERENCE_MAX = 2048 };

static bool is_any(const json_t *value)
{
    return value != NULL;
}

static bool is_string(const json_t *value)
{
    return json_is_string(value);
}

/* Identifiers and addresses: not empty, no blanks, no control characters. */
static bool is_reference(const json_t *value)
{
    const unsigned char *p = (const unsigned char *)json_string_value(value);
    size_t len = json_string_length(value);

    if (!p || len == 0 || len > REFERENCE_MAX)
        return false;
    for (; *p; p++)
        if (*p <= ' ' || *p == 0x7F)
            return false;
    return true;
}

/* Beyond ASCII every character is taken for a letter. */
static bool is_ncname(const json_t *value)
{
    const unsigned char *p = (const unsigned char *)json_string_value(value);

    if (!p || !(isalpha(*p) || *p == '_' || *p >= 0x80))
        return false;
    for (p++; *p; p++)
        if (!isalnum(*p) && *p < 0x80 && !strchr("._-", *p))
            return false;
    return true;
}

static bool is_bool(const json_t *value)
{
    return json_is_boolean(value);
}

static bool is_uint(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool is_posint(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 1;
}

static bool is_int(const json_t *value)
{
    return json_is_integer(value);
}

static bool is_float(const json_t *value)
{
    return json_is_number(value);
}

static bool is_timestamp(const json_t *value)
{
    int64_t ms;

    return json_is_string(value) && clock_parse(json_string_value(value), &ms) == 0;
}

static bool is_absrel(const json_t *value)
{
    int64_t ms;

    return json_is_string(value) && clock_parse_absrel(json_string_value(value), 0, &ms) == 0;
}

static bool is_duration(const json_t *value)
{
    int64_t ms;

    return json_is_string(value) && clock_parse_duration(json_string_value(value), &ms) == 0;
}

/* RFC 4648 4, with its padding. */
static bool is_base64(const json_t *value)
{
    const char *text = json_string_value(value);
    size_t len, chars;

    if (!text)
        return false;
    len = json_string_length(value);
    chars = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    return len % 4 == 0 && len - chars <= 2 && strspn(text + chars, "=") == len - chars;
}

static bool is_schedule(const json_t *value)
{
    return json_is_string(value) && clock_schedule_valid(json_string_value(value));
}

static bool is_mask(const json_t *value)
{
    return is_uint(value) && json_integer_value(value) <= 63;
}

static bool is_event_category(const json_t *value)
{
    json_int_t n = json_integer_value(value);

    return json_is_integer(value) && ((n >= 2 && n <= 4) || (n >= 100 && n <= 999));
}

static const struct {
    bool (*fits)(const json_t *value);
    const char *name;
} kinds[] = {
    [ANY] = {is_any,            "a value"                                            },
    [STRING] = {is_string,         "a string"                                           },
    [ID] = {is_reference,      "an identifier"                                      },
    [URI] = {is_reference,      "an address"                                         },
    [NCNAME] = {is_ncname,         "a name (NCName)"                                    },
    [BOOL] = {is_bool,           "a boolean"                                          },
    [UINT] = {is_uint,           "a non-negative integer"                             },
    [POSINT] = {is_posint,         "a positive integer"                                 },
    [INT] = {is_int,            "an integer"                                         },
    [FLOAT] = {is_float,          "a number"                                           },
    [TIMESTAMP] = {is_timestamp,      "a timestamp (YYYYMMDDThhmmss)"                      },
    [ABSREL] = {is_absrel,         "a timestamp or a number of milliseconds in a string"},
    [DURATION] = {is_duration,       "a duration (PnYnMnDTnHnMnS)"                        },
    [BASE64] = {is_base64,         "base64"                                             },
    [SCHEDULE] = {is_schedule,       "a schedule entry of seven fields"                   },
    [ENUM] = {is_int,            "one of the permitted values"                        },
    [MASK] = {is_mask,           "an integer from 0 to 63"                            },
    [EVENTCAT] = {is_event_category, "an event category (2, 3, 4, 100 to 999)"            },
    [OBJECT] = {is_any,            "an object"                                          },
};

bool kind_fits(int kind, const json_t *value)
{
    return kinds[kind].fits(value);
}

const char *kind_name(int kind)
{
    return kinds[kind].name;
}
