#include "headers.h"

#include "primitive.h"

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
    [HEADER_PRPI] = ROW("X-M2M-PRPI", false),
    [HEADER_MSU] = ROW("X-M2M-MSU", false),
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
    [HEADER_FORWARDED_FOR] = ROW("X-Forwarded-For", true),
    [HEADER_RSC] = ROW("X-M2M-RSC", false),
    [HEADER_ATI] = ROW("X-M2M-ATI", false),
    [HEADER_TQF] = ROW("X-M2M-TQF", false),
    [HEADER_CTS] = ROW("X-M2M-CTS", false),
    [HEADER_CTO] = ROW("X-M2M-CTO", false),
    [HEADER_ASRI] = ROW("X-M2M-ASRI", false),
    [HEADER_CONTENT_LOCATION] = ROW("Content-Location", false),
    [HEADER_RETRY_AFTER] = ROW("Retry-After", false),
};

const struct header_parameter header_request[] = {
    {HEADER_RI,     VALUE_TEXT,      offsetof(struct request, rqi) },
    {HEADER_ORIGIN, VALUE_TEXT,      offsetof(struct request, fr)  },
    {HEADER_RVI,    VALUE_TEXT,      offsetof(struct request, rvi) },
    {HEADER_OT,     VALUE_TIME,      offsetof(struct request, ot)  },
    {HEADER_RET,    VALUE_ABSREL,    offsetof(struct request, rqet)},
    {HEADER_RST,    VALUE_ABSREL,    offsetof(struct request, rset)},
    {HEADER_OET,    VALUE_ABSREL,    offsetof(struct request, oet) },
    {HEADER_EC,     VALUE_NUMBER,    offsetof(struct request, ec)  },
    {HEADER_GID,    VALUE_TEXT,      offsetof(struct request, gid) },
    {HEADER_VSI,    VALUE_TEXT,      offsetof(struct request, vsi) },
    {HEADER_PRPI,   VALUE_TEXT,      offsetof(struct request, prpi)},
    {HEADER_MSU,    VALUE_TEXT,      offsetof(struct request, msu) },
    {HEADER_AS,     VALUE_PLUS_LIST, offsetof(struct request, aus) },
};
const size_t header_request_count = ARRAY_LEN(header_request);

const struct header_parameter header_response[] = {
    {HEADER_RSC,         VALUE_NUMBER, offsetof(struct response, rsc)  },
    {HEADER_RI,          VALUE_TEXT,   offsetof(struct response, rqi)  },
    {HEADER_RVI,         VALUE_TEXT,   offsetof(struct response, rvi)  },
    {HEADER_ORIGIN,      VALUE_TEXT,   offsetof(struct response, fr)   },
    {HEADER_OT,          VALUE_TEXT,   offsetof(struct response, ot)   },
    {HEADER_RST,         VALUE_TEXT,   offsetof(struct response, rset) },
    {HEADER_VSI,         VALUE_TEXT,   offsetof(struct response, vsi)  },
    {HEADER_EC,          VALUE_NUMBER, offsetof(struct response, ec)   },
    {HEADER_CTS,         VALUE_NUMBER, offsetof(struct response, cnst) },
    {HEADER_CTO,         VALUE_NUMBER, offsetof(struct response, cnot) },
    {HEADER_ASRI,        VALUE_NUMBER, offsetof(struct response, asri) },
    {HEADER_RETRY_AFTER, VALUE_NUMBER, offsetof(struct response, retry)},
};
const size_t header_response_count = ARRAY_LEN(header_response);

int header_find(const char *name, size_t len)
{
    for (int i = 0; i < HEADER_COUNT; i++)
        if (header_rows[i].len == len && strncasecmp(header_rows[i].name, name, len) == 0)
            return i;
    return -1;
}
