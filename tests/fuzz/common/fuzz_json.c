/*
 * json_check against json_parse, which stands on another parser: what one refuses as malformed the other must not take. What
 * was read is written, read and written again: both texts are the same.
 */
#include "json.h"
#include "mem.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

/* These refusals are json_parse's own: duplicates, range of numbers, a root that is neither object nor list. */
static bool refused_for_more(const char *why)
{
    static const char *const reasons[] = {"duplicate object key", "too big", "overflow", "'[' or '{' expected"};

    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (strstr(why, reasons[i]))
            return true;
    return false;
}

static void try_members(const char *text, size_t size)
{
    struct json_member members[32];
    int count = json_members(text, size, members, (int)ARRAY_LEN(members));

    for (int i = 0; i < count; i++) {
        auto_str struct str out = STR_EMPTY;

        expect(members[i].name.p >= text && members[i].name.p + members[i].name.n < text + size);
        expect(members[i].value.n > 0 && members[i].value.p + members[i].value.n < text + size);
        expect(json_unquote(members[i].value, &out) == (members[i].value.p[0] == '"'));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    auto_str struct str once = STR_EMPTY, twice = STR_EMPTY;
    char why[192] = "";
    bool valid = json_check(text, size, why, sizeof why) == 0;
    json_auto_t *value = json_parse(text, size, why, sizeof why);
    json_auto_t *loose = json_loadb(text, size, JSON_DECODE_ANY, NULL), *again = NULL;

    expect(valid || !value);
    expect(!valid || value || refused_for_more(why));
    try_members(text, size);
    /* What another parser takes we take, too, but for depth and for the NUL that it takes for the end. */
    expect(!loose || valid || size > JSON_DEPTH || memchr(text, '\0', size));
    if (!value)
        return 0;
    json_write(&once, value);
    again = json_parse(once.data, once.len, why, sizeof why);
    expect(again && json_equal(value, again));
    json_write(&twice, again);
    expect(once.len == twice.len && memcmp(once.data, twice.data, once.len) == 0);
    return 0;
}
