/*
 * Which request was first to do something: group requests that come round in a circle, or along two ways, are told by it
 * (TS-0004 7.2.2.2 step 8). A bounded table in this process; what is older than its end, or crowded out, is forgotten.
 */
#ifndef TESSERA_CLAIMS_H
#define TESSERA_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

/* True if `what` belongs to the request `owner`, from now at the latest; false if another one has claimed it. Times in ms. */
bool claim(const char *what, const char *owner, int64_t now, int64_t until);

#endif
