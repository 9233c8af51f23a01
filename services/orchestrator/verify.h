/* Verification of the notification targets of a subscription, TS-0004 7.4.8.2.1: every one must accept. */
#ifndef TESSERA_VERIFY_H
#define TESSERA_VERIFY_H

#include "primitive.h"

#include <jansson.h>

/*
 * Sends `sgn` ({"m2m:sgn":{...}} or its inside) to all `targets` ({"url":...} or {"ri":...,"poa":[...],"csz":[...]}: the
 * points of access in order until one accepts). `done` is called once, never from inside: `why` is NULL when all have
 * accepted. `req` is borrowed until then.
 */
void verify_start(const struct request *req, const json_t *targets, const json_t *sgn, int64_t deadline,
                  void (*done)(void *context, const char *why), void *context);

#endif
