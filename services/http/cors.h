/* Cross-origin resource sharing: which web pages may read answers (Fetch standard, 3.2). Pure. */
#ifndef TESSERA_HTTP_CORS_H
#define TESSERA_HTTP_CORS_H

#include "render.h"

/* Adds what an answer to a page of another origin needs; nothing when the request names no origin or a foreign one. */
void cors_add(struct http_out *out, const struct http_in *in);

/* The answer to OPTIONS: a pre-flight request, or the question which methods there are. */
void cors_preflight(struct http_out *out, const struct http_in *in);

#endif
