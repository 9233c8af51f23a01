#include "media.h"

#include "mem.h"

enum { JSON = 50, CBOR = 60 };

static const struct media rows[] = {
    {JSON,  false, JSON },
    {CBOR,  true,  CBOR },
    {10001, false, 10001}, /* application/vnd.onem2m-res+json */
    {10010, true,  10010},
    {10003, false, JSON }, /* ntfy */
    {10011, true,  CBOR },
    {10007, false, 10009}, /* preq, prsp */
    {10012, true,  10013},
    {10009, false, JSON },
    {10013, true,  CBOR },
};

const struct media *media_json(void)
{
    return &rows[0];
}

const struct media *media_find(unsigned format)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].format == format)
            return &rows[i];
    return NULL;
}
