/* Representations: the first byte chooses type and operation, the rest is the JSON text. */
#include "attr.h"
#include "json.h"
#include "mem.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A refusal says why, in ASCII. */
static void expect_reason(const char *why)
{
    if (!*why)
        abort();
    for (; *why; why++)
        if (*why & 0x80)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rtype *const *types = rtype_all();
    char why[192] = "";
    size_t count = 0;
    bool ok;

    if (size < 1)
        return 0;
    while (types[count])
        count++;
    json_auto_t *value = json_parse((const char *)data + 1, size - 1, why, sizeof why);

    if (!value)
        return 0;
    why[0] = '\0';
    if (data[0] % 3 == 2)
        ok = attr_object_ok(filter_criteria, value, why, sizeof why);
    else if (data[0] % 3 == 1)
        ok = attr_check_update(types[data[0] / 3 % count], value, why, sizeof why) == RSC_OK;
    else
        ok = attr_check_create(types[data[0] / 3 % count], value, why, sizeof why) == RSC_OK;
    if (!ok)
        expect_reason(why);
    return 0;
}
