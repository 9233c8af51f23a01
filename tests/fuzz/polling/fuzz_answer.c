/* What the owner of a polling channel says: any JSON text, as the protocol services let it in. */
#include "json.h"
#include "reply.h"

#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto_free char *content = xstrndup((const char *)data, size);
    auto_str struct str text = STR_EMPTY;
    struct envelope e;
    struct response rsp;
    char why[120];

    size = strlen(content);
    for (size_t i = 0; i < size; i++) /* a content is one line */
        if (content[i] == '\n' || content[i] == '\r')
            content[i] = ' ';
    if (json_check(content, size, why, sizeof why) < 0)
        return 0;
    if (reply_read_answer((struct slice){content, size}, &text, &e, &rsp, why, sizeof why) && (rsp.rsc <= 0 || !rsp.rqi))
        abort();
    return 0;
}
