/* JSON trees (jansson): read with limits, written so that numbers keep their value and their kind. */
#include "json.h"
#include "mem.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void json_ascii(char *text)
{
    for (; *text; text++)
        if (*text & 0x80)
            *text = '?';
}

json_t *json_parse(const char *text, size_t len, char *why, size_t why_size)
{
    json_error_t error;
    json_t *value;

    /* jansson recurses: the depth is bounded before it sees the text. The check's messages are clearer, too. */
    if (json_check(text, len, why, why_size) < 0)
        return NULL;
    value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (!value) {
        snprintf(why, why_size, "JSON: %s at byte %d", error.text, error.position);
        json_ascii(why);
    }
    return value;
}

/* The shortest text that reads back as `value`, with a point or an exponent so that it stays a double. */
static void write_real(struct str *out, double value)
{
    /* 15 digits drop the noise of every decimal of that length; below DBL_MIN a double has fewer. */
    int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG;
    char text[32];

    if (!isfinite(value)) {
        str_puts(out, "null");
        return;
    }
    do {
        snprintf(text, sizeof text, "%.*g", digits, value);
    } while (digits++ < DBL_DECIMAL_DIG && strtod(text, NULL) != value);
    str_puts(out, text);
    if (!strpbrk(text, ".e"))
        str_puts(out, ".0");
}

static void write_object(struct str *out, json_t *object)
{
    char separator = '{';
    void *iter;

    for (iter = json_object_iter(object); iter; iter = json_object_iter_next(object, iter)) {
        str_putc(out, separator);
        str_json_n(out, json_object_iter_key(iter), json_object_iter_key_len(iter));
        str_putc(out, ':');
        json_write(out, json_object_iter_value(iter));
        separator = ',';
    }
    if (separator == '{')
        str_putc(out, '{');
    str_putc(out, '}');
}

static void write_array(struct str *out, const json_t *array)
{
    size_t count = json_array_size(array);

    str_putc(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            str_putc(out, ',');
        json_write(out, json_array_get(array, i));
    }
    str_putc(out, ']');
}

void json_write(struct str *out, const json_t *value)
{
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_OBJECT:
        write_object(out, (json_t *)value); /* jansson's iterators want it writable, and do not write */
        break;
    case JSON_ARRAY:
        write_array(out, value);
        break;
    case JSON_STRING:
        str_json_n(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        str_int(out, json_integer_value(value));
        break;
    case JSON_REAL:
        write_real(out, json_real_value(value));
        break;
    case JSON_TRUE:
        str_puts(out, "true");
        break;
    case JSON_FALSE:
        str_puts(out, "false");
        break;
    case JSON_NULL:
        str_puts(out, "null");
        break;
    }
}

const char *json_str(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

bool json_list_has(const json_t *list, const json_t *value)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_array_get(list, i), value))
            return true;
    return false;
}

int64_t json_int(const json_t *object, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(object, name);

    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}
