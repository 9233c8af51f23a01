/* SPARQL of any kind, taken apart: queries, and the operations of updates. */
#include "scan.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

static bool inside(struct slice part, const uint8_t *data, size_t size)
{
    return part.n == 0 || (part.p >= (const char *)data && part.p + part.n <= (const char *)data + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size}, rest = text;
    struct operation o;
    char why[100] = "";
    auto_str struct str prologue = STR_EMPTY;
    size_t before = size + 1;

    for (struct word word = scan_next(&rest); word.kind != WORD_END; word = scan_next(&rest)) {
        expect(word.text.n > 0 && inside(word.text, data, size) && rest.n < before); /* it goes on */
        before = rest.n;
    }
    expect(rest.n == 0);
    expect(scan_query(text, why, sizeof why) == RSC_OK || *why);
    while (scan_operation(&text, &prologue, &o, why, sizeof why) == RSC_OK)
        expect(inside(o.remove, data, size) && inside(o.insert, data, size) && inside(o.where, data, size));
    return 0;
}
