/*
 * One WebSocket connection, TS-0020: messages come whole and leave in order. Either side may have opened it, and both send
 * requests and responses over it. libwebsockets is in server.c alone.
 */
#ifndef WEBSOCKET_CONNECTION_H
#define WEBSOCKET_CONNECTION_H

#include "str.h"

#include <stdbool.h>

struct lws;

#define CONNECTION_IDS 8 /* AEs and CSEs that one connection may speak for: a gateway has more than one AE */

/* What waits to be sent. */
struct outgoing_message {
    struct outgoing_message *next;
    size_t len;
    unsigned char data[]; /* what libwebsockets writes in front of the message, then the message */
};

struct connection {
    struct lws *lws; /* NULL: not connected yet, or no more */
    bool cbor, open, holding, resolving;
    bool gone;                 /* it only waits for the end of what it has asked */
    int calls;                 /* of its requests that are being carried out */
    char *address, *url;       /* of a connection that is opened from here: "ws://host:port", and all of it; else NULL */
    char *ids[CONNECTION_IDS]; /* whose connection it is; each is bound as a role */
    struct str identity;       /* of the envelope */
    struct str message;        /* what came of the message that is not complete yet */
    int64_t since;             /* when that began, clock_mono_us() */
    struct outgoing_message *head, *tail;
    size_t backlog; /* bytes that wait */
    struct connection *prev, *next;
};

struct connection_limits {
    size_t message;  /* bytes of one message */
    size_t backlog;  /* bytes that may wait for one that reads slowly */
    int calls;       /* requests at a time of one connection; more are not read */
    int64_t timeout; /* seconds: a whole message may take twice that, and a second per KiB */
};
void connection_setup(const struct connection_limits *limits);

struct connection *connection_new(struct lws *lws, bool cbor);
/* Its end: what waits to be sent is dropped, what was sent out over it has failed. */
void connection_closed(struct connection *c);
int connection_count(void);
bool connection_draining(void);
void connection_drain(void); /* nothing new is read */
bool connection_idle(void);  /* no request is being carried out, nothing waits to be sent */
/* All that are there. `fn` may close it. */
void connection_each(void (*fn)(struct connection *c));

/* A part of a message has come. False: the connection is to be closed with this status and reason. */
bool connection_receive(struct connection *c, const void *data, size_t len, bool binary, bool last, int *status,
                        const char **reason);
/* Its message comes too slowly. */
bool connection_too_slow(const struct connection *c, int64_t now);
/* Puts a message behind what waits. False: too much waits already, and the connection was told to end. */
bool connection_send(struct connection *c, const char *text, size_t len);

/* The connection speaks for this originator (a stem, or "/cse" of another CSE) from now on. */
void connection_speaks_for(struct connection *c, const char *originator);
/* The newest connection of this AE or CSE, or to this address; NULL: none. */
struct connection *connection_of(const char *id);
struct connection *connection_to(const char *address, bool cbor);

/* A request is carried out, or no more: the end of the last one frees a closed connection. */
void connection_call_began(struct connection *c);
void connection_call_ended(struct connection *c);

#endif
