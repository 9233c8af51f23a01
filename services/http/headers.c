#include "headers.h"

#include <strings.h>

#include "mem.h"

#define ROW(name, joins)                                                                                                         \
    {                                                                                                                            \
        (name), sizeof(name) - 1, (joins)                                                                                        \
    }

const struct header_row header_rows[HEADER_COUNT] = {
    [HEADER_ORIGIN] = ROW("X-M2M-Origin", false),
    [HEADER_RI] = ROW("X-M2M-RI", false),
    [HEADER_RVI] = ROW("X-M2M-RVI", false),
    [HEADER_OT] = ROW("X-M2M-OT", false),
    [HEADER_RET] = ROW("X-M2M-RET", false),
    [HEADER_RST] = ROW("X-M2M-RST", false),
    [HEADER_OET] = ROW("X-M2M-OET", false),
    [HEADER_EC] = ROW("X-M2M-EC", false),
    [HEADER_RTU] = ROW("X-M2M-RTU", false),
    [HEADER_GID] = ROW("X-M2M-GID", false),
    [HEADER_VSI] = ROW("X-M2M-VSI", false),
    [HEADER_AS] = ROW("X-M2M-AS", false),
    [HEADER_AUTHORIZATION] = ROW("Authorization", false),
    [HEADER_ACCEPT] = ROW("Accept", true),
    [HEADER_CONTENT_TYPE] = ROW("Content-Type", false),
    [HEADER_CONTENT_LENGTH] = ROW("Content-Length", false),
    [HEADER_TRANSFER_ENCODING] = ROW("Transfer-Encoding", false),
    [HEADER_EXPECT] = ROW("Expect", false),
    [HEADER_HOST] = ROW("Host", false),
    [HEADER_IF_NONE_MATCH] = ROW("If-None-Match", true),
    [HEADER_TRACEPARENT] = ROW("traceparent", false),
    [HEADER_CORS_ORIGIN] = ROW("Origin", false),
};

int header_find(const char *name, size_t len)
{
    for (int i = 0; i < HEADER_COUNT; i++)
        if (header_rows[i].len == len && strncasecmp(header_rows[i].name, name, len) == 0)
            return i;
    return -1;
}
