/* envelope_parse() and the primitives read from it: what is accepted must be well-formed and survive being written again. */
#include "mem.h"
#include "primitive.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_fields(const struct envelope *e, const char *text, size_t size)
{
    for (int i = 0; i < e->count; i++) {
        const struct field *f = &e->fields[i];

        assert(f->value >= text && f->value + f->len <= text + size);
        assert(f->value[f->len] == '\0' && strlen(f->value) == f->len);
        assert(envelope_find(e, f->name) == f);
    }
    assert(e->body[e->body_len] == '\0');
}

/* Writes what was read and reads it again: the same primitive must come out. */
static void check_again(const struct envelope *e)
{
    auto_str struct str first = STR_EMPTY, text = STR_EMPTY, second = STR_EMPTY;
    struct envelope again;
    struct request req;
    char why[200];

    if (request_decode(&req, e, why, sizeof(why)) < 0)
        return;
    request_encode(&first, &req);
    str_putc(&text, '{');
    if (first.len)
        str_add(&text, first.data + 1, first.len - 1);
    str_puts(&text, "}\n\n");
    assert(envelope_parse(&again, text.data, text.len) == (ssize_t)text.len);
    assert(request_decode(&req, &again, why, sizeof(why)) == 0);
    request_encode(&second, &req);
    assert(first.len == second.len && (first.len == 0 || memcmp(first.data, second.data, first.len) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = xmalloc(size + 1), *at = text;
    struct envelope e;
    struct response rsp;
    char why[200];
    ssize_t used;

    if (size)
        memcpy(text, data, size);
    while (size > 0) {
        used = envelope_parse(&e, at, size);
        if (used < 0)
            break;
        assert(used > 0 && (size_t)used <= size);
        check_fields(&e, at, size);
        response_decode(&rsp, &e, why, sizeof(why));
        check_again(&e);
        at += used;
        size -= (size_t)used;
    }
    free(text);
    return 0;
}
