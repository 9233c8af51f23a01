/*
 * A CoAP message without what only its delivery needs (type, message id, token): code, options, payload, RFC 7252. Pure;
 * everything borrows.
 */
#ifndef TESSERA_COAP_MESSAGE_H
#define TESSERA_COAP_MESSAGE_H

#include "arena.h"

#define MESSAGE_MAX_OPTIONS 160

/* Options of RFC 7252, 7959 that are acted on. Those of oneM2M are in options.h. */
enum {
    OPTION_URI_HOST = 3,
    OPTION_ETAG = 4,
    OPTION_URI_PORT = 7,
    OPTION_LOCATION_PATH = 8,
    OPTION_URI_PATH = 11,
    OPTION_CONTENT_FORMAT = 12,
    OPTION_MAX_AGE = 14,
    OPTION_URI_QUERY = 15,
    OPTION_ACCEPT = 17,
    OPTION_BLOCK2 = 23,
    OPTION_BLOCK1 = 27,
    OPTION_SIZE2 = 28,
    OPTION_SIZE1 = 60,
    OPTION_REQUEST_TAG = 292,
};

/* 205 is 2.05: class << 5 | detail. */
#define MESSAGE_CODE(decimal) ((unsigned char)((decimal) / 100 << 5 | (decimal) % 100))
#define MESSAGE_CLASS(code) ((code) >> 5)

enum { CODE_GET = 1, CODE_POST, CODE_PUT, CODE_DELETE, CODE_FETCH };

struct option {
    unsigned number;
    struct slice value;
};

struct message {
    unsigned char code;
    int count;
    struct option options[MESSAGE_MAX_OPTIONS];
    struct slice payload;
};

void message_init(struct message *m, unsigned char code);
/* False: there are too many. Keeps them in the order of their numbers. */
bool message_add(struct message *m, unsigned number, const void *value, size_t len);
bool message_add_text(struct message *m, unsigned number, const char *text);
bool message_add_uint(struct message *m, struct arena *arena, unsigned number, uint32_t value);
void message_remove(struct message *m, unsigned number);

const struct option *message_find(const struct message *m, unsigned number); /* the first one; NULL: there is none */
bool option_uint(const struct option *o, uint32_t *value);                   /* false: longer than four bytes */
bool message_uint(const struct message *m, unsigned number, uint32_t *value);
size_t message_options_size(const struct message *m); /* bytes that the options take at most on the wire */

/* A copy of the message in one piece of memory; message_unpack() gives a message that borrows from it. */
void message_pack(struct str *out, const struct message *m);
void message_unpack(struct message *m, const struct str *packed);

#endif
