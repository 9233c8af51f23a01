/* The request of an action: m2m:requestPrimitive as an attribute becomes a request to the orchestrator. */
#ifndef TIMING_REQUEST_H
#define TIMING_REQUEST_H

#include "str.h"

#include <jansson.h>

/*
 * Head and content of `apv` with `to` as its target, on behalf of its `fr`. Pure: `rqi` names the request.
 */
void request_head(struct str *head, const json_t *apv, const char *to, const char *rqi);
void request_body(struct str *body, const json_t *apv);

/* `apv` with `value` in place of each text `name` in its content. The caller owns it. Pure. */
json_t *request_with_input(const json_t *apv, const char *name, const json_t *value);

/* What an action keeps of the answer (m2m:responsePrimitive). The caller owns it. */
struct envelope;
json_t *request_result(const struct envelope *reply);
/* The same if there is no answer. */
json_t *request_failure(int rsc, const char *rqi);

/* Called exactly once, never from inside request_send(): with a result that the callee owns, or NULL: forgotten. */
typedef void request_fn(void *context, json_t *result);

/* Sends it; if the CSE is too busy, or its answer gets lost, again, for `patience` ms in all. */
void request_send(const json_t *apv, const char *to, int64_t patience, request_fn *fn, void *context);
void request_forget(void); /* calls back all with NULL */

#endif
