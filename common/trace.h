/* W3C trace context, level 1: the `traceparent` that follows a request through all services. */
#ifndef TESSERA_TRACE_H
#define TESSERA_TRACE_H

#include <stdbool.h>

#define TRACE_LEN 55
#define TRACE_SIZE (TRACE_LEN + 1)

bool trace_valid(const char *traceparent);
bool trace_sampled(const char *traceparent); /* of a valid one: whoever began it wants it to be recorded */
void trace_new(char out[TRACE_SIZE]);        /* a fresh one; unpredictable enough to be unique, not a secret */
void trace_sample(int of_10000);             /* so many of 10,000 fresh ones are sampled; all unless this is called */

#endif
