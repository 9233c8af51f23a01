/*
 * HTTP requests to the exposure function of the network (network.url), with libcurl on the loop. JSON both ways.
 */
#ifndef NETWORK_CLIENT_H
#define NETWORK_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Borrowed for the call. */
struct answer {
    long status;          /* of HTTP; 0: there is no answer */
    bool sent;            /* the request has left: it may have been carried out even without an answer */
    const json_t *body;   /* NULL: none, or no JSON */
    const char *location; /* of the header field; "" if there is none */
    const char *why;      /* of a failure, for people; never NULL */
};

/* Called exactly once, never from inside client_send(); `answer` is NULL: client_forget(), nothing is to be done but to free. */
typedef void client_fn(void *context, const struct answer *answer);

/* `path` is behind network.url and begins with a slash; `body` (or NULL) is borrowed for the call. `api` counts it in the
 * metrics. */
void client_send(const char *api, const char *method, const char *path, const json_t *body, client_fn *fn, void *context);

static inline bool answer_is_good(const struct answer *answer)
{
    return answer->status >= 200 && answer->status < 300;
}

/* May the same request succeed later? */
static inline bool answer_is_transient(const struct answer *answer)
{
    return answer->status == 0 || answer->status == 408 || answer->status == 429 || answer->status >= 500;
}

void client_start(void);
void client_forget(void); /* all that is under way ends, with NULL */
bool client_idle(void);
void client_stop(void);

#endif
