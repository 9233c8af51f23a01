/* Content formats, TS-0008 6.2.2.3 and RFC 7252 12.3. */
#ifndef TESSERA_COAP_MEDIA_H
#define TESSERA_COAP_MEDIA_H

#include <stdbool.h>

struct media {
    unsigned format;
    bool cbor;
    unsigned answer; /* what a request in it is answered in */
};

const struct media *media_json(void);
const struct media *media_find(unsigned format); /* NULL: not spoken here */

#endif
