/*
 * Whole primitives from outside, JSON or (after a first byte of 1) CBOR. What was understood is written, and read again the
 * same.
 */
#include "primitive_json.h"

#include "json.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_any(struct str *out, const struct primitive *p)
{
    if (p->kind == PRIMITIVE_REQUEST)
        primitive_write_request(out, &p->req);
    else
        primitive_write_response(out, &p->rsp);
}

/* On the bus it is one line, whose content is one line. */
static void check_line(const struct str *text)
{
    char why[120];

    if (memchr(text->data, '\n', text->len) || json_check(text->data, text->len, why, sizeof why) < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_str struct str message = STR_EMPTY, first = STR_EMPTY, second = STR_EMPTY;
    struct primitive p;
    char why[160];
    bool cbor = size > 0 && *data == 1;

    str_add(&message, data + cbor, size - cbor);
    if (primitive_read(&p, &message, cbor, why, sizeof why) < 0) {
        if (!*why || !str_utf8(why, strlen(why)))
            abort();
        return 0;
    }
    if (p.kind == PRIMITIVE_REQUEST ? (p.req.identity.p || p.req.tenant || p.req.id) : p.rsp.retry != ABSENT)
        abort();
    write_any(&first, &p);
    check_line(&first);
    str_reset(&message);
    str_add(&message, first.data, first.len);
    if (primitive_read(&p, &message, false, why, sizeof why) < 0)
        abort();
    write_any(&second, &p);
    if (second.len != first.len || memcmp(first.data, second.data, first.len) != 0)
        abort();
    return 0;
}
