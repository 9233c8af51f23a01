/* CBOR from outside: what is accepted is valid JSON, and survives the way there and back. */
#include "cbor.h"
#include "json.h"

#include <stdint.h>

#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_str struct str json = STR_EMPTY, cbor = STR_EMPTY, again = STR_EMPTY;
    char why[160];

    if (size > 65536 || cbor_to_json(data, size, &json, why, sizeof why) < 0)
        return 0;
    if (json_check(str_text(&json), json.len, why, sizeof why) < 0)
        abort();
    if (cbor_from_json(json.data, json.len, &cbor, why, sizeof why) < 0)
        abort();
    if (cbor_to_json(cbor.data, cbor.len, &again, why, sizeof why) < 0 || strcmp(json.data, again.data) != 0)
        abort();
    return 0;
}
