/* Instances more or less while everything runs: POST /scale with "http=2 coap=1" (`tessera scale`). */
#ifndef TESSERA_SCALE_H
#define TESSERA_SCALE_H

#include "str.h"

/* Answers with the HTTP status: 200, or 400 or 503 with {"error":"..."}. All of it is done, or nothing. */
unsigned scale_action(const char *body, struct str *json);

#endif
