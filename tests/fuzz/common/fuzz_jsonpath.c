/* A JSONPath of any kind in line one, looked for in the JSON text behind it. */
#include "jsonpath.h"

#include "json.h"

#include <stdint.h>

#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
    size_t len = line ? (size_t)(line - data) : size;
    auto_free char *text = xstrndup((const char *)data, len);
    char why[120] = "";
    struct jsonpath *path = jsonpath_new(text, why, sizeof why);
    json_t *value = line ? json_parse((const char *)line + 1, size - len - 1, why, sizeof why) : NULL;

    if (path)
        jsonpath_matches(path, value);
    else if (!*why)
        abort();
    json_decref(value);
    jsonpath_free(path);
    return 0;
}
