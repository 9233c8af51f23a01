#include "cbor.h"

#include "json.h"

/* Not <cbor.h>: that name is this module's. The stream decoder neither allocates nor recurses. */
#include <cbor/encoding.h>
#include <cbor/streaming.h>

#include <math.h>

#include "mem.h"

enum level_kind { LEVEL_LIST, LEVEL_MAP, LEVEL_TEXT, LEVEL_BYTES };

/* An item that is open. */
struct level {
    enum level_kind kind;
    bool endless;   /* ended by a break */
    size_t left;    /* values still to come, unless endless; of a map: pairs */
    json_t *value;  /* the list or map; borrowed from its parent, the outermost from decoder.root */
    struct str key; /* of a map: the key whose value comes next */
    bool has_key;
    struct str pieces; /* of a string in pieces */
};

struct decoder {
    struct level levels[JSON_DEPTH + 1]; /* a string in pieces may lie on top */
    int depth;
    json_t *root;
    const char *error;
};

static void fail(struct decoder *d, const char *error)
{
    if (!d->error)
        d->error = error;
}

static struct level *top(struct decoder *d)
{
    return d->depth ? &d->levels[d->depth - 1] : NULL;
}

static void pop(struct decoder *d)
{
    struct level *level = top(d);

    str_done(&level->key);
    str_done(&level->pieces);
    d->depth--;
}

/* Ends the lists and maps that have all they announced. */
static void close_full(struct decoder *d)
{
    struct level *level;

    while ((level = top(d)) && !level->endless && level->left == 0)
        pop(d);
}

/* A finished value, or a list or map just begun, takes its place. Takes `value`. False when it has none. */
static bool place(struct decoder *d, json_t *value)
{
    struct level *level = top(d);

    if (!value) {
        fail(d, "text is not UTF-8");
    } else if (d->error) {
        json_decref(value);
        return false;
    } else if (!level) {
        d->root = value;
        return true;
    } else if (level->kind == LEVEL_LIST) {
        json_array_append_new(level->value, value);
        level->left -= !level->endless;
        return true;
    } else if (level->kind == LEVEL_MAP && level->has_key) {
        json_object_set_new_nocheck(level->value, str_text(&level->key), value);
        level->has_key = false;
        level->left -= !level->endless;
        return true;
    } else {
        json_decref(value);
        fail(d, level->kind == LEVEL_MAP ? "key of a map is not text" : "piece of a string is not a string");
    }
    return false;
}

static void scalar(struct decoder *d, json_t *value)
{
    if (place(d, value))
        close_full(d);
}

static void open_level(struct decoder *d, enum level_kind kind, bool endless, size_t count, json_t *value)
{
    if (d->error) {
        json_decref(value);
        return;
    }
    if (d->depth >= JSON_DEPTH + (kind == LEVEL_TEXT || kind == LEVEL_BYTES)) {
        json_decref(value);
        fail(d, "nested too deeply");
        return;
    }
    if (value && !place(d, value))
        return;
    d->levels[d->depth++] = (struct level){.kind = kind, .endless = endless, .left = count, .value = value};
    close_full(d);
}

/* ---- what the stream decoder calls ---- */

static void on_uint(struct decoder *d, uint64_t value)
{
    if (value > INT64_MAX)
        fail(d, "integer too large");
    else
        scalar(d, json_integer((json_int_t)value));
}

static void on_negint(struct decoder *d, uint64_t value)
{
    if (value > INT64_MAX)
        fail(d, "integer too small");
    else
        scalar(d, json_integer(-1 - (json_int_t)value));
}

static void on_uint8(void *d, uint8_t v)
{
    on_uint(d, v);
}

static void on_uint16(void *d, uint16_t v)
{
    on_uint(d, v);
}

static void on_uint32(void *d, uint32_t v)
{
    on_uint(d, v);
}

static void on_uint64(void *d, uint64_t v)
{
    on_uint(d, v);
}

static void on_negint8(void *d, uint8_t v)
{
    on_negint(d, v);
}

static void on_negint16(void *d, uint16_t v)
{
    on_negint(d, v);
}

static void on_negint32(void *d, uint32_t v)
{
    on_negint(d, v);
}

static void on_negint64(void *d, uint64_t v)
{
    on_negint(d, v);
}

static void on_double(void *d, double v)
{
    if (isfinite(v))
        scalar(d, json_real(v));
    else
        fail(d, "number is not finite");
}

static void on_float(void *d, float v)
{
    on_double(d, (double)v);
}

static void on_null(void *d)
{
    scalar(d, json_null());
}

static void on_bool(void *d, bool v)
{
    scalar(d, json_boolean(v));
}

static void on_tag(void *d, uint64_t tag)
{
    (void)d, (void)tag; /* the value follows */
}

static void take_text(struct decoder *d, const char *data, size_t len)
{
    struct level *level = top(d);

    if (d->error)
        return;
    if (memchr(data, 0, len)) {
        fail(d, "text with a zero byte");
    } else if (level && level->kind == LEVEL_MAP && !level->has_key) {
        json_t *check = json_stringn(data, len);

        if (!check) {
            fail(d, "text is not UTF-8");
            return;
        }
        json_decref(check);
        str_reset(&level->key);
        str_add(&level->key, data, len);
        level->has_key = true;
        if (json_object_get(level->value, str_text(&level->key)))
            fail(d, "key of a map twice");
    } else {
        scalar(d, json_stringn(data, len));
    }
}

static void take_bytes(struct decoder *d, const unsigned char *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    auto_str struct str out = STR_EMPTY;

    for (size_t i = 0; i < len; i += 3) {
        size_t have = len - i < 3 ? len - i : 3;
        unsigned bits = (unsigned)data[i] << 16 | (have > 1 ? (unsigned)data[i + 1] << 8 : 0) | (have > 2 ? data[i + 2] : 0);

        str_putc(&out, digits[bits >> 18]);
        str_putc(&out, digits[bits >> 12 & 63]);
        str_putc(&out, have > 1 ? digits[bits >> 6 & 63] : '=');
        str_putc(&out, have > 2 ? digits[bits & 63] : '=');
    }
    scalar(d, json_stringn(str_text(&out), out.len));
}

static void on_string(void *context, cbor_data data, size_t len)
{
    struct decoder *d = context;
    struct level *level = top(d);

    if (level && level->kind == LEVEL_TEXT)
        str_add(&level->pieces, data, len);
    else
        take_text(d, (const char *)data, len);
}

static void on_bytes(void *context, cbor_data data, size_t len)
{
    struct decoder *d = context;
    struct level *level = top(d);

    if (level && level->kind == LEVEL_BYTES)
        str_add(&level->pieces, data, len);
    else
        take_bytes(d, data, len);
}

static void open_pieces(struct decoder *d, enum level_kind kind)
{
    struct level *level = top(d);

    if (level && (level->kind == LEVEL_TEXT || level->kind == LEVEL_BYTES))
        fail(d, "string in pieces inside another");
    else
        open_level(d, kind, true, 0, NULL);
}

static void on_string_start(void *d)
{
    open_pieces(d, LEVEL_TEXT);
}

static void on_bytes_start(void *d)
{
    open_pieces(d, LEVEL_BYTES);
}

static void on_list(void *d, size_t count)
{
    open_level(d, LEVEL_LIST, false, count, json_array());
}

static void on_endless_list(void *d)
{
    open_level(d, LEVEL_LIST, true, 0, json_array());
}

static void on_map(void *d, size_t count)
{
    open_level(d, LEVEL_MAP, false, count, json_object());
}

static void on_endless_map(void *d)
{
    open_level(d, LEVEL_MAP, true, 0, json_object());
}

static void on_break(void *context)
{
    struct decoder *d = context;
    struct level *level = top(d);
    struct str pieces = STR_EMPTY;
    enum level_kind kind;

    if (!level || !level->endless || level->has_key) {
        fail(d, "break where nothing can end");
        return;
    }
    kind = level->kind;
    pieces = level->pieces;
    level->pieces = (struct str)STR_EMPTY;
    pop(d);
    if (kind == LEVEL_TEXT)
        take_text(d, str_text(&pieces), pieces.len);
    else if (kind == LEVEL_BYTES)
        take_bytes(d, (const unsigned char *)str_text(&pieces), pieces.len);
    else
        close_full(d);
    str_done(&pieces);
}

static const struct cbor_callbacks callbacks = {
    .uint8 = on_uint8,
    .uint16 = on_uint16,
    .uint32 = on_uint32,
    .uint64 = on_uint64,
    .negint8 = on_negint8,
    .negint16 = on_negint16,
    .negint32 = on_negint32,
    .negint64 = on_negint64,
    .byte_string_start = on_bytes_start,
    .byte_string = on_bytes,
    .string = on_string,
    .string_start = on_string_start,
    .indef_array_start = on_endless_list,
    .array_start = on_list,
    .indef_map_start = on_endless_map,
    .map_start = on_map,
    .tag = on_tag,
    .float2 = on_float,
    .float4 = on_float,
    .float8 = on_double,
    .undefined = on_null,
    .null = on_null,
    .boolean = on_bool,
    .indef_break = on_break,
};

int cbor_to_json(const void *data, size_t len, struct str *out, char *why, size_t why_size)
{
    struct decoder d = {.depth = 0};
    size_t at = 0;

    while (!d.error && (!d.root || d.depth > 0)) {
        struct cbor_decoder_result r = cbor_stream_decode((cbor_data)data + at, len - at, &callbacks, &d);

        if (r.status == CBOR_DECODER_FINISHED && r.read > 0)
            at += r.read;
        else
            fail(&d, r.status == CBOR_DECODER_ERROR ? "not CBOR" : "ends too early");
    }
    if (!d.error && at < len)
        fail(&d, "more than one item");
    while (d.depth > 0)
        pop(&d);
    if (d.error)
        snprintf(why, why_size, "CBOR: %s at byte %zu", d.error, at);
    else
        json_write(out, d.root);
    json_decref(d.root);
    return d.error ? -1 : 0;
}

/* ---- JSON to CBOR ---- */

#define HEAD_ROOM 9 /* the longest head of an item */

static void write_head(struct str *out, size_t (*encode)(size_t, unsigned char *, size_t), size_t count)
{
    str_reserve(out, HEAD_ROOM);
    out->len += encode(count, (unsigned char *)out->data + out->len, HEAD_ROOM);
    out->data[out->len] = '\0';
}

static void write_text(struct str *out, const char *data, size_t len)
{
    write_head(out, cbor_encode_string_start, len);
    str_add(out, data, len);
}

static void write_real(struct str *out, double value)
{
    unsigned char head[HEAD_ROOM];
    bool exact = fabs(value) <= 3.4e38 && (double)(float)value == value;

    str_add(out, head,
            exact ? cbor_encode_single((float)value, head, sizeof head) : cbor_encode_double(value, head, sizeof head));
}

static void write_scalar(struct str *out, const json_t *value)
{
    unsigned char head[HEAD_ROOM];
    size_t n;

    if (json_is_integer(value)) {
        json_int_t i = json_integer_value(value);

        n = i >= 0 ? cbor_encode_uint((uint64_t)i, head, sizeof head) : cbor_encode_negint((uint64_t)(-1 - i), head, sizeof head);
    } else if (json_is_boolean(value)) {
        n = cbor_encode_bool(json_is_true(value), head, sizeof head);
    } else {
        n = cbor_encode_null(head, sizeof head);
    }
    str_add(out, head, n);
}

/* Recursion is bounded: json_check() lets JSON_DEPTH levels pass. */
static void write_value(struct str *out, json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;

    switch (json_typeof(value)) {
    case JSON_OBJECT:
        write_head(out, cbor_encode_map_start, json_object_size(value));
        json_object_foreach(value, key, member)
        {
            write_text(out, key, strlen(key));
            write_value(out, member);
        }
        break;
    case JSON_ARRAY:
        write_head(out, cbor_encode_array_start, json_array_size(value));
        json_array_foreach(value, i, member) write_value(out, member);
        break;
    case JSON_STRING:
        write_text(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_REAL:
        write_real(out, json_real_value(value));
        break;
    default:
        write_scalar(out, value);
    }
}

int cbor_from_json(const char *text, size_t len, struct str *out, char *why, size_t why_size)
{
    json_error_t error;
    json_t *value;

    /* As json_parse(), and a bare number or string is a value, too. */
    if (json_check(text, len, why, why_size) < 0)
        return -1;
    value = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!value) {
        snprintf(why, why_size, "JSON: %s at byte %d", error.text, error.position);
        return -1;
    }
    write_value(out, value);
    json_decref(value);
    return 0;
}
