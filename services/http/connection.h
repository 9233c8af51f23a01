/*
 * TCP connections: how many there are, who is at the other end, and how long one may take. libmicrohttpd ends those that
 * do nothing at all for http.timeout; here end those that do something, but next to nothing.
 */
#ifndef TESSERA_HTTP_CONNECTION_H
#define TESSERA_HTTP_CONNECTION_H

#include "str.h"

#include <microhttpd.h>

enum phase {
    PHASE_HANDSHAKE, /* of TLS, before its first request */
    PHASE_IDLE,      /* before a request line is complete */
    PHASE_RECEIVING, /* between it and the end of the request */
    PHASE_WORKING,   /* the request is being carried out */
    PHASE_SENDING,   /* its answer is on the way */
};

struct call;

struct connection {
    struct connection *prev, *next;
    struct call *call; /* begun and not completed, or NULL */
    int fd;
    enum phase phase;
    int64_t since;                 /* of the phase, clock_mono_us() */
    size_t bytes;                  /* received or to be sent in this phase */
    char peer[48];                 /* numeric address */
    struct MHD_Connection *secure; /* NULL: without TLS */
    bool identified;
    struct str identity; /* {"by":"none","peer":"..."} */
};

/* For MHD_OPTION_NOTIFY_CONNECTION; `context` is NULL for connections without TLS. */
void connection_notify(void *context, struct MHD_Connection *mhd, void **slot, enum MHD_ConnectionNotificationCode code);
struct connection *connection_of(struct MHD_Connection *mhd);
/* Who is at the other end: the envelope's identity. After the handshake; valid as long as the connection. */
struct slice connection_identity(struct connection *connection);
void connection_phase(struct connection *connection, enum phase phase, size_t bytes);

/*
 * True when a phase has lasted longer than `timeout` (seconds) and its bytes allow: 1 KiB a second. A handshake may take
 * `timeout`, everything else twice that. Pure.
 */
bool connection_too_slow(const struct connection *connection, int64_t now, int64_t timeout);
bool connection_left(const struct connection *connection); /* Has its peer closed it, at least one way? */
void connection_end_polls(void);
/* Shuts all that are too slow, or whose peer has closed unnoticed; libmicrohttpd then ends them. */
void connection_sweep(int64_t timeout);

int connection_count(void);

#endif
