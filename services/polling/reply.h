/* What polling says: primitives as JSON for the owner, responses for those who asked. */
#ifndef POLLING_REPLY_H
#define POLLING_REPLY_H

#include "bus.h"
#include "primitive.h"

/* The request primitive of a delivery as a JSON object, TS-0004 6.4.1: without what only the platform needs. */
void reply_write_request(struct str *out, const struct bus_delivery *delivery);

/* Answers a poll, or the NOTIFY that brought an answer. Ends the delivery. */
void reply_respond(struct bus_delivery *delivery, int rsc, struct slice content);
__attribute__((format(printf, 3, 4))) void reply_refuse(struct bus_delivery *delivery, int rsc, const char *format, ...);

/* Answers who wants something from the owner: with what the owner said, or without. Ends the delivery. */
void reply_answered(struct bus_delivery *delivery, const struct response *owner);
void reply_unreachable(struct bus_delivery *delivery, bool handed, const char *why);
/* It was no request: wrongly made. */
void reply_malformed(struct bus_delivery *delivery, const char *why);

#endif
