/*
 * CBOR (RFC 8949) to JSON text and back, TS-0004 8.4: the same structure in another coat. Nesting is limited to
 * JSON_DEPTH, and nothing is reserved for lengths that are only announced.
 *
 * What JSON cannot say: byte strings become base64 text, `undefined` becomes null, tags are dropped; map keys that are no
 * text, integers beyond 64 bits signed, NaN and infinities are refused.
 */
#ifndef TESSERA_CBOR_H
#define TESSERA_CBOR_H

#include "str.h"

/* Each appends to `out` and returns 0, or -1 with `why` and `out` as it was. The input must be exactly one item (value). */
int cbor_to_json(const void *data, size_t len, struct str *out, char *why, size_t why_size);
int cbor_from_json(const char *text, size_t len, struct str *out, char *why, size_t why_size);

#endif
