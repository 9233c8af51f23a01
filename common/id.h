/* Identifiers that this CSE makes. */
#ifndef TESSERA_ID_H
#define TESSERA_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_SIZE 40

/* Prefix and 12 characters a-z0-9 from the system's random source: "cnt3k9x0p2mz7q1a". */
void id_random(const char *prefix, char out[ID_SIZE]);

/* Likewise, but always the same for one text. */
void id_derived(const char *prefix, const char *text, char out[ID_SIZE]);

/* Instances are numbered by storage; the id says the number, so that it needs no index: "cin" + base 36. */
void id_instance(const char *sn, int64_t number, char out[ID_SIZE]);
bool id_instance_number(const char *sn, const char *id, int64_t *number);

#endif
