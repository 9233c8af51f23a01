/*
 * The header fields that the binding knows, TS-0009 6.4, and those of HTTP that it acts on: one table. Which parameter of a
 * primitive each carries is written once for both ways.
 */
#ifndef TESSERA_HTTP_HEADERS_H
#define TESSERA_HTTP_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

enum header_id {
    HEADER_ORIGIN,
    HEADER_RI,
    HEADER_RVI,
    HEADER_OT,
    HEADER_RET,
    HEADER_RST,
    HEADER_OET,
    HEADER_EC,
    HEADER_RTU,
    HEADER_GID,
    HEADER_VSI,
    HEADER_PRPI,
    HEADER_MSU,
    HEADER_AS,
    HEADER_AUTHORIZATION,
    HEADER_ACCEPT,
    HEADER_CONTENT_TYPE,
    HEADER_CONTENT_LENGTH,
    HEADER_TRANSFER_ENCODING,
    HEADER_EXPECT,
    HEADER_HOST,
    HEADER_IF_NONE_MATCH,
    HEADER_TRACEPARENT,
    HEADER_CORS_ORIGIN,
    HEADER_FORWARDED_FOR,
    HEADER_RSC, /* from here on of responses only */
    HEADER_ATI,
    HEADER_TQF,
    HEADER_CTS,
    HEADER_CTO,
    HEADER_ASRI,
    HEADER_CONTENT_LOCATION,
    HEADER_RETRY_AFTER,
    HEADER_COUNT
};

struct header_row {
    const char *name;
    size_t len;
    bool joins; /* may be repeated: the values form one list, RFC 9110 5.3. Of the others two are an error */
};

extern const struct header_row header_rows[HEADER_COUNT];

enum value_kind { VALUE_TEXT, VALUE_TIME, VALUE_ABSREL, VALUE_NUMBER, VALUE_PLUS_LIST };

/* A header field that is one parameter. */
struct header_parameter {
    enum header_id id;
    enum value_kind kind;
    size_t offset; /* in struct request or struct response: const char *, int, or a slice with a JSON list */
};

extern const struct header_parameter header_request[], header_response[];
extern const size_t header_request_count, header_response_count;

/* The id of a field name in any case, or -1 when the binding does not know it. */
int header_find(const char *name, size_t len);

#endif
