/* One client of the load generator, and what the bindings differ in. Plain sockets: no client library is measured. */
#ifndef LOAD_H
#define LOAD_H

#include "str.h"

#include <stdint.h>
#include <sys/socket.h>

#define LOAD_BUFFER 16384

struct client {
    int fd, number;
    unsigned id;              /* of the request under way */
    bool open;                /* may send requests */
    int64_t sent;             /* clock_mono_us() of the request under way */
    struct str out;           /* what is sent next; the request under way, as long as it is not answered */
    unsigned char confirm[2]; /* the answer before, MQTT; 0: none */
    size_t have;              /* bytes in `buffer` */
    unsigned char buffer[LOAD_BUFFER];
};

enum took {
    TOOK_NOTHING, /* more is needed */
    TOOK_OTHER,   /* a message that is no answer */
    TOOK_OPEN,    /* the client may send requests from now on */
    TOOK_CREATED, /* the answer to the request */
    TOOK_REFUSED,
};

struct binding {
    const char *name;
    int socket; /* SOCK_STREAM or SOCK_DGRAM */
    /* Puts what opens the client, if anything does: else it is open at once. */
    void (*greet)(struct client *c);
    /* Appends the CREATE with the number c->id. */
    void (*create)(struct client *c);
    /* Looks at the message that `data` begins with; `used` is its length. */
    enum took (*take)(struct client *c, const unsigned char *data, size_t len, size_t *used);
};

extern const struct binding binding_http, binding_coap, binding_mqtt, binding_websocket;

/* The content, and the whole primitive for the bindings that send one. */
#define LOAD_CONTENT                                                                                                             \
    "{\"m2m:cin\":{\"cnf\":\"text/plain:0\",\"con\":\"0123456789012345678901234567890123456789012345678901234567890123456789"    \
    "012345678901234567890123456789\"}}"
void load_primitive(struct str *out, const struct client *c);

#endif
