/* A primitive profile (line one) and a content (line two) of any kind: what comes of it is valid JSON. */
#include "profile.h"

#include "attr.h"
#include "json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void rewrite(struct slice content, const json_t *profiles, int op)
{
    auto_str struct str out = STR_EMPTY;
    char why[200];

    if (profile_rewrite(content, profiles, op, &out) && json_check(out.data, out.len, why, sizeof why) < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *end = memchr(text, '\n', size);
    size_t len = end ? (size_t)(end - text) : size;
    struct slice content = {end ? end + 1 : "", end ? size - len - 1 : 0};
    char why[512];
    json_auto_t *profile = json_parse(text, len, why, sizeof why);
    json_auto_t *profiles = NULL;

    if (!json_is_object(profile) || attr_check_create(rtype_by_ty(TY_PROFILE), profile, why, sizeof why) != RSC_OK)
        return 0;
    if (json_check(content.p, content.n, why, sizeof why) < 0)
        return 0;
    profiles = json_pack("[O]", profile);
    rewrite(content, profiles, 1);
    rewrite(content, profiles, 3);
    rewrite(content, profiles, 0);
    return 0;
}
