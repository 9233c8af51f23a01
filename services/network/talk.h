/*
 * Requests to the network about one resource. The resource there that belongs to one here is known by its identifier, or found by
 * the address that its reports go to: so nothing that may have been carried out is asked twice.
 */
#ifndef NETWORK_TALK_H
#define NETWORK_TALK_H

#include "bus.h"
#include "client.h"
#include "rsc.h"
#include "t8.h"

/* `id` NULL: the collection. */
void talk(enum t8_api api, const char *method, const char *id, const json_t *body, client_fn *fn, void *context);

/* For an answer of GET to the collection: 1 found (*id is the caller's), 0 there is none, -1 not known now. */
int talk_found(const struct answer *answer, const char *ri, char **id);

/* The pause before the next attempt, ms; *pause is what the last one was, 0 at first. */
int64_t talk_pause(int64_t *pause);

/* Answers a question of the orchestrator. `body` (or NULL) is taken. */
void talk_agree(struct bus_delivery *delivery, json_t *body);
void talk_refuse(struct bus_delivery *delivery, enum rsc rsc, const char *why);

#endif
