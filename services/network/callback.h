/*
 * Where the network posts its reports: an HTTP server of its own, on the loopback unless told otherwise. Each resource has an
 * address that nobody can guess: BASE/RI/TOKEN.
 */
#ifndef NETWORK_CALLBACK_H
#define NETWORK_CALLBACK_H

#include <jansson.h>

struct post; /* a report until it is answered */

/* A report about the resource `ri`; it is answered now or later, once, by callback_answer(). `body` is borrowed. */
typedef void callback_fn(struct post *post, const char *ri, const json_t *body);
void callback_answer(struct post *post, unsigned status);

void callback_start(callback_fn *fn);
void callback_open(void);  /* listens from now on; tried again while somebody else has the port */
void callback_close(void); /* all that was not answered is answered 503 */
/* The address for reports about a resource; the same for ever. The caller frees. */
char *callback_address(const char *ri);

#endif
